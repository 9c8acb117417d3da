"""What both clients tell of their connection."""

from __future__ import annotations

from volttools.client.core import Core
from volttools.formats.login import LoginResponse


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
