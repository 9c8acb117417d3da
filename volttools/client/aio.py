"""The client for asyncio: `await connect_async(...)`.

    async with await connect_async("localhost") as client:
        result = await client.call("Vote", phone, 3)
        answers = [await client.submit("Vote", phone, 3) for phone in phones]   # all in flight
        results = await asyncio.gather(*answers)

Calls made in one turn of the loop are written together, and the answers that come in one read are
settled together; no task and no timer is made for a call. `await client.submit(...)` waits while
`max_in_flight` calls are under way or the server doesn't read: so nothing piles up.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from volttools.client.aio_connection import AsyncCall, AsyncConnection, open_connection
from volttools.client.base_client import BaseClient, way_to
from volttools.client.connection_settings import ConnectionSettings, Target
from volttools.client.core import Core, PushEvent
from volttools.client.requests import (
    DEFAULT_IN_FLIGHT,
    UNSET,
    Requests,
    Timeout,
    catalog_timeout,
    check_in_flight,
)
from volttools.client.results import Result
from volttools.client.session import no_server
from volttools.client.signatures import CATALOG_CALL, Slot, encode_parameters
from volttools.client.tap import Tap, TapTarget
from volttools.client.values import parameter_of
from volttools.codec import build
from volttools.errors import CallTimeout, CannotConnect, ClientError, LoginRefused
from volttools.formats.invocation import Invocation
from volttools.formats.types import WireType
from volttools.protocol.frame_buffer import framed
from volttools.protocol.login_strategy import LoginStrategy


class AsyncClient(BaseClient):
    """A connection, for the tasks of one event loop."""

    def __init__(self, connection: AsyncConnection, requests: Requests, tap: Tap | None) -> None:
        super().__init__(connection.core)
        self._connection = connection
        self._requests = requests
        self._tap = tap
        self._asking: asyncio.Future[None] | None = None
        requests.build = self.server.build

    def __repr__(self) -> str:
        return f"<asyncio client of {self.address}{': closed' if self.is_closed else ''}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # ------------------------------------------------------------- calls

    async def call(
        self,
        procedure: str,
        *arguments: Any,
        timeout: Timeout = UNSET,
        batch_timeout: float | None = None,
        types: Sequence[WireType | str] | None = None,
        check: bool = True,
    ) -> Result:
        """Call a procedure, and wait for its answer; parameters as of the blocking `Client.call`.

        A call that is cancelled may run nevertheless; its answer is dropped, and the connection can be
        used on.
        """
        call = None
        if timeout is UNSET and batch_timeout is None and types is None:
            call = self._begun(procedure, arguments, check)
        if call is None:
            call = await self._begin(procedure, arguments, timeout, batch_timeout, types, check=check)
        try:
            return await call.future
        except asyncio.CancelledError:
            self._core.cancel(call)
            raise

    async def submit(
        self,
        procedure: str,
        *arguments: Any,
        timeout: Timeout = UNSET,
        batch_timeout: float | None = None,
        types: Sequence[WireType | str] | None = None,
        check: bool = True,
    ) -> asyncio.Future[Result]:
        """As `call`, but gives a future: waits only until there is room for the call."""
        if timeout is UNSET and batch_timeout is None and types is None:
            call = self._begun(procedure, arguments, check)
            if call is not None:
                return call.future
        call = await self._begin(procedure, arguments, timeout, batch_timeout, types, check=check)
        return call.future

    async def call_invocation(
        self, invocation: Invocation, *, timeout: Timeout = UNSET, check: bool = True
    ) -> Result:
        """Make a call that is a message already, of a capture or of another client: as it is, but for its
        client handle."""
        seconds = self._requests.timeout_of(timeout)
        connection = self._connection
        call = AsyncCall(invocation.procedure or "", seconds, connection.loop.create_future(), check=check)
        if connection.is_full:
            await connection.room(call)
        connection.begin(call, lambda handle: framed(build(invocation.replace(client_handle=handle))))
        try:
            return await call.future
        except asyncio.CancelledError:
            self._core.cancel(call)
            raise

    def _begun(self, procedure: str, arguments: tuple[Any, ...], check: bool) -> AsyncCall | None:
        """A call that is on its way; None for one that isn't made as one before, or has to wait."""
        requests, connection = self._requests, self._connection
        signature = requests.ready.get((procedure, tuple(map(type, arguments))))
        if signature is None or connection.is_full:
            return None
        call = AsyncCall(procedure, requests.timeout, connection.loop.create_future(), check=check)
        connection.begin_ready(call, signature, arguments)
        return call

    async def _begin(
        self,
        procedure: str,
        arguments: tuple[Any, ...],
        timeout: Timeout,
        batch_timeout: float | None,
        types: Sequence[WireType | str] | None,
        *,
        check: bool,
    ) -> AsyncCall:
        requests = self._requests
        seconds = requests.timeout_of(timeout)
        if not requests.signatures.is_known and requests.must_ask(procedure, arguments, types):
            await self._ask(seconds)
        encode = requests.encode(procedure, arguments, seconds, batch_timeout, types)
        connection = self._connection
        call = AsyncCall(procedure, seconds, connection.loop.create_future(), check=check)
        if connection.is_full:
            await connection.room(call)
        connection.begin(call, encode)
        return call

    async def refresh_signatures(self, *, timeout: Timeout = UNSET) -> None:
        """Ask the catalog for the types of parameters, as the first call does that needs them."""
        procedure, selector = CATALOG_CALL
        seconds = self._requests.timeout_of(timeout)
        future = self._connection.loop.create_future()
        call = AsyncCall(procedure, seconds, future, check=False)
        self._connection.begin(call, encode_parameters(procedure, [parameter_of(selector)]))
        try:
            self._requests.learn(await future)
        except CallTimeout as error:
            raise catalog_timeout(error) from error

    async def parameter_slots(self, procedure: str, *, timeout: Timeout = UNSET) -> tuple[Slot, ...] | None:
        """The types of a procedure's parameters, as the catalog tells them; None where it doesn't."""
        requests = self._requests
        if not requests.signatures.is_known and not procedure.startswith("@"):
            await self.refresh_signatures(timeout=timeout)
        return requests.signatures.slots(procedure)

    async def _ask(self, seconds: float | None) -> None:
        """Ask the catalog, once for all who need it now."""
        if self._asking is None:
            self._asking = asyncio.ensure_future(self.refresh_signatures(timeout=seconds))
            self._asking.add_done_callback(self._asked)
        await asyncio.shield(self._asking)

    def _asked(self, _: asyncio.Future[None]) -> None:
        self._asking = None

    # ------------------------------------------------------------- pushes

    async def subscribe(self, *, timeout: Timeout = UNSET) -> None:
        """Ask for pushes: a server sends none before."""
        await self.call("@Subscribe", "TOPOLOGY", timeout=timeout)

    async def events(self, *, timeout: float | None = None) -> AsyncIterator[PushEvent]:
        """Pushes as they come; ends when none has come for `timeout` seconds.

        The last 256 that nobody took are kept. Raises ConnectionLost at the end of the connection.
        """
        pushes, progress = self._core.pushes, self._connection.progress
        while True:
            try:
                async with asyncio.timeout(timeout):
                    while not pushes:
                        if self._core.error is not None:
                            raise self._core.error
                        progress.clear()
                        await progress.wait()
            except TimeoutError:
                return
            yield pushes.popleft()

    async def close(self) -> None:
        """Close the connection. Calls in flight fail; the server may run them nevertheless."""
        connection = self._connection
        self._core.lost("the client closed the connection", by_server=False)
        connection.transport.close()
        try:
            async with asyncio.timeout(_CLOSING):
                await asyncio.shield(connection.ended)
        except TimeoutError:  # what was sent last can't be delivered
            connection.transport.abort()
            await connection.ended
        if self._tap is not None:
            self._tap.close()


