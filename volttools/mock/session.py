"""One connection of a mock server: the protocol is `ServerSide`'s, here are streams and time.

Calls are answered as they come; a handler that waits goes on in a task of its own, and what waits by a
rule for faults in the `Delivery`, so answers come in the order of completion. Reading stops while too much is in flight or
the client doesn't read, as a real server's does.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, assert_never

from volttools.errors import EncodeError, ProtocolError, UsageError
from volttools.faults.actions import Close, Plan, Send, Wait
from volttools.faults.delivery import Delivery
from volttools.faults.injector import Ticket
from volttools.formats.login import SERVER_FULL, WRONG_PASSWORD
from volttools.formats.response import UNEXPECTED_FAILURE, Response, ResponseHead
from volttools.formats.table import Table
from volttools.mock.answers import failure, not_given, raised, response_of
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.fault import Fault
from volttools.mock.kerberos import Acceptor
from volttools.mock.logins import Refusal
from volttools.mock.passed import PassedConnection
from volttools.protocol.server_side import (
    Called,
    Disconnected,
    LoginAsked,
    Malformed,
    ServerEvent,
    ServerSide,
    TokenReceived,
)
from volttools.protocol.states import State
from volttools.sockets import reset_on_close

if TYPE_CHECKING:
    from volttools.mock.service import Service

READ_BYTES = 64 * 1024
MOST_UNSENT_BYTES = 256 * 1024
"""What may wait to be sent; then the client's next call is not looked at."""

MOST_BYTES_TOGETHER = 64 * 1024
"""Answers to calls that came together are sent together, up to so many bytes."""

MOST_CALLS_IN_FLIGHT = 1000
MOST_BYTES_IN_FLIGHT = 8 * 2**20
"""The limits of a real server, for calls that are being answered (AdmissionControlGroup)."""


_AT_ONCE = frozenset((Response, ResponseHead, int, list, tuple, Table))
"""Answers that are seen at once to be nothing to wait for."""


