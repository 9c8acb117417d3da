"""What the recording proxy costs: calls a second, CPU time a call and added latency, beside plain relays.

    python -m benchmarks.record

A server and a client of calls with small answers run in processes of their own; each relay is a process
between them. Rows:

    direct          no relay
    asyncio relay   the few lines of Python that one would write: asyncio streams, nothing recorded
    threads relay   the same with two threads a connection
    toxiproxy       toxiproxy-server without toxics: a relay in Go; left out where it isn't on the PATH:
                    go install github.com/Shopify/toxiproxy/v2/cmd/server@latest, then link ~/go/bin/server
                    under that name
    proxy           ours, nothing written, calls decoded
    proxy, pcapng   ours, recording
    proxy, quiet    ours, recording and not decoding: with --quiet
    proxy, each     ours, with --sync each
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.processes import Server, cpu_s, forked_server
from volttools.codec import build
from volttools.formats.login import LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT
from volttools.protocol.client_side import Answered, ClientSide, LoggedIn
from volttools.protocol.frame_buffer import framed
from volttools.protocol.server_side import Called, LoginAsked, ServerSide

CONNECTIONS = 8
CALLS = 8_000
LATENCY_CALLS = 2_000
REPEATS = 5
TOXIPROXY = "toxiproxy-server"

Serve = Callable[[int, Connection], None]


class _Server(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.side = ServerSide()

    def data_received(self, data: bytes) -> None:
        for event in self.side.receive(data):
            if isinstance(event, LoginAsked):
                accepted = LoginResponse(
                    host_id=0, connection_id=1, cluster_start=1, leader_address=1, build="11.4"
                )
                self.transport.write(self.side.accept(accepted))
            elif isinstance(event, Called):
                self.transport.write(
                    self.side.respond(Response(client_handle=event.invocation.client_handle))
                )


def serve(_: int, pipe: Connection) -> None:
    """The server."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())


def asyncio_relay(to: int, pipe: Connection) -> None:
    """A plain relay on streams."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async def main() -> None:
        server = await asyncio.start_server(relay, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())


def threads_relay(to: int, pipe: Connection) -> None:
    """A plain relay on threads."""

    def pump(here: socket.socket, there: socket.socket) -> None:
        while data := here.recv(65536):
            there.sendall(data)
        there.close()

    listener = socket.create_server(("127.0.0.1", 0))
    pipe.send(listener.getsockname()[1])
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", to))
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for ends in ((client, server), (server, client)):
            threading.Thread(target=pump, args=ends, daemon=True).start()


def proxy(**settings: Any) -> Serve:
    """Ours."""

    def run(to: int, pipe: Connection) -> None:
        from volttools.record import Proxy

        with tempfile.TemporaryDirectory() as folder:
            if "output" in settings:
                settings["output"] = os.path.join(folder, settings["output"])
            with Proxy(to=f"127.0.0.1:{to}", **settings) as found:
                pipe.send(found.port)
                threading.Event().wait()

    return run


def toxiproxy(to: int, pipe: Connection) -> None:
    """The peer: this process becomes it."""
    with socket.create_server(("127.0.0.1", 0)) as free, socket.create_server(("127.0.0.1", 0)) as api:
        port, api_port = free.getsockname()[1], api.getsockname()[1]
    proxy = {"name": "bench", "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{to}", "enabled": True}
    config = os.memfd_create("toxiproxy.json", 0)  # gone with the process
    os.write(config, json.dumps([proxy]).encode())
    os.lseek(config, 0, os.SEEK_SET)
    pipe.send(port)
    null = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(null, number)
    os.execlp(TOXIPROXY, TOXIPROXY, "-config", f"/dev/fd/{config}", "-port", str(api_port))


ROWS: dict[str, Serve | None] = {
    "direct": None,
    "asyncio relay": asyncio_relay,
    "threads relay": threads_relay,
    "toxiproxy": toxiproxy,
    "proxy": proxy(),
    "proxy, pcapng": proxy(output="out.pcapng"),
    "proxy, quiet": proxy(output="out.pcapng", decodes=False),
    "proxy, each": proxy(output="out.pcapng", writes_at_once=True),
}


def _connected(port: int) -> socket.socket:
    """A connection, when somebody listens: toxiproxy says its port before it does."""
    until = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


class _Client:
    """A connection that calls and waits."""

    def __init__(self, port: int) -> None:
        self.sock = _connected(port)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.side = ClientSide()
        self.sock.sendall(self.side.login())
        while not any(isinstance(e, LoggedIn) for e in self.side.receive(self.sock.recv(65536))):
            pass
        self.calls = [Parameter.of(BIGINT, 1)]

    def call(self) -> None:
        """Send a call."""
        self.sock.sendall(self.side.call("Vote", self.calls)[1])

    def wait(self) -> None:
        """Wait for an answer."""
        while not any(isinstance(e, Answered) for e in self.side.receive(self.sock.recv(65536))):
            pass


def measure(port: int, pid: int | None) -> tuple[float, float, list[float]]:
    """Calls a second, CPU us a call of the relay, and latencies in us of one call at a time."""
    clients = [_Client(port) for _ in range(CONNECTIONS)]
    before = 0.0 if pid is None else cpu_s(pid)
    begin = time.perf_counter()
    for _ in range(CALLS // CONNECTIONS):
        for client in clients:
            client.call()
        for client in clients:
            client.wait()
    rate = CALLS / (time.perf_counter() - begin)
    spent = 0.0 if pid is None else (cpu_s(pid) - before) / CALLS * 1e6
    latencies = []
    for _ in range(LATENCY_CALLS):
        begin = time.perf_counter()
        clients[0].call()
        clients[0].wait()
        latencies.append((time.perf_counter() - begin) * 1e6)
    for client in clients:
        client.sock.close()
    return rate, spent, latencies


def _measured(server: Server, target: Serve | None) -> tuple[float, float, float, float]:
    """Rate, CPU us a call, p50 and p99 of a row."""
    if target is None:
        rate, spent, latencies = measure(server.port, None)
    else:
        with forked_server(target, server.port) as relay:
            rate, spent, latencies = measure(relay.port, relay.pid)
    latencies.sort()
    return rate, spent, latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]


def main() -> None:
    """Measure all rows in turn, several times; print medians."""
    framed(build(Response()))  # compiled before processes fork
    missing = [] if shutil.which(TOXIPROXY) else ["toxiproxy"]
    rows_to_measure = {name: target for name, target in ROWS.items() if name not in missing}
    found: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in rows_to_measure}
    with forked_server(serve) as server:
        for _ in range(REPEATS):
            for name, target in rows_to_measure.items():
                found[name].append(_measured(server, target))
    head = f"{'':<16} {'calls/s':>9} {'CPU us a call':>14} {'calls/CPU s':>12}"
    print(f"{head} {'p50 us':>8} {'p99 us':>8} {'added p50':>10} {'added p99':>10}")
    direct = direct_p99 = 0.0
    for name, rows in found.items():
        rate, spent, p50, p99 = (statistics.median(column) for column in zip(*rows, strict=True))
        direct, direct_p99 = direct or p50, direct_p99 or p99
        a_core = f"{1e6 / spent:,.0f}" if spent else "-"
        line = f"{name:<16} {rate:>9,.0f} {spent:>14.1f} {a_core:>12} {p50:>8.0f} {p99:>8.0f}"
        print(f"{line} {p50 - direct:>10.0f} {p99 - direct_p99:>10.0f}")
    for name in missing:
        print(f"{name:<16} not measured: {TOXIPROXY} is not on the PATH")


if __name__ == "__main__":
    main()
