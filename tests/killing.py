"""For tests that kill: processes that start at once, and a witness who knows by itself what passed.

The witness is server and client of its own. Each call has a name of its own, "P17", so what is found in
a file can be compared with what the witness sent and got, and when.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import volttools
from tests.record.servers import volt_server
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import VARBINARY
from volttools.protocol.client_side import ClientSide
from volttools.protocol.frame_buffer import FrameBuffer
from volttools.protocol.shapes import response_head

SOON_NS = 100_000_000
"""What passed longer ago is there after a kill."""

IN_FLIGHT = 8


def forking():
    """What starts processes that have imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["volttools.record.proxy", "volttools.cli.record", "volttools.client", "volttools.voltdbclient"]
    )
    return context


@contextlib.contextmanager
def killed_process(target, *arguments):
    """A process that gets a pipe; it is killed in the end, if it still lives."""
    context = forking()
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def run_recorder(pipe, arguments):
    """In the process: the command, as the shell would call it; the pipe gets what it says."""
    os.dup2(pipe.fileno(), 2)
    from volttools.cli import run

    run(["record", *arguments])


def port_of(pipe):
    """Where the recorder says that it listens."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(pipe.fileno(), 1)
        assert piece, f"the recorder has gone, having said: {line.decode()}"
        line += piece
    assert b"listening on" in line, line
    return int(line.split()[3].rpartition(b":")[2])


def kept_waiting_ns(process):
    """How long the machine has let the threads of a process wait for a core; 0 where it doesn't tell."""
    waited = 0
    for task in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            waited += int(task.read_text().split()[1])
    return waited


class Witness:
    """What really passed: bodies of frames by the name of their call, and when they had come, in ns."""

    def __init__(self):
        self.sent: dict[str, bytes] = {}
        self.arrived: dict[str, int] = {}
        self.answered: dict[str, tuple[int, bytes]] = {}
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    @contextlib.contextmanager
    def serving(self):
        """A server; gives its port."""
        with volt_server(self._answer) as port:
            yield port

    def _answer(self, invocation):
        self.arrived[invocation.procedure] = time.time_ns()
        number = int(invocation.procedure[1:])
        size = 60_000 if number % 400 == 7 else number % 300
        table = Table.of([("DATA", VARBINARY)], [(bytes(size),)])
        return Response(client_handle=invocation.client_handle, tables=[table])

    def name(self):
        """The name of the next call."""
        return f"P{next(self._numbers)}"

    def call(self, port, *, connections=3):
        """Begin to call through a port, from so many connections."""
        for _ in range(connections):
            self._begin(self._caller, port)

    def wait(self, calls):
        """Wait until so many calls were answered."""
        while len(self.answered) < calls:
            time.sleep(0.002)
            assert any(thread.is_alive() for thread in self._threads), "the callers have given up"

    def end(self):
        """End all callers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _begin(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _caller(self, port):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            side, frames, names = ClientSide(), FrameBuffer(2**28), {}
            sock.sendall(side.login())
            is_in = False
            while data := sock.recv(65536):
                now = time.time_ns()
                for body in frames.feed(data):
                    head = response_head(body) if is_in else None
                    is_in = True
                    if head is not None:
                        self.answered[names.pop(head.client_handle)] = (now, body)
                list(side.receive(data))
                if self._stop.wait(0.001):
                    return
                while len(names) < IN_FLIGHT:
                    name = self.name()
                    size = 50_000 if random.random() < 0.002 else 20
                    handle, call = side.call(name, [Parameter.of(VARBINARY, bytes(size))])
                    names[handle] = name
                    self.sent[name] = call[4:]
                    sock.sendall(call)


@dataclass
class Found:
    """What files hold."""

    requests: dict[str, bytes | None] = field(default_factory=dict)
    responses: dict[str, bytes | None] = field(default_factory=dict)


def found_in(*groups):
    """What groups of files hold; those of a group are read as one."""
    found = Found()
    for files in groups:
        with volttools.open(*map(str, files)) as capture:
            for event in capture.events():
                if event.kind != "exchange" or event.procedure is None:
                    continue
                request, response = event.request_frame, event.response_frame
                if request is not None and request.is_whole:
                    found.requests[event.procedure] = request.body
                if response is not None and response.is_whole:
                    found.responses[event.procedure] = response.body
    return found


def compare(witness, found, limit_ns=None, *, only_answered=False, same_bytes=True):
    """Assert that what had passed before a time is there; None: all of it."""
    arrived = {name for name, at in witness.arrived.items() if limit_ns is None or at < limit_ns}
    answered = {name for name, (at, _) in witness.answered.items() if limit_ns is None or at < limit_ns}
    assert answered, "nothing was called long enough before the kill"
    assert answered <= found.responses.keys(), sorted(answered - found.responses.keys())[:5]
    if not only_answered:
        assert arrived <= found.requests.keys(), sorted(arrived - found.requests.keys())[:5]
    if same_bytes:
        for name, body in found.requests.items():
            assert body == witness.sent[name]
        for name, body in found.responses.items():
            if name in witness.answered:  # the last ones may not have come
                assert body == witness.answered[name][1]
