"""Servers for tests of the proxy: one that answers calls, and bare sockets that do what a test wants."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator

from volttools.formats.login import LoginResponse
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.server_side import Called, LoginAsked, ServerSide

BUILD = "11.4.0_test"


def echo(invocation) -> Response:
    """A table with the parameters as text; procedure "Fail" fails."""
    if invocation.procedure == "Fail":
        return Response(client_handle=invocation.client_handle, status=-1, status_string="given up")
    values = [str(p.value) for p in invocation.parameters]
    table = Table.of([("N", BIGINT), ("VALUE", STRING)], list(enumerate(values)))
    return Response(client_handle=invocation.client_handle, tables=[table])


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        server = self.server
        sock = self.request
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls is not None:
            sock = server.tls.wrap_socket(sock, server_side=True)
        side = ServerSide()
        try:
            while data := sock.recv(65536):
                events = list(side.receive(data))
                out = b""
                for event in events:
                    if isinstance(event, LoginAsked):
                        out += side.accept(
                            LoginResponse(
                                host_id=0, connection_id=1, cluster_start=1, leader_address=1, build=BUILD
                            )
                        )
                        events += list(side.early())
                    elif isinstance(event, Called):
                        out += side.respond(server.answer(event.invocation))
                sock.sendall(out)
        except OSError:
            pass
        finally:
            if server.tls is not None:
                with contextlib.suppress(OSError):
                    sock.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 1024
    allow_reuse_address = True
    answer: Callable
    tls: ssl.SSLContext | None


@contextlib.contextmanager
def volt_server(answer: Callable = echo, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that accepts everyone; gives its port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.answer, server.tls = answer, tls
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def listening() -> Iterator[socket.socket]:
    """A bare socket that listens."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as sock:
        sock.settimeout(20)
        yield sock


@contextlib.contextmanager
def connected(proxy, listener: socket.socket) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of one connection through a proxy: client's and server's."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as client:
        server, _ = listener.accept()
        server.settimeout(20)
        with server:
            yield client, server


def received(sock: socket.socket, length: int | None = None) -> bytes:
    """So many bytes, or all until the end."""
    data = bytearray()
    while length is None or len(data) < length:
        piece = sock.recv(65536)
        if not piece:
            break
        data += piece
    return bytes(data)


def until(condition: Callable[[], object]) -> None:
    """Wait until something holds; the test's own time-out ends it."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.005)
