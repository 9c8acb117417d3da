"""TLS of a mock server: certificates of files or made on the spot, one side or both."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from volttools.errors import UsageError

if TYPE_CHECKING:
    from volttools.certificates import Authority

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Tls:
    """How a server speaks TLS; `Tls()` makes a certificate on the spot.

    certfile, keyfile  PEM files of a certificate (and its chain) and its key; the key may stand with it
    client_ca          PEM file of authorities: clients must show a certificate that one of them signed
    ask_clients        the same, by the authority made on the spot: `server.issue_certificate("app")`
    versions           lowest and highest; a real 11.4 server takes only 1.2
    """

    certfile: str | Path | None = None
    keyfile: str | Path | None = None
    client_ca: str | Path | None = None
    ask_clients: bool = False
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

    def __post_init__(self) -> None:
        if self.keyfile is not None and self.certfile is None:
            raise UsageError(f"the key {self.keyfile} needs its certificate: give certfile, too")


class TlsSide:
    """A server's side of TLS: its context, and the authority that it has made, if any."""

    def __init__(self, tls: Tls, host: str) -> None:
        self.authority = None if tls.certfile is not None and not tls.ask_clients else _new_authority()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version, self.context.maximum_version = tls.versions
        if tls.certfile is not None:
            self._load(tls.certfile, tls.keyfile)
        else:
            assert self.authority is not None
            names = dict.fromkeys((*_LOOPBACK_NAMES, host))
            self.authority.issue(*names).load_into(self.context)
        if tls.client_ca is not None:
            self._trust(tls.client_ca)
        if tls.ask_clients:
            assert self.authority is not None
            self.context.load_verify_locations(cadata=self.authority.ca_pem.decode())
        if tls.ask_clients or tls.client_ca is not None:
            self.context.verify_mode = ssl.CERT_REQUIRED

    def _load(self, certfile: str | Path, keyfile: str | Path | None) -> None:
        try:
            self.context.load_cert_chain(certfile, keyfile)
        except OSError as error:
            files = " and ".join(str(file) for file in (certfile, keyfile) if file is not None)
            raise UsageError(f"can't use {files} as certificate and key: {_reason(error)}") from error

    def _trust(self, client_ca: str | Path) -> None:
        try:
            self.context.load_verify_locations(client_ca)
        except OSError as error:
            raise UsageError(f"can't use {client_ca} as authorities of clients: {_reason(error)}") from error


def _new_authority() -> Authority:
    try:
        from volttools.certificates import Authority
    except ImportError as error:
        raise UsageError(f"{error}, or give certfile and keyfile") from error
    return Authority()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
