"""Pseudonyms of names: of procedures, tables, columns, users; and of hosts and addresses.

A name of SQL means the same in any case, so `votes`, `Votes` and `VOTES` have one pseudonym, each in
its own case. What belongs to the product stays: keywords, functions of SQL, names that begin with @,
`.insert` and the like, and the names of columns that the server makes.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from volttools.kept import Kept
from volttools.redaction.permutation import Key
from volttools.redaction.texts import Texts
from volttools.sql import is_builtin

_DEFAULT_PROCEDURES: Final = frozenset({"insert", "upsert", "update", "delete", "select"})
_PRODUCT: Final = ("org.voltdb.", "org.voltcore.", "java.", "javax.", "java.base/", "jdk.", "sun.")
_MADE_COLUMNS: Final = re.compile(r"C\d{1,4}|modified_tuples|STATUS|", re.ASCII)
_WITH_PORT: Final = re.compile(r"(?:\[(?P<inner>[^\]]*)\]|(?P<host>[^:]*)):(?P<port>\d{1,5})", re.ASCII)
_UNDERSCORES: Final = re.compile(r"_{3}|\A_+\Z")
_PIECES: Final = re.compile(r"([.$/])")


class Names:
    """The pseudonyms of names under one key."""

    def __init__(self, key: Key, texts: Texts) -> None:
        self._texts = texts
        self._key = key
        self._seen = Kept[str, str](_MOST)

    def name(self, name: str) -> str:
        """The name of a procedure, table or class, its parts each for itself."""
        if name.startswith("@") or name.startswith(_PRODUCT):
            return name
        found = self._seen.get(name)
        if found is None:
            found = self._seen.keep(name, self._made(name))
        return found

    def column(self, name: str) -> str:
        """The name of a column of results."""
        return name if _MADE_COLUMNS.fullmatch(name) else self.name(name)

    def _made(self, name: str) -> str:
        pieces = _PIECES.split(name)
        is_default = len(pieces) == 3 and pieces[2].lower() in _DEFAULT_PROCEDURES
        if is_default:
            return self._part(pieces[0]) + "".join(pieces[1:])
        return "".join(piece if _PIECES.fullmatch(piece) else self._part(piece) for piece in pieces)

    def _part(self, part: str) -> str:
        if not part or is_builtin(part):
            return part
        upper = part.upper()
        made = upper
        while True:
            made = self._by_pattern(made)
            if not is_builtin(made):
                break
        if len(upper) != len(part):  # a letter whose capital is two
            return made
        return "".join(new.lower() if old.islower() else new for old, new in zip(part, made, strict=True))

    def _by_pattern(self, name: str) -> str:
        if _UNDERSCORES.search(name) is None:
            return self._texts.by_pattern(name, "name")
        # in a text these would become other signs, and the name none
        others = iter(self._texts.by_pattern(name.replace("_", ""), "name"))
        return "".join("_" if char == "_" else next(others) for char in name)

    def user(self, name: str) -> str:
        """A user; the empty one, and roles that every server has, stay."""
        return name if name in _ROLES else self._texts.text(name)

    def address(self, address: str) -> str:
        """A host name, an IP address, either with a port, or a path.

        Loopback and unspecified addresses tell nothing and stay, as do ports. Other addresses
        become private ones: of 10.0.0.0/8, or of fd00::/8.
        """
        match = _WITH_PORT.fullmatch(address)
        if match is None:
            return self._host(address)
        if match["inner"] is not None:
            return f"[{self._host(match['inner'])}]:{match['port']}"
        return f"{self._host(match['host'])}:{match['port']}"

    def _host(self, host: str) -> str:
        if host in _HOSTS:
            return host
        try:
            return str(self.ip(ipaddress.ip_address(host)))
        except ValueError:
            return self._texts.by_pattern(host, "host")

    def ip(self, address: _Address) -> _Address:
        """An IP address of the same version."""
        if address.is_loopback or address.is_unspecified:
            return address
        hosts = ipaddress.ip_network("10.0.0.0/8" if address.version == 4 else "fd00::/8")
        number = self._key.number(f"address {address}", hosts.num_addresses - 2)
        made: _Address = hosts.network_address + (1 + number)
        return made


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_ROLES: Final = frozenset({"", "administrator", "user"})
_HOSTS: Final = frozenset({"", "localhost", "GLOBAL"})
_MOST: Final = 65_536  # names that are remembered
