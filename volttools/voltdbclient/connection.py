"""The connection, which the original client calls FastSerializer."""

from __future__ import annotations

import inspect
import threading
from array import array
from collections import deque
from typing import Any

from volttools.client.attempts import why_not
from volttools.client.core import Core
from volttools.codec import head_reader, parse
from volttools.errors import (
    CallTimeout,
    ClientError,
    ConnectionLost,
    DecodeError,
    EncodeError,
    LoginRefused,
    ProtocolError,
    UsageError,
)
from volttools.formats.frame import MAX_REQUEST_BYTES, PREFIX_BYTES, RawFrame
from volttools.formats.invocation import InvocationHead
from volttools.formats.response import ResponseHead, is_push_handle
from volttools.protocol.login_strategy import LoginStrategy, PasswordLogin
from volttools.voltdbclient.dump import DumpFile
from volttools.voltdbclient.frames import Frames, Socket, deadline_after, end, limit, timeout_of
from volttools.voltdbclient.parameters import Encode
from volttools.voltdbclient.serializer import Serializer
from volttools.voltdbclient.settings import Settings

_read_head, _HEAD_BYTES = head_reader(ResponseHead)
_LONGEST_CALL = PREFIX_BYTES + MAX_REQUEST_BYTES
_SMALL_CALL = 4096  # bytes that the system takes at once, as nothing else waits to be sent
_IN_PART = "a message was sent in part"
_NOT_ALL = "not all of it was sent in time, so the connection can't be used on"
_AT_ONCE = 1e-9  # seconds; 0 would tell a socket not to wait at all


class AuthenticationFailed(LoginRefused, RuntimeError):
    """The server refused the log-in; a RuntimeError, as with the original."""


