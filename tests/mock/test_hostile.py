"""Clients that mean no good, or break: they cost a bounded amount of memory, and others notice nothing."""

import contextlib
import logging
import multiprocessing
import os
import resource
import socket
import sys

import pytest

from tests.contract.checks import call, login
from tests.mock.wire import Wire, connected
from tests.requirements import require
from volttools.codec import build
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import TINYINT
from volttools.mock import MockServer
from volttools.protocol.frame_buffer import framed

MANY = 1_000
MIB = 2**20
CLAIM = 50 * MIB
LONG = 8 * MIB

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def serve(pipe):
    logging.disable()  # misses are logged with the head of their names
    with MockServer(max_call_bytes=8 * MIB) as server:
        server.handle("P", 1)
        pipe.send(server.address)
        pipe.recv()


class Served:
    """A server in a process of its own, whose memory is its alone."""

    def __init__(self, address, pid):
        self.address, self._pid = address, pid

    def memory(self):
        """MiB, at most so far."""
        with open(f"/proc/{self._pid}/status") as file:
            (line,) = [line for line in file if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024


@pytest.fixture
def server():
    require(sys.platform.startswith("linux"), "what memory a process takes is read from Linux's /proc")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * MANY)), hard))
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    try:
        assert process.pid is not None
        yield Served(ours.recv(), process.pid)
    finally:
        ours.send(None)
        process.join()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def costs_at_most(server, mib):
    """Meanwhile another client calls, and the server's memory grows by no more than this."""
    with connected(server) as other:
        before = server.memory()
        yield other
        assert other.call("P").status == 1
        assert server.memory() - before < mib


def test_a_thousand_idle_connections(server):
    with costs_at_most(server, 100), contextlib.ExitStack() as stack:
        for number in range(MANY):
            stack.enter_context(connected(server) if number % 2 else Wire(server))
        with connected(server) as late:
            assert late.call("P").status == 1


PIECES = {
    "half a log-in": login()[:20],
    "a byte": b"\0",
    "a claim of 50 MiB and a little of it": CLAIM.to_bytes(4, "big") + bytes(1000),
    "a claim of 2 GB": b"\x7f\xff\xff\xff" + bytes(1000),
    "garbage": os.urandom(1000),
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
}


def test_hundreds_that_never_log_in(server):
    with costs_at_most(server, 50), contextlib.ExitStack() as stack:
        for number in range(300):
            wire = stack.enter_context(Wire(server))
            wire.send(list(PIECES.values())[number % len(PIECES)])
            if number % 7 == 0:
                wire.socket.shutdown(socket.SHUT_WR)


def test_slow_readers(server):
    with costs_at_most(server, 100), contextlib.ExitStack() as stack:
        for _ in range(20):
            wire = stack.enter_context(connected(server))
            wire.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(2_000):
                    wire.start("@Statistics", "TOPO", 0)  # 131 kB each


def test_a_message_that_trickles_is_one(server):
    with costs_at_most(server, 10) as other, Wire(server) as wire:
        for byte in login():
            wire.send(bytes([byte]))
        assert wire.frame() is not None
        for byte in call("P", handle=5):
            wire.send(bytes([byte]))
            assert other.call("P").status == 1
        assert wire.response().client_handle == 5


def _table(rows: int) -> bytes:
    """The bytes of a parameter that is a table of so many rows of one byte."""
    head = build(Table.of([("A", TINYINT)]))[:-4]
    body = head + rows.to_bytes(4, "big") + (b"\0\0\0\1\5" * rows)
    return b"\0\1\x15" + len(body).to_bytes(4, "big") + body


BOMBS = {
    "an array of many": call("P", parameters=b"\0\1\x9d\x03" + LONG.to_bytes(4, "big") + bytes(LONG)),
    "a table of many rows": call("P", parameters=_table(LONG // 5)),
    "a long value": call("P", Parameter.of(TINYINT, None), "x" * LONG),
    "a long name": call("n" * LONG),
    "a long name of a system procedure": call("@" + "\udcff" * (LONG // 4)),
    "as many parameters as can be": call("P", parameters=(32_767).to_bytes(2, "big") + b"\1" * 32_767),
    "parameters that aren't there": call("P", parameters=b"\x7f\xff"),
    "an array that isn't there": call("P", parameters=b"\0\1\x9d\x03\x7f\xff\xff\xff"),
    "tables in tables": call("P", parameters=b"\0\1" + b"\x15\0\0\0\xff" * 10_000),
    "extensions that aren't there": framed(b"\2\0\0\0\1P" + bytes(8) + b"\x1e"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_calls_that_swell(server, name):
    with costs_at_most(server, 250):
        for _ in range(8):
            with connected(server) as wire:
                wire.send(BOMBS[name])
                assert wire.frame() is not None
