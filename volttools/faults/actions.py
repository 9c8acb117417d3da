"""What is done in the place of sending a message: data only, done by who has the socket (`delivery`).

(Wait(0.02), Send(frame))            the message comes 20 ms later
(Send(frame[:7]), Reset())           seven bytes of it, then RST
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on with the plan so many seconds later; other messages go on meanwhile."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SendSlowly:
    """Send bytes in pieces, with a pause between them; nothing else is sent on the connection meanwhile."""

    data: bytes
    piece_bytes: int
    pause_s: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Send bytes when so many other messages were sent, or after so many seconds."""

    data: bytes
    behind: int
    at_most_s: float


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection with a FIN, behind what was sent."""


@dataclass(frozen=True, slots=True)
class Reset:
    """End the connection with an RST."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Send nothing more on the connection, which stays open."""


@dataclass(frozen=True, slots=True)
class NodeDown:
    """End all connections of the node and take none; for so many seconds, or for ever."""

    for_s: float | None


Action = Wait | Send | SendSlowly | Hold | Close | Reset | Stall | NodeDown
Plan = tuple[Action, ...]
"""What becomes of one message, in order."""

Sending = Send | SendSlowly | Hold


def first_sending(plan: Plan) -> int | None:
    """Where in a plan bytes are sent for the first time; None: nowhere."""
    return next((at for at, action in enumerate(plan) if isinstance(action, Sending)), None)


def with_data(plan: Plan, change: Callable[[bytes], bytes]) -> Plan:
    """The plan with other bytes in what it sends."""
    return tuple(
        replace(action, data=change(action.data)) if isinstance(action, Sending) else action
        for action in plan
    )
