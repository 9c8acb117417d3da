"""What a connection is made with, in both orders that were ever documented."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any

from volttools.client.connection_settings import Address
from volttools.client.wire import dialled
from volttools.voltdbclient.frames import deadline_after

Path = str | os.PathLike[str]


@dataclass
class Settings:
    """The arguments of a FastSerializer."""

    host: str | None = None
    port: int | None = 21212
    usessl: bool = False
    username: str | None = ""
    password: str | None = field(default="", repr=False)
    kerberos: bool | None = False
    dump_file_path: Path | None = None
    connect_timeout: float | None = 8
    procedure_timeout: float | None = None
    default_timeout: float | None = None
    ssl_config_file: Path | None = None
    default_cacerts: bool = True
    dump_file: Path | None = None

    @classmethod
    def given(cls, *arguments: Any, **named: Any) -> Settings:
        """By position, in one of two orders, and by name."""
        if len(arguments) > 2 and isinstance(arguments[2], str):
            return cls._by_readme(*arguments, **named)
        return cls(*arguments, **named)

    @classmethod
    def _by_readme(
        cls,
        host: str | None,
        port: int | None,
        username: str,
        password: str | None = "",
        dump_file: Path | None = None,
        **named: Any,
    ) -> Settings:
        return cls(host, port, username=username, password=password, dump_file=dump_file, **named)

    @property
    def address(self) -> Address | None:
        """Where to connect; None for a FastSerializer without a connection."""
        if self.host is None or self.port is None:
            return None
        return Address(self.host, self.port)

    @property
    def dump_path(self) -> Path | None:
        """Where to write the frames, by either name."""
        return self.dump_file if self.dump_file_path is None else self.dump_file_path

    def connected(self) -> socket.socket:
        """A socket that is connected, and has shaken hands over TLS. CannotConnect, which says why not;
        UsageError for a TLS configuration that can't be had."""
        address = self.address
        assert address is not None
        return dialled(address, deadline_after(self.connect_timeout), self._tls())

    def _tls(self) -> ssl.SSLContext | None:
        if not self.usessl:
            return None
        from volttools.client.tls import official_context

        return official_context(self.ssl_config_file, self.default_cacerts)
