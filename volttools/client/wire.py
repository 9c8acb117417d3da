"""A connected socket for one who waits: bytes out and in, each with a deadline, TLS or not.

Writing never waits, so who can't send can read meanwhile: a server that is not read from stops to read.
Reading waits by the socket's own time-out, which costs less than a `poll` of ours.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Callable

from volttools.client.attempts import Attempts, NoneReached, seconds_left, why_not
from volttools.client.connection_settings import Address
from volttools.client.handshake import handshake_refusal
from volttools.errors import CannotConnect

_now = time.monotonic

RECEIVE_BYTES = 2**16
"""At most so many bytes are read at once; a buffer of more would be mapped anew for each read."""

_FOR_EVER = 1e6
"""Seconds of one wait without a deadline. Not None: that would let writing wait, too."""

_LATE_S = 0.002
"""A wait may be so much longer than asked; so calls with one time-out needn't set it each time."""


class Wire:
    """One connection. `is_tls`: what is sent goes into records of TLS."""

    is_tls = False

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        sock.setblocking(False)
        self._poll_reading = _poll(sock, writing=False)
        self._poll_both = _poll(sock, writing=True)
        self._recv = sock.recv
        # The same connection with a time-out of its own: `_sock` has none, as it never waits.
        self._patient: socket.socket | None = None
        self._patience = -1.0
        self._recv_patiently = sock.recv

    @property
    def local(self) -> Address:
        """Our own address."""
        return Address(*self._sock.getsockname()[:2])

    @property
    def peer(self) -> Address | None:
        """The server's address, as a number; None where the connection is gone already."""
        try:
            return Address(*self._sock.getpeername()[:2])
        except OSError:
            return None

    def wait(self, deadline: float | None, *, writing: bool = False) -> None:
        """Wait till there may be something to read, or also room to write. TimeoutError at the deadline."""
        poll = self._poll_both if writing else self._poll_reading
        if not poll(_milliseconds(deadline)):
            raise TimeoutError

    def receive(self, deadline: float | None) -> bytes:
        """The next bytes; none at the end. TimeoutError at the deadline, OSError where it broke."""
        left = _FOR_EVER if deadline is None else deadline - _now()
        if not left <= self._patience <= left + _LATE_S and not self._set_patience(left):
            if (data := self.try_receive()) is None:
                raise TimeoutError
            return data
        return self._recv_patiently(RECEIVE_BYTES)

    def _set_patience(self, seconds: float) -> bool:
        """Let `_recv_patiently` wait so long; False if there is nothing to wait for."""
        if seconds <= 0:
            return False
        if self._patient is None:
            self._patient = self._sock.dup()
            self._recv_patiently = self._patient.recv
        self._patience = min(seconds, _FOR_EVER)
        self._patient.settimeout(self._patience)
        return True

    def try_receive(self) -> bytes | None:
        """The bytes that are there; None if there are none yet, no bytes at the end."""
        try:
            return self._recv(RECEIVE_BYTES)
        except BlockingIOError:
            return None

    def try_send(self, data: bytes | memoryview) -> int:
        """How many bytes could be sent now, from the first one on."""
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Close it; nothing is sent on."""
        for sock in (self._sock, self._patient):
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.close()


class TlsWire(Wire):
    """The same with TLS, which may hold bytes that waiting doesn't see, and write in order to read."""

    is_tls = True
    _wants_write = False

    def wait(self, deadline: float | None, *, writing: bool = False) -> None:
        """As `Wire.wait`."""
        super().wait(deadline, writing=writing or self._wants_write)

    def receive(self, deadline: float | None) -> bytes:
        """As `Wire.receive`."""
        while (data := self.try_receive()) is None:
            self.wait(deadline)
        return data

    def try_receive(self) -> bytes | None:
        """As `Wire.try_receive`."""
        self._wants_write = False
        try:
            return self._recv(RECEIVE_BYTES)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLWantWriteError:
            self._wants_write = True
            return None
        except ssl.SSLEOFError:
            return b""

    def try_send(self, data: bytes | memoryview) -> int:
        """As `Wire.try_send`."""
        try:
            return self._sock.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0


def dial(address: Address, deadline: float | None, ssl_context: ssl.SSLContext | None = None) -> Wire:
    """Connect, and shake hands over TLS. CannotConnect, which says why not, also at the deadline."""
    sock = dialled(address, deadline, ssl_context)
    return TlsWire(sock) if isinstance(sock, ssl.SSLSocket) else Wire(sock)


def dialled(
    address: Address, deadline: float | None, ssl_context: ssl.SSLContext | None = None
) -> socket.socket:
    """The same as a plain socket, for those who wait by its time-out."""
    sock: socket.socket | None = None
    try:
        sock = _connected(address, deadline)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ssl_context is None:
            return sock
        sock.settimeout(seconds_left(deadline))
        return ssl_context.wrap_socket(sock, server_hostname=address.host)
    except (OSError, ValueError) as error:
        is_tls = sock is not None and ssl_context is not None
        if sock is not None:
            sock.close()
        raise cannot_connect(address, error, is_tls=is_tls) from error


def _connected(address: Address, deadline: float | None) -> socket.socket:
    """A socket to the first address of a name that takes it. OSError, which says why none does."""
    attempts = Attempts(socket.getaddrinfo(*address, type=socket.SOCK_STREAM), deadline)
    for (family, kind, protocol, _, where), seconds in attempts:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(seconds)
            sock.connect(where)
            return sock
        except OSError as error:
            sock.close()
            attempts.failed(where, error)
    raise attempts.error()


def cannot_connect(address: Address, error: Exception, *, is_tls: bool) -> CannotConnect:
    """The error for a connection that did not come about.

    is_tls  whether the handshake of TLS may be what failed
    """
    if is_tls and isinstance(error, OSError) and not isinstance(error, _BEFORE_TLS):
        return CannotConnect(f"{address}: {handshake_refusal(error, host=address.host)}")
    return CannotConnect(f"{address}: {why_not(error)}")


_BEFORE_TLS = (ConnectionRefusedError, socket.gaierror, NoneReached)


class _Select:
    """As `select.poll` of one socket, where there is none (Windows)."""

    def __init__(self, sock: socket.socket, *, writing: bool) -> None:
        self._reading, self._writing = [sock], [sock] if writing else []

    def poll(self, timeout_ms: int | None) -> bool:
        """Whether it can be read from, or written to, in time."""
        seconds = None if timeout_ms is None else timeout_ms / 1000
        return any(select.select(self._reading, self._writing, self._reading, seconds))


def _poll(sock: socket.socket, *, writing: bool) -> Callable[[int | None], object]:
    """A function that waits for so many milliseconds, or for ever, till something can be done."""
    if not hasattr(select, "poll"):
        return _Select(sock, writing=writing).poll
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLOUT if writing else select.POLLIN)
    return poll.poll


def _milliseconds(deadline: float | None) -> int | None:
    """How long it is to a deadline. Rounded up: a wait that ends before it would be one more turn for
    nothing."""
    return None if deadline is None else max(0, int((deadline - time.monotonic()) * 1000) + 1)
