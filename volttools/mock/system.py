"""System procedures: what real clients ask behind their log-in, answered as by an 11.4 server.

@Ping, @Subscribe, @SystemInformation OVERVIEW, @Statistics TOPO, @SystemCatalog PROCEDURES and
PROCEDURECOLUMNS, @GetPartitionKeys; texts and columns as recorded and in the server's sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from volttools.formats.response import SUCCESS, Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.mock.answers import GRACEFUL_FAILURE, failure
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.catalog import procedure_columns_table, procedures_table
from volttools.mock.handlers import unreadable
from volttools.mock.overview import HostFacts, overview_table
from volttools.mock.procedures import Procedures
from volttools.mock.topology import Topology

STATUS_OK = Table.of([("STATUS", BIGINT)], [(0,)])

_ABOUT_THE_NODE = ("@Ping", "@Subscribe", "@GetPartitionKeys", "@StopNode", "@PrepareStopNode")


class System:
    """The system procedures; which node is asked is told by the call's connection."""

    def __init__(
        self,
        topology: Topology,
        procedures: Procedures,
        build: str,
        started_ns: int,
        now_ns: Callable[[], int],
        hosts: Callable[[ClientConnection], list[HostFacts]],
        more: Mapping[str, Callable[[Call], Response]],
    ) -> None:
        self.topology = topology
        self._hosts = hosts
        self._procedures = procedures
        self._build = build
        self._started_ns, self._now_ns = started_ns, now_ns
        self._by_name: dict[str, Callable[[Call], Response]] = {
            "@Ping": self._ping,
            "@Subscribe": self._subscribe,
            "@SystemInformation": self._system_information,
            "@Statistics": self._statistics,
            "@SystemCatalog": self._system_catalog,
            "@GetPartitionKeys": self._partition_keys,
            **more,
        }

    def find(self, name: str) -> Callable[[Call], Response] | None:
        """What answers a system procedure; None if it isn't one of these."""
        return self._by_name.get(name)

    def is_about_the_node(self, call: Call) -> bool:
        """Whether a call asks about this very node and connection: no other server can answer it."""
        if call.procedure in ("@SystemInformation", "@Statistics"):
            selector = call.params[0] if call.params else "OVERVIEW"
            return isinstance(selector, str) and selector.upper() in ("OVERVIEW", "TOPO")
        return call.procedure in _ABOUT_THE_NODE

    def topology_tables(self, *, as_json: bool = False) -> list[Table]:
        """What @Statistics TOPO answers, and what is pushed."""
        return self.topology.tables(as_json=as_json)

    def procedures_table(self) -> Table:
        """What @SystemCatalog PROCEDURES answers, and what is pushed."""
        return procedures_table(self._procedures.listed())

    def _ping(self, call: Call) -> Response:
        return Response(status=SUCCESS, status_string="SUCCESS", tables=[STATUS_OK])

    def _subscribe(self, call: Call) -> Response:
        for index, word in enumerate(call.params):
            if not isinstance(word, str):
                return failure(GRACEFUL_FAILURE, f"Parameter index {index} was not a String")
            if word != "TOPOLOGY":
                return failure(GRACEFUL_FAILURE, f'Parameter "{word}" is not recognized/supported')
        call.connection.subscribed = True
        return Response()

    def _system_information(self, call: Call) -> Response:
        selector = call.params[0] if call.params else "OVERVIEW"
        if not isinstance(selector, str) or selector.upper() != "OVERVIEW":
            return failure(GRACEFUL_FAILURE, f"Invalid @SystemInformation selector {selector}")
        table = overview_table(
            self._hosts(call.connection),
            build=self._build,
            started_ms=self._started_ns // 10**6,
            now_ms=self._now_ns() // 10**6,
            full_size=self.topology.nodes,
        )
        return Response(tables=[table])

    def _statistics(self, call: Call) -> Response:
        params = call.params
        if not 1 <= len(params) <= 2:
            text = f"Incorrect number of arguments to @Statistics (expects 2, received {len(params)})"
            return failure(GRACEFUL_FAILURE, text)
        if not isinstance(params[0], str) or params[0].upper() != "TOPO":
            text = f"First argument to @Statistics must be a valid STRING selector, instead was {params[0]}"
            return failure(GRACEFUL_FAILURE, text)
        return Response(tables=self.topology_tables(as_json=params[1:] == (1,)))

    def _system_catalog(self, call: Call) -> Response:
        selector: Any = call.params[0] if call.params else None
        listed = self._procedures.listed()
        match selector.upper() if isinstance(selector, str) else None:
            case "PROCEDURES":
                return Response(tables=[procedures_table(listed)])
            case "PROCEDURECOLUMNS":
                return Response(tables=[procedure_columns_table(listed)])
        return failure(GRACEFUL_FAILURE, f"Invalid @SystemCatalog selector: {selector}")

    def _partition_keys(self, call: Call) -> Response:
        kind: Any = call.params[0] if call.params else None
        table = self.topology.keys_table(kind.upper()) if isinstance(kind, str) else None
        if table is None:
            text = (
                f"Type {kind} is not a supported type of partition key, the type of partition key to "
                "return and can be one of INTEGER, STRING or VARCHAR (equivalent), or VARBINARY"
            )
            return failure(GRACEFUL_FAILURE, text)
        return Response(tables=[table])


class SystemSource:
    """Answers the system procedures that a node knows."""

    def __init__(self, system: System) -> None:
        self._system = system

    def answer(self, call: Call) -> Any:
        """As a real server does."""
        answers = self._system.find(call.procedure)
        return None if answers is None else unreadable(call) or answers(call)
