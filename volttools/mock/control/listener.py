"""HTTP for the control of a mock server, by Python's own `http.server`: a thread for each request.

It listens on loopback unless it is told otherwise, and takes requests only from who means it: a page of
another site that a browser shows can neither read it nor change anything (Host and Origin are checked).
Requests are bounded in size, number and time, and all threads have ended when `close` returns.
"""

from __future__ import annotations

import contextlib
import ipaddress
import selectors
import socket
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from volttools.errors import UsageError, VoltToolsError
from volttools.jsonlines.lines import line_bytes
from volttools.mock.control.requests import Refused, Reply, Request, body_of, find
from volttools.mock.control.routes import ROUTES
from volttools.mock.listening import listens, listens_no_more
from volttools.version import __version__

if TYPE_CHECKING:
    from volttools.mock.server import MockServer

MOST_BODY_BYTES: Final = 16 * 2**20
MOST_REQUESTS: Final = 64
"""At a time; further ones are closed at once."""

SILENCE_S: Final = 10.0
"""So long a client may leave unsent what it has begun, and unread what it is sent."""

LONGEST_S: Final = 60.0
"""So long a request may take in all."""

_PAUSE_S: Final = 0.1
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class Control:
    """Listens and answers from when it is made until `close`.

    server  what is controlled
    lock    held by who changes what one thread at a time may change
    Raises UsageError if the address can't be had.
    """

    routes = ROUTES

    def __init__(self, server: MockServer, host: str, port: int) -> None:
        self.server = server
        self.lock = threading.Lock()
        self.is_closing = False
        self.host = host
        try:
            self._http = _Http(self, host, port)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"can't listen on {host}:{port} for control: {reason}") from error
        self._thread = threading.Thread(target=self._http.run, name="volttools mock control", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is asked."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._http.server_address[1])

    @property
    def is_open(self) -> bool:
        """Whether other machines reach it."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    def close(self) -> None:
        """End it, with what it is doing."""
        if not self.is_closing:
            self.is_closing = True
            self._http.wake()
            self._thread.join()
            self._http.server_close()
            listens_no_more(self._http.server_name, self._http.server_port)


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # `server_close` waits for them
    timeout = 0
    request_queue_size = 64

    def __init__(self, control: Control, host: str, port: int) -> None:
        self.control = control
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self.address_family = family
        self._lock = threading.Lock()
        self._open: dict[socket.socket, float] = {}
        self._woken, self._waker = socket.socketpair()
        try:
            super().__init__((str(address[0]), int(address[1])), _Handler)
        except BaseException:
            self._close_waker()
            raise

    def server_bind(self) -> None:
        """Bind, without asking who this machine is: that can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        listens(self.server_name, self.server_port)
        self.socket.setblocking(False)  # who is gone before it is accepted is not waited for

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection."""
        try:
            return super().get_request()
        except BlockingIOError:
            raise
        except OSError:
            time.sleep(_PAUSE_S)  # no descriptor is left: one may be, later
            raise

    def run(self) -> None:
        """Take requests until it is closed; what takes too long is ended."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self.control.is_closing:
                ready = selector.select(LONGEST_S / 4 if self._open else None)
                if any(key.fileobj is self.socket for key, _ in ready):
                    self.handle_request()
                self._end_those_before(time.monotonic() - LONGEST_S)
        self._end_those_before(float("inf"))

    def wake(self) -> None:
        """Let `run` look whether it is closed."""
        self._waker.send(b"!")

    def server_close(self) -> None:
        """Close all, and wait until all threads have ended."""
        super().server_close()
        self._close_waker()

    def _close_waker(self) -> None:
        self._woken.close()
        self._waker.close()

    def _end_those_before(self, moment: float) -> None:
        with self._lock:
            for connection, began in self._open.items():
                if began < moment:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, if there are not too many."""
        with self._lock:
            if len(self._open) >= MOST_REQUESTS:
                request.close()
                return
            self._open[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is no error of ours, and all else was answered."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SILENCE_S
    server: _Http

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def _answer(self) -> None:
        try:
            self._check_origin()
            route, path, query = find(self.server.control.routes, self.command, self.path)
            body = body_of(route, self._read())
            found = route.action(self.server.control, Request(path=path, query=query, body=body))
            reply = found if isinstance(found, Reply) else _json(found)
            self._send(route.status, reply)
        except Refused as refused:
            self._send(refused.status, _json({"error": str(refused)}), refused.headers)
        except VoltToolsError as error:
            self._send(HTTPStatus.BAD_REQUEST, _json({"error": str(error)}))
        except OSError:
            self.close_connection = True  # the client has left, or is too slow
        except Exception as error:  # a defect; whoever asked shall see it
            text = f"This went wrong in the server: {type(error).__name__}: {error}"
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, _json({"error": text}))

    def _check_origin(self) -> None:
        """Refuse what a page of another site makes a browser send."""
        control, host = self.server.control, self.headers.get("Host")
        if host is not None and not control.is_open:
            try:
                name = urlsplit(f"//{host}").hostname
            except ValueError:
                name = None
            if name not in (*_LOOPBACK_NAMES, control.host):
                raise Refused(HTTPStatus.FORBIDDEN, f"This is {control.url}, not {host}; ask for that")
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            raise Refused(HTTPStatus.FORBIDDEN, f"Pages of {origin} may not ask here")

    def _read(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "Send the length of the body in Content-Length")
        text = self.headers.get("Content-Length", "0")
        if not text.isascii() or not text.isdigit():
            raise Refused(HTTPStatus.BAD_REQUEST, f"Content-Length is no number: {text!r}")
        if len(text) > 18 or int(text) > MOST_BODY_BYTES:
            self._read_in_vain(min(int(text), 4 * MOST_BODY_BYTES))
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body may have {MOST_BODY_BYTES:,} bytes, not {text}"
            )
        data = self.rfile.read(int(text))
        if len(data) < int(text):
            raise ConnectionError("the client has left within the body")
        return data

    def _read_in_vain(self, size: int) -> None:
        """Take what is being sent, up to a size: a client that is cut off while it writes doesn't read why."""
        with contextlib.suppress(OSError):
            while size > 0 and (piece := self.rfile.read1(2**16)):
                size -= len(piece)

    def _send(self, status: HTTPStatus, reply: Reply, headers: Any = None) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Connection", "close")
            for name, value in {**reply.headers, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.content)
        except OSError:
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP gets JSON as well."""
        status = HTTPStatus(code)
        self.command = getattr(self, "command", None) or ""
        self.request_version = self.protocol_version  # or there would be no head
        self._send(status, _json({"error": f"{message or status.phrase}"}))

    def version_string(self) -> str:
        """What answers."""
        return f"volttools/{__version__}"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what is of interest are the calls."""


def _json(found: Any) -> Reply:
    return Reply(line_bytes(found), "application/json")
