"""Locust's workers divide a capture; in processes of their own, as Locust changes the sockets of its process."""

import asyncio
import os
import socket
import subprocess
import sys
import threading

import pytest

import volttools
from tests.replay.made import ids, line, write
from tests.requirements import ROOT, require_module
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.mock import MockServer
from volttools.replay.finding import find_rules
from volttools.replay.values import write_rules

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def locust(server, capture, *words, **environment):
    command = [sys.executable, "-m", "locust", "-f", "examples/locust/locustfile.py", "--headless"]
    return subprocess.run(
        [*command, "--host", f"{server.host}:{server.port}", "-u", "6", "-r", "6", "--only-summary", *words],
        cwd=ROOT,
        env={**os.environ, "CAPTURE": capture, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def two_workers():
    """A master of their own: other tests, or other runs of these, may have theirs at the same time."""
    port = free_port()
    return "--processes", "2", "--master-bind-port", port, "--master-port", port


@pytest.fixture
def capture(tmp_path):
    lines = [line(n, n % 6 + 1, n, "Put" if n % 10 == 0 else "Get", n) for n in range(1, 301)]
    return write(tmp_path / "x.jsonl", lines)


@pytest.fixture
def server():
    require_module("gevent")  # of Locust; importing that would change the sockets of this process
    with MockServer(max_calls=10_000) as server:
        server.handle("Get", 1, read_only=True)
        server.handle("Put", 1)
        yield server


def came(server):
    return [call.params[0] for call in server.calls if not call.procedure.startswith("@")]


@pytest.mark.parametrize("waits_s", ["1", "0"], ids=["", "workers tell late that they have users"])
def test_two_workers_make_each_call_once(server, capture, waits_s):
    wait = {"LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP": waits_s}
    done = locust(server, capture, *two_workers(), WRITES="1", **wait)
    assert done.returncode == 0, done.stderr
    assert sorted(came(server)) == list(range(1, 301))
    by_connection = {}
    for call in server.calls:
        if not call.procedure.startswith("@"):
            by_connection.setdefault(call.connection.number, []).append(call.params[0])
    assert sorted(by_connection.values()) == sorted(
        [n for n in range(1, 301) if n % 6 == rest] for rest in range(6)
    )
    assert " 300 " in done.stderr + done.stdout, "and Locust has counted them"


def test_what_writes_is_held_back(server, capture):
    done = locust(server, capture)
    assert done.returncode == 0, done.stderr
    assert sorted(came(server)) == [n for n in range(1, 301) if n % 10]
    assert "held back 30 Put: write (allowed = {Nature.WRITE} sends it)" in done.stderr


def test_what_is_held_back_and_left_out_is_told_once(server, tmp_path):
    lines = [line(1, 1, 0, "Get", 1), line(2, 2, 1, "Put", 2), line(3, 2, 2, "@Statistics", "TOPO", 0)]
    done = locust(server, write(tmp_path / "x.jsonl", lines), *two_workers())
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("held back 1 Put: write") == 1
    assert done.stderr.count("left out 1: made by client libraries themselves") == 1
    assert came(server) == [1]


def test_a_worker_without_users_gets_no_calls(server, capture):
    done = locust(server, capture, *two_workers(), "-u", "1", WRITES="1")
    assert done.returncode == 0, done.stderr
    assert sorted(came(server)) == list(range(1, 301))
    assert "6 connections, but 1 user: some are made late, when a user is free (-u)" in done.stderr


@pytest.mark.parametrize("killed", [1, 2])
def test_a_worker_that_is_killed_ends_it_with_an_error(server, tmp_path, killed):
    """The killed ones never tell that they are done; each of them has a connection and waits for its second call."""
    begun = threading.Semaphore(0)
    server.handle("Begin", lambda call: begun.release() or 1, read_only=True)
    lines = [line(1, 1, 0, "Begin", 1), line(2, 2, 0, "Begin", 2), line(3, 1, 9_000, "Get", 3)]
    capture = write(tmp_path / "x.jsonl", [*lines, line(4, 2, 9_000, "Get", 4)])
    port = free_port()
    command = [sys.executable, "-m", "locust", "-f", "examples/locust/locustfile.py"]
    how = {
        "cwd": ROOT,
        "env": {**os.environ, "CAPTURE": capture, "PYTHONPATH": str(ROOT)},
        "stderr": subprocess.PIPE,
        "stdout": subprocess.DEVNULL,
        "text": True,
    }
    target = ["--host", f"{server.host}:{server.port}", "-u", "2", "-r", "2"]
    words = ["--headless", "--master", "--master-bind-port", port, "--expect-workers", "2", *target]
    master = subprocess.Popen([*command, *words], **how)
    worker = [*command, "--worker", "--master-port", port]
    workers = [subprocess.Popen(worker, **how | {"stderr": subprocess.DEVNULL}) for _ in range(2)]
    try:
        assert all(begun.acquire(timeout=200) for _ in range(2))
        for one in workers[:killed]:
            one.kill()
        said = master.communicate(timeout=200)[1]
    finally:
        for one in (master, *workers):
            one.kill()
            one.wait()
    assert master.returncode == 2
    assert said.count("has gone: the calls that it had left are not made") == killed
    assert len(came(server)) == 2 + 2 - killed


@pytest.mark.parametrize(
    ("name", "text"), [("absent.pcap", "absent.pcap: can't be opened"), ("", "set CAPTURE to the capture")]
)
def test_no_capture_is_a_sentence(server, name, text):
    done = locust(server, name)
    assert done.returncode not in (0, None)
    assert text in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [lambda: (), two_workers], ids=["", "workers"])
def test_a_target_that_does_not_work_is_a_sentence(server, capture, words):
    server.close()
    done = locust(server, capture, *words())
    assert done.returncode == 2
    assert "nothing listens there" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_recorded_server_is_refused_with_what_allows_it(server, tmp_path):
    where = f"{server.host}:{server.port}"
    capture = write(tmp_path / "x.jsonl", [line(1, 1, 0, "Get", 1, server=where)])
    done = locust(server, capture)
    assert done.returncode == 2
    assert (
        f"{where} is the server that was recorded, and nothing is sent to it; recorded_target = True"
        in done.stderr
    )
    assert came(server) == []


def test_nothing_to_send_ends_it_with_an_error(server, tmp_path):
    done = locust(server, write(tmp_path / "w.jsonl", [line(1, 1, 0, "Put", 1)]))
    assert done.returncode == 2
    assert "--writes would let them through" in done.stderr
    assert "held back 1 Put: write (allowed = {Nature.WRITE} sends it)" in done.stderr
    assert "Traceback" not in done.stderr
    assert came(server) == []


@pytest.mark.parametrize("words", [(), ("-r", "3")], ids=["", "users come late"])
def test_ids_of_the_new_server_take_the_place_of_recorded_ones(server, tmp_path, words):
    lines = []
    for n in range(20):
        lines.append(line(2 * n + 1, n % 6 + 1, 20 * n, "New", n, tables=[ids(1000 + n)]))
        lines.append(line(2 * n + 2, (n + 1) % 6 + 1, 20 * n + 10, "Get", 1000 + n))
    server.handle("New", lambda call: Table.of([("ID", BIGINT)], [(call.params[0] + 7000,)]), read_only=True)
    capture, path = write(tmp_path / "x.jsonl", lines), str(tmp_path / "map.toml")
    with volttools.open(capture) as opened_capture:
        write_rules(path, find_rules(opened_capture))
    done = locust(server, capture, *words, MAP=path)
    assert done.returncode == 0, done.stderr
    found = [call.params[0] for call in server.calls if call.procedure == "Get"]
    assert sorted(found) == list(range(7000, 7020))


def test_without_order_no_call_waits_for_an_answer(server, tmp_path):
    """All calls of one connection have come before the first is answered."""
    everything, seen = asyncio.Event(), []

    async def late(call):
        seen.append(call.params[0])
        if len(seen) == 10:
            everything.set()
        await everything.wait()
        return 1

    server.handle("Get", late, read_only=True)
    capture = write(tmp_path / "x.jsonl", [line(n, 1, n, "Get", n) for n in range(1, 11)])
    done = locust(server, capture, ORDER="none")
    assert done.returncode == 0, done.stderr
    assert sorted(seen) == list(range(1, 11))


def test_an_order_that_locust_can_not_keep_is_refused(server, capture):
    done = locust(server, capture, ORDER="total")
    assert done.returncode == 2
    assert "Locust's users don't wait for each other" in done.stderr
    assert came(server) == []
