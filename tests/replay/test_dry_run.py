"""What a replay would do."""

import pytest

from tests.replay.made import line, opened
from volttools.client.connection_settings import ConnectionSettings
from volttools.mock import MockServer
from volttools.replay.dry_run import plan_json, plan_report
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.schedule import AsFastAsPossible, Rate, Schedule, Speed


def prepared(tmp_path, schedule, *lines):
    with MockServer() as server:
        server.handle("Get", 1, read_only=True)
        server.handle("Put", 1)
        found = prepare(
            opened(tmp_path, *lines),
            ConnectionSettings.of((server.host, server.port)),
            Wishes(schedule=schedule),
        )
        assert [call.procedure for call in server.calls] == ["@SystemCatalog"]
    return found


LINES = [
    line(1, 1, 0, "Get", 1),
    line(2, 2, 4_000, "Get", 1),
    line(3, 1, 9_000, "Put", 1),
    line(4, 1, 9_000, "Gone", 1),
]


def test_the_plan_tells_what_is_sent_and_what_is_held_back(tmp_path):
    with prepared(tmp_path, Schedule(pace=Speed(2)), *LINES) as plan:
        text = "\n".join("".join(piece for piece, _ in each) for each in plan_report(plan))
        found = plan_json(plan)
    assert "  would send  2 calls on 2 connections, within 2.00 s; order: connection\n" in text
    assert "  Get                                  2  read" in text
    assert "  Put                                  1  write           held back (--writes sends it)\n" in text
    assert "  Gone                                 1  write (unknown) held back (--writes sends it)\n" in text
    assert "  unknown: the target does not have it" in text
    assert (found["calls"], found["planned"], found["duration_ns"]) == (4, 2, 2 * 10**9)
    assert [(one["procedure"], one["is_made"]) for one in found["groups"]] == [
        ("Get", True),
        ("Put", False),
        ("Gone", False),
    ]


def test_a_plan_is_no_wider_than_the_screen(tmp_path):
    allowed = prepared(tmp_path, Schedule(), *LINES, line(5, 1, 9_000, "@Shutdown"))
    with allowed as plan:
        widths = [sum(len(text) for text, _ in each) for each in plan_report(plan, 80)]
    assert max(widths) <= 80


def test_a_plan_that_holds_all_back_says_so_within_the_screen(tmp_path):
    with prepared(tmp_path, Schedule(), line(1, 1, 0, "Put" + "t" * 80, 1)) as plan:
        lines = list(plan_report(plan, 80))
    assert any("nothing, as all calls are held back" in text for each in lines for text, _ in each)
    assert any("  Put" + "t" * 12 + "..." in "".join(text for text, _ in each) for each in lines)


def test_the_time_it_takes_is_that_of_the_pace(tmp_path):
    def duration(schedule):
        with prepared(tmp_path, schedule, *LINES) as plan:
            return plan_json(plan)["duration_ns"]

    assert duration(Schedule(pace=Rate.of("2"), loops=3)) == 2_500_000_000
    assert duration(Schedule(pace=AsFastAsPossible())) is None
    assert duration(Schedule(loops=None, until_ns=7)) == 7


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        (Schedule(loops=None), "calls without end on 2 connections, at the recorded times;"),
        (Schedule(pace=Speed(2), most_calls=1), "1 call on 2 connections, 2 times as fast as recorded;"),
        (
            Schedule(pace=Rate.of("5"), loops=None),
            "calls without end on 2 connections, at the rate asked for;",
        ),
        (Schedule(pace=AsFastAsPossible()), "2 calls on 2 connections, as fast as they can go;"),
    ],
)
def test_where_nobody_knows_how_long_it_takes_the_pace_is_told(tmp_path, schedule, told):
    with prepared(tmp_path, schedule, *LINES) as plan:
        assert told in "\n".join("".join(piece for piece, _ in each) for each in plan_report(plan))


def test_a_capture_without_times_says_so(tmp_path):
    with prepared(tmp_path, Schedule(), line(1, 1, None, "Get", 1)) as plan:
        text = "\n".join("".join(piece for piece, _ in each) for each in plan_report(plan))
    assert "1 call on 1 connection, one after the other, as the capture tells no times; order: total" in text
