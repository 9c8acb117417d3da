"""Calls that are not wholly in a capture are named as far as it tells."""

import json

import volttools
from tests.requirements import ROOT
from volttools.protocol.events import Damage, Direction
from volttools.protocol.frames import Connection
from volttools.replay.gaps import (
    DAMAGED,
    LOST_FRAMES,
    MOST_MISSING,
    NOT_CAPTURED,
    SHOWN,
    Gaps,
    Missing,
    left_out_lines,
)
from volttools.replay.plan import read_plan

LOST_MANY = str(ROOT / "captures" / "lost-many.pcapng")


def texts(plan, **more):
    lines = left_out_lines(plan.left_out, plan.missing, plan.first_ns, **more)
    return ["".join(text for text, _ in line) for line in lines]


def hole(offset, direction=Direction.CLIENT, **more):
    return Damage(
        what="gap",
        message="",
        connection=Connection(number=1),
        direction=direction,
        offset=offset,
        length=36,
        lost_boundary=True,
        **more,
    )


def test_each_is_told_with_what_is_known_of_it():
    with volttools.open(LOST_MANY) as capture, read_plan(capture) as plan:
        found = texts(plan, is_long=True)
    assert "  left out    1: made by client libraries themselves" in found
    assert "  missing     connection 1 at 77.2 ms: 46 bytes from 2,407 on, behind exchange 14" in found
    assert (
        "              connection 1 at 73.0 ms: exchange 15, client handle 1, answered with SUCCESS" in found
    )
    assert "              connection 3 at 36.2 ms: 46 bytes from 643 on, between exchanges 28 and 30" in found
    assert len([text for text in found if "connection" in text]) == len(plan.missing) == 8


def test_a_few_are_shown_unless_all_are_asked_for():
    with volttools.open(LOST_MANY) as capture, read_plan(capture) as plan:
        found = texts(plan, is_long=False)
    assert len([text for text in found if "connection" in text]) == SHOWN
    assert found[-1] == "              and 3 more; -v lists them"


def test_the_neighbours_of_a_hole_are_those_that_were_sent_around_it():
    with volttools.open(LOST_MANY) as capture:
        exchanges = {one.number: one for one in capture}
    with volttools.open(LOST_MANY) as capture, read_plan(capture) as plan:
        holes = [one for one in plan.missing if one.why == LOST_FRAMES]
    assert len(holes) == 4
    for one in holes:
        requests = [
            each.request_frame
            for each in exchanges.values()
            if each.connection.number == one.connection and each.request_frame is not None
        ]
        before = [each.number for each in requests if each.offset < one.offset]
        after = [each.number for each in requests if each.offset > one.offset]
        numbers = {
            each.request_frame.number: number for number, each in exchanges.items() if each.request_frame
        }
        assert one.before == (numbers[max(before)] if before else None)
        assert one.after == (numbers[min(after)] if after else None)


def test_what_the_server_sent_can_be_no_call():
    gaps = Gaps()
    assert not gaps.damage(hole(5, Direction.SERVER))
    assert gaps.damage(hole(5))
    assert len(gaps.found) == 1


def test_a_call_whose_head_survived_is_told_by_its_procedure():
    one = Missing(
        why=DAMAGED, connection=2, client=None, server=None, exchange=7, procedure="Vote", client_handle=9
    )
    assert one.text(None) == "connection 2: exchange 7, Vote, client handle 9, not answered"
    assert json.loads(json.dumps(one.as_json()))["procedure"] == "Vote"


def test_what_is_kept_has_a_limit_and_the_rest_is_counted():
    gaps = Gaps()
    for offset in range(MOST_MISSING + 50):
        gaps.damage(hole(offset))
    assert len(gaps.found) == MOST_MISSING
    lines = left_out_lines({LOST_FRAMES: MOST_MISSING + 50, NOT_CAPTURED: 1}, gaps.found, None, is_long=True)
    assert ["".join(text for text, _ in line) for line in lines][-1] == (
        "              and 51 more; `volttools check` has their places"
    )
