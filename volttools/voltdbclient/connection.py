"""The connection, which the original client calls FastSerializer."""

from __future__ import annotations

import inspect
import os
from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from volttools.client.connection_settings import Address
from volttools.client.core import Pending
from volttools.client.session import Session
from volttools.client.signatures import Encode
from volttools.codec import parse
from volttools.errors import ConnectionLost, DecodeError, EncodeError, LoginRefused
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.protocol.login_strategy import LoginStrategy, PasswordLogin
from volttools.voltdbclient.dump import DumpFile
from volttools.voltdbclient.serializer import Serializer

Path = str | os.PathLike[str]


class AuthenticationFailed(LoginRefused, RuntimeError):
    """The server refused the log-in; a RuntimeError, as with the original."""


@dataclass
class Settings:
    """What a FastSerializer is made with."""

    host: str | None = None
    port: int | None = 21212
    usessl: bool = False
    username: str | None = ""
    password: str | None = field(default="", repr=False)
    kerberos: bool | None = False
    dump_file_path: Path | None = None
    connect_timeout: float | None = 8
    procedure_timeout: float | None = None
    default_timeout: float | None = None
    ssl_config_file: Path | None = None
    default_cacerts: bool = True
    dump_file: Path | None = None

    @classmethod
    def given(cls, *arguments: Any, **named: Any) -> Settings:
        """By position, in one of two orders, and by name."""
        if len(arguments) > 2 and isinstance(arguments[2], str):
            return cls._by_readme(*arguments, **named)
        return cls(*arguments, **named)

    @classmethod
    def _by_readme(
        cls,
        host: str | None,
        port: int | None,
        username: str,
        password: str | None = "",
        dump_file: Path | None = None,
        **named: Any,
    ) -> Settings:
        return cls(host, port, username=username, password=password, dump_file=dump_file, **named)

    def login(self) -> LoginStrategy:
        """How to log in. UsageError for Kerberos without a ticket."""
        if not self.kerberos:
            return PasswordLogin(self.username or "", self.password or "")
        from volttools.client.kerberos import KerberosLogin

        return KerberosLogin()

    def session(self, dump: DumpFile | None) -> Session:
        """Connect, and log in."""
        assert self.host is not None
        assert self.port is not None
        context = None
        if self.usessl:
            from volttools.client.tls import official_context

            context = official_context(self.ssl_config_file, self.default_cacerts)
        try:
            return Session.open(
                [Address(self.host, self.port)],
                self.login(),
                connect_timeout=self.connect_timeout,
                ssl_context=context,
                watch=None if dump is None else dump.watch,
            )
        except LoginRefused as error:
            raise AuthenticationFailed(
                error.message, status=error.status, reason=error.reason, may_pass=error.may_pass
            ) from error


