import errno
import itertools
import re
import shlex
import subprocess
import sys
import tempfile

import click
import pytest

from tests.requirements import ROOT
from tests.samples import pcap
from volttools import __version__
from volttools.cli import COMMANDS, cli, run, sentence_of

CONTEXT = click.Context(cli)

NEED_MORE = {"call", "sql", "ping", "info", "rehearse", "replay", "settings", "shell", "top"}
"""Commands whose examples are read and not run, for want of a server or a profile; their own tests run them."""


def commands():
    return {name: cli.get_command(CONTEXT, name) for name in COMMANDS}


@pytest.fixture
def in_project(tmp_path, monkeypatch):
    """A directory in which the examples of the help find their files."""
    for name in ("captures", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_groups_and_examples(name, capsys):
    assert run([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: volttools {name} ")
    assert "Examples:" in text
    assert f"volttools {name}" in text.split("Examples:")[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_commands_say(name):
    assert COMMANDS[name] == (commands()[name].help or "").strip().split("\n\n")[0].split("\n")[0]


def test_every_option_has_help():
    for name, command in commands().items():
        for param in command.params:
            if isinstance(param, click.Option):
                assert param.help, f"{name} {param.name}"


@pytest.mark.usefixtures("in_project")
def test_the_examples_of_the_help_run(capsys):
    ran = 0
    for command in [cli, *commands().values()]:
        for example in re.findall(r"^  volttools (.*)$", command.epilog or "", re.MULTILINE):
            lexer = shlex.shlex(example, posix=True, punctuation_chars="|><")
            lexer.whitespace_split = True
            words = list(itertools.takewhile(lambda word: word[0] not in "|><", lexer))
            if words[0] in NEED_MORE:
                commands()[words[0]].make_context(words[0], words[1:])
                continue
            assert run(words) in (0, 1), example  # 1: something was found
            said = capsys.readouterr()
            assert said.out or said.err.startswith("volttools: wrote ")
            ran += 1
    assert ran >= 10


def test_help_imports_click_and_no_command():
    code = (
        "import sys, volttools.cli\n"
        "volttools.cli.run(['--help'])\n"
        "heavy = {'rich', 'construct', 'volttools.codec', 'volttools.cli.decode'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.{handler})

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["volttools", "formats", "response"]
from volttools.__main__ import main
main()
"""


@pytest.mark.parametrize(
    "module", ["volttools.cli", "click", "volttools.cli.formats", "volttools.render.reference"]
)
def test_ctrl_c_ends_it_without_a_word_whatever_is_being_imported(module):
    script = INTERRUPTED.format(handler="default_int_handler", module=module)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (130, "", "")


def test_a_ctrl_c_that_is_ignored_stays_so():
    script = INTERRUPTED.format(handler="SIG_IGN", module="click")
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Response" in ended.stdout


def test_version_and_module(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"volttools {__version__}\n"
    done = subprocess.run(
        [sys.executable, "-m", "volttools", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"volttools {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["decod"], "volttools: no command is called 'decod'; did you mean decode? See volttools --help\n"),
        (["decode"], "volttools decode: missing argument 'FILE...'; see volttools decode --help\n"),
        (
            ["decode", "--bogus", "x"],
            "volttools decode: no option is called '--bogus'; see volttools decode --help",
        ),
        (
            ["decode", "--were", "x"],
            "volttools decode: no option is called '--were'; did you mean --where? See",
        ),
        (
            ["decode", "--no-sumary", "x"],
            "volttools decode: no option is called '--no-sumary'; did you mean --no-summary?",
        ),
        (
            ["decode", "x", "--exchange", "one"],
            "volttools decode: invalid value for '--exchange': 'one' is not a valid whole number",
        ),
        (
            ["redact", "--new-key"],
            "volttools redact: option '--new-key' requires an argument; see volttools redact --help",
        ),
        (["decode", "/no/such/file"], "volttools: /no/such/file: "),
        (["formats", "respnse"], "volttools: no format is called 'respnse'; did you mean Response"),
    ],
)
def test_errors_are_one_sentence_and_status_2(arguments, text, capsys):
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(text)
    assert err.count("\n") == 1


def test_where_no_file_is_named_a_full_disk_is_told_with_what_needs_room():
    assert sentence_of(OSError(errno.ENOSPC, "No space left on device")) == (
        f"no space left on device, be it for the output or for temporary files in {tempfile.gettempdir()}"
    )
    assert sentence_of(OSError(errno.ENOSPC, "No space left on device", "x")) == "x: no space left on device"
    assert sentence_of(OSError(errno.EIO, "Input/output error")) == "input/output error"


def test_a_file_in_place_of_a_command_gets_the_right_one(tmp_path, capsys):
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap())
    assert run([str(path)]) == 2
    assert f"to decode a file: volttools decode {path}" in capsys.readouterr().err


def test_an_option_of_decode_without_decode_gets_the_right_line(capsys):
    assert run(["--errors", "x.pcap"]) == 2
    assert "did you mean: volttools decode --errors x.pcap" in capsys.readouterr().err


def test_no_arguments_show_the_help(capsys):
    assert run([]) == 2
    assert "Look at captures:" in capsys.readouterr().err
