"""The command as it is used: in a process of its own, with clients, ended by signals."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request

import pytest

from tests.cli.lines import lines_of
from tests.mock.test_calls import call
from tests.mock.wire import Wire
from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.cli import run
from volttools.cli.mock_view import MOST_WAITING_BYTES, View
from volttools.codec import build
from volttools.formats.response import Response
from volttools.mock import MockServer
from volttools.protocol.frame_buffer import framed

DEMO = ROOT / "captures" / "demo.pcap"


class Address:
    def __init__(self, node):
        self.address = node["host"], node["port"]


@contextlib.contextmanager
def mocking(*options, **environment):
    """`volttools mock --json`, running; gives the process and what its first line says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "volttools", "mock", "--port", "0", "--json", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def ended(process, number=signal.SIGINT):
    """End it with a signal; its exit status, the objects that it printed, and what it said."""
    process.send_signal(number)
    out, err = process.communicate()
    return process.returncode, lines_of(out), err.decode()


@contextlib.contextmanager
def client(found, node=0, **given):
    with Wire(Address(found["nodes"][node]), **given) as wire:
        yield wire


def ask(found, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(found["control_url"] + path, data, timeout=20) as answer:
        return json.load(answer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_summary(number):
    with mocking() as (process, found):
        assert found["kind"] == "listening"
        with client(found) as wire:
            wire.log_in()
            wire.call("@Ping")
            wire.call("Nix")
        status, lines, err = ended(process, number)
    assert (status, err) == (0, "")
    assert [line["kind"] for line in lines] == ["exchange", "exchange", "summary"]
    assert [line["procedure"] for line in lines[:2]] == ["@Ping", "Nix"]
    assert lines[1]["notes"] == ["nothing answers this call"]
    assert lines[2] == {
        "kind": "summary", "connections": 1, "calls": 2, "errors": 1, "misses": 1, "faults": 0,
        "procedures": {"@Ping": 1, "Nix": 1},
    }  # fmt: skip


def test_it_answers_from_files_handlers_and_control_and_logs_what_it_did(tmp_path):
    handlers, log = tmp_path / "h.py", tmp_path / "log.jsonl"
    handlers.write_text("def Add(a, b): return a + b\n")
    with mocking(DEMO, "--handlers", handlers, "--log", log, "--strict", "-q") as (process, found):
        ask(found, "/answers", {"procedure": "Told", "response": {"status": "USER_ABORT"}})
        with client(found) as wire:
            wire.log_in()
            assert wire.call("Add", 1, 2).tables[0].rows == [(3,)]
            assert wire.call("Told").status == -1
            assert wire.call("TYPES.insert", 1).status_string.endswith("EXPECTS 12 PARAMS, BUT RECEIVED 1")
            wire.call("Nix")
            handlers.write_text("def Add(a, b): return a * b + 100\n")
            said = process.stderr.readline().decode()
            assert said == f"volttools: {handlers} has changed: 1 handler\n"
            assert wire.call("Add", 3, 4).tables[0].rows == [(112,)]
        status, lines, err = ended(process)
    assert status == 1  # --strict, and a miss
    assert [line["kind"] for line in lines] == ["summary"]  # -q
    assert err.startswith(
        "volttools: 1 call had no answer in the mock server:\n  call 4: Procedure Nix was not found"
    )
    with open_capture(log) as capture:
        assert [each.procedure for each in capture] == ["Add", "Told", "TYPES.insert", "Nix", "Add"]


def test_strict_and_the_summary_are_of_the_whole_run_whatever_was_reset():
    with mocking("--strict", "-q") as (process, found):
        with client(found) as wire:
            wire.log_in()
            wire.call("Nix")
            ask(found, "/reset", {})
            assert ask(found, "/misses")["miss_count"] == 0
        status, lines, err = ended(process)
    assert (status, lines[-1]["misses"]) == (1, 1)
    assert "call 1: Procedure Nix was not found" in err


def test_a_bug_of_a_handler_is_said_once(tmp_path):
    (tmp_path / "h.py").write_text("def Bug(): return {}['key']\ndef No(): raise ValueError('no')\n")
    with mocking("--handlers", tmp_path / "h.py", "-q") as (process, found):
        with client(found) as wire:
            wire.log_in()
            assert [wire.call(name).status for name in ("Bug", "No", "Bug")] == [-3, -1, -3]
        _, _, err = ended(process)
    assert err == "volttools: Bug: VOLTDB ERROR: UNEXPECTED FAILURE: KeyError: 'key' at Bug(h.py:1)\n"


def test_faults_are_injected_logged_and_said(tmp_path):
    (tmp_path / "slow.toml").write_text('[[fault]]\nkind = "drop"\nprocedure = "@Ping"\ncall = 2\n')
    options = ("--faults", tmp_path / "slow.toml", "--seed", 5, "--fault-log", tmp_path / "faults.jsonl")
    with mocking(*options) as (process, found):
        with client(found) as wire:
            wire.log_in()
            wire.call("@Ping")
            wire.start("@Ping")
            wire.call("@Ping")
        status, lines, err = ended(process)
    assert (status, lines[-1]["faults"]) == (0, 1)
    assert [line["response"] is None for line in lines[:-1]] == [False, True, False]
    assert err.startswith("volttools: fault drop: connection 1, call 2 of @Ping, by rule 1")
    assert json.loads((tmp_path / "faults.jsonl").read_text())["kind"] == "drop"


def test_faults_that_the_control_adds_are_logged_and_have_the_seed(tmp_path):
    with mocking("--seed", 7, "--fault-log", tmp_path / "faults.jsonl") as (process, found):
        ask(found, "/faults", {"kind": "drop", "procedure": "@Ping", "call": 1})
        with client(found) as wire:
            wire.log_in()
            wire.start("@Ping")
            assert wire.call("@Ping").status == 1
        status, lines, _ = ended(process)
    assert (status, lines[-1]["faults"]) == (0, 1)
    assert json.loads((tmp_path / "faults.jsonl").read_text())["kind"] == "drop"


def test_a_cluster_with_ports_for_administrators():
    with mocking("--nodes", 2, "--admin-port", 0, "--partitions", 4, "--no-control") as (process, found):
        assert found["control_url"] is None
        ports = {port for node in found["nodes"] for port in (node["port"], node["admin_port"])}
        assert len(ports) == 4
        with client(found, 1) as wire:
            assert wire.log_in().host_id == 1
        assert ended(process)[0] == 0


def test_users_and_passwords_that_are_on_no_command_line(tmp_path):
    (tmp_path / "users").write_text("ann:one\n")
    options = ("--users", tmp_path / "users", "--user", "bob")
    with mocking(*options, VOLTTOOLS_PASSWORD="two") as (_, found):
        for user, password, accepted in (("ann", "one", True), ("bob", "two", True), ("bob", "one", False)):
            with client(found) as wire:
                assert wire.log_in(user=user, password=password).accepted is accepted


@pytest.mark.parametrize("options", [["--tls"], ["--tls", "--ca-out", "ca.pem"]])
def test_tls_with_an_authority_that_is_told(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with mocking(*options) as (_, found):
        assert "PRIVATE" not in found["ca_pem"]
        context = ssl.create_default_context(cadata=found["ca_pem"])
        with client(found, wrap=trusting(context)) as wire:
            assert wire.log_in().accepted
    if len(options) > 1:
        assert (tmp_path / "ca.pem").read_text() == found["ca_pem"]


def trusting(context):
    return lambda plain: context.wrap_socket(plain, server_hostname="localhost")


def test_calls_are_printed_as_decode_does(tmp_path):
    """In a pipe without --json; where it listens is said on stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "volttools", "mock", "--port", "0", "--tls"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        first, second = (process.stderr.readline().decode() for _ in range(2))
        assert first.startswith("volttools: listening on 127.0.0.1:")
        assert second.startswith("volttools: control on http://127.0.0.1:")
        assert process.stderr.readline() == b"volttools: clients must trust this authority:\n"
        pem = b""
        while not pem.endswith(b"-----END CERTIFICATE-----\n"):
            pem += process.stderr.readline()
        context = ssl.create_default_context(cadata=pem.decode())
        port = int(first.rpartition(":")[2])
        node = {"host": "127.0.0.1", "port": port}
        with Wire(Address(node), wrap=trusting(context)) as wire:
            wire.log_in()
            wire.call("Nix", 5)
        assert b"procedure" in process.stdout.readline()
        line = process.stdout.readline().decode()
        assert "Nix" in line
        assert "UNEXPECTED_FAILURE" in line
        assert "nothing answers this call" in line
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        assert err == b"volttools: 1 connection, 1 call (1 failed), 1 miss\n"
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_a_port_that_is_taken_is_told(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["mock", "--port", str(port)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"volttools: can't listen on 127.0.0.1:{port}: Address already in use")
        assert run(["mock", "--port", "0", "--control-port", str(port)]) == 2
        out, said = capsys.readouterr()
        assert out == ""  # no heading of a table without calls
        assert said == f"volttools: can't listen on 127.0.0.1:{port} for control: Address already in use\n"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--key", "k"], "--key needs --cert"),
        (["--ca-out", "f"], "--ca-out is for the authority that is made by --tls without --cert"),
        (["--password-file", "f"], "--password-file is for a --user without a password"),
        (
            ["--json", "--log", "-"],
            "--json prints calls already: give --log a file, or leave one of them out",
        ),
        (["--user", "op"], "op has no password"),
        (["nowhere.pcap"], "nowhere.pcap: can't be opened: No such file or directory"),
        (["--handlers", "nowhere.py"], "nowhere.py: No such file or directory"),
        (["--log", "no/where.jsonl"], "no/where.jsonl: no such file or directory"),
        (["--host", "127.0.0.1,127.0.0.2"], "2 hosts for 1 nodes"),
        (["--schema", "nowhere.sql"], "nowhere.sql"),
        (["--record", "new"], "--record is about a --cassette"),
        ([str(DEMO), "--cassette", "c"], "--cassette and FILE don't go together"),
        (["--cassette", "c"], "there is no cassette c; --record once --passthrough HOST makes one"),
        (
            ["--cassette", "c", "--record", "once"],
            "--record once asks a real server what c doesn't have: give",
        ),
        (["--cassette", "c", "--record", "new_episodes"], "give its address with --passthrough HOST"),
        (["--no-control", "--seed", "7"], "--seed is about --faults: give that too"),
        (["--profile", "lab"], "--profile is for --passthrough"),
        ([str(DEMO), "--read-only", "Get*"], "--read-only 'Get*': no procedure of that name was recorded"),
    ],
)
def test_what_can_not_be_is_said_in_a_sentence(options, error, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOLTTOOLS_PASSWORD", raising=False)
    before = threading.active_count()
    assert run(["mock", "--port", "0", *options]) == 2
    assert error in capsys.readouterr().err
    assert threading.active_count() == before


def test_a_schema_is_in_the_catalog_and_has_default_procedures(tmp_path):
    ddl = tmp_path / "s.sql"
    ddl.write_text("create table t (id integer not null, primary key (id));")
    with mocking("--schema", ddl, "-q") as (process, found):
        with client(found) as wire:
            wire.log_in()
            assert wire.call("T.insert", 1).tables[0].rows == [(1,)]
        assert ended(process)[0] == 0


def test_what_only_reads_is_replayed_without_asking(capsys):
    with mocking(DEMO, "-q", "--read-only", "TYPES.sel*") as (process, found):
        capsys.readouterr()
        target = f"127.0.0.1:{found['nodes'][0]['port']}"
        assert run(["replay", str(DEMO), target, "--dry-run", "--json"]) == 0
        assert ended(process)[0] == 0
    groups = json.loads(capsys.readouterr().out)["groups"]
    does = {group["procedure"]: group["does"] for group in groups}
    assert (does["TYPES.select"], does["TYPES.insert"]) == ("read", "write")


def test_what_a_real_server_answers_goes_into_the_cassette(tmp_path):
    cassette = tmp_path / "c.cassette"
    with MockServer(users={"op": "secret"}) as real:
        real.handle("P", lambda call: call.params[0])
        options = ["--cassette", cassette, "--record", "new", "--passthrough", f"127.0.0.1:{real.port}", "-q"]
        environment = {"VOLTTOOLS_USER": "op", "VOLTTOOLS_PASSWORD": "secret"}
        for _ in range(2):  # the second time from the cassette
            with mocking(*options, **environment) as (process, found):
                with client(found) as wire:
                    wire.log_in()
                    assert wire.call("P", 7).tables[0].rows == [(7,)]
                assert ended(process)[0] == 0
        assert [call.procedure for call in real.calls] == ["P"]
    with open_capture(cassette) as capture:
        assert [each.procedure for each in capture] == ["P"]


def test_calls_that_are_not_printed_fast_enough_are_counted_and_not_kept(capsys):
    view = View({"log": None, "quiet": True, "as_data": False, "for_ns": None})
    for number in range(5):
        called = call(number)
        called.size = MOST_WAITING_BYTES // 2
        view.take(called, framed(build(Response(client_handle=number))))
    view.finish()
    assert "3 calls came faster than they could be shown" in capsys.readouterr().err


def test_it_ends_after_a_time_and_logs_to_standard_output(capfdbinary):
    assert run(["mock", str(DEMO), "--port", "0", "--for", "10ms", "--log", "-", "-q"]) == 0
    out = capfdbinary.readouterr().out
    assert json.loads(out)["kind"] == "capture"
