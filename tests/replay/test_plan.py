"""The calls of a capture, in the order they were sent."""

import pytest

import volttools
from tests.replay.made import MS, line, opened, write
from tests.requirements import ROOT
from volttools.errors import UsageError
from volttools.formats.invocation import Invocation
from volttools.replay.gaps import DAMAGED, LOST_FRAMES, NOT_CAPTURED
from volttools.replay.plan import OF_LIBRARY, read_plan

CAPTURES = ROOT / "captures"


def sent(plan):
    return [(call.procedure, call.connection, call.at_ns) for call in plan]


def test_calls_come_as_they_were_sent_not_as_they_were_answered(tmp_path):
    capture = opened(
        tmp_path,
        line(2, 1, 5, "Fast", answer_ms=1),
        line(3, 2, 7, "Other", answer_ms=1),
        line(1, 1, 0, "Slow", answer_ms=9),
    )
    with read_plan(capture) as plan:
        expected = [("Slow", 0), ("Fast", 5 * MS), ("Other", 7 * MS)]
        assert [(call.procedure, call.at_ns) for call in plan] == expected
        assert sent(plan) == sent(plan), "it can be read again"
        assert (len(plan), plan.duration_ns, plan.has_times) == (3, 7 * MS, True)
        assert plan.servers == {"10.0.0.2:21212"}
        slow = next(iter(plan))
        assert (slow.exchange, slow.status, slow.answered_ns) == (1, 1, 9 * MS)


def test_a_clock_that_went_back_does_not_change_the_order_of_a_connection(tmp_path):
    capture = opened(
        tmp_path,
        line(1, 1, 5, "First", request_frame=1, response_frame=2),
        line(2, 1, 3, "Second", request_frame=3, response_frame=4),
        line(3, 2, 4, "Other", request_frame=5, response_frame=6),
    )
    with read_plan(capture) as plan:
        assert sent(plan) == [("Other", 1, 0), ("First", 0, 1 * MS), ("Second", 0, 1 * MS)]


def test_a_call_keeps_its_bytes_but_for_the_handle():
    with volttools.open(str(CAPTURES / "hand-made-versions.pcap")) as capture:
        recorded = {exchange.number: exchange.request_frame.body for exchange in capture}
        plan = read_plan(capture, with_discovery=True)
    with plan:
        assert len(plan) > 5
        for call in plan:
            body = call.bytes_for(77)[4:]
            found = volttools.parse(Invocation, body)
            assert found.client_handle == 77
            old = volttools.parse(Invocation, recorded[call.exchange])
            assert volttools.build(found.replace(client_handle=old.client_handle)) == recorded[call.exchange]


def test_a_dump_file_has_no_times():
    with read_plan(volttools.open(str(CAPTURES / "dump-normal.dump"))) as plan:
        assert not plan.has_times
        assert len(plan) == 15
        assert {call.at_ns for call in plan} == {None}
        assert [call.exchange for call in plan] == sorted(call.exchange for call in plan)


def test_what_libraries_ask_for_themselves_is_left_out_unless_wanted(tmp_path):
    lines = [
        line(1, 1, 0, "@Subscribe", "TOPOLOGY"),
        line(2, 1, 1, "@Statistics", "TOPO", 0),
        line(3, 1, 2, "@Statistics", "TABLE", 0),
        line(4, 1, 3, "@SystemCatalog", "PROCEDURES"),
        line(5, 1, 4, "@Ping"),
    ]
    with read_plan(opened(tmp_path, *lines)) as plan:
        assert [call.exchange for call in plan] == [3]
        assert plan.left_out == {OF_LIBRARY: 4}
    with read_plan(opened(tmp_path, *lines), with_discovery=True) as plan:
        assert len(plan) == 5


def test_filters_choose_calls(tmp_path):
    capture = opened(tmp_path, line(1, 1, 0, "A"), line(2, 1, 1, "B", status=-1), line(3, 1, 2, "C"))
    with read_plan(capture, wants=volttools.compile_filter("status != SUCCESS").matches) as plan:
        assert sent(plan) == [("B", 0, 0)]


def test_the_tally_tells_what_sql_does(tmp_path):
    capture = opened(
        tmp_path,
        line(1, 1, 0, "@AdHoc", "select 1"),
        line(2, 1, 1, "@AdHoc", "drop table t"),
        line(3, 1, 2, "P"),
    )
    with read_plan(capture) as plan:
        assert plan.tally == {("@AdHoc", "read"): 1, ("@AdHoc", "DDL"): 1, ("P", None): 1}


def test_calls_that_a_gap_swallowed_are_counted():
    with read_plan(volttools.open(str(CAPTURES / "lost-many.pcapng"))) as plan:
        assert plan.left_out[LOST_FRAMES] > 0
        assert plan.left_out[NOT_CAPTURED] + plan.left_out[DAMAGED] > 0
        assert len(plan) > 20
        numbers = [one.exchange for one in plan.missing if one.why in (NOT_CAPTURED, DAMAGED)]
        assert numbers
        with volttools.open(str(CAPTURES / "lost-many.pcapng")) as capture:
            found = {event.number: event for event in capture.events() if event.kind == "exchange"}
        assert all(found[number].invocation is None for number in numbers)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "there is no call in it"),
        ([line(1, 1, 0, "@Ping")], "client libraries made all of its calls by themselves; --discovery"),
    ],
)
def test_nothing_to_replay_is_one_sentence(tmp_path, lines, why):
    name = write(tmp_path / "empty.jsonl", lines)
    with pytest.raises(UsageError, match=why) as failure:
        read_plan(volttools.open(name))
    assert name in str(failure.value)


def test_a_filter_that_nothing_passes_is_told(tmp_path):
    capture = opened(tmp_path, line(1, 1, 0, "A"))
    with pytest.raises(UsageError, match="no call of it passes the filters"):
        read_plan(capture, wants=lambda event: False)


def test_calls_that_are_held_back_are_no_part_of_it_and_time_begins_with_the_first_that_is(tmp_path):
    lines = [line(1, 1, 0, "Put"), line(2, 1, 5, "Get"), line(3, 1, 6, "Put"), line(4, 1, 9, "Get")]
    with read_plan(opened(tmp_path, *lines)) as plan:
        plan.keep(lambda procedure, sql: procedure == "Get")
        assert sent(plan) == [("Get", 0, 0), ("Get", 0, 4 * MS)]
        assert (len(plan), plan.duration_ns) == (2, 4 * MS)
        assert plan.tally["Put", None] == 2