_CLOSING = 1.0
"""Seconds that a server has to take what was sent, before the connection is broken off."""


async def connect_async(
    target: Target | Iterable[Target] | ConnectionSettings | None = None,
    *,
    profile: str | None = None,
    user: str | None = None,
    password: str | None = None,
    login: LoginStrategy | None = None,
    ssl_context: ssl.SSLContext | None = None,
    connect_timeout: Timeout = UNSET,
    timeout: Timeout = UNSET,
    send_timeouts: bool = False,
    batch_timeout: float | None = None,
    signatures: bool = True,
    max_in_flight: int = DEFAULT_IN_FLIGHT,
    on_push: Callable[[PushEvent], None] | None = None,
    tap: TapTarget | Tap | None = None,
    keep_login_hashes: bool = False,
) -> AsyncClient:
    """Connect, and log in; parameters and errors as of the blocking `connect`."""
    check_in_flight(max_in_flight)
    way = way_to(
        target,
        profile=profile,
        user=user,
        password=password,
        login=login,
        ssl_context=ssl_context,
        connect_timeout=connect_timeout,
        timeout=timeout,
    )
    requests = Requests(way.timeout, send_timeouts, batch_timeout, signatures)
    opened_tap = tap if tap is None or isinstance(tap, Tap) else Tap(tap, keep_login_hashes=keep_login_hashes)
    failures: list[ClientError] = []
    try:
        for address in way.addresses:
            core = Core(
                str(address),
                way.login,
                is_tls=way.ssl_context is not None,
                on_push=on_push,
                on_procedures_changed=requests.procedures_changed,
            )
            connection = AsyncConnection(core, max_in_flight, opened_tap)
            try:
                await open_connection(connection, address, way.connect_timeout, way.ssl_context)
            except (CannotConnect, LoginRefused) as error:
                if isinstance(error, LoginRefused) and not error.may_pass:
                    raise
                failures.append(error)
            else:
                return AsyncClient(connection, requests, opened_tap)
        raise no_server(failures)
    except BaseException:
        if opened_tap is not None:
            opened_tap.close()
        raise
