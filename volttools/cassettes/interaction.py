"""One call and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from volttools.codec import build
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.protocol.events import Connection, Direction, Exchange, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A call, its answer and when that was; `dataclasses.replace` makes another one of it.

    time_ns     of the call, since 1970
    latency_ns  till the answer was there
    """

    invocation: Invocation
    response: Response
    time_ns: int | None = None
    latency_ns: int | None = None

    @classmethod
    def of(cls, exchange: Exchange) -> Interaction | None:
        """What passed, if both messages are whole and can be read; otherwise None."""
        invocation, response = exchange.invocation, exchange.response
        if invocation is None or response is None:
            return None
        request = exchange.request_frame
        return cls(
            invocation=invocation,
            response=response,
            time_ns=None if request is None else request.seen_at_ns,
            latency_ns=exchange.latency_ns,
        )

    @property
    def procedure(self) -> str:
        """What was called."""
        return self.invocation.procedure or ""

    @property
    def params(self) -> tuple[Any, ...]:
        """The values of its parameters; none if they can't be read."""
        parameters = self.invocation.parameters
        return () if isinstance(parameters, Opaque) else tuple(each.value for each in parameters)

    def exchange(self, number: int = 0, connection: Connection | None = None) -> Exchange:
        """The same as it would stand in a capture."""
        handle = self.invocation.client_handle
        ended_ns = None
        if self.time_ns is not None and self.latency_ns is not None:
            ended_ns = self.time_ns + self.latency_ns
        return Exchange(
            connection=connection or Connection(number=1),
            number=number,
            procedure=self.procedure,
            client_handle=handle,
            status=self.response.status,
            request_frame=Frame.of(Direction.CLIENT, build(self.invocation), self.time_ns),
            response_frame=Frame.of(
                Direction.SERVER, build(self.response.replace(client_handle=handle)), ended_ns
            ),
        )
