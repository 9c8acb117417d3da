"""Small traffic for comparisons: a list of calls, each with its answer, as a reader gives them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.samples import START_NS
from volttools.codec import build
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.events import Connection, Direction, Exchange, Frame


@dataclass(frozen=True)
class Said:
    """A call and its answer; `answer` None: there is none."""

    procedure: str
    parameters: tuple[Parameter, ...] = ()
    answer: Response | None = field(default_factory=Response)
    connection: int = 1
    latency_us: int = 1_000

    def but(self, **changes: Any) -> Said:
        """The same with another answer, connection, latency ..."""
        return replace(self, **changes)


def said(
    procedure: str, *values: Any, tables: Iterable[Table] = (), connection: int = 1, **answer: Any
) -> Said:
    """A call with parameters of the types that values look like."""
    parameters = tuple(
        value
        if isinstance(value, Parameter)
        else Parameter.of(STRING if isinstance(value, str) else BIGINT, value)
        for value in values
    )
    return Said(procedure, parameters, Response(tables=list(tables), **answer), connection)


def exchanges(calls: Iterable[Said], *, closed_kind: Any = "fin") -> list[Exchange]:
    """The exchanges of a capture."""
    connections: dict[int, Connection] = {}
    found = []
    for number, call in enumerate(calls, 1):
        connection = connections.setdefault(
            call.connection, Connection(number=call.connection, closed_kind=closed_kind)
        )
        invocation = Invocation(
            procedure=call.procedure, client_handle=number, parameters=list(call.parameters)
        )
        began = START_NS + number * 10_000_000
        answer = call.answer
        found.append(
            Exchange(
                connection=connection,
                number=number,
                procedure=call.procedure,
                client_handle=number,
                status=None if answer is None else answer.status,
                request_frame=_frame(Direction.CLIENT, invocation, began),
                response_frame=None
                if answer is None
                else _frame(
                    Direction.SERVER, answer.replace(client_handle=number), began + call.latency_us * 1_000
                ),
            )
        )
    return found


def _frame(direction: Direction, message: Invocation | Response, at_ns: int) -> Frame:
    body = build(message)
    return Frame(direction=direction, body=body, length=len(body), offset=0, seen_at_ns=at_ns)