class FastSerializer(Serializer):
    """A connection that is logged in.

        FastSerializer(host, port, username, password, dump_file)
        FastSerializer(host, port, usessl, username, password, kerberos, dump_file_path,
                       connect_timeout, procedure_timeout, default_timeout,
                       ssl_config_file, default_cacerts)

    by position and by name; text in the third place means the first order.

    host, port         None for either: no connection, but buffers to read and write (`serializer`)
    usessl             TLS, by ssl_config_file and default_cacerts, as docs/tls.md has it
    username, password None for either: connect without a log-in; `authenticate` does it later
    kerberos           log in by the ticket that kinit has got; needs volttools[kerberos]
    dump_file          a file to write each frame to, also named dump_file_path. It holds the hash
                       of the password, which is enough to log in: `volttools redact` takes it out
    connect_timeout    seconds for connecting, and again for the log-in; None: for ever
    procedure_timeout  seconds for each call that says nothing; None: for ever
    default_timeout    seconds for `flush` and `bufferForRead`; None: for ever

    hostId, connectionId, clusterInstanceId (start in ms, address of the leader) and buildString are
    what the server said at the log-in; None before. `socket` is the connection itself.

    Raises AuthenticationFailed (a RuntimeError), CannotConnect (a ConnectionError), UsageError for TLS
    or Kerberos that can't be had.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__()
        settings = Settings.given(*arguments, **named)
        self.host = settings.host
        self.port = settings.port
        self.usessl = settings.usessl
        self.usekerberos = bool(settings.kerberos)
        self.kerberosprincipal: str | None = None
        self.ssl_config_file = settings.ssl_config_file
        self.default_cacerts = settings.default_cacerts and settings.usessl
        self.default_timeout = settings.default_timeout
        self.procedure_timeout = settings.procedure_timeout
        self.hostId: int | None = None
        self.connectionId: int | None = None
        self.clusterInstanceId: tuple[int, int] | None = None
        self.buildString: str | None = None
        self.socket: Socket | None = None
        self.dump_file: DumpFile | None = None
        path = settings.dump_path
        if path is not None:
            self.dump_file = DumpFile(path)
        self._frames = Frames(self.dump_file)
        self._lock = threading.RLock()
        self._lost: str | None = None  # why the connection is of no use
        self._handle = 1
        self._is_counting = False
        self._flushed: deque[int | None] = deque()  # handles of what `flush` sent, None where it has none
        self._kept: deque[bytes] = deque()  # answers to these that came during a call
        self._late: set[int] = set()  # handles of calls that were given up
        if settings.address is not None:
            self._connect(settings)

    def _connect(self, settings: Settings) -> None:
        try:
            self.socket = settings.connected()
            self.socket.settimeout(settings.connect_timeout)
            if settings.kerberos:
                self._log_in(self._kerberos_login())
            elif settings.username is not None and settings.password is not None:
                self.authenticate(settings.username, settings.password)
            self.socket.settimeout(settings.default_timeout)
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        where = "no connection" if self.socket is None else self._address
        return f"<FastSerializer: {where}>"

    @property
    def _address(self) -> str:
        return "the server" if self.host is None else f"{self.host}:{self.port}"

    def close(self) -> None:
        """Close the connection and the dump_file."""
        if self.socket is not None:
            self._lose("the client closed the connection")
        if self.dump_file is not None:
            self.dump_file.close()

    # ------------------------------------------------------------ log-in

    def authenticate(self, username: str | None, password: str) -> None:
        """Log in, on a connection that was made with username None. Within the socket's time-out.

        Raises AuthenticationFailed; CannotConnect if no answer comes.
        """
        if self.usekerberos:
            self._log_in(self._kerberos_login())
        else:
            self._log_in(PasswordLogin(username or "", password))

    def has_ticket(self) -> bool:
        """Whether there is a Kerberos ticket that is valid; `kerberosprincipal` is whose."""
        try:
            self._kerberos_login()
        except UsageError:
            return False
        return True

    def _kerberos_login(self) -> LoginStrategy:
        from volttools.client.kerberos import KerberosLogin

        login = KerberosLogin()
        self.kerberosprincipal = login.principal
        return login

    def _log_in(self, login: LoginStrategy) -> None:
        sock = self._connected("the log-in")
        seconds = timeout_of(sock)
        deadline = deadline_after(seconds)
        core = Core(self._address, login, is_tls=self.usessl)
        core.begin()
        while core.welcome is None:
            try:
                if data := core.take_outgoing():
                    self._frames.send(sock, data)
                limit(sock, deadline)
                data = self._frames.receive_bytes(sock)
            except TimeoutError:
                assert seconds is not None
                core.silent(seconds)
            except OSError as error:
                core.broke(error)
            else:
                core.received(data) if data else core.eof()
            if core.error is not None:
                self._lose(str(core.error))
                raise _as_original(core.error)
        welcome = core.welcome
        self.hostId = welcome.host_id
        self.connectionId = welcome.connection_id
        self.clusterInstanceId = (welcome.cluster_start, welcome.leader_address)  # type: ignore[assignment]
        self.buildString = welcome.build

    # --------------------------------------------- messages that a script makes

    def flush(self) -> None:
        """Send what was written. Usually an invocation with its length (`prependLength`), of which
        `bufferForRead` or `VoltResponse(client)` reads the answer. ConnectionError where that fails."""
        data = self.wbuf.tobytes()
        self.wbuf = array("B")
        with self._lock:
            sock = self._connected("what was written")
            handle = _handle_of(data)
            try:
                self._frames.send(sock, data)
            except TimeoutError:
                self._lose(_IN_PART)
                raise CallTimeout(f"what was written: {_NOT_ALL}", may_have_run=False) from None
            except OSError as error:
                raise self._broken("what was written", error, is_sent=False) from error
            self._flushed.append(handle)

    def bufferForRead(self) -> None:
        """Wait for what answers the first `flush` that has no answer yet; `read_buffer` has it then,
        without its length. Where nothing was sent, for what the server says by itself.

        Raises TimeoutError (socket.timeout) as `default_timeout` or the socket says, and may be called
        again then; ConnectionError.
        """
        with self._lock:
            self.read_buffer.set(self._kept.popleft() if self._kept else self._next_answer())

    def _next_answer(self) -> bytes:
        sock = self._connected("there is nothing to read")
        timeout = timeout_of(sock)
        deadline = deadline_after(timeout)
        try:
            while True:
                body = self._frames.receive(sock, deadline)
                handle = _read_head(body, 0)[1] if len(body) >= _HEAD_BYTES else None
                if not self._is_awaited(handle):
                    limit(sock, deadline)
                    continue
                self._has_answer(handle)
                return body
        except TimeoutError:
            raise CallTimeout(f"no answer from {self._address} within {timeout:g} s") from None
        except (EOFError, ProtocolError, OSError) as error:
            raise self._broken("what was sent", error) from error
        finally:
            if deadline is not None and self._lost is None:
                sock.settimeout(timeout)

    def _is_awaited(self, handle: int | None) -> bool:
        """Whether `bufferForRead` waits for it: not if it is a push, or answers a call that was given up."""
        if handle is None:
            return True
        if handle in self._late:
            self._late.remove(handle)
            return False
        return not (self._flushed and is_push_handle(handle) and handle not in self._flushed)

    def _has_answer(self, handle: int | None) -> None:
        """Note that what was flushed is answered. What a server can't read it answers under another handle."""
        if handle in self._flushed:
            self._flushed.remove(handle)
        elif self._flushed:
            self._flushed.popleft()

    # -------------------------------------------------------------- calls

    def exchange(self, procedure: str, encode: Encode, params: Any, timeout: float | None = None) -> bytes:
        """Call, and wait for the body of the answer. As VoltProcedure.call, which uses it."""
        seconds = self.procedure_timeout if timeout is None else timeout
        if seconds is not None and not seconds >= 0:
            raise EncodeError(f"{procedure}: a time-out of {seconds} s: give a number of seconds from 0 on")
        with self._lock:
            sock = self._connected(procedure)
            # Always 1, as with the original, till a late answer to it may come: from then on each call
            # has its own.
            if self._is_counting or self._handle in self._flushed:
                self._count()
            handle = self._handle
            frame = encode(procedure, handle, params)
            if len(frame) > _LONGEST_CALL:
                raise EncodeError(f"the call takes {len(frame):,} bytes, a server takes {_LONGEST_CALL:,}")
            before = sock.gettimeout()
            is_sent = False
            try:
                deadline = deadline_after(seconds)
                if before != seconds:
                    sock.settimeout(None if seconds is None else max(seconds, _AT_ONCE))
                self._frames.send(sock, frame)
                is_sent = True
                body = self._frames.receive(sock, deadline)
                while _handle_in(body) != handle:
                    self._put_aside(body)
                    limit(sock, deadline)
                    body = self._frames.receive(sock, deadline)
                return body
            except BaseException as error:
                if not isinstance(error, Exception):  # Ctrl-C may come between the sending and its return
                    is_sent = is_sent or len(frame) <= _SMALL_CALL
                failure = self._failed(error, procedure, seconds, is_sent=is_sent)
                if failure is error:
                    raise
                raise failure from None
            finally:
                if sock.gettimeout() != before and self._lost is None:
                    sock.settimeout(before)

    def _count(self) -> None:
        self._is_counting = True
        self._handle += 1
        while self._handle in self._flushed:
            self._handle += 1

    def _put_aside(self, body: bytes) -> None:
        """What came during a call and does not answer it."""
        handle = _handle_in(body)
        if self._is_awaited(handle) and self._flushed:
            self._has_answer(handle)
            self._kept.append(body)

    def _failed(
        self, error: BaseException, procedure: str, seconds: float | None, *, is_sent: bool
    ) -> BaseException:
        """What to raise for a call that came to nothing."""
        if isinstance(error, EOFError | ProtocolError) or (
            isinstance(error, OSError) and not isinstance(error, TimeoutError)
        ):
            return self._broken(procedure, error, is_sent=is_sent)
        if is_sent:
            self._late.add(self._handle)
            self._is_counting = True
            fate = "it may have run, or run later; the connection can be used on"
        else:
            fate = _NOT_ALL
            self._lose(_IN_PART)
        if not isinstance(error, TimeoutError):
            return error  # Ctrl-C
        text = f"{procedure}: no answer from {self._address} within {seconds:g} s; {fate}"
        return CallTimeout(text, may_have_run=is_sent)

    # ---------------------------------------------------------------- end

    def _connected(self, what: str) -> Socket:
        if self._lost is not None:
            raise ConnectionLost(f"{what}: it was not sent: {self._address}: {self._lost}")
        if self.socket is None:
            raise ConnectionLost(f"{what}: it was not sent: this FastSerializer has no connection")
        return self.socket

    def _broken(self, what: str, error: BaseException, *, is_sent: bool = True) -> ConnectionLost:
        """The error for a connection that ended, which is of no use from now on."""
        if self._lost is not None:
            why = self._lost  # closed by another thread
        elif isinstance(error, EOFError):
            why = str(error)
        elif isinstance(error, ProtocolError):
            why = f"it sent what is no message of the protocol: {error}"
        else:
            assert isinstance(error, OSError)
            why = f"the connection broke: {why_not(error)}"
        if self.hostId is None:
            why += "; unless the script logged in by itself, authenticate(username, password) comes first"
        self._lose(why)
        fate = "the call may have run" if is_sent else "not all of it was sent"
        return ConnectionLost(f"{what}: {fate}: {self._address}: {why}", may_have_run=is_sent)

    def _lose(self, why: str) -> None:
        if self._lost is None:
            self._lost = why
            if self.dump_file is not None:
                self.dump_file.ended(by_server=False, was_reset=False)
        if self.socket is not None:
            end(self.socket)


def _handle_in(body: bytes) -> int:
    """The client handle of a response."""
    if len(body) < _HEAD_BYTES:
        raise ProtocolError(f"{len(body)} bytes are no response: its head takes {_HEAD_BYTES}")
    return int(_read_head(body, 0)[1])


def _handle_of(data: bytes) -> int | None:
    """The client handle of an invocation with its length; None for other messages."""
    try:
        return parse(InvocationHead, parse(RawFrame, data).body).client_handle
    except DecodeError:
        return None


def _as_original(error: ClientError) -> ClientError:
    if not isinstance(error, LoginRefused):
        return error
    return AuthenticationFailed(
        error.message, status=error.status, reason=error.reason, may_pass=error.may_pass
    )


FastSerializer.__signature__ = inspect.signature(Settings)  # type: ignore[attr-defined]
