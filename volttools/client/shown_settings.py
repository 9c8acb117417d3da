"""Which settings are in force, and where each comes from, without the secrets.

for one in shown(ConnectionSettings.of()):
    print(one.key, one.value, one.source)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from volttools.client.connection_settings import ConnectionSettings
from volttools.client.requests import DEFAULT_TIMEOUT
from volttools.client.settings import SETTINGS

BUILT_IN = "built in"


class Shown(NamedTuple):
    """A setting; `value` is None for a secret."""

    key: str
    value: Any
    source: str


def shown(settings: ConnectionSettings) -> list[Shown]:
    """All that are set, and those that always have a value, in the order of SETTINGS."""
    built_in: dict[str, Any] = {
        "hosts": True,
        "timeout": DEFAULT_TIMEOUT,
        "connect_timeout": settings.connect_timeout,
        "tls": settings.is_tls,
    }
    if "kerberos" not in settings.given:
        built_in |= {"user": "", "hash": "sha256"}
    found = []
    for key, setting in SETTINGS.items():
        given = settings.given.get(key)
        if given is None and key not in built_in:
            continue
        value = built_in[key] if given is None else given.value
        if key == "hosts":
            value = [str(address) for address in settings.addresses]
        source = BUILT_IN if given is None else given.source
        if key == "tls" and given is None and settings.is_tls:
            source = "implied"
        found.append(Shown(key, None if setting.is_secret else value, source))
    return found
