"""How commands connect: passwords, TLS, what they refuse."""

import os
import subprocess
import sys

import pytest

from tests.cli.answering import answering, server
from tests.requirements import ROOT
from volttools.cli import run
from volttools.cli.connecting import connector

__all__ = ["server"]


@pytest.fixture
def guarded(monkeypatch, tmp_path):
    monkeypatch.delenv("VOLTTOOLS_PASSWORD", raising=False)
    monkeypatch.chdir(tmp_path)
    with answering(users={"ann": "sesame"}) as server:
        yield server


def test_the_password_may_be_in_a_file(guarded, tmp_path, capsys):
    (tmp_path / "secret").write_text("sesame\nanother line\n")
    assert run(["ping", guarded.where, "--user", "ann", "--password-file", "secret"]) == 0
    (tmp_path / "secret").write_bytes(b"\xff\n")
    assert run(["ping", guarded.where, "--user", "ann", "--password-file", "secret"]) == 2
    assert "secret is no text in UTF-8, so it holds no password" in capsys.readouterr().err
    assert run(["ping", guarded.where, "--user", "ann", "--password-file", "none"]) == 2
    assert capsys.readouterr().err == "volttools: none: no such file or directory\n"


def test_the_password_may_be_asked_for_and_goes_before_the_environment(guarded, monkeypatch):
    monkeypatch.setenv("VOLTTOOLS_PASSWORD", "wrong")
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: "sesame")
    assert run(["ping", guarded.where, "--user", "ann", "--password"]) == 0


def test_without_a_terminal_no_password_is_asked_for(guarded):
    done = subprocess.run(
        [sys.executable, "-m", "volttools", "ping", guarded.where, "--password"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,  # no terminal of its own
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.decode().endswith(
        "--password asks on a terminal, and there is none: use --password-file or VOLTTOOLS_PASSWORD;"
        " see volttools ping --help\n"
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a file on a full disk is Linux's /dev/full")
def test_a_full_disk_stops_the_recording_and_not_the_call(server, capsys):
    assert run(["call", "Two", "-H", server.where, "--dump", "/dev/full", "--overwrite", "--json"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith('{"procedure":"Two"')
    assert err == "volttools: the tap to /dev/full has stopped: [Errno 28] No space left on device\n"


def test_the_user_and_password_may_be_in_the_environment(guarded, monkeypatch):
    monkeypatch.setenv("VOLTTOOLS_USER", "ann")
    monkeypatch.setenv("VOLTTOOLS_PASSWORD", "sesame")
    assert run(["call", "Two", "-H", guarded.where]) == 0


def test_the_hash_of_the_password_is_recorded_only_if_asked_for(guarded, monkeypatch, tmp_path):
    import hashlib

    monkeypatch.setenv("VOLTTOOLS_PASSWORD", "sesame")
    digest = hashlib.sha256(b"sesame").digest()
    command = ["call", "Two", "-H", guarded.where, "--user", "ann", "--dump"]
    assert run([*command, "without"]) == 0
    assert run([*command, "with", "--keep-login-hashes"]) == 0
    assert digest not in (tmp_path / "without").read_bytes()
    assert digest in (tmp_path / "with").read_bytes()


def test_tls_with_the_servers_authority(tmp_path, capsys):
    with answering(tls=True) as server:
        (tmp_path / "ca.pem").write_bytes(server.ca_pem)
        trusting = ["--ca", str(tmp_path / "ca.pem")]
        assert run(["call", "Two", "-H", server.where, *trusting]) == 0
        assert run(["info", server.where, "--tls", *trusting]) == 0
        (tmp_path / "ssl.conf").write_text(f"cacerts={tmp_path / 'ca.pem'}\n")
        assert run(["ping", server.where, "--ssl-config", str(tmp_path / "ssl.conf")]) == 0
        capsys.readouterr()
        assert run(["ping", server.where, "--tls"]) == 2
        err = capsys.readouterr().err
    assert "certificate" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--password", "--password-file", "x"], "--password asks for what --password-file has: give one"),
        (["--tap", "a.pcapng", "--dump", "b"], "--tap and --dump don't go together"),
        (["--overwrite"], "--overwrite is about what is recorded: give --tap FILE or --dump FILE too"),
        (["--keep-login-hashes"], "--keep-login-hashes is about what is recorded: give --tap FILE"),
        (["--ca", "none.pem"], "none.pem"),
        (["--timeout", "0"], "'0' is no time at all; write 2, 1.5s or 500ms"),
        (["--timeout", "soon"], "'soon' is no duration"),
        (["-H", "a b"], "'a b' is no address"),
        (["--json", "--csv"], "--json and --csv don't go together"),
        (["--json", "--rows", "5"], "--rows is for tables that people read"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(server, arguments, message, capsys):
    assert run(["call", "Two", "-H", server.where, *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert server.call_count == 0


def test_who_connects_again_is_not_asked_for_the_password_again(guarded, monkeypatch):
    """`top` does where its connection is lost."""
    asked = []
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: asked.append(1) or "sesame")
    options = {"timeout": None, "user": "ann", "asks_for_password": True, "password_file": None, "tls": False}
    stores = dict.fromkeys(("trust_store", "key_store", "ssl_config"))
    connect = connector({**options, **stores}, [guarded.where], signatures=False)
    for _ in range(2):
        connect(None).close()
    assert asked == [1]
