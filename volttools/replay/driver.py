"""Makes planned calls, in an event loop: each at its time, whatever became of those before it.

An open loop: a target that is slow gets the next call all the same, so that the time calls have to wait is
seen. What holds a call back is said in `schedule.Order`, and a line that has no connection or no room.

- Latency is told twice: from when a call was to be sent, and from when it was.
- `lag` is how late the replayer itself was: from when a call was due, or what it waited for had come, to when
  it was sent.
- Sending goes first: what can wait - reading ahead, writing what was recorded - is done in small pieces
  between calls.
- Nothing is sent twice. A call that was under way when its connection broke is lost; calls that are due
  meanwhile leave when the connection is back, and are not sent when it can't be had back.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from volttools.client.core import Pending
from volttools.client.signatures import Encode
from volttools.codec import parse
from volttools.errors import CallTimeout, ClientError, DecodeError, EncodeError
from volttools.formats.response import SUCCESS, Response
from volttools.replay.ahead import FEW_AHEAD, MOST_AHEAD, Ahead
from volttools.replay.changer import Changer
from volttools.replay.connections import Line, State, Target
from volttools.replay.journal import Journal, Past
from volttools.replay.measures import CONNECTION_LOST, NOT_SENT, TIMED_OUT, Measures
from volttools.replay.schedule import Order, Planned
from volttools.replay.troubles import Troubles

AT_ONCE: Final = 20
"""So many calls are handed over before answers are looked at again."""
MOST_WAITING: Final = 50_000
"""So many calls that are due may wait for the target; more are not read before some have left."""
FEW_WAITING: Final = 5_000
"""So many where calls leave as soon as they can."""
FULL_NS: Final = 20_000_000
"""Then it looks again after so long."""
SPARE_NS: Final = 300_000
"""Other work is only begun if no call is due for so long."""
REST_NS: Final = 5_000_000
"""While answers come, there may be other work again after so long."""
ENDING_S: Final = 2.0
"""A replay that is ended waits so long for answers."""
CLOSING_S: Final = 1.0
TICK_S: Final = 0.05
"""So often `on_tick` is called."""
TICKS_TO_TELL: Final = 20
"""What befalls connections is told once in so many."""


class _Call(Pending):
    """A call that is under way."""

    sent_ns = 0

    def __init__(self, planned: Planned, line: Line, replay: Replay, timeout: float | None) -> None:
        super().__init__(planned.recorded.procedure, timeout)
        self.planned = planned
        self.line = line
        self._replay = replay

    def settle(self, status: int, body: bytes) -> None:
        """Take the answer."""
        self._replay.settled(self, status, body)

    def fail(self, error: ClientError) -> None:
        """Take the error."""
        self.error = error
        self._replay.failed(self, error)


class Replay:
    """One replay. `run` makes all calls; what it measures can be looked at meanwhile.

    measures   what came of it
    why_ended  why it ended before all calls were made; None if it didn't
    dropped    calls that were due and had not left when it was ended
    """

    def __init__(
        self,
        calls: Iterator[Planned],
        line_count: int,
        target: Target,
        *,
        order: Order,
        timeout: float | None,
        most_ns: int | None = None,
        journal: Journal | None = None,
        past: Past | None = None,
        changers: tuple[Changer, ...] = (),
        on_tick: Callable[[], None] = lambda: None,
        on_idle: Callable[[], bool] = lambda: False,
        on_trouble: Callable[[str], None] = lambda text: None,
        now: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        """on_idle   does a small piece of other work, and tells whether there is more; now   the clock, in ns"""
        self.measures = Measures()
        self.why_ended: str | None = None
        self.began_ns = self.ended_ns = 0
        self.dropped = 0
        self._ahead = Ahead(calls, past, self._open_for)
        self._order, self._timeout, self._most_ns = order, timeout, most_ns
        self._journal, self._past = journal, past
        self._changers = changers
        self._on_tick, self._on_idle = on_tick, on_idle
        self._now = now
        self._troubles = Troubles(on_trouble)
        self._lines = [
            Line(index, target, on_change=self._pump, on_trouble=self._troubles.take)
            for index in range(line_count)
        ]
        self._start_ns = 0  # when what is due at 0 is due
        self._open: set[int] = set()  # calls that were begun, or wait, and are not over
        self._over_ns: dict[int, int] = {}  # when calls were over that another may have to think after
        self._blocked: dict[int, list[Line]] = {}
        self._leaving: list[tuple[Line, Planned, int]] = []  # and when it could leave
        self._waits: set[int] = set()  # calls that wait for the target
        self._waiting = 0
        self._answers: dict[int, int] = {}
        self._is_turn_due = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Future[None] | None = None

    # --------------------------------------------------------------- running

    async def run(self) -> None:
        """Make all calls. Raises CannotConnect or LoginRefused, before any was made."""
        self._loop = asyncio.get_running_loop()
        thresholds = gc.get_threshold()
        gc.collect()
        gc.freeze()  # what is there stays, and looking at it again and again makes calls late
        gc.set_threshold(20_000, 50, 100)
        ticking = asyncio.ensure_future(self._tick())
        try:
            await self._begin()
            await self._dispatch()
            await self._finish()
        finally:
            self.ended_ns = self._now()
            ticking.cancel()
            gc.set_threshold(*thresholds)
            gc.unfreeze()
            self._note_answers()
            self.measures.losses = sum(line.losses for line in self._lines)
            await asyncio.gather(*(line.close(CLOSING_S) for line in self._lines))
            self._troubles.tell()

    def stop(self, why: str) -> None:
        """End it soon, from the loop's thread or a signal handler."""
        if self.why_ended is None:
            self.why_ended = why
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended meanwhile
                self._loop.call_soon_threadsafe(self._awake)

    @property
    def elapsed_ns(self) -> int:
        """Since the first call could be sent."""
        return 0 if not self.began_ns else (self.ended_ns or self._now()) - self.began_ns

    @property
    def skipped(self) -> int:
        """Calls that were sent by the replay before."""
        return self._ahead.skipped

    @property
    def unknown_before(self) -> int:
        """Calls that the replay before had sent, of which it isn't known whether they were answered."""
        return 0 if self._past is None else self._past.unanswered

    @property
    def in_flight(self) -> int:
        """Calls that await their answer, or to be sent."""
        return len(self._open)

    async def _begin(self) -> None:
        self._ahead.fill()
        await asyncio.gather(*(line.opened() for line in self._lines))
        for line in self._lines:
            if line.state is State.GONE and line.error is not None:
                raise line.error
        self.began_ns = self._now()
        goes_on = self._past is not None
        self._start_ns = self.began_ns - ((self._ahead.first_due_ns or 0) if goes_on else 0)

    async def _dispatch(self) -> None:
        """Hand each call to its line when it is due."""
        ahead = self._ahead
        while self.why_ended is None:
            now = self._now()
            may_be_more = True
            while not ahead.calls and may_be_more:
                may_be_more = ahead.read_some(now - self._start_ns)
            if not ahead.calls:
                return
            if self._most_ns is not None and now - self.began_ns > self._most_ns:
                self._drop_waiting()
                return
            begun = self._hand_over_due(now)
            self._turn()
            may_read = len(ahead.calls) < (FEW_AHEAD if begun else MOST_AHEAD)
            now_ns = self._now() - self._start_ns
            is_read = may_read and ahead.read_some(now_ns, lambda: self._now() - self._start_ns)
            if is_read or begun or self._is_idle_work_done():
                await asyncio.sleep(0)
            else:
                await self._pause()

    def _hand_over_due(self, now: int, most: int = AT_ONCE) -> int:
        """Hand over calls that are due; how many there were."""
        begun = 0
        calls = self._ahead.calls
        while calls and begun < most:
            due_ns = calls[0].due_ns
            if due_ns is not None and self._start_ns + due_ns > now:
                break
            if self._waiting >= (MOST_WAITING if due_ns is not None else FEW_WAITING):
                break
            self._hand_over(calls.popleft())
            begun += 1
        return begun

    def _is_idle_work_done(self) -> bool:
        """Do other work, if there is time before the next call; whether there may be more of it."""
        return self._next_ns() - self._now() > SPARE_NS and self._on_idle()

    def _next_ns(self) -> int:
        """When the next call is due, or it is worth while to look again."""
        calls = self._ahead.calls
        due_ns = calls[0].due_ns if calls else None
        if due_ns is not None and self._waiting < MOST_WAITING:
            return self._start_ns + due_ns
        return self._now() + FULL_NS  # it waits for room, or for the end

    async def _tick(self) -> None:
        for number in itertools.count():
            if number % TICKS_TO_TELL == 0:
                self._troubles.tell()
            self._on_tick()
            self._note_answers()
            await asyncio.sleep(TICK_S)

    async def _pause(self) -> None:
        """Wait until the next call is due, or until what waits has left."""
        at_ns = self._next_ns()
        if self._open:
            at_ns = min(at_ns, self._now() + REST_NS)
        await self._wait(at_ns)

    async def _wait(self, until_ns: int) -> None:
        """Wait until then, or until somebody wakes it."""
        assert self._loop is not None
        self._wake = self._loop.create_future()
        timer = self._loop.call_later(max(0.0, (until_ns - self._now()) / 1e9), self._awake)
        await self._wake
        self._wake = None
        timer.cancel()

    def _awake(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _finish(self) -> None:
        """Wait for the answers that are still to come."""
        assert self._loop is not None
        ends_at: float | None = None
        while self._open:
            if self.why_ended is not None and ends_at is None:
                ends_at = self._loop.time() + ENDING_S
                self._drop_waiting()
            if ends_at is not None and self._loop.time() > ends_at:
                return
            if self._on_idle():
                await asyncio.sleep(0)
            else:
                await self._wait(self._now() + REST_NS)

    def _drop_waiting(self) -> None:
        """What has not left yet never will."""
        for line in self._lines:
            self._waiting -= len(line.queue)
            self.dropped += len(line.queue)
            self._open.difference_update(planned.number for planned in line.queue)
            line.queue.clear()

    # --------------------------------------------------------------- sending

    def _open_for(self, planned: Planned) -> None:
        """A call was read: its connection will be needed."""
        self._lines[planned.connection].open(is_patient=bool(self.began_ns))

    def _hand_over(self, planned: Planned) -> None:
        """A call is due: let it leave, or wait behind those of its line."""
        line = self._line_for(planned)
        line.is_ending = planned.is_last
        self._open.add(planned.number)
        for changer in self._changers:
            changer.begins(planned)
        self._waiting += 1
        line.queue.append(planned)
        self._pump(line)
        if line.queue and line.queue[-1] is planned:  # what it waits for isn't us
            self.measures.waited += 1
            self._waits.add(planned.number)

    def _line_for(self, planned: Planned) -> Line:
        """Its own; where the order doesn't matter, the next one that can take it."""
        line = self._lines[planned.connection]
        if self._order is not Order.NONE or line.may_send:
            return line
        return next((other for other in self._lines if other.may_send), line)

    def _pump(self, line: Line) -> None:
        """Let leave what may."""
        if self.why_ended is not None:
            return
        if line.state is State.GONE:
            self._give_up(line)
        while line.queue and line.may_send and self._is_free(line, line.queue[0]):
            planned = line.queue.popleft()
            for number in planned.after:
                self._over_ns.pop(number, None)
            line.leaving += 1
            self._waiting -= 1
            self._leaving.append((line, planned, self._free_since(line, planned)))
        if self._leaving and not self._is_turn_due and self._loop is not None:
            self._is_turn_due = True
            self._loop.call_soon(self._turn)

    def _free_since(self, line: Line, planned: Planned) -> int:
        """When a call that may leave could have left at the earliest: it was due, and what it waited for came."""
        if planned.number not in self._waits:
            return 0 if planned.due_ns is None else self._start_ns + planned.due_ns
        self._waits.remove(planned.number)
        thinks_until, line.thinks_until_ns = line.thinks_until_ns, 0
        return thinks_until or self._now()

    def _is_free(self, line: Line, planned: Planned) -> bool:
        """Whether all that a call waits for is there; if not, its line is pumped when that has come."""
        for number in self._waits_for(planned):
            if number in self._open and number != planned.number:
                lines = self._blocked.setdefault(number, [])
                if line not in lines:
                    lines.append(line)
                return False
        return not planned.think_ns or self._has_thought(line, planned)

    def _waits_for(self, planned: Planned) -> Iterator[int]:
        yield from planned.after
        for changer in self._changers:
            yield from changer.waits_for(planned)

    def _has_thought(self, line: Line, planned: Planned) -> bool:
        """Whether enough time has passed since the answers that it waited for."""
        over = [self._over_ns[number] for number in planned.after if number in self._over_ns]
        left_ns = (max(over) + planned.think_ns - self._now()) if over else 0
        if left_ns <= 0:
            return True
        assert self._loop is not None
        line.thinks_until_ns = max(over) + planned.think_ns
        self._loop.call_later(left_ns / 1e9, self._pump, line)
        return False

    def _turn(self) -> None:
        """Send what may leave: first into the journal, then on its way."""
        self._is_turn_due = False
        leaving, self._leaving = self._leaving, []
        if not leaving:
            return
        if self._journal is not None:
            try:
                self._journal.sent(planned.number for _, planned, _ in leaving)
            except OSError as error:
                self.stop(f"the journal can't be written on: {error.strerror}")
                for line, planned, _ in leaving:
                    line.leaving -= 1
                    self._not_sent(planned, "the journal can't be written on")
                return
        lines: dict[int, Line] = {}
        for line, planned, free_ns in leaving:
            line.leaving -= 1
            if self._send(line, planned, free_ns):
                lines[line.index] = line
        for line in lines.values():
            if line.connection is not None:
                line.connection.flush()

    def _send(self, line: Line, planned: Planned, free_ns: int) -> bool:
        """Begin a call that could leave since then; whether it is on its way."""
        call = _Call(planned, line, self, self._timeout)
        connection = line.connection
        try:
            encode: Encode = planned.recorded.bytes_for
            for changer in self._changers:
                encode = changer.encoder(planned, encode)
            assert connection is not None
            call.sent_ns = now = self._now()
            connection.begin(call, encode)
        except (EncodeError, ClientError) as error:
            self._not_sent(planned, str(error))
            return False
        measures = self.measures
        measures.sent += 1
        measures.of(planned.recorded.procedure).calls += 1
        if planned.due_ns is not None:
            measures.lag.add(max(0, now - free_ns))
        return True

    # ------------------------------------------------------------- answers

    def settled(self, call: _Call, status: int, body: bytes) -> None:
        """A call was answered."""
        now = self._now()
        planned, measures = call.planned, self.measures
        recorded = planned.recorded
        latency_ns = now - call.sent_ns
        measures.from_sent.add(latency_ns)
        measures.of(recorded.procedure).latency.add(latency_ns)
        if planned.due_ns is not None:
            measures.from_intended.add(max(0, now - self._start_ns - planned.due_ns))
        text = None if status in (SUCCESS, recorded.status) else _text_of(body)
        measures.answer(recorded.procedure, recorded.exchange, status, recorded.status, text)
        if self._journal is not None:
            self._answers[planned.number] = status
        for changer in self._changers:
            changer.answered(planned, status, body)
        self._over(call.line, planned, now)
        # Where many answers come at once, what is due meanwhile doesn't wait for the last of them.
        calls = self._ahead.calls
        if calls and (due_ns := calls[0].due_ns) is not None and self._start_ns + due_ns <= now:
            self._hand_over_due(now, most=1)
            self._turn()

    def failed(self, call: _Call, error: ClientError) -> None:
        """A call will not be answered."""
        planned = call.planned
        if not call.is_sent:
            self._not_sent(planned, str(error))
            return
        what = TIMED_OUT if isinstance(error, CallTimeout) else CONNECTION_LOST
        self.measures.fail(planned.recorded.procedure, planned.recorded.exchange, what, str(error))
        for changer in self._changers:
            changer.failed(planned)
        self._over(call.line, planned, self._now())

    def _not_sent(self, planned: Planned, why: str) -> None:
        self.measures.fail(planned.recorded.procedure, planned.recorded.exchange, NOT_SENT, why)
        for changer in self._changers:
            changer.failed(planned)
        self._over(self._lines[planned.connection], planned, self._now())

    def _over(self, line: Line, planned: Planned, now: int) -> None:
        """Let go what waited for a call."""
        self._open.discard(planned.number)
        if self._order is Order.CAUSAL and planned.recorded.answer_frame:
            self._over_ns[planned.number] = now
        for waiting in self._blocked.pop(planned.number, ()):
            self._pump(waiting)
        if line.queue:
            self._pump(line)
        elif line.is_ending:
            line.close_when_done(CLOSING_S)
        if not self._open:
            self._awake()

    def _give_up(self, line: Line) -> None:
        """A line whose target could not be had back."""
        why = str(line.error or "the target can't be reached")
        queue, line.queue = line.queue, deque()
        self._waiting -= len(queue)
        for planned in queue:
            self._waits.discard(planned.number)
            self._not_sent(planned, why)
        if all(other.state in (State.GONE, State.NEW, State.CLOSED) for other in self._lines):
            self.stop(f"the target can't be reached any more: {why}")

    def _note_answers(self) -> None:
        if self._answers and self._journal is not None:
            answers, self._answers = self._answers, {}
            with contextlib.suppress(OSError):  # that sending fails is told
                self._journal.answered(answers)


def _text_of(body: bytes) -> str:
    try:
        return parse(Response, body).status_string or ""
    except DecodeError as error:
        return f"an answer that can't be read: {error}"
