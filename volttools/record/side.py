"""One socket of a relayed connection: what asyncio calls, and how it is ended."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Protocol, cast

from volttools.protocol.events import Direction
from volttools.sockets import reset_on_close

BUFFER_BYTES: Final = 2**16
"""What is read at once, and what may wait for a side before the other one is read no more."""


class Link(Protocol):
    """Who has two sides."""

    def connected(self, side: Side) -> None:
        """A side's connection stands."""

    def data(self, side: Side, data: bytes) -> None:
        """A side sent something."""

    def half_closed(self, side: Side) -> None:
        """A side will send nothing more."""

    def lost(self, side: Side, error: Exception | None) -> None:
        """A side's connection is gone."""


class Side(asyncio.Protocol):
    """One socket of a link."""

    other: Side
    transport: asyncio.Transport

    def __init__(self, link: Link, direction: Direction) -> None:
        self._link = link
        self.direction = direction
        self.has_ended = False
        self.is_connected = False

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port of who is at the other end."""
        return self._name("peername")

    @property
    def here(self) -> tuple[str, int]:
        """Address and port of this end."""
        return self._name("sockname")

    def _name(self, what: str) -> tuple[str, int]:
        name: tuple[Any, ...] = self.transport.get_extra_info(what) or ("0.0.0.0", 0)
        return name[0], name[1]

    # -- called by asyncio ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.is_connected = True
        self.transport.set_write_buffer_limits(BUFFER_BYTES)
        if hasattr(transport, "max_size"):  # asyncio's own: 256 KiB, which each slow reader would cost
            transport.max_size = BUFFER_BYTES
        self._link.connected(self)

    def data_received(self, data: bytes) -> None:
        self._link.data(self, data)

    def eof_received(self) -> bool:
        self._link.half_closed(self)
        return self.transport.can_write_eof()  # TLS can't be open in one direction

    def connection_lost(self, error: Exception | None) -> None:
        self._link.lost(self, error)

    def pause_writing(self) -> None:
        if self.other.is_connected:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other.is_connected:
            self.other.transport.resume_reading()

    # -- called by the link -----------------------------------------------------------------

    def end_writing(self) -> None:
        """Let the peer know that nothing more comes."""
        if not self.is_connected:
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def close(self, *, at_once: bool = False) -> None:
        """Close it, when what waits is written; or at once."""
        if self.is_connected and at_once:
            self.transport.abort()
        elif self.is_connected:
            self.transport.close()

    def reset(self) -> None:
        """Close it with a reset; what waits is lost, as it would be without a relay."""
        if self.is_connected:
            sock = self.transport.get_extra_info("socket")
            if sock is not None and sock.fileno() >= 0:
                reset_on_close(sock)
            self.transport.abort()
