"""Carries out plans on one connection, for who has its socket.

Plans go on beside each other, as answers do; but bytes of a message that is sent slowly are not mixed with
others. What the socket can do is given as an `Outlet`, so there is neither I/O nor a clock here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol, assert_never

from volttools.faults.actions import (
    Action,
    Close,
    Hold,
    NodeDown,
    Plan,
    Reset,
    Send,
    SendSlowly,
    Stall,
    Wait,
)


class Timer(Protocol):
    """What is going to happen, as asyncio's TimerHandle."""

    def cancel(self) -> None: ...


class Outlet(Protocol):
    """What can be done with a connection."""

    def write(self, data: bytes) -> None:
        """Send bytes to the client."""

    def close(self) -> None:
        """End the connection behind what was sent."""

    def reset(self) -> None:
        """End it with an RST."""

    def stall(self) -> None:
        """Leave it open; nothing more is sent, and nobody needs to listen."""

    def node_down(self, for_s: float | None) -> None:
        """End all connections of the node, and take none for a while."""

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do something later, in the same thread."""

    def settled(self) -> None:
        """A plan has been carried out that had to wait."""


class _Course:
    """A plan under way."""

    __slots__ = ("at", "cost", "plan")

    def __init__(self, plan: Plan, cost: int) -> None:
        self.plan = plan
        self.at = 0
        self.cost = cost


class _Held:
    """Bytes that wait for others to be sent first."""

    __slots__ = ("course", "data", "left", "timer")

    def __init__(self, course: _Course, hold: Hold) -> None:
        self.course = course
        self.data = hold.data
        self.left = hold.behind
        self.timer: Timer | None = None


class Delivery:
    """The plans of one connection.

    pending        how many of them are not carried out yet
    pending_bytes  what these hold
    is_over        nothing more is sent: it was closed, reset, or stalls
    """

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._timers: set[Timer] = set()
        self._held: list[_Held] = []
        self._line: deque[_Course] | None = None  # while a message is sent slowly: who waits for that
        self.pending = 0
        self.pending_bytes = 0
        self.is_over = False

    def deliver(self, plan: Plan, cost: int = 0) -> None:
        """Carry out a plan. `cost`: bytes that are kept for it besides those it sends."""
        if self.is_over:
            return
        course = _Course(plan, cost)
        for action in plan:
            if isinstance(action, Send | SendSlowly | Hold):
                course.cost += len(action.data)
        self.pending += 1
        self.pending_bytes += course.cost
        if self._go_on(course):
            self._is_done(course)

    def send(self, data: bytes) -> None:
        """Send a message of which nothing is to go wrong."""
        if self._line is None and not self._held and not self.is_over:
            self._outlet.write(data)
        else:
            self.deliver((Send(data),))

    def end(self) -> None:
        """Carry out nothing more."""
        self.is_over = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._held.clear()
        self._line = None
        self.pending = self.pending_bytes = 0

    # ----------------------------------------------------------- inside

    def _go_on(self, course: _Course) -> bool:
        """Do what can be done at once; whether that was all."""
        while course.at < len(course.plan) and not self.is_over:
            if self._line is not None and isinstance(course.plan[course.at], Send | SendSlowly | Close):
                self._line.append(course)
                return False
            action = course.plan[course.at]
            course.at += 1
            if not self._do(action, course):
                return False
        return True

    def _do(self, action: Action, course: _Course) -> bool:
        """Do one thing; False if the plan goes on later."""
        match action:
            case Wait():
                if action.seconds > 0:
                    self._later(action.seconds, lambda: self._resume(course))
                    return False
            case Send():
                self._send(action.data)
            case SendSlowly():
                self._line = deque()
                self._next_piece(course, action, 0)
                return False
            case Hold():
                held = _Held(course, action)
                held.timer = self._later(action.at_most_s, lambda: self._release(held))
                self._held.append(held)
                return False
            case Close():
                self.end()
                self._outlet.close()
            case Reset():
                self.end()
                self._outlet.reset()
            case Stall():
                self.end()
                self._outlet.stall()
            case NodeDown():
                self.end()
                self._outlet.node_down(action.for_s)
            case _:
                assert_never(action)
        return True

    def _send(self, data: bytes) -> None:
        if data:
            self._outlet.write(data)
        self._was_sent()

    def _was_sent(self) -> None:
        """A message was sent: of those that wait for others, some may have waited for this one."""
        if not self._held:
            return
        for held in self._held:
            held.left -= 1
        for held in [one for one in self._held if one.left <= 0]:
            self._release(held)

    def _release(self, held: _Held) -> None:
        if held not in self._held:
            return
        self._held.remove(held)
        if held.timer is not None:
            held.timer.cancel()
            self._timers.discard(held.timer)
        course = held.course
        # What was held is sent like anything else: behind a message that is sent slowly.
        course.plan = (Send(held.data), *course.plan[course.at :])
        course.at = 0
        self._resume(course)

    def _next_piece(self, course: _Course, action: SendSlowly, start: int) -> None:
        stop = start + action.piece_bytes
        self._outlet.write(action.data[start:stop])
        if stop < len(action.data) and not self.is_over:
            self._later(action.pause_s, lambda: self._next_piece(course, action, stop))
            return
        line, self._line = self._line, None
        self._was_sent()
        self._resume(course)
        for waiting in line or ():
            self._resume(waiting)

    def _resume(self, course: _Course) -> None:
        if not self.is_over and self._go_on(course):
            self._is_done(course)
            self._outlet.settled()

    def _is_done(self, course: _Course) -> None:
        if self.pending:  # not ended meanwhile
            self.pending -= 1
            self.pending_bytes -= course.cost

    def _later(self, seconds: float, action: Callable[[], None]) -> Timer:
        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = self._outlet.later(seconds, act)
        self._timers.add(timer)
        return timer
