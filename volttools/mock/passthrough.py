"""A real server behind the mock one: who asks it, and what is done with its answers.

One connection for all clients, with credentials of its own: the mock knows hashes of its clients'
passwords, which are no good for logging in elsewhere. Calls go on as they came, but for their client
handles, and pipelined; after a lost connection the next call makes another one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from volttools.codec import parse
from volttools.errors import ClientError, DecodeError, EncodeError
from volttools.formats.response import UNEXPECTED_FAILURE, Response, ResponseHead
from volttools.mock.answers import failure
from volttools.mock.calls import Call

if TYPE_CHECKING:
    from volttools.client.aio import AsyncClient
    from volttools.client.results import Result


@dataclass(frozen=True, kw_only=True)
class Passthrough:
    """Where calls go that nothing here answers.

    target       "host:21212", or several with commas between them, which are tried in turn
    user, password   the mock's own log-in there
    ssl_context  for a server that wants TLS
    timeout_s    seconds that a call may take there
    """

    target: str
    user: str = ""
    password: str = field(default="", repr=False)
    ssl_context: ssl.SSLContext | None = None
    timeout_s: float = 120.0


Recorder = Callable[[Call, "Result"], None]
"""Told of each answer of the real server."""


class PassthroughSource:
    """Asks a real server. `leaves_out`: which calls it doesn't pass on; `record`: told of the answers."""

    def __init__(
        self,
        passthrough: Passthrough,
        *,
        leaves_out: Callable[[Call], bool],
        record: Recorder | None = None,
    ) -> None:
        self._to = passthrough
        self._leaves_out = leaves_out
        self._record = record
        self._client: AsyncClient | None = None
        self._connecting: asyncio.Task[AsyncClient] | None = None

    def answer(self, call: Call) -> object:
        """Something to await for the real server's answer."""
        return None if self._leaves_out(call) else self._ask(call)

    async def close(self) -> None:
        """End the connection."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _ask(self, call: Call) -> Response | ResponseHead:
        try:
            client = await self._connected()
            result = await client.call_invocation(call.invocation, check=False)
        except (ClientError, EncodeError, OSError) as error:
            return failure(
                UNEXPECTED_FAILURE, f"{call.procedure} was passed on to {self._to.target}, in vain: {error}"
            )
        try:
            head = parse(ResponseHead, result.body)
        except DecodeError as error:
            return failure(
                UNEXPECTED_FAILURE, f"{self._to.target} gave no response to {call.procedure}: {error}"
            )
        if self._record is not None:
            self._record(call, result)
        return head

    async def _connected(self) -> AsyncClient:
        if self._client is not None and not self._client.is_closed:
            return self._client
        if self._connecting is None:  # one for all who wait now
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(self._is_connected)
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> AsyncClient:
        from volttools.client.aio import connect_async  # only who passes calls on needs a client

        client = self._client = await connect_async(
            self._to.target,
            user=self._to.user,
            password=self._to.password,
            ssl_context=self._to.ssl_context,
            timeout=self._to.timeout_s,
            signatures=False,
        )
        return client

    def _is_connected(self, task: asyncio.Task[AsyncClient]) -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()  # those who wait have it
