"""Faults of how a message gets to the client: late, twice, in pieces, in another order, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volttools.codec import builder
from volttools.faults.actions import (
    Close,
    Hold,
    NodeDown,
    Plan,
    Reset,
    Send,
    Sending,
    SendSlowly,
    Stall,
    Wait,
    first_sending,
)
from volttools.faults.draws import Draw
from volttools.faults.kinds import CannotApply, Chosen, Kind, Place, Subject
from volttools.faults.parameters import choice, duration, share, whole
from volttools.formats.frame import MAX_FRAME_BYTES, PREFIX, PREFIX_BYTES

_DISTRIBUTIONS = ("uniform", "normal", "exponential", "pareto")
_PARETO_SHAPE = 1.5  # a mean of three times the least, and a variance that is infinite


class Delay(Kind):
    """The response comes later, always by the same time."""

    name = "delay"
    place = Place.RESPONSE
    sees = "the call takes longer, or times out; other calls go on"
    parameters = (duration("time", "how much later"),)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Wait(chosen["time"]), *plan)


class Jitter(Kind):
    """The response comes later, by a time that is drawn from a distribution."""

    name = "jitter"
    place = Place.RESPONSE
    sees = "calls take longer, each by another time; they may be answered in another order"
    parameters = (
        duration("mean", "the middle; of pareto a third of it is the least"),
        duration("spread", "of uniform: to each side; of normal: the standard deviation", "0ms"),
        choice("distribution", "how times lie", {name: name for name in _DISTRIBUTIONS}, "normal"),
        duration("most", "no delay is longer", "60s"),
    )

    def choose(self, given: Mapping[str, Any], draw: Draw, number: int, plan: Plan) -> Chosen:
        mean, spread = given["mean"], given["spread"]
        seconds = {
            "uniform": lambda: draw.uniform(mean, spread),
            "normal": lambda: draw.normal(mean, spread),
            "exponential": lambda: draw.exponential(mean),
            "pareto": lambda: draw.pareto(mean / 3, _PARETO_SHAPE),
        }[given["distribution"]]()
        return {"time": min(max(seconds, 0.0), given["most"])}

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Wait(chosen["time"]), *plan)


class Ramp(Kind):
    """Responses come later and later, or less and less so: a time that grows with the number of calls."""

    name = "ramp"
    place = Place.RESPONSE
    sees = "each call takes a little longer than the one before"
    parameters = (
        duration("start", "the delay of the first call", "0ms"),
        duration("end", "the delay of the last one, and of all behind it"),
        whole("calls", "over how many calls of a connection", least=2),
    )

    def choose(self, given: Mapping[str, Any], draw: Draw, number: int, plan: Plan) -> Chosen:
        done = min((number - 1) / (given["calls"] - 1), 1.0)
        return {"time": given["start"] + done * (given["end"] - given["start"])}

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Wait(chosen["time"]), *plan)


class Drop(Kind):
    """The response is never sent; the connection goes on."""

    name = "drop"
    place = Place.RESPONSE
    sees = "the call times out; other calls are answered"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return tuple(action for action in plan if not isinstance(action, Sending))


class CloseBefore(Kind):
    """The connection is closed in the place of the response."""

    name = "close-before"
    place = Place.RESPONSE
    sees = "the connection is lost; whether the call ran is not known"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*_before(plan), Close())


class CloseAfter(Kind):
    """The connection is closed behind the response."""

    name = "close-after"
    place = Place.RESPONSE
    sees = "the call is answered, then the connection is lost"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*plan, Close())


_PART = share("part", "how much of the frame is sent", 0.5)


class CloseWithin(Kind):
    """A part of the response is sent, then the connection is closed."""

    name = "close-within"
    place = Place.RESPONSE
    sees = "the connection is lost in the middle of a message"
    parameters = (_PART,)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*_cut(plan, chosen["part"]), Close())


class ResetBefore(Kind):
    """The connection is reset in the place of the response."""

    name = "reset"
    place = Place.RESPONSE
    sees = "the connection is lost: connection reset"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*_before(plan), Reset())


class StallWithin(Kind):
    """A part of the response is sent, then nothing more: the connection stays open."""

    name = "stall-within"
    place = Place.RESPONSE
    sees = "this call and all later ones of the connection time out"
    parameters = (_PART,)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*_cut(plan, chosen["part"]), Stall())


class StallBefore(Kind):
    """Neither the response nor anything else is sent any more; the connection stays open."""

    name = "stall"
    place = Place.RESPONSE
    sees = "this call and all later ones of the connection time out"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*_before(plan), Stall())


class Trickle(Kind):
    """The response comes in small pieces, with a pause between them."""

    name = "trickle"
    place = Place.RESPONSE
    sees = "the call takes longer, or times out; all later answers come behind it"
    parameters = (
        duration("pause", "between two pieces", "1ms"),
        whole("bytes", "in a piece", 1, least=1),
    )

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return tuple(
            SendSlowly(action.data, chosen["bytes"], chosen["pause"]) if isinstance(action, Send) else action
            for action in plan
        )


class Duplicate(Kind):
    """The response is sent several times."""

    name = "duplicate"
    place = Place.RESPONSE
    sees = "the call is answered; the copies are answers to no call, and must do no harm"
    parameters = (whole("copies", "how often it is sent in all", 2, least=2, most=1000),)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        found: list[Any] = []
        for action in plan:
            found += [action] * (chosen["copies"] if isinstance(action, Sending) else 1)
        return tuple(found)


class Reorder(Kind):
    """The response is sent behind those of later calls."""

    name = "reorder"
    place = Place.RESPONSE
    sees = "calls are answered in another order than the server's; one call at a time just takes longer"
    parameters = (
        whole("behind", "so many other messages are sent first", 1, least=1),
        duration("at_most", "it is sent after so long in any case", "1s"),
    )

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return tuple(
            Hold(action.data, chosen["behind"], chosen["at_most"]) if isinstance(action, Send) else action
            for action in plan
        )


class WrongLength(Kind):
    """The response's length says something else than how long it is."""

    name = "length"
    place = Place.RESPONSE
    sees = "a length that can be none ends the connection; after another one nothing can be read any more"
    parameters = (
        whole(
            "length",
            "what stands in the place of its length; by default the claim that 2 GB follow",
            MAX_FRAME_BYTES,
            least=-MAX_FRAME_BYTES - 1,
            most=MAX_FRAME_BYTES,
        ),
    )

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        at = first_sending(plan)
        if at is None:
            raise CannotApply("nothing is sent")
        prefix = builder(PREFIX)(chosen["length"])
        found = list(plan)
        sending: Any = found[at]
        found[at] = Send(prefix + sending.data[PREFIX_BYTES:])
        return tuple(found)


