"""`volttools shell`, against a server."""

import contextlib
import io
import os
import re

import pytest

from tests.cli.answering import nobody
from tests.requirements import ROOT
from tests.shell.answering import answering, session_with
from volttools.cli import run
from volttools.cli.shell import interact
from volttools.cli.shell_output import ShellOutput

OPTIONS = {
    "as_data": False,
    "csv": False,
    "table": None,
    "rows": 0,
    "watch": None,
    "color": "never",
    "width": 100,
    "keep_login_hashes": False,
}


@pytest.fixture
def server(monkeypatch, tmp_path):
    for name in ("HOST", "USER", "PASSWORD", "HISTORY"):
        monkeypatch.delenv(f"VOLTTOOLS_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    with answering() as server:
        yield server


def piped(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))


def test_statements_come_from_standard_input_without_prompts(server, monkeypatch, capsysbinary):
    piped(monkeypatch, "select *\nfrom votes; select 2 from votes;\n\\timing\nexec Vote 1 x")
    assert run(["shell", server.where, "--csv"]) == 0
    captured = capsysbinary.readouterr()
    assert captured.out == b"PHONE,NAME\n6175551212,Ann\n5,\n6175551212,Ann\n5,\n\nC1,C2\n1,counted\n"
    assert captured.err == b"Timing is on.\n"


def test_after_a_failure_the_next_statement_is_run_unless_it_is_to_stop(server, monkeypatch, capsys):
    for more, count in (([], 3), (["--on-error-stop"], 2)):
        server.clear_calls()
        piped(monkeypatch, "select 1;\nselec 1; select 2;\n")
        assert run(["shell", server.where, *more]) == 1
        assert len([call for call in server.calls if call.procedure == "@AdHoc"]) == count
    assert "@AdHoc: GRACEFUL_FAILURE (-2), 0 tables, " in capsys.readouterr().out


def test_texts_and_files_are_run_in_turn(server, tmp_path, capsys):
    (tmp_path / "a.sql").write_text("select 3; select 4")
    assert run(["shell", server.where, "-c", "select 1; select 2", "-f", "a.sql", "--json"]) == 0
    assert [call.params[0] for call in server.calls] == ["select 1", "select 2", "select 3", "select 4"]
    assert capsys.readouterr().out.count('"procedure":"@AdHoc"') == 4
    assert run(["shell", server.where, "-c", "select 5", "-f", "none.sql"]) == 2
    assert "'none.sql' does not exist" in capsys.readouterr().err
    assert server.calls[-1].params[0] == "select 4"


def test_a_text_can_leave(server):
    assert run(["shell", server.where, "-c", "quit", "-c", "select 1;"]) == 0
    assert server.calls == []


def test_watching_repeats_the_last_statement(server, monkeypatch, capsys):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("volttools.cli.calling.pause", pause)
    assert run(["shell", server.where, "-c", "exec Vote 1 x;", "--watch", "500ms", "--csv"]) == 0
    assert pauses == [0.5, 0.5]
    assert capsys.readouterr().out == "C1,C2\n1,counted\n1,counted\n1,counted\n"


def test_without_a_connection_it_is_status_2(server, monkeypatch, capsys):
    where = nobody()
    assert run(["shell", where, "-c", "select 1;"]) == 2
    assert capsys.readouterr().err == f"volttools: {where}: nothing listens there (connection refused)\n"
    piped(monkeypatch, "hangup; select 1;\nselect 2;")
    assert run(["shell", server.where]) == 2
    assert "the call may have run" in capsys.readouterr().err
    assert [call.params[0] for call in server.calls] == ["hangup"]


def test_what_does_not_go_together_is_said(server, capsys):
    assert run(["shell", "a", "-H", "b"]) == 2
    assert run(["shell", "--json", "--csv"]) == 2
    assert "the server is given twice" in capsys.readouterr().err


def test_a_tap_has_all_connections(server, capsys):
    text = "select 1;\n\\connect\nselect 2;"
    assert run(["shell", server.where, "-c", text, "--tap", "all.pcapng"]) == 0
    assert run(["decode", "all.pcapng", "--json"]) == 0
    assert capsys.readouterr().out.count('"kind":"login"') == 2


def test_what_is_typed_is_run_until_the_end(server, capsys):
    def ask():
        typed = next(texts)
        if isinstance(typed, str):
            return typed
        raise typed

    texts = iter(["select 1;\n", KeyboardInterrupt, "\\nope\n", "hangup;", "select 2;", EOFError])
    with session_with(server) as session:
        interact(session, ShellOutput(dict(OPTIONS), session.settings, interactive=True), ask)
        texts = iter(["\\q\n"])
        interact(session, ShellOutput(dict(OPTIONS), session.settings, interactive=True), ask)
    captured = capsys.readouterr()
    assert captured.out.count("(2 rows)") == 2
    assert f"The connection was lost; connected to {server.where} again.\n" in captured.out
    assert "there is no command \\nope" in captured.err


TIME = re.compile(r"\d+\.\d{3} ms")


def test_the_transcript_of_the_document_is_what_happens(server, capsys):
    text = (ROOT / "docs" / "shell.md").read_text().partition("<!-- transcript -->\n```text\n")[2]
    text = text.partition("```")[0]
    pieces = re.split(r"^db1> ", text, flags=re.MULTILINE)[1:]
    with session_with(server) as session:
        output = ShellOutput(dict(OPTIONS), session.settings, interactive=True)
        for piece in pieces:
            first, *lines = piece.splitlines()
            while lines and lines[0].startswith("  -> "):
                first += "\n" + lines.pop(0).removeprefix("  -> ")
            for outcome in session.run_text(first):
                output.show(outcome)
            shown = TIME.sub("T ms", capsys.readouterr().out).splitlines()
            assert [line.rstrip() for line in shown] == [TIME.sub("T ms", line) for line in lines], first


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no pseudo-terminals there")
def test_on_a_terminal_it_prompts_completes_and_leaves(server, tmp_path):
    import fcntl
    import pty
    import struct
    import sys
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.environ.update(PYTHONPATH=str(ROOT), TERM="xterm", XDG_STATE_HOME=str(tmp_path))
        os.execv(sys.executable, [sys.executable, "-m", "volttools", "shell", server.where])
    shown = b""

    def expect(text):
        nonlocal shown
        while text not in shown:
            data = os.read(terminal, 2**16)
            if b"\x1b[6n" in data:
                os.write(terminal, b"\x1b[1;1R")  # where the cursor is
            shown += data
        shown = shown.partition(text)[2]

    expect(b"\\q leaves.")
    expect(server.where.encode() + b">")
    os.write(terminal, b"exec @Pi")
    expect(b"system procedure")  # in the menu, out of which Tab takes it
    os.write(terminal, b"\t;\r")
    expect(b"OK")
    expect(server.where.encode() + b">")
    os.write(terminal, b"\x04")
    with contextlib.suppress(OSError):  # EIO is the end
        while os.read(terminal, 2**16):
            pass
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0
    assert server.calls[-1].procedure == "@Ping"
    assert "+exec @Ping;" in (tmp_path / "volttools" / "history").read_text()