class Session:
    """A client's connection, from its socket to its end; the `Outlet` of what is sent on it."""

    def __init__(self, service: Service, connection: socket.socket, peer: tuple[Any, ...]) -> None:
        self._service = service
        self._socket = connection
        self._peer = peer
        self._side = ServerSide()
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None
        self._login_limit: asyncio.Timeout | None = None
        self._client: ClientConnection | None = None
        self._user = ""
        self._acceptor: Acceptor | None = None
        self._is_over = False  # nothing more is read
        self._is_hanging = False  # nothing is answered any more
        self._faults = service.faults_of(peer)
        self._delivery = Delivery(self)
        self._login_faults: Ticket | None = None
        self._has_called = False
        self._call_faults: dict[int, Ticket] = {}  # by the number of the call
        self._tasks: dict[asyncio.Task[None], Call] = {}
        self._drains: set[asyncio.Task[None]] = set()
        self._bytes_in_flight = 0
        self._room = asyncio.Event()
        self._passed: PassedConnection | None = None
        self._is_in_batch = False  # what is written waits for the end of the calls that came together
        self._batch: list[bytes] = []
        self._batch_bytes = 0

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Serve the connection until it ends; raises nothing that a client could cause."""
        try:
            async with asyncio.timeout(self._service.login_timeout_s) as self._login_limit:
                await self._open()
                await self._serve()
        except ConnectionResetError:
            if self._passed is not None:
                self._passed.ended(by_server=False, was_reset=True)
        except (OSError, ProtocolError):
            pass  # the client left, broke the framing, or took too long: all end the connection
        finally:
            await self._end()

    def abort(self) -> None:
        """End it at once, whatever is unsent."""
        self._is_over = True
        if self._writer is not None:
            self._writer.transport.abort()

    def forget(self) -> None:
        """Close the socket, if the session ended before it had begun."""
        if self._writer is None:
            self._socket.close()

    def push(self, response: Response) -> None:
        """Send a push, if this connection has subscribed."""
        if self._client is not None and self._client.subscribed and self._side.state is State.READY:
            self._delivery.deliver(self._faults.pushed(self._side.push(response)))

    def settle_calls(self, fate: Callable[[Call], Response | None]) -> None:
        """Answer calls that are being worked on by something else, where `fate` has it."""
        for task, call in list(self._tasks.items()):
            response = fate(call)
            if response is not None:
                task.cancel()
                self._answer(call, response, 0)

    async def _open(self) -> None:
        wants_tls = self._service.ssl_context is not None
        plan = self._faults.opened()
        if plan:
            await self._connect(None)
        elif wants_tls and (plan := self._faults.handshake()):
            await self._connect(None)
            assert self._reader is not None
            await self._reader.read(READ_BYTES)  # the client's hello
        else:
            await self._connect(self._service.ssl_context)
            if self._service.doorkeeper.refusal == SERVER_FULL:
                plan = (Send(self._side.refuse_full()), Close())
        self._delivery.deliver(plan)

    async def _connect(self, ssl_context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=READ_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            self._socket,
            ssl=ssl_context,
            ssl_handshake_timeout=self._service.login_timeout_s if ssl_context else None,
            ssl_shutdown_timeout=1 if ssl_context else None,
        )
        self._reader = reader
        self._writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        transport.set_write_buffer_limits(high=MOST_UNSENT_BYTES)
        self._passed = self._service.passed.connection(
            self._peer, transport.get_extra_info("sockname"), is_tls=ssl_context is not None
        )

    async def _serve(self) -> None:
        assert self._reader is not None
        while not self._is_over:
            data = await self._reader.read(READ_BYTES)
            assert self._passed is not None
            if not data:
                self._passed.ended(by_server=False)
                return
            self._passed.client_sent(data)
            if not self._is_hanging:
                await self._take_all(data)

    async def _take_all(self, data: bytes) -> None:
        """Take what came together; what is answered at once is sent together."""
        self._is_in_batch = True
        try:
            is_full = self._unsent_bytes() > MOST_UNSENT_BYTES
            for event in self._side.receive(data):
                if type(event) is Called:
                    self._called(event)
                else:
                    self._take(event)
                if self._batch_bytes >= MOST_BYTES_TOGETHER or is_full or self._is_busy():
                    self._send_batch()
                    await self._flow()
                    is_full = self._unsent_bytes() > MOST_UNSENT_BYTES
                if self._is_over or self._is_hanging:
                    break
        finally:
            self._is_in_batch = False
            self._send_batch()

    async def _end(self) -> None:
        self._is_over = True
        if self._passed is not None:
            self._passed.ended(by_server=True)
        self._delivery.end()
        tasks = [*self._tasks, *self._drains]
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            if self._client is not None:
                self._service.journal.disconnected(self._client)
                self._service.counters.left(self._client)
        if self._writer is None:
            self._socket.close()
            return
        self._writer.close()
        try:
            async with asyncio.timeout(self._service.hangup_timeout_s):
                await self._writer.wait_closed()
        except (OSError, TimeoutError, asyncio.CancelledError):
            self._writer.transport.abort()
            await asyncio.sleep(0)  # the loop closes the socket in its next round

    # ---------------------------------------------------------- events

    def _take(self, event: ServerEvent) -> None:
        match event:
            case LoginAsked():
                self._log_in(event)
            case Called():
                self._called(event)
            case Malformed():
                self._malformed(event)
            case TokenReceived():
                self._take_token(event)
            case Disconnected():
                pass  # told by `ServerSide.end`, which is not asked
            case _:
                assert_never(event)

    def _log_in(self, event: LoginAsked) -> None:
        self._user = event.request.user or ""
        self._login_faults = self._faults.login(self._user)
        if self._login_faults is not None and not self._login_faults.lets_in:
            self._answer_login(())
            return
        kerberos = self._service.kerberos
        if kerberos is not None and self._service.doorkeeper.asks_kerberos(event.request):
            self._acceptor = kerberos.new_context()
            self.write(self._side.kerberos_service(kerberos.principal))
            return
        refusal = self._service.doorkeeper.decide(event.request)
        if refusal is not None:
            self._refuse(refusal)
        else:
            self._welcome()

    def _take_token(self, event: TokenReceived) -> None:
        assert self._acceptor is not None
        try:
            token = self._acceptor.step(event.token)
        except Exception:  # whatever GSSAPI has against the client
            self._refuse(WRONG_PASSWORD)
            return
        if token:
            self.write(self._side.kerberos_token(token))
        if self._acceptor.complete:
            self._welcome()

    def _welcome(self) -> None:
        assert self._login_limit is not None
        assert self._writer is not None
        self._login_limit.reschedule(None)
        welcome = self._service.welcome()
        assert welcome.connection_id is not None
        self._client = ClientConnection(
            id=welcome.connection_id,
            host_id=self._service.host_id,
            user=self._user,
            peer=self._peer,
            local=self._writer.get_extra_info("sockname"),
            is_admin=self._service.is_admin,
        )
        self._service.journal.connected(self._client)
        self._answer_login((Send(self._side.accept(welcome)),))

    def _refuse(self, refusal: Refusal) -> None:
        if refusal == "hang":
            self.stall()
        elif refusal == "close":
            self._answer_login((Close(),))
        else:
            self._answer_login((Send(self._side.refuse(refusal)), Close()))

    def _answer_login(self, plan: Plan) -> None:
        self._delivery.deliver(plan if self._login_faults is None else self._login_faults.plan(plan))

    def _malformed(self, event: Malformed) -> None:
        assert self._client is not None
        response = failure(UNEXPECTED_FAILURE, event.status_string).replace(client_handle=self._client.id)
        self._delivery.send(self._side.answer_malformed(response))

    def _called(self, event: Called) -> None:
        assert self._client is not None
        self._has_called = True
        call = self._service.new_call(event.invocation, self._client, event.size)
        faults = self._faults.called(call.procedure, call.invocation)
        if faults is not None:
            self._call_faults[call.number] = faults
        answer = self._service.answer(call)
        if type(answer) in _AT_ONCE:
            self._answer(call, answer, event.size)
        elif inspect.isawaitable(answer) or (isinstance(answer, Fault) and answer.delay_s):
            task = asyncio.get_running_loop().create_task(self._answer_later(call, answer, event.size))
            self._tasks[task] = call
            self._bytes_in_flight += event.size
            if inspect.iscoroutine(answer):  # a task that is cancelled at once doesn't begin it
                task.add_done_callback(lambda _: answer.close())
        else:
            self._answer(call, answer, event.size)

    # --------------------------------------------------------- answers

    async def _answer_later(self, call: Call, answer: Any, size: int) -> None:
        try:
            if inspect.isawaitable(answer):
                answer = await self._awaited(call, answer)
            if isinstance(answer, Fault):
                await asyncio.sleep(answer.delay_s)
            self._answer(call, answer, size)
            await self._sent()
        except OSError:
            self.abort()
        finally:
            self._bytes_in_flight -= size
            self._tasks.pop(asyncio.current_task(), None)  # type: ignore[arg-type]
            self._room.set()

    async def _awaited(self, call: Call, answer: Awaitable[Any]) -> Any:
        try:
            return await answer
        except Exception as error:
            call.exception = error
            return raised(error)

    def _answer(self, call: Call, answer: Any, size: int) -> None:
        faults = self._call_faults.pop(call.number, None) if self._call_faults else None
        if self._is_over or self._is_hanging:
            return
        if isinstance(answer, Fault):
            frame = self._response(call, answer.answer) if answer.sends_answer else b""
            plan = answer.plan(frame)
        else:
            frame = self._response(call, answer)
            if faults is None:
                self._service.journal.answered(call, frame)
                self._delivery.send(frame)
                return
            plan = (Send(frame),)
        plan = plan if faults is None else faults.plan(plan)
        is_sent = Send(frame) in plan
        if not is_sent:
            call.status = None
        delay_s = sum(action.seconds for action in plan if isinstance(action, Wait))
        self._service.journal.answered(call, frame if is_sent else b"", delay_s)
        self._delivery.deliver(plan, size)

    def _response(self, call: Call, answer: Any) -> bytes:
        try:
            response = response_of(answer)
            if response is not answer:  # so it is ours to change
                response.client_handle = call.client_handle
            frame = self._side.respond(response, call.client_handle)
        except (EncodeError, UsageError) as error:
            call.exception = error
            text = f"VOLTDB ERROR: UNEXPECTED FAILURE: {not_given(call.procedure, error)}"
            response = failure(UNEXPECTED_FAILURE, text).replace(client_handle=call.client_handle)
            frame = self._side.respond(response)
        call.status = response.status
        self._service.counters.answered(call, response.status, len(frame), time.perf_counter_ns())
        return frame

    # ------------------------------------------------- what a delivery does

    def write(self, data: bytes) -> None:
        """Send bytes, if anybody is there; in a batch, behind it."""
        if not data:
            return
        self._batch.append(data)
        self._batch_bytes += len(data)
        if not self._is_in_batch:
            self._send_batch()

    def _send_batch(self) -> None:
        """Send what waits for the end of the batch, at once."""
        if not self._batch:
            return
        data, self._batch, self._batch_bytes = b"".join(self._batch), [], 0
        if self._writer is None or self._writer.is_closing():
            return
        assert self._passed is not None
        self._passed.server_sent(data)
        self._writer.write(data)

    def close(self) -> None:
        """End the connection behind what was sent."""
        self._is_over = True
        self._room.set()
        if self._reader is not None:
            self._reader.set_exception(ConnectionAbortedError())  # wakes who waits for the client

    def reset(self) -> None:
        """End it with an RST."""
        if self._writer is not None:
            self._send_batch()
            if self._passed is not None:
                self._passed.ended(by_server=True, was_reset=True)
            connection = self._writer.get_extra_info("socket")
            reset_on_close(connection)
        self._room.set()
        self.abort()

    def stall(self) -> None:
        """Answer nothing any more, and let the client wait as long as it likes."""
        self._is_hanging = True
        self._room.set()
        if self._login_limit is not None and not self._login_limit.expired():
            self._login_limit.reschedule(None)

    def node_down(self, for_s: float | None) -> None:
        """End all connections of this node."""
        self._service.node_down(self._service.host_id, for_s)

    def later(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something later."""
        return asyncio.get_running_loop().call_later(seconds, action)

    def settled(self) -> None:
        """A message is sent that had to wait; the client must take it in time."""
        self._room.set()
        if self._writer is not None and self._unsent_bytes() > MOST_UNSENT_BYTES:
            task = asyncio.get_running_loop().create_task(self._sent_or_aborted())
            self._drains.add(task)
            task.add_done_callback(self._drains.discard)

    # ------------------------------------------------------------- I/O

    def _unsent_bytes(self) -> int:
        return 0 if self._writer is None else self._writer.transport.get_write_buffer_size()

    async def _flow(self) -> None:
        """Wait until the client may be listened to again."""
        if self._unsent_bytes() > MOST_UNSENT_BYTES:
            await self._sent()
        while self._is_busy() and not self._is_over and not self._is_hanging:
            self._room.clear()
            await self._room.wait()

    def _is_busy(self) -> bool:
        delivery = self._delivery
        if not self._tasks and not delivery.pending:
            return False
        if delivery.pending and self._login_faults is not None and not self._has_called:
            return True  # nothing may come before the answer to the log-in
        return (
            len(self._tasks) + delivery.pending >= MOST_CALLS_IN_FLIGHT
            or self._bytes_in_flight + delivery.pending_bytes >= MOST_BYTES_IN_FLIGHT
        )

    async def _sent(self) -> None:
        assert self._writer is not None
        async with asyncio.timeout(self._service.hangup_timeout_s):
            await self._writer.drain()

    async def _sent_or_aborted(self) -> None:
        try:
            await self._sent()
        except OSError:
            self.abort()
