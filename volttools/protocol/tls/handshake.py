"""From the content of handshake records to messages: hellos whole, of others that they were there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from volttools.codec import parser
from volttools.errors import DecodeError
from volttools.formats.tls import ALERT, ALERT_BYTES, ALERTS, CHANGE, CHANGE_CIPHER_SPEC, HANDSHAKE, Alert
from volttools.formats.tls_handshake import (
    CLIENT_HELLO,
    EXTENSION_SUPPORTED_VERSIONS,
    HANDSHAKE_HEADER_BYTES,
    HANDSHAKE_TYPES,
    MAX_HELLO_BYTES,
    SERVER_HELLO,
    Extension,
    Extensions,
    HandshakeHeader,
    SelectedVersion,
    ServerHello,
)
from volttools.protocol.tls.records import TlsRecord

MAX_EXTENSIONS: Final = 128
"""So many are looked at. Each costs a copy of those behind it; real hellos have 20."""

_READ = (CLIENT_HELLO, SERVER_HELLO)


@dataclass(slots=True)
class Message:
    """A message of a handshake; its body is kept of hellos only."""

    type: int
    body: bytes


class HandshakeReader:
    """Splits one side's handshake into messages, which may share records or span several."""

    __slots__ = ("_buffer", "_header", "_left")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._header: HandshakeHeader | None = None
        self._left = 0  # bytes to come of a message that is not kept

    def feed(self, data: bytes) -> list[Message]:
        """The messages that become complete by the content of another record."""
        messages: list[Message] = []
        self._buffer += data
        while self._buffer or self._header is not None:
            if self._header is None:
                if len(self._buffer) < HANDSHAKE_HEADER_BYTES:
                    break
                self._header = parser(HandshakeHeader)(bytes(self._buffer[:HANDSHAKE_HEADER_BYTES]))
                self._left = self._header.length
                del self._buffer[:HANDSHAKE_HEADER_BYTES]
            kind = self._header.type
            is_kept = kind in _READ and self._header.length <= MAX_HELLO_BYTES
            body = b""
            if is_kept:
                if len(self._buffer) < self._left:
                    break
                body = bytes(self._buffer[: self._left])
            taken = min(self._left, len(self._buffer))
            del self._buffer[:taken]
            self._left -= taken
            if self._left:
                break
            self._header = None
            messages.append(Message(kind, body))
        return messages

    def reset(self) -> None:
        """Forget a message that is not all there, as the rest of it is missing."""
        self._buffer.clear()
        self._header = None
        self._left = 0


def looks_plain(record: TlsRecord) -> bool:
    """Whether a record that is not application data looks like one that is not encrypted."""
    kind, body = record.header.content_type, record.body
    if kind == HANDSHAKE and len(body) >= HANDSHAKE_HEADER_BYTES:
        return parser(HandshakeHeader)(body[:HANDSHAKE_HEADER_BYTES]).type in HANDSHAKE_TYPES
    if kind == ALERT and len(body) == ALERT_BYTES:
        return parser(Alert)(body).description in ALERTS
    return kind == CHANGE_CIPHER_SPEC and body == CHANGE


def extensions_of(block: bytes) -> dict[int, bytes]:
    """The extensions of a hello by their types; as far as they can be read."""
    found: dict[int, bytes] = {}
    try:
        rest = parser(Extensions)(block).extensions if block else b""
        while rest and len(found) < MAX_EXTENSIONS:
            extension: Extension = parser(Extension)(rest)
            found[extension.type] = extension.data
            rest = extension.rest
    except DecodeError:
        pass
    return found


def version_of(hello: ServerHello) -> int:
    """The version of TLS that the server chose."""
    selected = extensions_of(hello.extensions).get(EXTENSION_SUPPORTED_VERSIONS)
    try:
        return hello.legacy_version if selected is None else int(parser(SelectedVersion)(selected).version)
    except DecodeError:
        return hello.legacy_version
