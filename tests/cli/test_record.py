"""The command as it is used: in a process of its own, with real clients, ended by signals."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys

import pytest
import voltdbclient

from tests.record.servers import listening, received, volt_server
from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cli import run


@pytest.fixture(scope="module")
def server():
    with volt_server() as port:
        yield port


@contextlib.contextmanager
def recording(server, *options):
    """`volttools record`, running; gives the process and its port."""
    command = [sys.executable, "-m", "volttools", "record", "--listen", ":0", "--to", f"127.0.0.1:{server}"]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        line = process.stderr.readline().decode()
        assert line.startswith("volttools: listening on 127.0.0.1:"), line
        yield process, int(line.split()[3].rpartition(":")[2])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def ended(process, number=signal.SIGINT):
    """End it with a signal; what it said."""
    process.send_signal(number)
    out, err = process.communicate()
    return process.returncode, out.decode(), err.decode()


def called(port, name="Echo", *values):
    client = voltdbclient.FastSerializer("127.0.0.1", port)
    kinds = [voltdbclient.FastSerializer.VOLTTYPE_STRING] * len(values)
    found = voltdbclient.VoltProcedure(client, name, kinds).call(list(values))
    client.close()
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_summary(server, tmp_path, number):
    path = str(tmp_path / "out.pcapng")
    with recording(server, "-o", path) as (process, port):
        called(port, "Echo", "x")
        called(port, "Fail")
        status, out, err = ended(process, number)
    assert (status, out) == (0, "")
    first, second = err.splitlines()
    assert first.startswith("volttools: 2 connections, 2 calls (1 failed) in ")
    assert second.startswith(f"volttools: wrote {path}: ")
    with open_capture(path) as capture:
        assert [e.procedure for e in capture] == ["Echo", "Fail"]
    comment = f"volttools record --listen :0 --to 127.0.0.1:{server} -o {path}"
    assert comment.encode() in (tmp_path / "out.pcapng").read_bytes()


def test_calls_are_printed_as_they_are_answered(server):
    with recording(server, "--decode", "--quiet") as (process, port):
        called(port, "Echo", "hello")
        lines = [process.stdout.readline().decode() for _ in range(3)]
        ended(process)
    assert lines[0].split()[0] == "#"
    assert "log-in" in lines[1]
    assert 'Echo                     "hello"' in lines[2]
    assert "SUCCESS" in lines[2]


def test_a_digest_is_printed_when_asked_for_and_at_the_end(server, tmp_path):
    path = str(tmp_path / "out.pcapng")
    with recording(server, "--digest", "-o", path) as (process, port):
        called(port, "Echo", "x")
        process.send_signal(signal.SIGUSR1)
        first = process.stdout.readline().decode()
        called(port, "Fail")
        status, out, _ = ended(process)
    assert (status, first.split()[1]) == (0, "digest")
    assert "digest by procedure" in out
    assert f"volttools decode --exchange 2 {path}" in out


def test_a_digest_as_json_stands_before_the_summary(server):
    with recording(server, "--digest", "--json") as (process, port):
        called(port, "Fail")
        _, out, _ = ended(process)
    digest, summary = map(json.loads, out.splitlines())
    assert (digest["kind"], digest["calls"], digest["errors"]) == ("digest", 1, 1)
    assert summary["calls"] == 1


def test_the_summary_as_json(server):
    with recording(server, "--json") as (process, port):
        called(port, "Fail")
        status, out, err = ended(process)
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert (found["calls"], found["errors"], found["statuses"]) == (1, 1, {"USER_ABORT": 1})


def test_standard_output_can_be_read_as_it_comes(server, tmp_path):
    with recording(server, "-o", "-") as (process, port):
        called(port, "Echo", "x")
        process.send_signal(signal.SIGINT)
        data = process.stdout.read()
        process.wait()
    path = tmp_path / "x.pcapng"
    path.write_bytes(data)
    with open_capture(path) as capture:
        assert [e.procedure for e in capture] == ["Echo"]


def test_nobody_reads_standard_output_and_the_relay_goes_on(server):
    with recording(server, "-o", "-") as (process, port):
        process.stdout.close()
        for _ in range(3):
            assert called(port, "Echo", "x").status == 1
        process.send_signal(signal.SIGINT)
        err = process.stderr.read().decode()
        assert process.wait() == 1
    assert "standard output can't be written: Broken pipe; all is passed on nevertheless" in err


def test_values_are_redacted(server, tmp_path):
    path = tmp_path / "out.pcapng"
    with recording(server, "-o", str(path), "--redact", "all", "--decode") as (process, port):
        called(port, "Echo", "my secret value")
        _, out, _ = ended(process)
    assert b"secret value" not in path.read_bytes()
    assert "secret value" not in out
    assert b"--to" not in path.read_bytes()
    with open_capture(path) as capture:
        assert [(e.procedure, e.status) for e in capture] == [("Echo", 1)]


def test_files_are_rotated(server, tmp_path):
    path = str(tmp_path / "out.pcapng")
    with recording(server, "-o", path, "--rotate", "2kB", "--rotate", "10min", "--keep", "2", "--gzip") as (
        process,
        port,
    ):
        for _ in range(10):
            called(port, "Echo", "x" * 500)
        ended(process)
    assert len(list(tmp_path.glob("out-*.pcapng.gz"))) == 2


def _echoed_and_killed(path, *options):
    """Pass numbered pieces on, kill the recorder behind the last one, and give what arrived."""
    said = []
    with (
        listening() as listener,
        recording(listener.getsockname()[1], "-o", path, *options) as (process, port),
        socket.create_connection(("127.0.0.1", port), timeout=20) as client,
    ):
        server, _ = listener.accept()
        with server:
            for number in range(60):
                data = b"\xff\xff\xff\xff<%06d>" % number
                client.sendall(data)
                assert received(server, len(data)) == data
                said.append(data)
            process.kill()
            process.wait()
    return said


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_9_loses_nothing_that_was_passed_on_with_sync_each(tmp_path):
    for number in range(25):
        path = tmp_path / f"{number}.pcapng"
        said = _echoed_and_killed(str(path), "--sync", "each")
        data = path.read_bytes()
        assert all(piece in data for piece in said)
        with open_capture(path) as capture:
            list(capture.events())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "a b"], "volttools: 'a b' is no address: write \"HOST:PORT\""),
        (["--to", "a", "--listen", ":1", "--listen", ":2"], "volttools: 2 places to listen for 1 servers"),
        (["--to", "a", "--keep", "2"], "--keep is about what is written: give -o FILE too"),
        (
            ["--to", "a", "-o", "x.pcapng", "--keep", "2"],
            "--keep is about files that are rotated: give --rotate too",
        ),
        (
            ["--to", "a", "-o", "x.pcapng", "--rotate", "soon"],
            "'soon' is neither a size such as 1GB nor a time",
        ),
        (["--to", "a", "-o", "-", "--decode"], "--decode and -o - don't go together"),
        (["--to", "a", "--decode", "--json"], "--decode and --json don't go together"),
        (["--to", "a", "--key-file", "k"], "--key-file is the key for --redact: give that too"),
        (
            ["--to", "a", "--redact", "all", "--keep-login-hashes"],
            "--redact and --keep-login-hashes don't go together",
        ),
        (["--to", "a", "--redact", "/no/rules"], "/no/rules"),
        (["--to", "a", "-o", "x.hex"], "not as hex: convert it later"),
        (
            ["--to", "a", "-o", "/no/where.pcapng"],
            "/no/where.pcapng: can't be written: No such file or directory",
        ),
    ],
)
def test_what_can_not_be_done_is_one_sentence(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["record", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_it_ends_by_itself_after_a_time(capsys):
    assert run(["record", "--to", ":1", "--for", "10ms"]) == 0
    assert "0 connections, 0 calls in " in capsys.readouterr().err


def test_a_script_sees_exchanges_and_changes_messages(server, tmp_path):
    script, seen = tmp_path / "my.py", tmp_path / "seen"
    script.write_text(
        f"def on_exchange(exchange):\n    open({str(seen)!r}, 'a').write(exchange.procedure)\n"
        "def rewrite(message):\n"
        "    if message.procedure == 'Fail' and message.direction.value == 'server':\n"
        "        return message.value.replace(status_string='changed')\n"
    )
    with recording(server, "--script", str(script)) as (process, port):
        assert called(port, "Fail").statusString == "changed"
        assert called(port, "Echo", "x").status == 1
        ended(process)
    assert seen.read_text() == "FailEcho"


def test_clients_can_speak_tls(server, tmp_path):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "volttools",
            "record",
            "--to",
            f":{server}",
            "--listen-tls",
            "--tls-dir",
            str(tmp_path),
        ],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        assert (
            process.stderr.readline().decode() == f"volttools: clients must trust {tmp_path}/proxy-ca.pem\n"
        )
        port = int(process.stderr.readline().split()[3].rpartition(b":")[2])
        context = ssl.create_default_context(cafile=str(tmp_path / "proxy-ca.pem"))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as sock,
        ):
            assert sock.version().startswith("TLS")
        process.terminate()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ca", "x"], "--ca needs --to-tls"),
        (["--key", "x"], "--key needs --cert"),
        (["--tls-dir", "x"], "--tls-dir needs --listen-tls"),
        (
            ["--cert", "x", "--listen-tls"],
            "--listen-tls makes a certificate, and --cert is one: give one of them",
        ),
        (["--cert", "/no/cert"], "volttools: /no/cert: No such file or directory"),
    ],
)
def test_options_of_tls_that_do_not_go_together(arguments, message, capsys):
    assert run(["record", "--to", "a", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_faults_are_injected_said_and_logged_and_the_log_injects_them_again(server, tmp_path):
    scenario, log, again = (tmp_path / name for name in ("busy.toml", "run.jsonl", "again.jsonl"))
    scenario.write_text('[[fault]]\nkind = "busy"\nprocedure = "Echo"\nconnection = 2\n')
    for source, written in ((scenario, log), (log, again)):
        with recording(server, "--faults", str(source), "--fault-log", str(written)) as (process, port):
            assert [called(port, "Echo", "x").status for _ in range(3)] == [1, -5, 1]
            status, _, err = ended(process)
        assert status == 0
        assert "volttools: fault busy " in err
        assert ": connection 2, call 1 of Echo, by rule 1\n" in err
    assert json.loads(log.read_text())["kind"] == "busy"
    assert again.read_text() == log.read_text()


def test_a_bad_scenario_is_told_before_it_listens(tmp_path, capsys):
    scenario = tmp_path / "x.toml"
    scenario.write_text('[[fault]]\nkind = "bussy"\n')
    assert run(["record", "--to", "127.0.0.1:1", "--faults", str(scenario)]) == 2
    assert "x.toml: fault 1: kind: there is no 'bussy'; did you mean busy?" in capsys.readouterr().err