class FastSerializer(Serializer):
    """A connection that is logged in.

        FastSerializer(host, port, username, password, dump_file)
        FastSerializer(host, port, usessl, username, password, kerberos, dump_file_path,
                       connect_timeout, procedure_timeout, default_timeout,
                       ssl_config_file, default_cacerts)

    by position and by name; text in the third place means the first order.

    host, port         None for either: no connection, but buffers to read and write (`serializer`)
    usessl             TLS, by ssl_config_file and default_cacerts, as docs/tls.md has it
    kerberos           log in by the ticket that kinit has got; needs volttools[kerberos]
    dump_file          a file to write each frame to, also named dump_file_path. It holds the hash
                       of the password, which is enough to log in: `volttools redact` takes it out
    connect_timeout    seconds for connecting and the log-in; None: for ever
    procedure_timeout  seconds for each call that says nothing; None: for ever
    default_timeout    without effect: connect_timeout and procedure_timeout cover all that waits

    hostId, connectionId, clusterInstanceId (start in ms, address of the leader) and buildString are
    what the server said at the log-in; None without a connection.

    Raises AuthenticationFailed (a RuntimeError), CannotConnect (a ConnectionError), UsageError for TLS
    or Kerberos that can't be had.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__()
        settings = Settings.given(*arguments, **named)
        self.host = settings.host
        self.port = settings.port
        self.procedure_timeout = settings.procedure_timeout
        self.hostId: int | None = None
        self.connectionId: int | None = None
        self.clusterInstanceId: tuple[int, int] | None = None
        self.buildString: str | None = None
        self._session: Session | None = None
        self._dump: DumpFile | None = None
        self._flushed: deque[Pending] = deque()
        self._handle = 1
        self._is_counting = False
        if self.host is not None and self.port is not None:
            self._connect(settings)

    def _connect(self, settings: Settings) -> None:
        path = settings.dump_file if settings.dump_file_path is None else settings.dump_file_path
        self._dump = None if path is None else DumpFile(path)
        try:
            self._session = settings.session(self._dump)
        except BaseException:
            self.close()
            raise
        welcome = self._session.core.welcome
        assert welcome is not None
        self.hostId = welcome.host_id
        self.connectionId = welcome.connection_id
        self.clusterInstanceId = (welcome.cluster_start, welcome.leader_address)  # type: ignore[assignment]
        self.buildString = welcome.build

    def __repr__(self) -> str:
        where = "no connection" if self._session is None else self._session.core.address
        return f"<FastSerializer: {where}>"

    def close(self) -> None:
        """Close the connection and the dump_file."""
        if self._session is not None:
            self._session.close()
        if self._dump is not None:
            self._dump.close()

    def flush(self) -> None:
        """Send what was written, which is a whole invocation with its length (`prependLength`).

        Raises ValueError if it is no invocation, or one whose client handle is in flight already: then
        nothing is sent, and the buffer is empty nevertheless. ConnectionError as `VoltProcedure.call`.
        """
        frame = self.wbuf.tobytes()
        self.wbuf = array("B")
        if self._session is None:
            raise ConnectionLost("nothing was sent: this FastSerializer has no connection")
        try:
            invocation = parse(Invocation, parse(RawFrame, frame).body)
        except DecodeError as error:
            raise EncodeError(f"what was written is no invocation with its length: {error}") from None
        handle = invocation.client_handle
        if handle in self._session.core.pending:
            raise EncodeError(f"client handle {handle} is in flight already: read its answer first")
        pending = Pending(invocation.procedure or "", self.procedure_timeout)
        self._flushed.append(self._session.begin(pending, lambda _: frame, client_handle=handle))
        self._session.flush(self.procedure_timeout)

    def bufferForRead(self) -> None:
        """Wait for the answer to the first `flush` that has none yet; `read_buffer` has it then, without
        its length. Raises as `VoltProcedure.call`."""
        if self._session is None or not self._flushed:
            raise ConnectionLost("no answer can come: nothing was sent by flush()")
        pending = self._flushed.popleft()
        try:
            self.read_buffer.set(self._session.wait(pending).body)
        except BaseException:
            self._session.cancel(pending)
            self._is_counting = True
            raise

    def exchange(self, procedure: str, encode: Encode, timeout: float | None = None) -> bytes:
        """Send a call, and wait for the body of its answer. As VoltProcedure.call, which uses it."""
        if self._session is None:
            raise ConnectionLost(f"{procedure}: it was not sent: this FastSerializer has no connection")
        seconds = self.procedure_timeout if timeout is None else timeout
        if seconds is not None and not seconds >= 0:
            raise EncodeError(f"{procedure}: a time-out of {seconds} s: give a number of seconds from 0 on")
        # Always 1, as with the original, till a late answer to it may come: from then on each call
        # has its own.
        in_flight = self._session.core.pending
        if self._is_counting or self._handle in in_flight:
            self._is_counting = True
            self._handle += 1
            while self._handle in in_flight:  # as a script has flushed it
                self._handle += 1
        pending = Pending(procedure, seconds)
        try:
            answered = self._session.exchange(pending, encode, client_handle=self._handle)
        except EncodeError:
            raise  # nothing was sent
        except BaseException:
            self._session.cancel(pending)
            self._is_counting = True
            raise
        return answered.body


FastSerializer.__signature__ = inspect.signature(Settings)  # type: ignore[attr-defined]
