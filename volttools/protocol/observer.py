"""One TCP conversation, from the bytes of both sides to events.

`Observer` puts the parts together: what is seen is kept until `recognition` knows what it is;
then `framing` splits each side into frames, and `pairing` makes events of them. What is not
VoltDB's is counted and not looked at again. It has no input or output: a capture, a proxy or
a test calls it.

What is said inside of TLS is observed in the same way, by an Observer of its own (`encrypted`).

Conversations that go wrong before there is a log-in are told as what they are: TLS without
keys, a TLS hello to a plain port, a plain log-in to a TLS port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from volttools.formats.frame import ServerFull
from volttools.protocol.events import Connection, Damage, Direction, Event, Frame
from volttools.protocol.frames import ENDINGS, CloseKind
from volttools.protocol.framing import FrameReader, Item
from volttools.protocol.numbering import Numbers
from volttools.protocol.pairing import Pairing
from volttools.protocol.recognition import Protocol, Recognizer, is_tls
from volttools.protocol.traffic import Step, TrafficLog

if TYPE_CHECKING:  # else only where there is TLS, as it takes long to import
    from volttools.protocol.encrypted import EncryptedConversation
    from volttools.protocol.tls.decryptor import TlsDecryptor

_Seen = tuple[int, bytes | int, int | None, str]
"""Bytes of a side, or the length of a hole; when, and why they are missing."""


class Observer:
    """Watches one conversation.

    recognizer   with what is known from outside: handshake and ports
    connect      gives the Connection, once it is clear that there is one; client side as argument
    numbers      those of the capture
    at_start     whether each side is seen from its first byte: (side 0, side 1)
    logs_traffic whether `steps` is to give what was sent
    decrypt      makes what decrypts a conversation; None: there are no keys
    inside_tls   what is observed was said inside of TLS

    `protocol` is None until it is recognised. `goes_on` tells of each side whether its bytes are known to be
    frames, for ever.
    """

    __slots__ = (
        "_at_start",
        "_client_side",
        "_closed",
        "_connect",
        "_data",
        "_decrypt",
        "_encrypted",
        "_ending",
        "_file",
        "_inside_tls",
        "_logs_traffic",
        "_lost",
        "_numbers",
        "_pairing",
        "_readers",
        "_seen",
        "_sent_more",
        "_tls",
        "connection",
        "goes_on",
        "protocol",
        "recognizer",
        "traffic",
    )

    def __init__(
        self,
        recognizer: Recognizer,
        connect: Callable[[int], Connection],
        numbers: Numbers | None = None,
        *,
        at_start: tuple[bool, bool] = (True, True),
        file: str | None = None,
        logs_traffic: bool = False,
        decrypt: Callable[[], TlsDecryptor] | None = None,
        inside_tls: bool = False,
    ) -> None:
        self.recognizer = recognizer
        self.protocol: Protocol | None = None
        self.connection: Connection | None = None
        self._connect = connect
        self._numbers = numbers or Numbers()
        self._at_start = at_start
        self._file = file
        self._logs_traffic = logs_traffic
        self.traffic: TrafficLog | None = None
        self._seen: list[_Seen] | None = []
        self._closed: dict[int, CloseKind] = {}
        self._client_side = 0
        self._data = [0, 0]  # bytes seen of each side
        self.goes_on = [False, False]
        self._lost = [False, False]  # sides of which bytes are missing
        self._readers: tuple[FrameReader, FrameReader] | None = None
        self._pairing: Pairing | None = None
        self._tls = [False, False]  # sides that speak TLS
        self._decrypt = decrypt
        self._inside_tls = inside_tls
        self._encrypted: EncryptedConversation | None = None
        self._ending: tuple[int, CloseKind, int | None] | None = None  # who closed it first, how, when
        # Sides that sent what was not captured at all; None: not known.
        self._sent_more: list[bool | None] = [None, None]

    # -- what goes in ---------------------------------------------------------------------

    def data(self, side: int, data: bytes, seen_at_ns: int | None = None) -> list[Event]:
        """Take the next bytes of a side."""
        if self._encrypted is not None:
            return self._notice(self._encrypted.data(side, data, seen_at_ns))
        if self.goes_on[side]:
            return self.read_on(side, data, seen_at_ns)
        is_first = not self._data[side]
        self._data[side] += len(data)
        if self._readers is not None:
            if is_first and self._speaks_tls(data):
                return self._answered_by_tls(side, seen_at_ns)
            if self._tls[side]:
                return []
            self.goes_on[side] = True
            return self.read_on(side, data, seen_at_ns)
        if self._seen is None:
            return []
        self._seen.append((side, data, seen_at_ns, ""))
        verdict = self.recognizer.feed(side, data)
        return [] if verdict is None else self._decide()

    def gap(
        self, side: int, length: int, seen_at_ns: int | None = None, reason: str = "missing"
    ) -> list[Event]:
        """Take a hole: bytes of a side that are not in the capture."""
        if self._encrypted is not None:
            return self._notice(self._encrypted.gap(side, length, seen_at_ns, reason))
        self._lost[side] = True
        if self._readers is not None:
            if self._tls[side]:
                return []
            return self._take_and_pass(
                self._readers[side], self._readers[side].gap(length, seen_at_ns, reason), seen_at_ns
            )
        if self._seen is not None:
            self._seen.append((side, length, seen_at_ns, reason))
            self.recognizer.gap(side)
        return []

    def closed(
        self, side: int, kind: CloseKind, seen_at_ns: int | None = None, *, sent_more: bool | None = None
    ) -> list[Event]:
        """Take the end of a side; after the second one, of the conversation.

        sent_more  whether it sent bytes of which none was captured, if that is known
        """
        if side in self._closed:
            return []
        self._closed[side] = kind
        self._sent_more[side] = sent_more
        if self._ending is None or self._ending[1] == "end of capture":
            self._ending = (side, kind, seen_at_ns)
            self._note_ending()
        if self._encrypted is not None:
            return self._notice(self._encrypted.closed(side, kind, seen_at_ns, sent_more=sent_more))
        events: list[Event] = []
        if self._readers is not None and not self._tls[side]:
            events += self._take(self._readers[side].close(kind, seen_at_ns))
        self._log_end(side, kind, seen_at_ns)
        if len(self._closed) < 2:
            return events
        if self._seen is not None:
            self.recognizer.finish()
            events += self._decide()
        return events + self._finish(seen_at_ns)

    def look_again(self) -> list[Event]:
        """Take what waited for a key of TLS, if that came meanwhile."""
        return [] if self._encrypted is None else self._notice(self._encrypted.look_again())

    def steps(self) -> list[Step]:
        """What was sent since the last call, as far as it is known what it answers."""
        if self._encrypted is not None:
            return self._encrypted.steps()
        if self.traffic is None or (self._pairing is not None and self._pairing.deferred):
            return []
        return self.traffic.take()

    @property
    def is_done(self) -> bool:
        """Whether both sides have ended."""
        return len(self._closed) == 2

    @property
    def in_flight(self) -> int:
        """How many calls wait for a response."""
        if self._encrypted is not None:
            return self._encrypted.in_flight
        return 0 if self._pairing is None else self._pairing.in_flight

    # -- what it is -----------------------------------------------------------------------

    def _decide(self) -> list[Event]:
        """Act on the verdict: begin to read, or stop to listen."""
        verdict = self.recognizer.verdict
        seen, self._seen = self._seen, None
        assert verdict is not None
        assert seen is not None
        self.protocol = verdict.protocol
        client_side = verdict.client_side
        if client_side is None:
            client_side = 0
        if verdict.protocol is Protocol.TLS and not self._inside_tls:
            if self._decrypt is not None:
                return self._begin_tls(self._decrypt(), seen)
            if self.recognizer.is_hinted:
                from volttools.protocol.tls.decryptor import TlsDecryptor
                from volttools.protocol.tls.keylog import KeyLog

                return self._begin_tls(TlsDecryptor(KeyLog()), seen)
        if verdict.protocol is not Protocol.VOLTDB:
            return []
        return self._begin(client_side, seen)

    def _begin(self, client_side: int, seen: Iterable[_Seen]) -> list[Event]:
        """Read what was kept."""
        connection = self.connection = self._connect(client_side)
        self._client_side = client_side
        self._note_ending()
        if self._logs_traffic:
            is_whole = self._at_start[client_side]
            self.traffic = TrafficLog(connection, connection.first_seen_ns, is_whole=is_whole)
        readers = [
            FrameReader(
                self._direction(side),
                at_start=self._at_start[side],
                file=self._file,
            )
            for side in (0, 1)
        ]
        self._readers = (readers[0], readers[1])
        at_start = self._at_start[client_side]
        self._pairing = Pairing(connection, self._numbers, at_start=at_start, may_be_midstream=not at_start)
        self._data = [0, 0]
        events = self._again(seen)
        for side, kind in self._closed.items():
            if not self._tls[side]:
                events += self._take(self._readers[side].close(kind, None))
            self._log_end(side, kind, None)
        return events

    def _log_end(self, side: int, kind: CloseKind, seen_at_ns: int | None) -> None:
        """Note the end of a side for `steps`."""
        if self.traffic is None:
            return
        self.traffic.passed(self._direction(side), seen_at_ns)
        if self._is_uncaptured(side) and not self._lost[side]:
            self.traffic.unseen(self._direction(side), seen_at_ns)
        self.traffic.ended(self._direction(side), kind, seen_at_ns)

    def _again(self, seen: Iterable[_Seen]) -> list[Event]:
        """Take what was kept, now that it is known what it is."""
        events: list[Event] = []
        for side, content, seen_at_ns, reason in seen:
            if isinstance(content, bytes):
                events += self.data(side, content, seen_at_ns)
            else:
                events += self.gap(side, content, seen_at_ns, reason)
        return events

    def _direction(self, side: int) -> Direction:
        return Direction.CLIENT if side == self._client_side else Direction.SERVER

    def _note_ending(self) -> None:
        """Tell the connection how it ended."""
        connection = self.connection
        if connection is None or self._ending is None:
            return
        side, kind, closed_at_ns = self._ending
        connection.closed_kind, connection.closed_at_ns = kind, closed_at_ns
        if kind == "fin":  # a reset ends both sides, whoever sent it
            connection.closed_by = "client" if side == self._client_side else "server"

    def read_on(self, side: int, data: bytes, seen_at_ns: int | None = None) -> list[Event]:
        """Take the next bytes of a side that `goes_on`, as `data` does."""
        # Lets the pairing know what of the other side isn't read yet.
        readers, pairing = self._readers, self._pairing
        assert readers is not None
        assert pairing is not None
        reader = readers[side]
        if side != self._client_side:
            pairing.mark(reader.offset, is_idle=reader.is_idle)
            pairing.requests_are_late = readers[1 - side].has_unread
        items = reader.feed(data, seen_at_ns)
        if self.traffic is None and len(items) == 1 and items[0].__class__ is Frame:
            events = pairing.frame(items[0])  # nearly always
        else:
            events = self._take_and_pass(reader, items, seen_at_ns)
        if pairing.deferred and side == self._client_side and not reader.has_unread:
            events += self._settle(pairing)
        return events

    def _settle(self, pairing: Pairing) -> list[Event]:
        """Pair what was kept."""
        events = pairing.settle()
        if self.traffic is not None:
            self.traffic.paired(events)
        return events

    def _take(self, items: Sequence[Item]) -> list[Event]:
        """Pair what a side gave."""
        pairing = self._pairing
        assert pairing is not None
        events: list[Event] = []
        for item in items:
            if isinstance(item, Damage):
                found = pairing.damage(item)
            elif isinstance(item, ServerFull):
                found = pairing.server_full()
            else:
                found = pairing.frame(item)
            events += found
            if self.traffic is not None:
                self.traffic.item(
                    item, found, in_login=pairing.is_logging_in, is_deferred=bool(pairing.deferred)
                )
        return events

    def _take_and_pass(
        self, reader: FrameReader, items: Sequence[Item], seen_at_ns: int | None
    ) -> list[Event]:
        """Pair what a side gave, and note the holes behind it."""
        events = self._take(items)
        if self.traffic is not None:
            self.traffic.passed(reader.direction, seen_at_ns)
        return events

    # -- TLS ------------------------------------------------------------------------------

    def _begin_tls(self, decryptor: TlsDecryptor, seen: Iterable[_Seen]) -> list[Event]:
        """Decrypt what was kept; what it is will be known when something was decrypted."""
        from volttools.protocol.encrypted import EncryptedConversation

        self.protocol = None
        self._encrypted = EncryptedConversation(
            decryptor,
            observe=self._observe_inside,
            connect=self._connect_tls,
            is_hinted=self.recognizer.is_hinted,
            file=self._file,
        )
        events = self._again(seen)
        for side, kind in self._closed.items():
            events += self._notice(self._encrypted.closed(side, kind, None, sent_more=self._sent_more[side]))
        return events

    def _observe_inside(self, client_side: int | None) -> Observer:
        outer = self.recognizer
        recognizer = Recognizer(
            client_side=client_side if client_side is not None else outer.client_side,
            server_side=outer.server_side,
            is_given=outer.is_given,
        )
        return Observer(
            recognizer,
            self._connect_tls,
            self._numbers,
            file=self._file,
            logs_traffic=self._logs_traffic,
            inside_tls=True,
        )

    def _connect_tls(self, client_side: int) -> Connection:
        if self.connection is None:
            self.connection = self._connect(client_side)
            self.connection.is_tls = True
            self._client_side = client_side
            self._note_ending()
        return self.connection

    def _notice(self, events: list[Event]) -> list[Event]:
        """Take over what is known by now of an encrypted conversation."""
        assert self._encrypted is not None
        self.protocol = self._encrypted.protocol
        return events

    def _speaks_tls(self, data: bytes) -> bool:
        return not self._inside_tls and is_tls(data)

    def _answered_by_tls(self, side: int, seen_at_ns: int | None) -> list[Event]:
        """Take a TLS record from a side that was spoken to plainly."""
        self._tls[side] = True
        self.goes_on[side] = False
        return [self._plain_to_tls("the server answered with a TLS record", seen_at_ns)]

    def _plain_to_tls(self, seen: str, seen_at_ns: int | None) -> Damage:
        return Damage(
            what="plain to tls port",
            message=f"a plain log-in to a port that wants TLS: {seen}. Give the client TLS, or take another port",
            connection=self.connection,
            direction=Direction.CLIENT,
            seen_at_ns=seen_at_ns,
            file=self._file,
        )

    def _finish(self, seen_at_ns: int | None) -> list[Event]:
        """Tell what is left at the end of the conversation."""
        if self.connection is None or self._pairing is None:
            return []
        assert self._readers is not None
        first = self._readers[0]
        server_side = 0 if first.direction is Direction.SERVER else 1
        ended = self._closed[server_side]
        login = self._pairing.awaits_login
        events: list[Event] = []
        if (
            login is not None
            and login.request is not None
            and not self._data[server_side]
            and not self._lost[server_side]
            and ended != "end of capture"
            and not self._inside_tls
        ):
            # A server that takes the log-in always answers it; one that wants TLS just closes.
            events.append(
                self._plain_to_tls("the server closed the connection without an answer", seen_at_ns)
            )
        # What the server sent may be missing: it was cut off, or not captured at all.
        silent = not self._data[server_side]
        all_seen = ended != "end of capture" or (silent and self._sent_more[server_side] is False)
        ending = self._ending
        closed_at_ns = None if ending is None or ending[1] == "end of capture" else ending[2]
        found = self._pairing.close(
            _how_it_ended(self.connection), all_seen=all_seen, closed_at_ns=closed_at_ns
        )
        if self.traffic is not None:
            self.traffic.paired(found)
        return found + self._one_direction(server_side, seen_at_ns) + events

    def _one_direction(self, server_side: int, seen_at_ns: int | None) -> list[Event]:
        """Tell that one side sent something, and that nothing of it was captured."""
        for side, other in ((server_side, Direction.CLIENT), (1 - server_side, Direction.SERVER)):
            if self._is_uncaptured(side):
                return [
                    Damage(
                        what="one direction",
                        message=f"only what the {other.value} sent was captured",
                        connection=self.connection,
                        seen_at_ns=seen_at_ns,
                        file=self._file,
                    )
                ]
        return []

    def _is_uncaptured(self, side: int) -> bool:
        """Whether a side that was closed sent something, and nothing of it was captured."""
        if self._data[side] or not self._data[1 - side] or self._tls[1 - side]:
            return False
        # A server says nothing first; but one that hangs says nothing at all.
        is_sure = self._sent_more[side]
        if is_sure is None and self._pairing is not None:
            is_sure = self._pairing.has_calls and self._closed[side] == "end of capture"
        return bool(is_sure)


def _how_it_ended(connection: Connection) -> str:
    """How a connection ended, for people."""
    if connection.closed_kind == "fin" and connection.closed_by is not None:
        return f"the {connection.closed_by} closed the connection (FIN)"
    if connection.closed_kind == "rst":
        return "the connection was reset (RST)"
    return ENDINGS["end of capture"]
