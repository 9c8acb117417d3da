"""Keeps clients of a cluster at the proxy: they ask a node for the addresses of all, and go there.

Those addresses stand in one place only: in the answer to @SystemInformation OVERVIEW, one row a key:
HOST_ID, KEY, VALUE, with the keys IPADDRESS and CLIENTPORT (ADMINPORT for those who ask). @Statistics
TOPO and its pushes name hosts by their numbers, so they stay as they are.

Source: sections 9 and 10 of the protocol's reference: the answers of an 11.4 cluster (recordings
cluster-*.pcap), and what the official clients read of them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from volttools.formats.notation import Record
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.hooks import Message
from volttools.protocol.frames import Direction
from volttools.record.addresses import Address
from volttools.record.relay import Route

PROCEDURE: Final = "@SystemInformation"
COLUMNS: Final = ("HOST_ID", "KEY", "VALUE")
INTERFACES: Final = {"CLIENTPORT": ("IPADDRESS", "CLIENTINTERFACE"), "ADMINPORT": ("ADMININTERFACE",)}
"""For each port, the keys that say at which address it is."""


def places_of(routes: Iterable[Route], listening: Iterable[Address]) -> dict[tuple[str, int], int]:
    """Where each server's address and port can be reached: the port of its listener.

    A server's name stands for all its addresses; one that nobody knows only for itself.
    """
    places: dict[tuple[str, int], int] = {}
    for route, here in zip(routes, listening, strict=True):
        hosts = {route.to.host}
        try:
            found = socket.getaddrinfo(*route.to, type=socket.SOCK_STREAM)
            hosts |= {str(entry[4][0]) for entry in found}
        except OSError:
            pass
        for host in hosts:
            places[host, route.to.port] = here.port
    return places


class TopologyRewriter:
    """Puts the proxy's addresses in the place of the servers'.

    places      as `places_of` gives them
    host        where the proxy can be reached by the client
    on_unknown  called with the address of a node that has no listener: clients will go there
    """

    def __init__(
        self, places: Mapping[tuple[str, int], int], host: str, on_unknown: Callable[[str], None]
    ) -> None:
        self._places = places
        self._host = host
        self._on_unknown = on_unknown

    def rewrite(self, message: Message) -> Record | None:
        """The answer with other addresses; None if it is about something else."""
        if message.direction is not Direction.SERVER or message.procedure is None:
            return None
        if message.procedure != PROCEDURE:
            return None
        response = message.value
        assert isinstance(response, Response)
        tables = [self._table(table) for table in response.tables]
        if all(new is old for new, old in zip(tables, response.tables, strict=True)):
            return None
        return response.replace(tables=tables)

    def _table(self, table: Table) -> Table:
        if tuple(column.name for column in table.columns) != COLUMNS:
            return table
        nodes: dict[Any, dict[str, str]] = {}
        for host_id, key, value in table.rows:
            nodes.setdefault(host_id, {})[key] = value
        changes = {
            (host_id, key): value
            for host_id, keys in nodes.items()
            for key, value in self._changes(keys).items()
        }
        if not changes:
            return table
        rows = [(host_id, key, changes.get((host_id, key), value)) for host_id, key, value in table.rows]
        return table.replace(rows=rows)

    def _changes(self, keys: Mapping[str, str]) -> dict[str, str]:
        """What a node's keys are to say."""
        changes: dict[str, str] = {}
        for port_key, interfaces in INTERFACES.items():
            port = keys.get(port_key)
            if port is None or not port.isdecimal():
                continue
            hosts = [keys[key] for key in (*interfaces, "IPADDRESS", "HOSTNAME") if keys.get(key)]
            here = next(
                (self._places[host, int(port)] for host in hosts if (host, int(port)) in self._places), None
            )
            if here is not None:
                changes[port_key] = str(here)
                changes |= {key: self._host for key in interfaces if key in keys}
            elif port_key == "CLIENTPORT" and hosts:
                self._on_unknown(str(Address(hosts[0], int(port))))
        return changes
