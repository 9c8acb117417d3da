import os
import subprocess
import sys

import pytest

from volttools.cli import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_volttools(shell, capsys):
    assert run(["completion", shell]) == 0
    assert f"_VOLTTOOLS_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_an_unknown_shell_is_refused(capsys):
    assert run(["completion", "tcsh"]) == 2
    assert "'tcsh' is not one of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("volttools dec", "plain,decode"),
        ("volttools decode --keep", "plain,--keep-login-hashes"),
        ("volttools formats LOGINRes", "plain,LoginResponse"),
        ("volttools fields late", "plain,latency\nplain,late"),
        ("volttools decode --where laten", "plain,latency"),
    ],
)
def test_commands_and_options_are_completed(words, expected):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "_VOLTTOOLS_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from volttools.cli import main; main()"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.stdout.strip() == expected
