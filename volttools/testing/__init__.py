"""Tests with a mock server, for any runner: what the pytest plugin is made of.

    from volttools.testing import volt_cassette

    with volt_cassette("votes") as server:
        ...  # any client, at server.host and server.port

playing    servers that play and record a test's cassette
names      where the cassette of a test stands
locks      one at a time records a cassette
network    connections to anywhere but mock servers are refused
exchanges  what was said last, as `volttools decode` shows it
outcome    what was missing, unused and recorded, of all tests
active     the settings in force, and the servers of the running test

Names are loaded when they are first used: the plugin is imported by every run of pytest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from volttools.testing.network import NetworkBlocked, block_network
    from volttools.testing.playing import volt_cassette

# Every public name and where it lives.
_HOMES = {
    "NetworkBlocked": "volttools.testing.network",
    "block_network": "volttools.testing.network",
    "volt_cassette": "volttools.testing.playing",
}

__all__ = ["NetworkBlocked", "block_network", "volt_cassette"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'volttools.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
