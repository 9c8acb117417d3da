"""System procedures: what real clients ask behind their log-in, answered as by an 11.4 server.

A module a theme: statistics, catalog, information, administration, loading, snapshots, SQL. Texts and
columns as recorded, and as in the server's sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from volttools.formats.response import SUCCESS, Response
from volttools.formats.table import Table
from volttools.mock.calls import Call
from volttools.mock.system.administration import Administration
from volttools.mock.system.catalog import Catalog
from volttools.mock.system.facts import STATUS_OK, Facts, SystemProcedure, refused
from volttools.mock.system.information import Information
from volttools.mock.system.loading import Loading
from volttools.mock.system.snapshots import Snapshots
from volttools.mock.system.sql import Sql
from volttools.mock.system.statistics import Statistics
from volttools.mock.topology import Topology
from volttools.mock.unreadable import unreadable

__all__ = ["Facts", "System", "SystemSource"]

_ABOUT_THE_NODE = ("@Ping", "@Subscribe", "@GetPartitionKeys", "@StopNode", "@PrepareStopNode")


class System:
    """The system procedures; which node is asked is told by the call's connection."""

    def __init__(self, facts: Facts, more: Mapping[str, Callable[[Call], Response]]) -> None:
        self.facts = facts
        self._catalog = Catalog(facts)
        self._by_name: dict[str, SystemProcedure] = {
            "@Ping": self._ping,
            "@Subscribe": self._subscribe,
            "@GetPartitionKeys": self._partition_keys,
            **self._catalog.procedures(),
            **more,
        }
        for theme in (Information, Statistics, Administration, Loading, Snapshots, Sql):
            self._by_name |= theme(facts).procedures()

    @property
    def topology(self) -> Topology:
        """What clients are told of it."""
        return self.facts.topology

    def find(self, name: str) -> SystemProcedure | None:
        """What answers a system procedure; None if it isn't one of these."""
        return self._by_name.get(name)

    def is_about_the_node(self, call: Call) -> bool:
        """Whether a call asks about this very node and connection: no other server can answer it."""
        if call.procedure in ("@SystemInformation", "@Statistics"):
            selector = call.params[0] if call.params else "OVERVIEW"
            return isinstance(selector, str) and selector.upper() in ("OVERVIEW", "TOPO")
        return call.procedure in _ABOUT_THE_NODE

    def procedures_table(self) -> Table:
        """What @SystemCatalog PROCEDURES answers, and what is pushed."""
        return self._catalog.procedures_table()

    def _ping(self, call: Call) -> Response:
        return Response(status=SUCCESS, status_string="SUCCESS", tables=[STATUS_OK])

    def _subscribe(self, call: Call) -> Response:
        for index, word in enumerate(call.params):
            if not isinstance(word, str):
                return refused(f"Parameter index {index} was not a String")
            if word != "TOPOLOGY":
                return refused(f'Parameter "{word}" is not recognized/supported')
        call.connection.subscribed = True
        return Response()

    def _partition_keys(self, call: Call) -> Response:
        kind: Any = call.params[0] if call.params else None
        table = self.topology.keys_table(kind.upper()) if isinstance(kind, str) else None
        if table is None:
            text = (
                f"Type {kind} is not a supported type of partition key, the type of partition key to "
                "return and can be one of INTEGER, STRING or VARCHAR (equivalent), or VARBINARY"
            )
            return refused(text)
        return Response(tables=[table])


class SystemSource:
    """Answers the system procedures that a node knows."""

    def __init__(self, system: System) -> None:
        self._system = system

    def answer(self, call: Call) -> Any:
        """As a real server does."""
        answers = self._system.find(call.procedure)
        return None if answers is None else unreadable(call) or answers(call)
