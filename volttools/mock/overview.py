"""@SystemInformation OVERVIEW: the keys of a real 11.4 server, in its order.

Clients dial IPADDRESS and CLIENTPORT. Sources: recordings system-information.pcap, cluster-each-node.pcap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from volttools.formats.table import Row, Table
from volttools.formats.types import INTEGER, STRING

_COLUMNS = (("HOST_ID", INTEGER), ("KEY", STRING), ("VALUE", STRING))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """A node as clients are told of it: where it can be dialled, and since when it runs."""

    host_id: int
    host: str
    port: int
    admin_port: int = -1
    started_ms: int


def overview_table(
    hosts: Sequence[HostFacts],
    *,
    build: str,
    started_ms: int,
    now_ms: int,
    full_size: int,
    is_paused: bool = False,
) -> Table:
    """The living nodes, in the order given; `started_ms` and `full_size` are the cluster's."""
    living = ",".join(str(host.host_id) for host in sorted(hosts, key=lambda host: host.host_id))
    rows: list[Row] = []
    for host in hosts:
        rows += _rows(host, build, started_ms, now_ms, full_size, living, is_paused)
    return Table.of(_COLUMNS, rows)


def _rows(
    facts: HostFacts, build: str, started_ms: int, now_ms: int, full_size: int, living: str, is_paused: bool
) -> Iterable[Row]:
    host, port = facts.host, facts.port
    started = str(started_ms)
    values = {
        "IPADDRESS": host,
        "HOSTNAME": "localhost",
        "CLIENTINTERFACE": host,
        "CLIENTPORT": str(port),
        "ADMININTERFACE": "",
        "ADMINPORT": str(facts.admin_port),
        "HTTPINTERFACE": "",
        "HTTPPORT": "-1",
        "INTERNALINTERFACE": "",
        "INTERNALPORT": "-1",
        "ZKINTERFACE": "",
        "ZKPORT": "-1",
        "DRINTERFACE": "",
        "DRPORT": "0",
        "PUBLICINTERFACE": host,
        "DRPUBLICINTERFACE": "",
        "DRPUBLICPORT": "-1",
        "BUILDSTRING": build,
        "VERSION": build.partition("_")[0],
        "CATALOG": "",
        "DEPLOYMENT": "",
        "CLUSTERSTATE": "PAUSED" if is_paused else "RUNNING",
        "CLUSTERSAFETY": "FULL",
        "INITIALIZED": "true",
        "REPLICATIONROLE": "NONE",
        "CATALOGCRC": "0",
        "IV2ENABLED": "true",
        "STARTTIME": started,
        "CREATIONTIME": started,
        "HOSTSTARTTIME": str(facts.started_ms),
        "UPTIME": _uptime(now_ms - started_ms),
        "LAST_UPDATECORE_DURATION": "-1",
        "LOG4JPORT": "0",
        "PLACEMENTGROUP": "0",
        "PARTITIONGROUP": living,
        "VOLTDBROOT": "",
        "FULLCLUSTERSIZE": str(full_size),
        "CLUSTERID": "0",
        "TOPICSPUBLICINTERFACE": "",
        "TOPICSPUBLICPORT": "-1",
        "TOPICSPORT": "-1",
        "CPUCORES": "1",
        "CPUTHREADS": "1",
        "MEMORY": "1024 MB",
        "KUBERNETES": "false",
    }
    return [(facts.host_id, key, value) for key, value in values.items()]


def _uptime(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} days {hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
