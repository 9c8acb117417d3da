"""How commands connect: passwords, TLS, what they refuse."""

import os
import subprocess
import sys

import pytest

from tests.cli.answering import answering, server
from tests.requirements import ROOT
from volttools.certificates import Authority
from volttools.cli import run
from volttools.cli.connecting import _KEYS, connected_to, settings_of
from volttools.mock import Tls

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
    assert "secret: no text in UTF-8, so it holds no password" in capsys.readouterr().err
    assert run(["ping", guarded.where, "--user", "ann", "--password-file", "none"]) == 2
    assert (
        capsys.readouterr().err == "volttools: none: the password can't be read: no such file or directory\n"
    )


def test_the_password_may_be_asked_for_and_goes_before_the_environment(guarded, monkeypatch):
    monkeypatch.setenv("VOLTTOOLS_PASSWORD", "wrong")
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: "sesame")
    assert run(["ping", guarded.where, "--user", "ann", "--password"]) == 0


def test_a_password_is_asked_for_once(guarded, monkeypatch):
    asked = []
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: asked.append(prompt) or "sesame")
    assert run(["ping", guarded.where, guarded.where, "--user", "ann", "--password"]) == 0
    assert len(asked) == 1


def test_the_password_file_may_be_in_the_environment(guarded, monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("sesame\n")
    monkeypatch.setenv("VOLTTOOLS_PASSWORD_FILE", "secret")
    assert run(["ping", guarded.where, "--user", "ann"]) == 0


def test_a_server_that_knows_sha1_only_gets_it(guarded, monkeypatch, capsys):
    monkeypatch.setenv("VOLTTOOLS_PASSWORD", "sesame")
    assert run(["ping", guarded.where, "--user", "ann", "--hash", "sha1"]) == 0
    assert run(["ping", guarded.where]) == 2
    assert (
        "the server wants a user, and the log-in named none: give user and password"
        in capsys.readouterr().err
    )


def test_a_profile_has_all_that_is_not_given(guarded, monkeypatch, tmp_path, capsys):
    path = tmp_path / "profiles.toml"
    path.write_text(f"[lab]\nhosts = '{guarded.where}'\nuser = 'ann'\npassword = 'sesame'\n")
    path.chmod(0o600)
    monkeypatch.setenv("VOLTTOOLS_PROFILES", str(path))
    assert run(["call", "Two", "--profile", "lab"]) == 0
    assert run(["ping", "--profile", "lab"]) == 0
    assert run(["info", "--profile", "lab", "--json"]) == 0
    assert run(["sql", "select 1", "--profile", "lab", "--user", "bob"]) == 2
    assert "refused the log-in of 'bob'" in capsys.readouterr().err


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
    assert err == "volttools: nothing more is recorded in /dev/full: No space left on device\n"


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


def test_tls_without_checks_and_with_a_key_log(tmp_path, monkeypatch, capsys):
    with answering(tls=True) as server:
        assert run(["ping", server.where, "--dangerous-any-certificate"]) == 0
        (tmp_path / "ca.pem").write_bytes(server.ca_pem)
        monkeypatch.setenv("VOLTTOOLS_TRUST_STORE", str(tmp_path / "ca.pem"))
        keylog, ciphers = str(tmp_path / "keys"), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        assert run(["ping", server.where, "--keylog", keylog, "--ciphers", ciphers]) == 0
        assert "TRAFFIC_SECRET" in (tmp_path / "keys").read_text()
        assert run(["ping", server.where, "--no-tls", "--timeout", "5"]) == 2
        assert "closed the connection" in capsys.readouterr().err


def test_a_certificate_for_another_host_is_refused_unless_any_is_taken(tmp_path, capsys):
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem)
    (tmp_path / "server.pem").write_bytes(b"".join(authority.issue("db.example")))
    with answering(tls=Tls(certfile=tmp_path / "server.pem")) as server:
        command = ["ping", server.where, "--ca", str(tmp_path / "ca.pem")]
        assert run(command) == 2
        assert "the server's certificate is not for the address 127.0.0.1" in capsys.readouterr().err
        assert run([*command, "--dangerous-any-host-name"]) == 0


@pytest.mark.parametrize("store", ["client.p12", "client.jks"])
def test_a_server_that_asks_who_the_client_is(tmp_path, monkeypatch, capsys, store):
    stores = ROOT / "tests" / "client" / "stores"
    with answering(tls=Tls(client_ca=stores / "ca.pem")) as server:
        (tmp_path / "ca.pem").write_bytes(server.ca_pem)
        command = ["ping", server.where, "--ca", str(tmp_path / "ca.pem")]
        assert run(command) == 2
        assert "client certificate" in capsys.readouterr().err
        assert run([*command, "--key-store", str(stores / store)]) == 2
        assert "VOLTTOOLS_KEY_STORE_PASSWORD" in capsys.readouterr().err
        monkeypatch.setenv("VOLTTOOLS_KEY_STORE_PASSWORD", "changeit")
        assert run([*command, "--key-store", str(stores / store)]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--password", "--password-file", "x"], "--password asks for what --password-file has: give one"),
        (["--tap", "a.pcapng", "--dump", "b"], "--tap and --dump don't go together"),
        (["--overwrite"], "--overwrite is about what is recorded: give --tap FILE or --dump FILE too"),
        (["--keep-login-hashes"], "--keep-login-hashes is about what is recorded: give --tap FILE"),
        (["--ca", "none.pem"], "none.pem"),
        (["--key-certificate", "a.pem"], "a.pem: a certificate without its key: give the key store as well"),
        (
            ["--ca", "a", "--dangerous-any-certificate"],
            "a trust store has no use where any certificate is taken",
        ),
        (["--kerberos", "--user", "ann"], "with --kerberos the ticket says who one is: leave --user out"),
        (["--profile", "lab"], "profiles.toml: there is no such file, and so no profile"),
        (["-H", "op:sesame@db1"], "'...@db1' is no address: write host, host:port or [IPv6]:port; user and"),
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
    options = dict.fromkeys((*_KEYS, "profile")) | {"user": "ann", "asks_for_password": True}
    settings = settings_of(options, [guarded.where])
    for _ in range(2):
        connected_to(settings, options, signatures=False).close()
    assert asked == [1]
