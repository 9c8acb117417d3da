"""@SystemInformation: OVERVIEW, DEPLOYMENT, LICENSE."""

from __future__ import annotations

from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import STRING
from volttools.mock.calls import Call
from volttools.mock.overview import overview_table
from volttools.mock.system.facts import Facts, SystemProcedure, refused

_PROPERTIES = (("PROPERTY", STRING), ("VALUE", STRING))
_LICENSE = Table.of(_PROPERTIES, [("TYPE", "CommunityEdition")])


class Information:
    """What a server tells of itself."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {"@SystemInformation": self._system_information}

    def _system_information(self, call: Call) -> Response:
        selector = call.params[0] if call.params else "OVERVIEW"
        match selector.upper() if isinstance(selector, str) else None:
            case "OVERVIEW":
                return Response(tables=[self._overview(call)])
            case "DEPLOYMENT":
                return Response(tables=[self._deployment()])
            case "LICENSE":
                return Response(tables=[_LICENSE])
        return refused(f"Invalid @SystemInformation selector {selector}")

    def _overview(self, call: Call) -> Table:
        facts = self._facts
        return overview_table(
            facts.hosts(call.connection),
            build=facts.build,
            started_ms=facts.started_ns // 10**6,
            now_ms=facts.now_ms,
            full_size=facts.topology.nodes,
            is_paused=facts.gate.is_paused,
        )

    def _deployment(self) -> Table:
        """In the order of the recording system-information; the paths are nobody's."""
        topology = self._facts.topology
        users = "".join(f"{user}:administrator;" for user in sorted(self._facts.users))
        properties = {
            "voltdbroot": "/voltdbroot",
            "hostcount": str(topology.nodes),
            "kfactor": str(topology.k_factor),
            "sitesperhost": str(topology.sites_per_host),
            "httpenabled": "false",
            "jsonenabled": "false",
            "snapshotpath": "/voltdbroot/snapshots",
            "snapshotenabled": "false",
            "export": "false",
            "largequeryswappath": "/voltdbroot/large_query_swap",
            "partitiondetection": "true",
            "heartbeattimeout": "90",
            "adminport": "21211",
            "commandlogenabled": "false",
            "users": users,
            "elasticduration": "50",
            "elasticthroughput": "2",
            "snapshotpriority": "6",
            "temptablesmaxsize": "100",
            "querytimeout": "10000",
            "drrole": "none",
            "prioritiesenabled": "false",
            "drpriority": "null",
        }
        return Table.of(_PROPERTIES, list(properties.items()))
