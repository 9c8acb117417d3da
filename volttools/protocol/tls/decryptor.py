"""One conversation in TLS, from the bytes of both sides to what is said inside.

`TlsDecryptor` gets bytes, holes and ends of both sides, in any pieces, and gives

    Plain      bytes of a side, with the time of their record's last byte
    PlainGap   bytes of a side that can't be had: how many, and why
    TlsAlert   what a side says when it ends the connection
    PlainEnd   the end of a side

in the order in which they were sent. It follows the handshake (`session`), also one inside of
another (renegotiation), a second hello (HelloRetryRequest), resumption, and 0-RTT data. It
waits for keys that may still come.

Behind a hole it goes on: `records` finds the next record, `epochs` its number. Until then
nothing comes out, of the other side neither, so that the order stays; then it is known how many
bytes of content were lost.

Where it can't go on, `failure` says why, and the rest is told as lost. It has no input or
output. Memory is bounded: by MAX_HELD_BYTES for what waits, and two records for each side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from volttools.codec import parser
from volttools.errors import DecodeError
from volttools.formats.tls import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    TLS_1_2,
    TLS_1_3,
    Alert,
)
from volttools.formats.tls_handshake import (
    CLIENT_HELLO,
    END_OF_EARLY_DATA,
    FINISHED,
    KEY_UPDATE,
    SERVER_HELLO,
)
from volttools.protocol.tls.epochs import Allowance, Epoch, Opened, SideKeys
from volttools.protocol.tls.handshake import HandshakeReader, Message, looks_plain
from volttools.protocol.tls.keylog import KeyLog
from volttools.protocol.tls.outcome import Outcome, Plain, PlainEnd, PlainGap, TlsAlert, TlsEvent
from volttools.protocol.tls.records import CUT, Hole, Item, RecordReader, TlsRecord
from volttools.protocol.tls.session import EARLY_LABEL, Session

__all__ = ["Plain", "PlainEnd", "PlainGap", "TlsAlert", "TlsDecryptor", "TlsEvent"]

MAX_HELD_BYTES: Final = 2**18
"""So much of one conversation may wait for a key."""

MAX_UNREADABLE: Final = 64
"""So many records in a row that fail their authentication, and a side is given up."""


@dataclass(slots=True)
class _Side:
    """What is known of one side.

    records      that were seen
    unreadable   how many of them failed in a row; of a side that is given up, none is tried
    opened       a record found behind a hole was opened to see whether it is one
    failure      why nothing more of it can be read
    """

    reader: RecordReader
    keys: SideKeys
    messages: HandshakeReader
    records: int = 0
    unreadable: int = 0
    is_given_up: bool = False
    is_closed: bool = False
    opened: Opened | None = None
    failure: str | None = None


class TlsDecryptor:
    """Decrypts one conversation. Sides are 0 and 1, as the caller numbers them.

    key_log    where the secrets are
    allowance  of the capture

    session    what the sides agreed on
    has_begun  whether anything was decrypted
    """

    def __init__(self, key_log: KeyLog, allowance: Allowance | None = None) -> None:
        self._key_log = key_log
        self._allowance = allowance or Allowance()
        self._sides = (self._make_side(0), self._make_side(1))
        self.session = Session(key_log, (self._sides[0].keys, self._sides[1].keys), self._allowance)
        self.has_begun = False
        self._outcome = Outcome()
        self._work: deque[Iterator[tuple[int, Item]]] = deque()
        # What waits for a key, and the version of the key log that has none.
        self._blocked: tuple[int, Item] | None = None
        self._blocked_version = 0
        self._waiting_bytes = 0
        self._may_wait = True

    def _make_side(self, number: int) -> _Side:
        reader = RecordReader(lambda record, lost_bytes: self._is_record(number, record, lost_bytes))
        return _Side(reader, SideKeys(self._allowance), HandshakeReader())

    @property
    def failure(self) -> str | None:
        """Why nothing more can be read."""
        return self.session.failure

    @property
    def has_key_log(self) -> bool:
        """Whether there is a key log, for whatever connection."""
        return self._key_log.is_there

    # -- what goes in ---------------------------------------------------------------------

    def data(self, side: int, data: bytes, seen_at_ns: int | None = None) -> list[TlsEvent]:
        """Take the next bytes of a side."""
        return self._add(side, self._sides[side].reader.feed(data, seen_at_ns), len(data))

    def gap(
        self, side: int, length: int, seen_at_ns: int | None = None, reason: str = "missing"
    ) -> list[TlsEvent]:
        """Take a hole: bytes of a side that are not in the capture."""
        return self._add(side, self._sides[side].reader.gap(length, seen_at_ns, reason), 0)

    def look_again(self) -> list[TlsEvent]:
        """Take what waited for a key, if that came meanwhile."""
        self._run()
        return self._outcome.told()

    def close(self, side: int, seen_at_ns: int | None = None) -> list[TlsEvent]:
        """Take the end of a side's bytes. With the second, nothing is waited for any longer."""
        if self._sides[side].is_closed:
            return []
        self._sides[side].is_closed = True
        events = self._add(side, self._sides[side].reader.close(seen_at_ns), 0, is_end=True)
        if all(each.is_closed for each in self._sides):
            self._may_wait = False
            self._run()
            events += self._outcome.told()
        return events

    def _add(self, side: int, items: Iterator[Item], length: int, *, is_end: bool = False) -> list[TlsEvent]:
        self._work.append(self._items(side, items, is_end=is_end))
        self._run()
        if self._blocked is not None:
            self._waiting_bytes += length
            self._allowance.held_bytes -= length
            if self._waiting_bytes > MAX_HELD_BYTES or self._allowance.held_bytes < 0:
                self._may_wait = False
                self._run()
        return self._outcome.told()

    def _items(self, side: int, items: Iterator[Item], *, is_end: bool) -> Iterator[tuple[int, Item]]:
        """The items of one call, when it is their turn."""
        for item in items:
            yield side, item
        if is_end:
            self._outcome.end(side, self._sides[side].keys.overhead)

    def _run(self) -> None:
        """Take what can be taken, in order; stop where a key is missing that may still come."""
        if self._blocked is not None:
            if self._may_wait and not self._has_news():
                return
            side, item = self._blocked
            self._blocked = None
            if not self._take(side, item):
                self._blocked = side, item
                return
        while self._work:
            for side, item in self._work[0]:
                if not self._take(side, item):
                    self._blocked = side, item
                    return
            self._work.popleft()
        self._allowance.held_bytes += self._waiting_bytes
        self._waiting_bytes = 0

    def _has_news(self) -> bool:
        """Whether the key log has changed since it had no key."""
        self._key_log.look_again()
        return self._key_log.version != self._blocked_version

    # -- records --------------------------------------------------------------------------

    def _take(self, number: int, item: Item) -> bool:
        """Take a record or a hole; False if it must wait for a key."""
        side = self._sides[number]
        if isinstance(item, Hole):
            if item.reason is not CUT and (self.failure is None or self.has_begun):
                self._lose(number, item)
            return True
        if self.failure is None and side.opened is None and self._is_plain(number, item):
            side.records += 1
            if side.keys.epoch is Epoch.PLAIN and not self.session.is_early(number):
                side.keys.resume()
                self._outcome.found(number, side.keys.overhead, was_data=False)
            self._content(number, item.header.content_type, item.body, item.seen_at_ns)
            return True
        if self.failure is None and side.opened is None and not self._have_keys(number, item):
            return False
        side.records += 1
        failure = self.failure or side.failure
        if failure is not None:
            if self.has_begun:
                side.is_given_up = True
                self._lose(number, Hole(item.bytes_on_wire, 1, item.seen_at_ns, failure))
            return True
        was_early = self.session.is_early(number)
        epoch = side.keys.epoch
        opened, side.opened = side.opened, None
        if opened is None and not side.is_given_up:
            opened = side.keys.open(item)
        if opened is None:
            self._take_strange(number, item)
            return True
        side.unreadable = 0
        self.has_begun = True
        if side.keys.epoch is not epoch:
            side.messages.reset()
        was_data = was_early or (side.keys.epoch is Epoch.APPLICATION and not opened.is_first)
        self._outcome.found(
            number,
            side.keys.overhead,
            records=opened.skipped,
            handshake=opened.handshake,
            was_data=was_data,
        )
        self._content(number, opened.content_type, opened.content, item.seen_at_ns)
        return True

    def _is_plain(self, number: int, record: TlsRecord) -> bool:
        """Whether a record is not encrypted."""
        session, side = self.session, self._sides[number]
        kind = record.header.content_type
        if kind == APPLICATION_DATA:
            return False
        if kind == CHANGE_CIPHER_SPEC or session.version == TLS_1_3:
            return True
        if side.keys.epoch is not Epoch.PLAIN:
            return False
        if session.version == TLS_1_2 and side.keys.has_lost and session.load_keys(number):
            side.opened = side.keys.open(record)  # the change of keys may be in a hole before it
        return side.opened is None

    def _is_record(self, number: int, record: TlsRecord, lost_bytes: int) -> bool:
        """Whether what was found behind a hole is a record; it is opened, if it can be."""
        side = self._sides[number]
        if self.failure is not None or side.is_given_up:
            return True
        if self.session.load_keys(number):
            side.opened = side.keys.open(record, lost_bytes)
            if side.opened is not None:
                return True
        kind = record.header.content_type
        if kind == APPLICATION_DATA:
            return not side.keys.is_ready  # it can't be told without keys
        return side.keys.epoch is Epoch.PLAIN and looks_plain(record)

    def _have_keys(self, number: int, record: TlsRecord) -> bool:
        """Whether a record can be tried, or nothing can be read any more; False: it must wait for its key."""
        session, side = self.session, self._sides[number]
        if side.failure is not None:
            return True
        if session.is_early(number):
            session.load_early_key(number, record.header, record.body)
            if session.version is None:
                return True
        if session.client_random is None or session.version is None:
            session.fail(session.missing_hello())
        if session.load_keys(number) or session.failure is not None:
            return True
        if session.find_session(number, record.header, record.body):
            return True
        if self._may_wait and self._key_log.may_grow:
            self._blocked_version = self._key_log.version
            return False
        reason = session.missing_key(number)
        if self.has_begun and session.version == TLS_1_3:
            side.failure = reason  # the other side has a secret of its own
        else:
            session.fail(reason)
        return True

    def _take_strange(self, number: int, record: TlsRecord) -> None:
        """Take a record that no key opens."""
        session, side = self.session, self._sides[number]
        keys = side.keys
        reason = f"record {side.records} of the {session.name(number)} fails its authentication"
        if session.is_early(number):
            reason = f"0-RTT data, and the key log has no {EARLY_LABEL} that fits it"
        elif not keys.opened and not keys.has_lost and (keys.has(keys.epoch) or session.version == TLS_1_2):
            session.fail(f"{reason}: the secret in the key log is not this connection's")
            return
        side.unreadable += 1
        self._lose(number, Hole(record.bytes_on_wire, 1, record.seen_at_ns, reason))
        if side.unreadable == MAX_UNREADABLE:
            side.is_given_up = True
            self._outcome.found(number, keys.overhead)

    def _lose(self, number: int, hole: Hole) -> None:
        """Take what can't be read."""
        side = self._sides[number]
        side.messages.reset()
        if side.opened is None:
            side.keys.lose(hole.records, hole.length)
        is_data = side.keys.epoch is Epoch.APPLICATION or self.session.is_early(number)
        if is_data or hole.records is None or side.failure is not None:
            self._outcome.lose(number, hole, is_last=side.is_given_up)

    # -- what is in them ------------------------------------------------------------------

    def _content(self, number: int, kind: int, content: bytes, seen_at_ns: int | None) -> None:
        side = self._sides[number]
        if kind == APPLICATION_DATA:
            if content:
                self._outcome.tell(Plain(number, content, seen_at_ns), len(content))
        elif kind == HANDSHAKE:
            for message in side.messages.feed(content):
                self._message(number, message)
        elif kind == CHANGE_CIPHER_SPEC:
            if self.session.version == TLS_1_2:
                side.keys.renew()
        elif kind == ALERT:
            try:
                self._outcome.tell(TlsAlert(number, parser(Alert)(content), seen_at_ns))
            except DecodeError:
                return  # two alerts in a record, which nobody sends

    def _message(self, number: int, message: Message) -> None:
        """Take a message of a handshake."""
        session, keys = self.session, self._sides[number].keys
        if message.type == CLIENT_HELLO:
            session.client_hello(number, message.body)
        elif message.type == SERVER_HELLO:
            session.server_hello(number, message.body)
        elif session.version == TLS_1_3:
            if message.type == END_OF_EARLY_DATA and keys.epoch is Epoch.EARLY:
                keys.begin(Epoch.HANDSHAKE)
            elif message.type == FINISHED and keys.epoch is Epoch.HANDSHAKE:
                keys.begin(Epoch.APPLICATION)
            elif message.type == KEY_UPDATE and keys.epoch is Epoch.APPLICATION:
                keys.update()
