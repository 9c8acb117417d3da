"""Key logs: the secrets of TLS connections, as programs write them to SSLKEYLOGFILE.

A line is a label, the client's random in hex, and a secret in hex. The random stands in the
client's hello, so it names the connection. One other kind of line is read, which agents for
Java write for TLS 1.2: "RSA Session-ID:... Master-Key:...". It names a session, by an id that is
often not the one on the wire (with session tickets there is none), so such secrets have to be tried.

A key log is a secret: no secret is in a repr or an error, and nothing here prints one.

Source: draft-ietf-tls-keylogfile-05; the labels are in formats/tls_suites.py.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from volttools.formats.tls_handshake import RANDOM_BYTES
from volttools.formats.tls_suites import KEY_LOG_LABELS, MASTER_SECRET_BYTES

MAX_CONNECTIONS: Final = 2**18
"""Of so many connections secrets are kept; of more, those read first are dropped."""

MAX_LINE_BYTES: Final = 1024

_LABELS = frozenset(label.label.encode() for label in KEY_LOG_LABELS)
_MAX_SECRET_BYTES = 64
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(rb"([A-Z][A-Z0-9_]*)[ \t]+([0-9a-fA-F]{%d})[ \t]+([0-9a-fA-F]+)" % (2 * RANDOM_BYTES))
_SESSION = re.compile(
    rb"RSA Session-ID:([0-9a-fA-F]{2,64}) Master-Key:([0-9a-fA-F]{%d})" % (2 * MASTER_SECRET_BYTES)
)

_NONE: Mapping[str, bytes] = {}


class KeyLog:
    """Secrets of connections.

    secrets    lines that held one, so far
    strange    lines that held none, and were no comments
    version    a number that changes whenever secrets are added
    is_given   whether somebody gave one, so that it isn't all left to recordings that may hold their keys
    may_grow   whether more may come, so that waiting for a key makes sense
    refresh    called when a secret is not known: may add what was written since
    """

    __slots__ = (
        "_connections",
        "_sessions",
        "is_given",
        "may_grow",
        "refresh",
        "secrets",
        "strange",
        "version",
    )

    def __init__(self, text: bytes = b"") -> None:
        self._connections: OrderedDict[bytes, dict[str, bytes]] = OrderedDict()
        self._sessions: OrderedDict[bytes, bytes] = OrderedDict()
        self.secrets = 0
        self.strange = 0
        self.version = 0
        self.is_given = False
        self.may_grow = False
        self.refresh: Callable[[], None] | None = None
        self.add(text)

    def __repr__(self) -> str:
        return f"<KeyLog: secrets of {len(self._connections) + len(self._sessions):,} connections>"

    def __bool__(self) -> bool:
        """Whether there are any secrets, or may be."""
        return bool(self._connections or self._sessions) or self.may_grow

    @property
    def is_there(self) -> bool:
        """Whether there is one by now, with secrets or without."""
        return self.is_given or self.secrets > 0

    def add(self, text: bytes) -> None:
        """Take lines of a key log; what is no secret is counted and passed over."""
        secrets_before = self.secrets
        for line in text.removeprefix(_BYTE_ORDER_MARK).splitlines():
            content = line[: MAX_LINE_BYTES + 1].strip()
            if not content or content.startswith(b"#"):
                continue
            if len(line) <= MAX_LINE_BYTES and (self._add_secret(content) or self._add_session(content)):
                self.secrets += 1
            else:
                self.strange += 1
        if self.secrets != secrets_before:
            self.version += 1

    def secrets_of(self, client_random: bytes) -> Mapping[str, bytes]:
        """The secrets of a connection by their labels; empty if it is not known."""
        found = self._connections.get(client_random)
        if found is None and self.look_again():
            found = self._connections.get(client_random)
        return _NONE if found is None else found

    def look_again(self) -> bool:
        """Have what was written since; whether there were secrets in it.

        The secrets of one connection are not all written at once: those that come later may be missing.
        """
        version = self.version
        if self.refresh is not None:
            self.refresh()
        return self.version != version

    def session_secrets(self, session_id: bytes, after: int) -> list[bytes]:
        """Master secrets of sessions of TLS 1.2, the likeliest first: that with this id, then the newest.

        after  how many were read before, and are not wanted again
        """
        found = list(self._sessions.items())[after:]
        first = [secret for known, secret in found if known == session_id]
        return first + [secret for known, secret in reversed(found) if known != session_id]

    @property
    def sessions(self) -> int:
        """How many sessions there are secrets of."""
        return len(self._sessions)

    def _add_secret(self, line: bytes) -> bool:
        match = _LINE.fullmatch(line)
        if match is None or match[1] not in _LABELS:
            return False
        secret = _bytes_of(match[3])
        if secret is None:
            return False
        client_random = bytes.fromhex(match[2].decode())
        if client_random not in self._connections:
            _make_room(self._connections)
            self._connections[client_random] = {}
        self._connections[client_random][match[1].decode()] = secret
        return True

    def _add_session(self, line: bytes) -> bool:
        match = _SESSION.fullmatch(line)
        session_id = _bytes_of(match[1]) if match else None
        secret = _bytes_of(match[2]) if match else None
        if session_id is None or secret is None:
            return False
        _make_room(self._sessions)
        self._sessions[session_id] = secret
        return True


def _bytes_of(digits: bytes) -> bytes | None:
    """Hex digits as bytes; None if they can't be a secret."""
    if len(digits) % 2 or len(digits) > 2 * _MAX_SECRET_BYTES:
        return None
    return bytes.fromhex(digits.decode())


def _make_room(table: OrderedDict[bytes, bytes] | OrderedDict[bytes, dict[str, bytes]]) -> None:
    if len(table) >= MAX_CONNECTIONS:
        table.popitem(last=False)  # a dict would search for its first entry, past all that were deleted
