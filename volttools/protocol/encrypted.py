"""A conversation in TLS: what is decrypted goes to an observer of its own, as if it were plain.

Offsets of frames and of damage are then those in the decrypted stream, and every byte has the
time of the last byte of its record. The conversation is VoltDB's if its port says so, or what is
said inside. What could not be decrypted is told once, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from typing import Protocol as Interface

from volttools.protocol.events import Connection, Damage, Direction, Event
from volttools.protocol.frames import CloseKind
from volttools.protocol.recognition import Protocol
from volttools.protocol.tls.decryptor import Plain, PlainGap, TlsAlert, TlsDecryptor, TlsEvent
from volttools.protocol.traffic import Step

ADVICE: Final = "give it with --keylog, or capture at the server's plain port"
NO_END: Final = "the handshake has no end in the capture"
NOT_CAPTURED: Final = {
    "missing": "what was said inside is missing from the capture",
    "snap length": "what was said inside was not captured, as packets were cut (snap length)",
}


class InnerObserver(Interface):
    """What watches the plain bytes: an Observer."""

    protocol: Protocol | None
    connection: Connection | None

    def data(self, side: int, data: bytes, seen_at_ns: int | None = None) -> list[Event]: ...
    def gap(
        self, side: int, length: int, seen_at_ns: int | None = None, reason: str = ...
    ) -> list[Event]: ...
    def closed(
        self, side: int, kind: CloseKind, seen_at_ns: int | None = None, *, sent_more: bool | None = None
    ) -> list[Event]: ...
    def steps(self) -> list[Step]: ...
    @property
    def in_flight(self) -> int: ...


class EncryptedConversation:
    """Watches one conversation in TLS. Sides and calls are those of `Observer`.

    observe    makes the observer of what is said inside; client side as argument, or None
    connect    gives the Connection; client side as argument
    is_hinted  whether a port speaks for VoltDB

    `protocol` is None until it is known what is inside; TLS if it never will be.
    """

    __slots__ = (
        "_alerts",
        "_bytes",
        "_closed",
        "_connect",
        "_decryptor",
        "_file",
        "_inner",
        "_is_hinted",
        "_loss",
        "_observe",
        "protocol",
    )

    def __init__(
        self,
        decryptor: TlsDecryptor,
        *,
        observe: Callable[[int | None], InnerObserver],
        connect: Callable[[int], Connection],
        is_hinted: bool,
        file: str | None = None,
    ) -> None:
        self._decryptor = decryptor
        self._observe = observe
        self._connect = connect
        self._is_hinted = is_hinted
        self._file = file
        self._inner: InnerObserver | None = None
        self._bytes = [0, 0]
        self._closed: dict[int, tuple[CloseKind, int | None, bool | None]] = {}
        self._alerts: list[TlsAlert] = []
        self._loss: str | None = None  # why bytes of what is said inside can't be had, the first of them
        self.protocol: Protocol | None = None

    @property
    def in_flight(self) -> int:
        """How many calls wait for a response."""
        return 0 if self._inner is None else self._inner.in_flight

    def steps(self) -> list[Step]:
        """What was sent inside, since the last call."""
        return [] if self._inner is None else self._inner.steps()

    # -- what goes in ---------------------------------------------------------------------

    def data(self, side: int, data: bytes, seen_at_ns: int | None) -> list[Event]:
        """Take the next bytes of a side."""
        self._bytes[side] += len(data)
        if self._is_of_no_interest:
            return []
        return self._take(self._decryptor.data(side, data, seen_at_ns))

    def gap(self, side: int, length: int, seen_at_ns: int | None, reason: str) -> list[Event]:
        """Take a hole: bytes of a side that are not in the capture."""
        if self._is_of_no_interest:
            return []
        return self._take(self._decryptor.gap(side, length, seen_at_ns, reason))

    def closed(
        self, side: int, kind: CloseKind, seen_at_ns: int | None, *, sent_more: bool | None
    ) -> list[Event]:
        """Take the end of a side; after the second one, of the conversation."""
        self._closed[side] = (kind, seen_at_ns, sent_more)
        events: list[Event] = []
        if not self._is_of_no_interest:
            events += self._take(self._decryptor.close(side, seen_at_ns))
        if len(self._closed) == 2:
            events += self._finish(seen_at_ns)
        return events

    def look_again(self) -> list[Event]:
        """Take what waited for a key, if that came meanwhile."""
        return [] if self._is_of_no_interest else self._take(self._decryptor.look_again())

    @property
    def _is_of_no_interest(self) -> bool:
        """Whether it is another protocol's, so that nothing of it is told."""
        return self.protocol is not None and self.protocol is not Protocol.VOLTDB and not self._is_hinted

    # -- what is inside -------------------------------------------------------------------

    def _take(self, found: Iterable[TlsEvent]) -> list[Event]:
        events: list[Event] = []
        for event in found:
            if isinstance(event, TlsAlert):
                if event.alert.is_error:
                    self._alerts.append(event)
                continue
            inner = self._inner
            if inner is None:
                inner = self._inner = self._observe(self._decryptor.session.client_side)
            if isinstance(event, Plain):
                events += inner.data(event.side, event.data, event.seen_at_ns)
            elif isinstance(event, PlainGap):
                self._loss = self._loss or event.reason
                events += inner.gap(event.side, event.length, event.seen_at_ns, event.reason)
            else:
                kind, closed_at_ns, sent_more = self._closed[event.side]
                events += inner.closed(event.side, kind, closed_at_ns, sent_more=sent_more)
            self._note()
        if self._decryptor.failure is not None and not self._decryptor.has_begun:
            self.protocol = Protocol.TLS
        return events

    def _note(self) -> None:
        """Note what is inside, once it is known."""
        inner = self._inner
        assert inner is not None
        if inner.protocol is not None and inner.protocol is not Protocol.NOTHING:
            self.protocol = inner.protocol
            if inner.connection is not None:
                inner.connection.tls = self._decryptor.session.text

    @property
    def _is_heard(self) -> bool:
        """Whether it is known what is inside."""
        return self._inner is not None and self._inner.protocol not in (None, Protocol.NOTHING)

    # -- what is told at the end ----------------------------------------------------------

    def _finish(self, seen_at_ns: int | None) -> list[Event]:
        """Tell what can't be read, and how it ended."""
        decryptor = self._decryptor
        is_voltdb = self._inner is not None and self._inner.connection is not None
        if not is_voltdb and not self._is_hinted:
            self.protocol = self.protocol or Protocol.TLS
            return []
        if self._alerts:
            return [self._ended_by(self._alerts[0])]
        if decryptor.has_begun and (self._is_heard or self._loss is None):
            if self.protocol is None:
                self.protocol = Protocol.NOTHING  # a handshake, and nothing behind it
            return []
        self.protocol = Protocol.TLS
        return [self._unreadable(seen_at_ns)]

    def _connection(self) -> Connection:
        session = self._decryptor.session
        connection = self._connect(session.client_side or 0)
        connection.tls = session.text
        return connection

    def _ended_by(self, alert: TlsAlert) -> Damage:
        self.protocol = self.protocol or Protocol.TLS
        session = self._decryptor.session
        name = session.name(alert.side)
        what = "the connection" if self._is_heard else "the TLS handshake"
        return Damage(
            what="tls alert",
            message=f"the {name} ended {what} with the fatal alert {alert.alert.name}",
            connection=self._connection(),
            direction=Direction.CLIENT if name == "client" else Direction.SERVER,
            seen_at_ns=alert.seen_at_ns,
            file=self._file,
        )

    def _unreadable(self, seen_at_ns: int | None) -> Damage:
        """The one event of a conversation of which nothing could be decrypted."""
        session = self._decryptor.session
        total = sum(self._bytes)
        if self._is_unanswered_hello():
            what = "tls to plain port"
            message = "a TLS hello, and the server closed the connection: the port speaks plainly"
        else:
            what = "tls"
            sides = "" if all(self._bytes) else " of one side"
            reason = session.failure or NO_END
            if self._loss is not None:
                reason = NOT_CAPTURED.get(self._loss, self._loss)
            message = f"{total:,} bytes{sides} are encrypted ({session.text or 'TLS'}): {reason}"
            if not self._decryptor.has_key_log:
                message += f"; {ADVICE}"
        return Damage(
            what=what,
            message=message,
            connection=self._connection(),
            length=total,
            seen_at_ns=seen_at_ns,
            file=self._file,
        )

    def _is_unanswered_hello(self) -> bool:
        """Whether a client's TLS hello was met by the end of the connection."""
        if all(self._bytes):
            return False
        server = 0 if not self._bytes[0] else 1
        return self._closed[server][0] != "end of capture"