class NodeGoesDown(Kind):
    """The node dies with the call: all its connections end, and it takes none."""

    name = "node-down"
    place = Place.NODE
    sees = "connections to the node are lost and can't be made; a cluster's other nodes push the new topology"
    parameters = (duration("back", "comes back after so long; 0ms: never", "0ms"),)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (*_before(plan), NodeDown(chosen["back"] or None))


class PushDrop(Kind):
    """A push is not sent."""

    name = "push-drop"
    place = Place.PUSH
    sees = "nothing: it goes on with what it knows"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return ()


class PushDelay(Kind):
    """A push comes later."""

    name = "push-delay"
    place = Place.PUSH
    sees = "what has changed, later"
    parameters = (duration("time", "how much later"),)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Wait(chosen["time"]), *plan)


def _before(plan: Plan) -> Plan:
    """What a plan does before it sends anything."""
    at = first_sending(plan)
    return plan if at is None else plan[:at]


def _cut(plan: Plan, part: float) -> Plan:
    """A plan that sends only a part of its first frame; never all of it."""
    at = first_sending(plan)
    if at is None:
        raise CannotApply("nothing is sent")
    sending: Any = plan[at]
    return (*plan[:at], Send(sending.data[: min(int(len(sending.data) * part), len(sending.data) - 1)]))


KINDS = (
    Delay,
    Jitter,
    Ramp,
    Drop,
    CloseBefore,
    CloseWithin,
    CloseAfter,
    ResetBefore,
    StallBefore,
    StallWithin,
    Trickle,
    Duplicate,
    Reorder,
    WrongLength,
    NodeGoesDown,
    PushDrop,
    PushDelay,
)
