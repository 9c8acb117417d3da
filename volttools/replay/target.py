"""What is asked of the target before anything is sent to it: whether it is the right one, and its catalog."""

from __future__ import annotations

import socket
from collections.abc import Collection

from volttools.client import connect
from volttools.client.connection_settings import Address, ConnectionSettings
from volttools.errors import CallFailed, UsageError
from volttools.formats.response import SUCCESS
from volttools.replay.safety import Catalog


def check_target(
    servers: Collection[str], addresses: Collection[Address], option: str = "--allow-recorded-target"
) -> None:
    """UsageError if an address of the target is one of a server that was recorded; `option` allows it."""
    recorded = set(servers)
    for address in addresses:
        for one in _numbers_of(address):
            if str(one) in recorded:
                named = str(address) if str(address) == str(one) else f"{address} ({one})"
                raise UsageError(
                    f"{named} is the server that was recorded, and nothing is sent to it;"
                    f" {option} sends the calls there all the same"
                )


def _numbers_of(address: Address) -> list[Address]:
    """An address by the numbers of its name; itself where it has none."""
    try:
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    except OSError:
        return [address]  # connecting tells what is wrong
    return [Address(str(where[0]), int(where[1])) for *_, where in found]


def fetch_catalog(settings: ConnectionSettings) -> tuple[Catalog, str]:
    """What the target's procedures do, and which build it is. Raises CannotConnect, LoginRefused, CallFailed."""
    with connect(settings, signatures=False) as client:
        result = client.call("@SystemCatalog", "PROCEDURES", check=False)
        if result.status != SUCCESS or not result.tables:
            raise CallFailed(
                f"{client.address}: @SystemCatalog PROCEDURES was not answered, so it isn't known what writes:"
                f" {result.status_string or result.status}",
                procedure="@SystemCatalog",
                status=result.status,
            )
        return Catalog(result.dicts()), client.server.build or ""
