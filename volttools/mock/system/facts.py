"""What system procedures know of the server that they tell about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from volttools.formats.response import GRACEFUL_FAILURE, Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.mock.answers import failure
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.checking import Gate
from volttools.mock.counters import Counters
from volttools.mock.engine import Engine
from volttools.mock.overview import HostFacts
from volttools.mock.procedures import Procedures
from volttools.mock.topology import Topology

SystemProcedure = Callable[[Call], Any]
"""Takes a call, gives its answer."""

STATUS_OK = Table.of([("STATUS", BIGINT)], [(0,)])


@dataclass(kw_only=True)
class Facts:
    """One server, or a cluster.

    hosts            the living nodes, as the node that a connection is at tells them: itself first
    connections      who is connected, to any node
    push_procedures  tells those who subscribed that the procedures are others now
    shut_down        ends it
    """

    topology: Topology
    procedures: Procedures
    counters: Counters
    gate: Gate
    build: str
    started_ns: int
    now_ns: Callable[[], int]
    hosts: Callable[[ClientConnection], list[HostFacts]]
    connections: Callable[[], list[ClientConnection]] = list
    push_procedures: Callable[[], None] = lambda: None
    shut_down: Callable[[], None] = lambda: None
    users: Sequence[str] = ()
    engine: Engine | None = None
    classes: set[str] = field(default_factory=set)

    @property
    def now_ms(self) -> int:
        """Since 1970."""
        return self.now_ns() // 10**6


def refused(text: str) -> Response:
    """GRACEFUL_FAILURE."""
    return failure(GRACEFUL_FAILURE, text)


def status_ok(call: Call) -> Response:
    """The table STATUS with 0."""
    return Response(tables=[STATUS_OK])
