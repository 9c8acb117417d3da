"""All TCP conversations of a capture: from segments to events.

`Watch` joins `conversations`, which put the bytes of each connection in order, and an
`Observer` for each, which makes events of them; and it numbers connections.

Connections are numbered as they appear, VoltDB's only. But which are VoltDB's is known only
once something was said. So that a number never goes to a connection that appeared later, one
that might yet turn out to be VoltDB's keeps its place when a later one is numbered. A number
is left out when it doesn't.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from volttools.capture import conversations, reassembly
from volttools.capture.lanes import Lane
from volttools.capture.network import Endpoints
from volttools.capture.streams import Segment
from volttools.formats.network import SYN
from volttools.protocol.events import Connection, Event
from volttools.protocol.numbering import Numbers
from volttools.protocol.observer import Observer
from volttools.protocol.recognition import Protocol, Recognizer, server_side_by_port
from volttools.protocol.traffic import Step

if TYPE_CHECKING:  # else only where there is TLS, as it takes long to import
    from volttools.protocol.tls.decryptor import TlsDecryptor
    from volttools.protocol.tls.epochs import Allowance
    from volttools.protocol.tls.keylog import KeyLog


class Watch:
    """Watches everything that segments belong to.

    given_ports  those that the user says are VoltDB's
    known_ports  those that usually are
    logs_traffic whether to collect what was sent in `steps`, which the caller empties
    key_log      the secrets of TLS connections, if there are any
    """

    def __init__(
        self,
        *,
        given_ports: frozenset[int],
        known_ports: frozenset[int],
        numbers: Numbers,
        file: str | None = None,
        logs_traffic: bool = False,
        key_log: KeyLog | None = None,
    ) -> None:
        self._key_log = key_log
        self._allowance: Allowance | None = None
        self._keys_seen = 0  # the version of the key log for which those that wait were asked
        self._given = given_ports
        self._known = known_ports | given_ports
        self._numbers = numbers
        self._file = file
        self.logs_traffic = logs_traffic
        self.steps: list[Step] = []
        self._table = conversations.ConversationTable()
        self._observers: dict[conversations.Connection, Observer] = {}
        # By sender and receiver: the short way of segments that just go on, once it is known what they speak.
        self.lanes: dict[bytes, Lane] = {}
        self._keys: dict[conversations.Connection, set[bytes]] = {}
        # Number of appearance -> when; of those that have no number yet and may get one.
        self._appeared: dict[int, int | None] = {}
        self._kept: dict[int, tuple[int, int | None]] = {}  # -> its number, when
        self._last_number = 0
        self.connections = 0
        self.refused = 0
        self.foreign: Counter[str] = Counter()
        self.libraries: Counter[str] = Counter()

    @property
    def last_number(self) -> int:
        """The highest number of a connection."""
        return self._last_number

    def take_number(self, number: int) -> None:
        """Note a connection that comes from elsewhere with a number that nobody has."""
        self.connections += 1
        self._last_number = max(self._last_number, number)

    def next_number(self, library: str | None = None) -> int:
        """Number one more connection, which comes from elsewhere."""
        self.connections += 1
        if library is not None:
            self.libraries[library] += 1
        self._last_number += 1
        return self._last_number

    def segment(self, endpoints: Endpoints, segment: Segment, key: bytes | None = None) -> list[Event]:
        """Take the next segment; what is known by it.

        key   the sender and the receiver, if those that follow may go by a lane
        """
        table = self._table
        opened = table.opened
        found = table.feed(endpoints, segment)
        if table.opened != opened:
            self._appear(table.opened, endpoints, segment)
        events = self._take(found) if found else []
        if key is not None:
            self._note_lane(key, endpoints)
        return events

    def _note_lane(self, key: bytes, endpoints: Endpoints) -> None:
        """Remember where the plain segments of a sender go, once it is known what it speaks."""
        found = self._table.connection_of(endpoints)
        observer = None if found is None else self._observers.get(found[0])
        if found is None or observer is None or observer.protocol is None:
            return
        connection, side = found
        if connection.is_simple:
            steps = self.steps if self.logs_traffic else None
            self.lanes[key] = Lane(self._table, connection, side, observer, steps)
            self._keys.setdefault(connection, set()).add(key)

    def expire(self, now_ns: int) -> list[Event]:
        """Take that it is `now_ns` by the capture's clock, and no segment came."""
        return self._take(self._table.expire(now_ns)) + self._with_new_keys()

    def waits_long(self, now_ns: int | None) -> bool:
        """Whether packets of connections that aren't watched here may let something out, by their time."""
        return self._table.waits_long(now_ns)

    def may_be_late(self, endpoints: Endpoints, segment: Segment) -> bool:
        """Whether the next segment may come behind its turn, had connections been watched that aren't."""
        return self._table.may_be_late(endpoints, segment)

    def finish(self) -> list[Event]:
        """Take the end of the capture."""
        return self._take(self._table.finish())

    def _with_new_keys(self) -> list[Event]:
        """What can be read by the keys that came since the last call."""
        key_log = self._key_log
        if key_log is None:
            return []
        key_log.look_again()
        if key_log.version == self._keys_seen:
            return []
        self._keys_seen = key_log.version
        return [event for observer in self._observers.values() for event in observer.look_again()]

    def _appear(self, number: int, endpoints: Endpoints, segment: Segment) -> None:
        ports = {endpoint.port for endpoint in endpoints}
        if segment.flags & SYN or ports & self._known:
            self._appeared[number] = segment.time_ns

    def _take(self, found: Iterable[tuple[conversations.Connection, reassembly.Event]]) -> list[Event]:
        events: list[Event] = []
        for connection, event in found:
            observer = self._observers.get(connection)
            if observer is None:
                observer = self._observe(connection)
            if isinstance(event, reassembly.Data):
                was_open = observer.protocol is None
                events += observer.data(event.side, event.data, event.time_ns)
                if was_open and observer.protocol is not None and observer.connection is None:
                    self._appeared.pop(connection.number, None)  # foreign
            elif isinstance(event, reassembly.Gap):
                events += observer.gap(event.side, event.length, event.time_ns, event.reason)
            else:
                is_unseen = connection.conversation.is_unseen(event.side)
                events += observer.closed(event.side, event.kind, event.time_ns, sent_more=is_unseen)
                if observer.is_done:
                    self._forget(connection, observer)
            if self.logs_traffic:
                self.steps += observer.steps()
        return events

    def _observe(self, connection: conversations.Connection) -> Observer:
        ports = (connection.endpoints[0].port, connection.endpoints[1].port)
        server_side = server_side_by_port(ports, self._given)
        if server_side is None:
            server_side = server_side_by_port(ports, self._known)
        recognizer = Recognizer(
            client_side=connection.client_side,
            server_side=server_side,
            is_given=bool(self._given.intersection(ports)),
        )
        observer = self._observers[connection] = Observer(
            recognizer,
            lambda client_side: self._connect(connection, client_side),
            self._numbers,
            at_start=(connection.handshake, connection.handshake),
            file=self._file,
            logs_traffic=self.logs_traffic,
            decrypt=self._decrypt,
        )
        return observer

    @property
    def _decrypt(self) -> Callable[[], TlsDecryptor] | None:
        return self._decryptor if self._key_log else None

    def _decryptor(self) -> TlsDecryptor:
        from volttools.protocol.tls.decryptor import TlsDecryptor
        from volttools.protocol.tls.epochs import Allowance

        assert self._key_log is not None
        if self._allowance is None:
            self._allowance = Allowance()
        return TlsDecryptor(self._key_log, self._allowance)

    def _connect(self, connection: conversations.Connection, client_side: int) -> Connection:
        """Number a connection that turned out to be VoltDB's."""
        for earlier in [number for number in self._appeared if number < connection.number]:
            self._last_number += 1
            self._kept[earlier] = (self._last_number, self._appeared.pop(earlier))
        kept = self._kept.pop(connection.number, None)
        if kept is None:
            self._last_number += 1
            kept = (self._last_number, self._appeared.pop(connection.number, None))
        self.connections += 1
        return Connection(
            number=kept[0],
            client=str(connection.endpoints[client_side]),
            server=str(connection.endpoints[1 - client_side]),
            first_seen_ns=kept[1],
        )

    def _forget(self, connection: conversations.Connection, observer: Observer) -> None:
        """Count a connection that is over."""
        del self._observers[connection]
        for key in self._keys.pop(connection, ()):
            if self.lanes[key].connection is connection:
                del self.lanes[key]
        protocol = observer.protocol
        if observer.connection is not None:
            if observer.connection.library is not None:
                self.libraries[observer.connection.library] += 1
        else:
            if protocol is Protocol.NOTHING:
                if observer.recognizer.is_hinted:
                    self._connect(connection, connection.client_side or 0)
                    self.refused += 1
            elif protocol is not None:
                self.foreign[protocol.value] += 1
        self._appeared.pop(connection.number, None)
        self._kept.pop(connection.number, None)
