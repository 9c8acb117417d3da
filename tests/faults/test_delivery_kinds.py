import pytest

from volttools.codec import builder
from volttools.faults.actions import Close, Hold, NodeDown, Reset, Send, SendSlowly, Stall, Wait
from volttools.faults.draws import Draw
from volttools.faults.injector import empty_push
from volttools.faults.kinds import CannotApply, Subject
from volttools.faults.rules import rule
from volttools.formats.frame import PREFIX
from volttools.formats.response import Response

SUBJECT = Subject(Response, empty_push)
FRAME = builder(PREFIX)(6) + b"abcdef"
PLAN = (Wait(1), Send(FRAME))


def planned(kind, plan=PLAN, number=1, **keys):
    made = rule(kind, **keys)
    chosen = made.kind.choose(made.given, Draw(kind, number), number, plan)
    return made.kind.apply(plan, chosen, SUBJECT)


@pytest.mark.parametrize(
    ("kind", "keys", "expected"),
    [
        ("delay", {"time": "20ms"}, (Wait(0.02), *PLAN)),
        ("drop", {}, (Wait(1),)),
        ("close-before", {}, (Wait(1), Close())),
        ("close-after", {}, (*PLAN, Close())),
        ("close-within", {}, (Wait(1), Send(FRAME[:5]), Close())),
        ("close-within", {"part": 0}, (Wait(1), Send(b""), Close())),
        ("close-within", {"part": 1}, (Wait(1), Send(FRAME[:9]), Close())),
        ("reset", {}, (Wait(1), Reset())),
        ("stall", {}, (Wait(1), Stall())),
        ("stall-within", {"part": 0.2}, (Wait(1), Send(FRAME[:2]), Stall())),
        ("trickle", {"bytes": 3}, (Wait(1), SendSlowly(FRAME, 3, 0.001))),
        ("duplicate", {"copies": 3}, (*PLAN, *PLAN[1:], *PLAN[1:])),
        ("reorder", {"behind": 2}, (Wait(1), Hold(FRAME, 2, 1.0))),
        ("length", {"length": -7}, (Wait(1), Send(builder(PREFIX)(-7) + b"abcdef"))),
        ("node-down", {}, (Wait(1), NodeDown(None))),
        ("node-down", {"back": "2s"}, (Wait(1), NodeDown(2.0))),
        ("push-drop", {}, ()),
        ("push-delay", {"time": "1s"}, (Wait(1.0), *PLAN)),
    ],
)
def test_what_becomes_of_a_message(kind, keys, expected):
    assert planned(kind, **keys) == expected


@pytest.mark.parametrize("kind", ["close-within", "stall-within", "length"])
def test_what_is_not_sent_can_not_be_cut(kind):
    with pytest.raises(CannotApply, match="nothing is sent"):
        planned(kind, plan=(Close(),))


def test_a_ramp_grows_from_the_first_call_to_the_last_and_stays():
    waits = [
        planned("ramp", number=number, start="10ms", end="50ms", calls=5)[0].seconds for number in range(1, 8)
    ]
    assert waits == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05, 0.05, 0.05])
    down = [planned("ramp", number=n, start="50ms", end="0ms", calls=2)[0].seconds for n in (1, 2, 3)]
    assert down == pytest.approx([0.05, 0, 0])


@pytest.mark.parametrize("distribution", ["uniform", "normal", "exponential", "pareto"])
def test_jitter_is_never_negative_nor_more_than_the_most(distribution):
    keys = {"mean": "10ms", "spread": "20ms", "most": "25ms", "distribution": distribution}
    waits = [planned("jitter", number=number, **keys)[0].seconds for number in range(300)]
    assert 0 <= min(waits) < max(waits) <= 0.025
    assert len(set(waits)) > 100
