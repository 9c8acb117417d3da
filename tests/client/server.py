"""A server for tests of clients: threads, real sockets on loopback, the protocol's own server side.

    with Server(answer) as server:
        connect(server.address)

`answer(invocation)` gives a Response (its handle is set), None to say nothing, bytes to send as
they are, or CLOSE. Pushes and faults: `server.push(...)`, `server.connections[0]`.
"""

from __future__ import annotations

import contextlib
import socket
import threading

from volttools.errors import ProtocolError
from volttools.formats.login import LoginResponse
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.protocol import server_side
from volttools.protocol.server_side import ServerSide

CLOSE = object()
"""An answer: close the connection."""

WELCOME = LoginResponse(
    host_id=0, connection_id=1, cluster_start=1, leader_address=2130706433, build="11.4.0_test"
)


def table(*rows, columns=(("N", BIGINT),)):
    return Table.of(list(columns), list(rows))


def echo(invocation):
    """The number of parameters, or the first if it is an integer."""
    if invocation.procedure == "@SystemCatalog":
        return Response(status=-3, status_string="Procedure @SystemCatalog was not found")
    values = [parameter.value for parameter in invocation.parameters]
    first = values[0] if values and isinstance(values[0], int) else len(values)
    return Response(tables=[table((first,))])


class Server:
    """Listens until its `with` ends. `invocations`: all that came, in order."""

    def __init__(self, answer=echo, *, login=None, welcome=WELCOME, ssl_context=None, host="127.0.0.1"):
        self.answer = answer
        self.login = login or (lambda connection, request: connection.send(connection.side.accept(welcome)))
        self.invocations = []
        self.logins = []
        self.connections = []
        self.reads = []  # what each read gave, of all connections
        self._ssl_context = ssl_context
        self._listener = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.port = self._listener.getsockname()[1]
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self._threads = []

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self.connections):
            connection.close()
        for thread in self._threads:
            thread.join(10)

    def joined(self):
        """Wait till all connections have ended."""
        for thread in self._threads[1:]:
            thread.join(10)

    def push(self, response):
        for connection in self.connections:
            connection.send(connection.side.push(response))

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
                self._start(self._serve, sock)
            except OSError:
                return

    def _serve(self, sock):
        with contextlib.suppress(OSError, ProtocolError):
            if self._ssl_context is not None:
                sock = self._ssl_context.wrap_socket(sock, server_side=True)
            connection = ServedConnection(sock)
            self.connections.append(connection)
            while data := sock.recv(2**18):
                self.reads.append(data)
                for event in connection.side.receive(data):
                    self._event(connection, event)
        with contextlib.suppress(OSError):
            sock.close()

    def _event(self, connection, event):
        if isinstance(event, server_side.LoginAsked):
            self.logins.append(event.request)
            self.login(connection, event.request)
        elif isinstance(event, server_side.Called):
            self.invocations.append(event.invocation)
            self._reply(connection, event.invocation)

    def _reply(self, connection, invocation):
        answer = self.answer(invocation)
        if answer is None:
            return
        if answer is CLOSE:
            raise OSError("closes")
        if isinstance(answer, Response):
            answer = connection.side.respond(answer.replace(client_handle=invocation.client_handle))
        connection.send(answer)


class HalfAnswering(Server):
    """A server that breaks the connection after twenty bytes of an answer."""

    def _reply(self, connection, invocation):
        connection.send(connection.side.respond(echo(invocation))[:20])
        raise OSError("closes")


class ServedConnection:
    """A connection of the server's."""

    def __init__(self, sock):
        self.sock = sock
        self.side = ServerSide()

    def send(self, data):
        self.sock.sendall(data)

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self.sock.close()
