"""From the frames of both directions to log-ins, exchanges and pushes.

`Pairing` gets the frames of one connection in an order that could have happened, and what is
known to be damaged between them. Only the heads of messages are parsed.

Responses answer invocations by their client handle. What the handle alone does not tell:

- **Equal handles.** The official Python client gives every call the handle 1. Responses with
  equal handles answer the requests in their order; a server keeps it, as far as it was seen.
- **Late responses.** A client that gave up sends its next request with the same handle. The
  first response to come still belongs to the first request.
- **Lost responses.** When the capture lost bytes of the server in which whole frames may have
  been, every call in flight may have been answered there. If the client then sends another
  call with the same handle, it was. The same goes for a response with a handle of nobody's.
- **Lost requests.** A response that nothing in flight waits for, while requests may be missing
  from the capture, is an exchange without a request. If none is missing, nobody asked for it.
- **Pushes** have reserved handles. But a request with such a handle gets its response.
- **Calls with a malformed head** are answered under the connection's id, as the server could
  not read the handle. Which call it was nobody can tell; it stays unanswered.

Sources: formats/response.py for handles; ClientInterface.java, handleRead, for the last one;
recordings lost-*, midstream-*, timeout-late-response, hand-made-versions.

Memory is that of the calls in flight, with their frames.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from volttools.errors import DecodeError
from volttools.formats.response import UNEXPECTED_FAILURE, ResponseHead, is_push_handle
from volttools.protocol.events import Connection, Damage, Direction, Event, Exchange, Frame, Login, Push
from volttools.protocol.frames import AnswerHead, CallHead
from volttools.protocol.libraries import LibraryGuess
from volttools.protocol.login import LoginPairing, later
from volttools.protocol.numbering import Numbers
from volttools.protocol.shapes import invocation_head, response_head

ANOTHER_HANDLE: Final = "unanswered: a response with another handle came"
"""What notes say of a call that both sides passed over."""

LOST: Final = "the response is missing from the capture"

_CLIENT: Final = Direction.CLIENT

MAX_DEFERRED: Final = 64
MAX_DEFERRED_BYTES: Final = 2**20
"""So many responses, none longer than this, wait for requests that are found late."""


class Pairing:
    """Pairs the frames of one connection.

    connection  goes into every event; its user and library are filled in as they become known
    at_start    the connection was seen from its beginning, so it begins with a log-in
    may_be_midstream  say so if it began before the capture
    requests_are_late  set this while bytes of the client wait to be made frames of: then a response
                that nothing in flight waits for is kept until `settle`
    deferred    responses that are kept so, each with the number that it gets if it answers none of those requests
    """

    __slots__ = (
        "_calls",
        "_directions",
        "_gone_on",
        "_headless",
        "_is_complete",
        "_last_handle",
        "_library",
        "_login",
        "_lost_before",
        "_marks",
        "_may_be_midstream",
        "_newest",
        "_numbers",
        "_reuses_handles",
        "_server_is_silent",
        "_snapped",
        "_strange_before",
        "connection",
        "deferred",
        "requests_are_late",
    )

    def __init__(
        self,
        connection: Connection,
        numbers: Numbers | None = None,
        *,
        at_start: bool = True,
        may_be_midstream: bool = False,
    ) -> None:
        self.connection = connection
        self._numbers = numbers or Numbers()
        self._library = LibraryGuess()
        self._login = LoginPairing(connection, at_start=at_start)
        # Client handle -> calls in flight with it, the oldest first.
        self._calls: dict[int, deque[Exchange]] = {}
        # Calls in flight of which the handle is not in the capture.
        self._headless: deque[Exchange] = deque()
        self._last_handle: int | None = None
        self._gone_on = 0  # requests are missing behind the call with this number
        self._reuses_handles = False  # a request had the handle of the one before it
        self._newest = 0  # number of the newest call
        # Server's offset -> number of the newest call when it was reached, from the last whole frame on.
        self._marks: list[tuple[int, int]] = []
        self._lost_before = 0  # calls up to this number may have lost their responses
        self._strange_before = 0  # calls up to this number may have got a response with another handle
        self.requests_are_late = False
        self.deferred: deque[tuple[Frame, int]] = deque()
        self._is_complete = at_start  # every request was seen
        self._server_is_silent = True  # nothing of the server is in the capture
        self._may_be_midstream = may_be_midstream  # and it was not said yet
        self._directions: set[Direction] = set()  # of which there were frames
        # What packets that were cut took away: one Damage for each direction.
        self._snapped: dict[Direction | None, tuple[Damage, int]] = {}

    # -- what goes in ---------------------------------------------------------------------

    def frame(self, frame: Frame) -> list[Event]:
        """Take the next frame of either side."""
        frame.number = self._numbers.frame()
        if frame.direction is _CLIENT:
            events = self._request(frame)
        else:
            self._server_is_silent = False
            events = self._response(frame)
        if self._may_be_midstream:
            self._directions.add(frame.direction)
            if self._login.was_seen:
                self._may_be_midstream = False
            elif len(self._directions) == len(Direction):
                return self._midstream(frame) + events
        return events

    def damage(self, damage: Damage) -> list[Event]:
        """Take what is missing or can't be read; a frame that never ended is the damage's."""
        damage.connection = self.connection
        if damage.direction is Direction.CLIENT and damage.what != "midstream":
            self._is_complete = False
        self._name_exchange(damage)
        events: list[Event] = []
        if damage.what == "snap length":
            self._add_snapped(damage)
        else:
            events.append(damage)
        if damage.what == "midstream":
            self._may_be_midstream = False
        if damage.direction is Direction.SERVER:
            events += self._lose_responses(damage)
        elif damage.lost_boundary:
            self._gone_on = self._newest
        if damage.lost_boundary and self._reuses_handles:
            # Requests are missing behind calls in flight, and the server's bytes too: the client
            # got its responses, and has gone on with the handle that it always has.
            for handle, calls in list(self._calls.items()):
                if calls[0].number <= self._gone_on:
                    events += self._give_up(calls)
                    if not calls:
                        del self._calls[handle]
        frame = damage.frame
        if frame is not None and damage.what == "incomplete frame":
            frame.number = self._numbers.frame()
            cut = self._cut(frame)
            found = [event for event in cut if isinstance(event, Exchange) and event.response_frame is frame]
            if found:
                damage.exchange = found[0].number
            elif cut == [] and frame.direction is Direction.CLIENT and self._is_in_flight(frame):
                damage.exchange = self._newest
            events += cut
        return events

    def _is_in_flight(self, frame: Frame) -> bool:
        """Whether the newest call is the one of this frame."""
        left = [call for calls in (*self._calls.values(), self._headless) for call in calls]
        return any(call.request_frame is frame for call in left)

    def _name_exchange(self, damage: Damage) -> None:
        """Note which exchange lost something of its response, if that is clear."""
        if damage.direction is not Direction.SERVER or damage.what != "gap":
            return
        head = damage._head
        if isinstance(head, ResponseHead) and head.client_handle in self._calls:
            damage.exchange = self._calls[head.client_handle][0].number
        elif head is None and self.in_flight == 1 and self._login.pending is None:
            queues = (*self._calls.values(), self._headless)
            damage.exchange = next(calls[0].number for calls in queues if calls)

    def _add_snapped(self, damage: Damage) -> None:
        """Put what a cut packet took away to what others did."""
        whole, packets = self._snapped.setdefault(damage.direction, (damage, 0))
        if whole is not damage:
            whole.length = (whole.length or 0) + (damage.length or 0)
        packets += 1
        self._snapped[damage.direction] = (whole, packets)
        many = f"{packets:,} packets were" if packets > 1 else "1 packet was"
        whole.message = f"{many} cut at capture, {whole.length:,} bytes in all: capture with tcpdump -s 0"

    def _midstream(self, frame: Frame | None) -> list[Event]:
        """Say that it began before the capture; nothing that was captured is lost."""
        self._may_be_midstream = False
        return [
            Damage(
                what="midstream",
                message="the connection began before the capture; its log-in is not in it",
                connection=self.connection,
                seen_at_ns=None if frame is None else frame.seen_at_ns,
                file=None if frame is None else frame.file,
            )
        ]

    def server_full(self) -> list[Event]:
        """Take the one unframed message: the server has no room for another connection."""
        return [self._login.server_full()]

    def close(self, why: str, *, all_seen: bool = True, closed_at_ns: int | None = None) -> list[Event]:
        """Take the end of the connection: what is in flight stays unanswered.

        why           for people: "the connection was closed"
        all_seen      False if the server may have answered and that is not in the capture
        closed_at_ns  when, if it was closed
        """
        events = self.settle()
        if self._may_be_midstream and self._directions:
            events = self._midstream(None) + events
        if self._newest and self._server_is_silent and not all_seen:
            events += self._login.give_up("the answer is missing from the capture")
        events += self._login.give_up(f"no answer: {why}", closed_at_ns)
        left = [call for calls in self._calls.values() for call in calls]
        left += self._headless
        left.sort(key=lambda call: call.number)
        self._calls.clear()
        self._headless.clear()
        for call in left:
            # One direction only: the server was at work, and not captured.
            call.response_lost = call.number <= self._lost_before or (self._server_is_silent and not all_seen)
            if call.response_lost:
                call.notes.append(LOST)
            else:
                call.notes.append(f"unanswered: {why}{later(call.request_frame, closed_at_ns)}")
            events.append(call)
        events += [damage for damage, _ in self._snapped.values()]
        self._snapped.clear()
        return events

    def mark(self, offset: int, *, is_idle: bool) -> None:
        """Note that the server sends what answers nothing that is sent later.

        is_idle  whether all that it sent before is paired
        """
        if is_idle:
            self._marks = [(offset, self._newest)]
        elif not self._marks or self._marks[-1][1] != self._newest:
            self._marks.append((offset, self._newest))

    def _newest_at(self, offset: int | None) -> int:
        """The number of the newest call when the server sent what stands at an offset."""
        newest = 0
        for begin, number in self._marks:
            if offset is None or begin > offset:
                break
            newest = number
        return newest

    def settle(self) -> list[Event]:
        """Pair the responses that were kept, as all of the client's bytes are frames now."""
        self.requests_are_late = False
        events: list[Event] = []
        while self.deferred:
            frame, number = self.deferred.popleft()
            events += self._response(frame, number)
        return events

    @property
    def in_flight(self) -> int:
        """How many calls wait for a response."""
        return sum(map(len, self._calls.values())) + len(self._headless)

    @property
    def has_calls(self) -> bool:
        """Whether there was an invocation."""
        return self._newest > 0

    @property
    def is_logging_in(self) -> bool:
        """Whether what is sent belongs to the log-in."""
        return self._login.pending is not None and not self._newest

    @property
    def awaits_login(self) -> Login | None:
        """The log-in that is not answered yet."""
        return self._login.pending

    # -- requests ---------------------------------------------------------------------------

    def _request(self, frame: Frame) -> list[Event]:
        if not self._newest:
            try:
                if self._login.request(frame):
                    self._is_complete = True
                    return []
            except DecodeError as error:
                return [self._malformed(frame, f"not a log-in: {error}")]
        head = frame.head if frame.head.__class__ is CallHead else invocation_head(frame.readable)
        if head is None:
            if frame.missing:
                return self._headless_request(frame)
            return [self._malformed(frame, "not an invocation")]
        handle = head.client_handle
        number = self._newest = self._numbers.exchange()
        call = Exchange(self.connection, number, head.procedure, handle, None, frame)
        if not self._library.is_sure and not frame.missing:
            self.connection.library = self._library.invocation(head, frame.body) or self.connection.library
        self._reuses_handles |= handle == self._last_handle
        self._last_handle = handle
        calls = self._calls.get(handle)
        if calls is None:
            self._calls[handle] = deque((call,))
            return []
        events = self._give_up(calls) if self._lost_before or self._strange_before else []
        calls.append(call)
        return events

    def _give_up(self, calls: deque[Exchange]) -> list[Event]:
        """Take out the calls whose responses can't be found any more, as the client has gone on."""
        events: list[Event] = []
        while calls and calls[0].number <= max(self._lost_before, self._strange_before):
            call = calls.popleft()
            if call.number <= self._lost_before:
                self._lost(call)
            else:
                call.notes.append(ANOTHER_HANDLE)
            events.append(call)
        return events

    def _lose_responses(self, damage: Damage) -> list[Event]:
        """Take out the calls that were answered in bytes that are missing or can't be read."""
        if damage.lost_boundary:
            self._server_is_silent = False
            self._lost_before = self._newest
        if damage.what not in ("unreadable", "midstream"):
            return []
        self._server_is_silent = False
        begin = damage.offset or 0
        self._lost_before = max(self._lost_before, self._newest_at(begin))
        # What follows answers the newest call of its time; with equal handles, those before it
        # were answered in what can't be read.
        newest = self._newest_at(begin + (damage.length or 0))
        events: list[Event] = []
        for calls in self._calls.values():
            if len(calls) > 1:
                last = max((call.number for call in calls if call.number <= newest), default=0)
                while calls[0].number < last:
                    events.append(self._lost(calls.popleft()))
        return events

    def _lost(self, call: Exchange) -> Exchange:
        call.response_lost = True
        call.notes.append(LOST)
        return call

    def _headless_request(self, frame: Frame) -> list[Event]:
        """Take a request with a hole where its handle stood."""
        number = self._newest = self._numbers.exchange()
        self._headless.append(Exchange(connection=self.connection, number=number, request_frame=frame))
        return []

    def _malformed(self, frame: Frame, why: str) -> Damage:
        return Damage(
            what="malformed",
            message=f"frame of {frame.length:,} bytes that can't be read: {why}",
            connection=self.connection,
            direction=frame.direction,
            offset=frame.offset,
            length=frame.bytes_on_wire,
            seen_at_ns=frame.seen_at_ns,
            frame=frame,
            file=frame.file,
        )

    # -- responses --------------------------------------------------------------------------

    def _response(self, frame: Frame, number: int | None = None) -> list[Event]:
        """Take a response.

        number  its exchange's, if it was kept and none of the requests that came since is its own
        """
        events: list[Event] = []
        if self._login.pending is not None or not self._newest:
            try:
                login = self._login.response(frame, has_calls=self._newest > 0)
            except DecodeError as error:
                return [self._malformed(frame, f"not the answer to a log-in: {error}")]
            if login is not None:
                return [] if self._login.pending is not None else [login]
            # It answers a call, so the client was let in.
            events += self._login.give_up("the answer is missing from the capture")
        head = frame.head if frame.head.__class__ is AnswerHead else response_head(frame.readable)
        if head is None:
            if not frame.missing:
                return [*events, self._malformed(frame, "not a response")]
            call = self._oldest()
            if call is None:
                call = Exchange(
                    connection=self.connection, number=self._numbers.exchange(), request_lost=True
                )
            call.response_frame = frame
            return [*events, call]
        handle = head.client_handle
        calls = self._calls.get(handle)
        if calls is not None and (number is None or not _was_sent_after(calls[0], frame)):
            call = calls.popleft()
            if calls:
                call.is_late = True
            else:
                del self._calls[handle]
        elif is_push_handle(handle):
            return [*events, Push(connection=self.connection, frame=frame, client_handle=handle)]
        elif (
            self.requests_are_late and len(self.deferred) < MAX_DEFERRED and frame.length < MAX_DEFERRED_BYTES
        ):
            self.deferred.append((frame, self._numbers.exchange()))
            return events
        elif self._headless:
            call = self._headless.popleft()
        else:
            if calls is None:
                # A client that goes on with the same handle as before took it for its answer.
                self._strange_before = self._newest
            if self._is_complete or self._is_of_malformed(head):
                return [*events, self._unasked(frame, handle)]
            number = number or self._numbers.exchange()
            call = Exchange(connection=self.connection, number=number, request_lost=True)
        call.client_handle = handle
        call.status = head.status
        call.response_frame = frame
        events.append(call)
        return events

    def _is_of_malformed(self, head: ResponseHead | AnswerHead) -> bool:
        """Whether it answers a call that the server could not read."""
        return head.status == UNEXPECTED_FAILURE and head.client_handle == self._login.connection_id

    def _unasked(self, frame: Frame, handle: int) -> Push:
        push = Push(connection=self.connection, frame=frame, client_handle=handle)
        if handle == self._login.connection_id:
            push.notes.append("the answer to a malformed call: its handle is the connection's id")
        else:
            push.notes.append(f"answers no request: nothing with the handle {handle} is in flight")
        return push

    def _oldest(self) -> Exchange | None:
        """Take the oldest call in flight out."""
        queues = [*self._calls.values(), self._headless] if self._headless else list(self._calls.values())
        if not queues:
            return None
        calls = min(queues, key=lambda queue: queue[0].number)
        call = calls.popleft()
        if not calls and call.client_handle is not None and calls is not self._headless:
            del self._calls[call.client_handle]
        return call

    def _cut(self, frame: Frame) -> list[Event]:
        """Take a frame whose end is not there. If it was never sent, only what is waited for counts."""
        if frame.direction is Direction.CLIENT:
            return [] if frame.was_never_sent else self._request(frame)
        self._server_is_silent = False
        if frame.was_never_sent and not self._is_waited_for(frame):
            return []
        return self._response(frame)

    def _is_waited_for(self, frame: Frame) -> bool:
        """Whether a response that is not all there can belong to what is in flight."""
        if self._login.pending is not None:
            return True
        head = response_head(frame.readable)
        if head is None:
            return self.in_flight > 0
        return head.client_handle in self._calls or bool(self._headless)


def _was_sent_after(call: Exchange, response: Frame) -> bool:
    """Whether a request came after a response, by their times."""
    sent = call.request_frame
    if sent is None or sent.seen_at_ns is None or response.seen_at_ns is None:
        return False
    return sent.seen_at_ns > response.seen_at_ns
