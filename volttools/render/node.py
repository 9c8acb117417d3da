"""What a server told of itself, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from volttools.render.cells import Line
from volttools.render.tables import aligned, named
from volttools.render.values import visible
from volttools.words import counted


def node_lines(info: Mapping[str, Any], width: int) -> Iterator[Line]:
    """Version, hosts, partitions and procedures.

    info   of `volttools.client.node.NodeInfo.as_json`
    """
    yield [(visible(info["address"]), "header")]
    yield from named(
        "version", [(visible(info["version"]), "plain"), (f"  {visible(info['build'])}", "muted")]
    )
    hosts: Mapping[str, Mapping[str, str]] = info["hosts"]
    if hosts:
        yield from named("cluster", [(_cluster(hosts), "plain")])
        yield from aligned([_host(number, values) for number, values in hosts.items()], width)
    partitions: Sequence[Mapping[str, Any]] = info["partitions"]
    if partitions:
        yield from named("partitions", [(f"{len(partitions):,}", "number")])
        yield from aligned([_partition(each) for each in partitions], width)
    procedures: Sequence[str] = info["procedures"]
    if procedures:
        yield from named("procedures", [(f"{len(procedures):,}", "number")])
        yield from aligned([[(", ".join(map(visible, procedures)), "procedure")]], width)
    for text in info["missing"]:
        yield from named("not told", [(visible(text), "status.text")])


def change_lines(changed: Sequence[str]) -> Iterator[Line]:
    """What is different from what was told before; `changed` of `volttools.client.node.changes`."""
    for text in changed:
        yield [("changed: ", "note"), (visible(text), "plain")]


def _cluster(hosts: Mapping[str, Mapping[str, str]]) -> str:
    first = next(iter(hosts.values()))
    state = visible(first.get("CLUSTERSTATE") or "state not told")
    return f"{counted(len(hosts), 'host')}, {state}"


def _host(number: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """A host in a line: id, name, address, version, uptime."""
    address = f"{values.get('IPADDRESS') or '?'}:{values.get('CLIENTPORT') or '?'}"
    up = values.get("UPTIME")
    return [
        (f"host {number}", "plain"),
        (visible(values.get("HOSTNAME") or "?"), "login.name"),
        (visible(address), "address"),
        (visible(values.get("VERSION") or "?"), "plain"),
        (f"up {visible(up)}" if up else "uptime not told", "plain"),
    ]


def _partition(partition: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"partition {partition['partition']}", "plain"),
        (f"led by {visible(partition['leader'])}", "plain"),
        (f"sites {visible(', '.join(partition['sites']))}", "muted"),
    ]
