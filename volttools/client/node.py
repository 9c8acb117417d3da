"""What a server tells of itself: version, uptime, topology, procedures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from volttools.client.blocking import Client
from volttools.client.results import failure
from volttools.errors import UsageError
from volttools.formats.response import SUCCESS
from volttools.formats.topology import MULTI_PARTITION
from volttools.words import counted


@dataclass(slots=True)
class Partition:
    """One partition: its sites, and the one that leads it, each as "host id:site id"."""

    number: int
    sites: list[str]
    leader: str


@dataclass(slots=True)
class NodeInfo:
    """A server and its cluster.

    build       of the server that was asked
    hosts       by host id: what @SystemInformation OVERVIEW tells, such as VERSION and UPTIME
    partitions  without the one that coordinates calls of all partitions
    procedures  names, sorted; with those that every table has
    missing     what the server did not tell, and why
    """

    address: str
    build: str
    host_id: int
    hosts: dict[int, dict[str, str]] = field(default_factory=dict)
    partitions: list[Partition] = field(default_factory=list)
    procedures: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def version(self) -> str:
        """Such as "11.4.0.beta1"."""
        return self.build.partition("_")[0]

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return {
            "address": self.address,
            "version": self.version,
            "build": self.build,
            "host_id": self.host_id,
            "hosts": {str(host_id): values for host_id, values in self.hosts.items()},
            "partitions": [
                {"partition": each.number, "sites": each.sites, "leader": each.leader}
                for each in self.partitions
            ],
            "procedures": self.procedures,
            "missing": self.missing,
        }


def node_info(client: Client) -> NodeInfo:
    """Ask a server what it is. What it refuses to tell is in `missing`.

    Raises CallTimeout, ConnectionLost, DecodeError.
    """
    server = client.server
    info = NodeInfo(client.address, server.build or "", server.host_id or 0)
    hosts = _rows(client, info, ("HOST_ID", "KEY", "VALUE"), "@SystemInformation", "OVERVIEW")
    for host_id, key, value in hosts:
        info.hosts.setdefault(host_id, {})[key] = value
    for number, sites, leader in _rows(
        client, info, ("Partition", "Sites", "Leader"), "@Statistics", "TOPO", 0
    ):
        if number != MULTI_PARTITION:
            info.partitions.append(Partition(number, (sites or "").split(","), leader or ""))
    info.partitions.sort(key=lambda partition: partition.number)
    names = _rows(client, info, ("PROCEDURE_NAME",), "@SystemCatalog", "PROCEDURES")
    info.procedures = sorted(name for (name,) in names if name)
    return info


def changes(before: NodeInfo, now: NodeInfo) -> list[str]:
    """What is different, a sentence each: hosts, partitions and their leaders, procedures, what is told.

    Hosts that come back have a new id, so they have gone and another one came.
    """
    found = []
    for host_id in sorted(before.hosts.keys() - now.hosts.keys()):
        found.append(f"host {host_id} is gone: {_host_name(before, host_id)}")
    for host_id in sorted(now.hosts.keys() - before.hosts.keys()):
        found.append(f"host {host_id} came: {_host_name(now, host_id)}")
    for host_id in sorted(now.hosts.keys() & before.hosts.keys()):
        for key in ("CLUSTERSTATE", "VERSION", "STARTTIME"):
            was, value = before.hosts[host_id].get(key), now.hosts[host_id].get(key)
            if was != value:
                found.append(f"host {host_id}: {key} is {value}, was {was}")
    found += _partition_changes(before.partitions, now.partitions)
    for names, word in (
        (sorted({*now.procedures} - {*before.procedures}), "new"),
        (sorted({*before.procedures} - {*now.procedures}), "gone"),
    ):
        if names:
            found.append(f"{counted(len(names), 'procedure')} {word}: {', '.join(names)}")
    found += [f"no longer told: {text}" for text in now.missing if text not in before.missing]
    return found


def _host_name(info: NodeInfo, host_id: int) -> str:
    values = info.hosts[host_id]
    return (
        f"{values.get('HOSTNAME') or '?'} {values.get('IPADDRESS') or '?'}:{values.get('CLIENTPORT') or '?'}"
    )


def _partition_changes(before: Sequence[Partition], now: Sequence[Partition]) -> list[str]:
    known = {each.number: each for each in before}
    found = []
    for each in now:
        was = known.pop(each.number, None)
        if was is None:
            found.append(f"partition {each.number} is new")
            continue
        if was.leader != each.leader:
            found.append(f"partition {each.number} is led by {each.leader}, was by {was.leader}")
        if was.sites != each.sites:
            sites = ", ".join(each.sites)
            found.append(f"partition {each.number} has sites {sites}, had {', '.join(was.sites)}")
    return found + [f"partition {number} is gone" for number in known]


def _rows(
    client: Client, info: NodeInfo, columns: Sequence[str], procedure: str, *arguments: Any
) -> list[tuple[Any, ...]]:
    """The columns of the first table of an answer; none, and a remark, where there is no such answer."""
    result = client.call(procedure, *arguments, check=False)
    if result.status != SUCCESS:
        info.missing.append(str(failure(result)))
        return []
    try:
        return list(zip(*(result.column(name) for name in columns), strict=True))
    except UsageError as error:
        info.missing.append(f"{procedure}: {error}")
        return []


@dataclass(frozen=True, slots=True)
class Pong:
    """A server's answer to @Ping: its status, what went wrong if it isn't SUCCESS, and how long it took."""

    address: str
    build: str
    status: int
    error: str | None
    latency_ns: int

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return asdict(self)


def ping(client: Client) -> Pong:
    """Call @Ping. Raises CallTimeout, ConnectionLost."""
    result = client.call("@Ping", check=False)
    error = None if result.status == SUCCESS else str(failure(result))
    return Pong(client.address, client.server.build or "", result.status, error, result.latency_ns)
