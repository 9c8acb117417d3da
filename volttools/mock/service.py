"""What all connections of a mock server share, and the socket that they come from.

Lives in one event loop; `MockServer` says in whose.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from volttools.codec import build
from volttools.errors import DecodeError, UsageError
from volttools.faults.injector import ConnectionFaults, Injector, empty_push
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.response import PUSH_HANDLES, Response
from volttools.mock.calls import Call, ClientConnection, Journal
from volttools.mock.counters import Counters
from volttools.mock.directed import destination
from volttools.mock.fault import Fault
from volttools.mock.kerberos import Kerberos
from volttools.mock.logins import Doorkeeper
from volttools.mock.passed import Passed
from volttools.mock.procedures import Described, Procedures
from volttools.mock.session import Session
from volttools.mock.sources import Chain, Source
from volttools.mock.system import System
from volttools.protocol.frame_buffer import framed
from volttools.protocol.refused_calls import read_parameters
from volttools.sockets import accepted

_BACKLOG = 1024
_PAUSE_S = 0.1


@dataclass(kw_only=True)
class Service:
    """Listens, counts connections, and asks the sources what answers a call.

    refusal    what answers a call that can't be made now, for the cluster's sake
    node_down  what the fault of that name does: the host's id; for how long, in seconds, or for ever
    """

    host_id: int
    doorkeeper: Doorkeeper
    procedures: Procedures
    counters: Counters
    system: System
    journal: Journal
    sources: list[Source]
    passed: Passed
    kerberos: Kerberos | None
    build: str
    started_ms: int
    login_timeout_s: float
    hangup_timeout_s: float
    refusal: Callable[[Call], Response | None]
    node_down: Callable[[int, float | None], None]
    injector: Injector
    ssl_context: ssl.SSLContext | None = None
    is_admin: bool = False
    is_dying: bool = False
    connection_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._listener: socket.socket | None = None
        self._resuming: asyncio.TimerHandle | None = None
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self._chain = Chain(self.sources)

    # ------------------------------------------------------------ life

    def start(self, host: str, port: int) -> tuple[Any, ...]:
        """Listen; gives the address. Raises UsageError if that can't be."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, _, _, _, wanted = found[0]
            self._listener = socket.create_server((wanted[0], wanted[1]), family=family, backlog=_BACKLOG)
        except OSError as error:
            raise UsageError(f"can't listen on {host}:{port}: {error.strerror or error}") from error
        self._listener.setblocking(False)
        self._listen(self._listener)
        address: tuple[Any, ...] = self._listener.getsockname()
        return address

    @property
    def is_serving(self) -> bool:
        """Whether there are connections, or what is left of them."""
        return bool(self._sessions)

    def halt(self) -> None:
        """Close the listener and every connection, at once; `stop` waits until all tasks have ended."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        if self._resuming is not None:
            self._resuming.cancel()
        for session, task in self._sessions.items():
            session.abort()
            task.cancel()

    async def stop(self) -> None:
        """End every connection and task."""
        self.halt()
        await asyncio.gather(*self._sessions.values(), return_exceptions=True)

    def disconnect(self) -> None:
        """End every connection that there is."""
        for session in self._sessions:
            session.abort()

    def _listen(self, listener: socket.socket) -> None:
        self._resuming = None
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            taken = accepted(listener)
        except OSError:  # no descriptor is left: one may be, later
            loop.remove_reader(listener)
            self._resuming = loop.call_later(_PAUSE_S, self._listen, listener)
            return
        if taken is None:
            return
        session = Session(self, *taken)
        task = self._sessions[session] = loop.create_task(session.run())
        task.add_done_callback(functools.partial(self._ended, session))

    def _ended(self, session: Session, _: asyncio.Task[None]) -> None:
        session.forget()
        self._sessions.pop(session, None)

    # --------------------------------------------------------- answers

    def welcome(self) -> LoginResponse:
        """The answer to a log-in that is accepted."""
        return LoginResponse(
            host_id=self.host_id,
            connection_id=next(self.connection_ids),
            cluster_start=self.started_ms,
            leader_address=_LOOPBACK,
            build=self.build,
        )

    def new_call(self, invocation: Invocation, connection: ClientConnection, size: int) -> Call:
        """Note a call that came in, of so many bytes."""
        parameters = read_parameters(invocation)
        if parameters is not invocation.parameters and not isinstance(parameters, DecodeError):
            invocation = invocation.replace(parameters=parameters)
        procedure = self.procedures.described(invocation.procedure or "")
        call = Call(
            number=self.journal.call_count + 1,
            connection=connection,
            invocation=invocation,
            time_ns=time.time_ns(),
            chain=self._chain,
            partition=self._partition(invocation, procedure),
            is_read_only=procedure is not None and procedure.read_only,
            began_ns=time.perf_counter_ns(),
            size=size,
            known_as="" if procedure is None else procedure.name,
        )
        self.journal.add(call, size)
        self.counters.came(call)
        return call

    def answer(self, call: Call) -> Any:
        """What answers a call: an answer, or something to await for one."""
        refused = self.refusal(call)
        if refused is not None:
            return refused
        if self.is_dying and call.procedure != "@Ping":
            return Fault(sends="nothing")
        return self._chain.answer(call)

    def settle_calls(self, fate: Callable[[Call], Response | None]) -> None:
        """Answer calls that are being worked on by something else, where `fate` has it."""
        for session in list(self._sessions):
            session.settle_calls(fate)

    def _partition(self, invocation: Invocation, procedure: Described | None) -> int | None:
        """The partition of a call, by the parameter that is its key."""
        if procedure is None or procedure.partitioned_on is None or isinstance(invocation.parameters, Opaque):
            return None
        partition = destination(invocation) if invocation.extensions else None
        if partition is not None:
            return partition if partition < self.system.topology.partitions else None
        key, number = None, procedure.partitioned_on
        if number < len(invocation.parameters):
            key = invocation.parameters[number].value
        return self.system.topology.partition_of(procedure.partition_type, key)

    def faults_of(self, peer: tuple[Any, ...]) -> ConnectionFaults:
        """The faults of the next connection."""
        return self.injector.connection(
            node=self.host_id, client=f"{peer[0]}:{peer[1]}", push=self._push_frame
        )

    def _push_frame(self, name: str) -> bytes:
        """A push as this server sends it; one that it never sends has no tables."""
        if name == "topology":
            tables = self.system.topology.tables()
        elif name == "procedures":
            tables = [self.system.procedures_table()]
        else:
            return empty_push(name)
        return framed(build(Response(client_handle=PUSH_HANDLES[name], tables=tables)))

    def push(self, response: Response) -> None:
        """Send a push to all who subscribed."""
        for session in list(self._sessions):
            session.push(response)


_LOOPBACK = 0x7F000001
