"""What both clients share: how they get to a server, and what they tell of their connection."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import NamedTuple

from volttools.client.connection_settings import Address, ConnectionSettings, Target
from volttools.client.core import Core
from volttools.client.requests import DEFAULT_TIMEOUT, UNSET, Timeout
from volttools.errors import UsageError
from volttools.formats.login import LoginResponse
from volttools.protocol.login_strategy import LoginStrategy


class Way(NamedTuple):
    """To a server: times in seconds; None: without limit."""

    addresses: tuple[Address, ...]
    login: LoginStrategy
    ssl_context: ssl.SSLContext | None
    connect_timeout: float | None
    timeout: float | None


def way_to(
    target: Target | Iterable[Target] | ConnectionSettings | None,
    *,
    profile: str | None,
    user: str | None,
    password: str | None,
    login: LoginStrategy | None,
    ssl_context: ssl.SSLContext | None,
    connect_timeout: Timeout,
    timeout: Timeout,
) -> Way:
    """What the arguments of `connect` come to, with the environment and the profile. Raises UsageError."""
    if isinstance(target, ConnectionSettings):
        if (profile, user, password) != (None, None, None):
            raise UsageError(
                "ConnectionSettings have profile, user and password: give them to ConnectionSettings.of"
            )
        settings = target
    else:
        settings = ConnectionSettings.of(target, profile=profile, user=user, password=password)
    return Way(
        settings.addresses,
        login or settings.login(),
        ssl_context or settings.ssl_context(),
        settings.connect_timeout if connect_timeout is UNSET else connect_timeout,
        settings.value("timeout", DEFAULT_TIMEOUT) if timeout is UNSET else timeout,
    )


class BaseClient:
    """A connection that is logged in."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def address(self) -> str:
        """The server's, as it was given."""
        return self._core.address

    @property
    def server(self) -> LoginResponse:
        """What the server said at the log-in: `build`, `host_id`, `connection_id` ..."""
        assert self._core.welcome is not None
        return self._core.welcome

    @property
    def in_flight(self) -> int:
        """Calls that await their answer."""
        return len(self._core.pending)

    @property
    def is_closed(self) -> bool:
        """Whether the connection has ended, as far as it is noticed."""
        return self._core.error is not None
