"""When calls are sent, on which connection, after which answers."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.errors import UsageError
from volttools.formats.invocation import InvocationHead
from volttools.replay.plan import Recorded, RecordedConnection
from volttools.replay.schedule import AsFastAsPossible, Order, Rate, Schedule, Speed

S = 10**9
HEAD = InvocationHead(version=0, procedure="P", client_handle=0)


@dataclass
class Made:
    """A plan without a file."""

    calls: list
    connections: list = field(default_factory=list)
    has_times: bool = True

    def __post_init__(self):
        self.connections = [RecordedConnection(n, None, None) for n in {c.connection for c in self.calls}]
        self.duration_ns = max((c.at_ns for c in self.calls), default=0) if self.has_times else 0

    def __iter__(self):
        return iter(self.calls)

    def __len__(self):
        return len(self.calls)


def call(frame, connection, at_ns, answer_frame=0, answered_ns=None):
    return Recorded(connection, at_ns, frame, frame, 1, answer_frame, answered_ns, None, HEAD)


@st.composite
def plans(draw):
    """Calls of some connections; a call may be answered after later ones are sent."""
    calls, at_ns = [], 0
    connections = draw(st.integers(1, 4))
    for index in range(draw(st.integers(1, 30))):
        at_ns += draw(st.integers(0, 50))
        connection = index if index < connections else draw(st.integers(0, connections - 1))
        calls.append((connection, at_ns, draw(st.integers(1, 300))))
    events = sorted(
        [(at, 0, n) for n, (_, at, _) in enumerate(calls)]
        + [(at + lat, 1, n) for n, (_, at, lat) in enumerate(calls)]
    )
    frames = {(kind, n): number for number, (_, kind, n) in enumerate(events, 1)}
    return Made([call(frames[0, n], c, at, frames[1, n], at + lat) for n, (c, at, lat) in enumerate(calls)])


schedules = st.builds(
    Schedule,
    pace=st.one_of(
        st.floats(0.01, 100).map(Speed),
        st.just(AsFastAsPossible()),
        st.sampled_from(["5", "1..9:2s", "3:1s,0:1s,7", "9..0:3s,4"]).map(Rate.of),
    ),
    order=st.sampled_from(Order),
    loops=st.integers(1, 3),
    scale=st.integers(1, 3),
    connections=st.none() | st.integers(1, 5),
)


@given(plans(), schedules)
def test_each_call_is_planned_as_often_as_it_is_to_be_made(plan, schedule):
    planned = list(schedule.calls(plan))
    assert [one.number for one in planned] == list(range(1, len(planned) + 1))
    assert len(planned) == schedule.total(plan)
    made = {(one.copy, one.recorded.frame) for one in planned}
    assert len(made) == len(planned) == len(plan) * schedule.loops * schedule.scale
    assert {one.connection for one in planned} <= set(range(schedule.connection_count(plan)))


@given(plans(), schedules)
def test_nothing_is_due_before_what_stands_before_it(plan, schedule):
    due = [one.due_ns for one in schedule.calls(plan)]
    if isinstance(schedule.pace, AsFastAsPossible):
        assert set(due) == {None}
    else:
        assert due == sorted(due)
        assert due[0] >= 0


@given(plans(), schedules)
def test_calls_wait_only_for_those_before_them(plan, schedule):
    for one in schedule.calls(plan):
        assert all(0 < number < one.number for number in one.after)
        assert one.think_ns >= 0
        assert one.after or not one.think_ns


@given(plans(), schedules)
def test_the_order_of_a_connection_is_kept(plan, schedule):
    if schedule.order is Order.NONE:
        return
    seen = {}
    for one in schedule.calls(plan):
        key = (one.recorded.connection, one.copy[0])
        assert seen.setdefault(key, one.connection) == one.connection, "a connection stays on one"
    by_copy = {}
    for one in schedule.calls(plan):
        by_copy.setdefault((one.recorded.connection, one.copy), []).append(one.recorded.frame)
    assert all(frames == sorted(frames) for frames in by_copy.values())


@given(plans())
def test_causal_calls_wait_for_all_answers_that_their_client_had_seen(plan):
    planned = list(Schedule(order=Order.CAUSAL).calls(plan))
    waited = {}
    for one in planned:
        before = waited.setdefault(one.connection, set())
        before |= set(one.after)
        seen = {
            other.number
            for other in planned
            if other.connection == one.connection and other.recorded.answer_frame < one.recorded.frame
        }
        assert before == seen


def test_think_times_are_those_behind_the_last_answer():
    plan = Made([call(1, 0, 0, 2, 100), call(3, 0, 150, 6, 400), call(4, 0, 160, 5, 300), call(7, 0, 1000)])
    planned = list(Schedule(pace=Speed(2), order=Order.CAUSAL).calls(plan))
    assert [(one.after, one.think_ns) for one in planned] == [((), 0), ((1,), 25), ((), 0), ((3, 2), 300)]


def test_total_is_one_after_the_other_and_so_is_what_has_no_times():
    timed = Made([call(1, 0, 0), call(2, 1, 5), call(3, 0, 9)])
    assert [one.after for one in Schedule(order=Order.TOTAL).calls(timed)] == [(), (1,), (2,)]
    untimed = Made([call(1, 0, None), call(2, 1, None)], has_times=False)
    assert [(one.after, one.due_ns) for one in Schedule().calls(untimed)] == [((), None), ((1,), None)]


def test_loops_follow_each_other_at_the_mean_distance():
    plan = Made([call(1, 0, 0), call(2, 0, 100), call(3, 0, 200)])
    assert [one.due_ns for one in Schedule(loops=2).calls(plan)] == [0, 100, 200, 300, 400, 500]


def test_limits_end_it():
    plan = Made([call(n, 0, n * 100) for n in range(10)])
    assert len(list(Schedule(loops=None, most_calls=25).calls(plan))) == 25
    assert [one.due_ns for one in Schedule(until_ns=250).calls(plan)] == [0, 100, 200]


def test_no_calls_end_even_for_ever():
    assert list(Schedule(loops=None).calls(Made([]))) == []


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 5)), max_size=4),
    st.integers(1, 50),
    st.integers(0, 400),
)
def test_a_rate_is_the_integral_of_what_was_said(steps, last, index):
    text = ",".join([*(f"{a}..{b}:{s}s" for a, b, s in steps), str(last)])
    due = Rate.of(text).due_ns(index, None) / S
    area, at = 0.0, 0.0
    for first, end, seconds in steps:
        within = min(max(0.0, due - at), seconds)
        area += first * within + (end - first) * within**2 / (2 * seconds)
        at += seconds
    area += last * max(0.0, due - at)
    assert area == pytest.approx(index, abs=1e-3 + index * 1e-6)


@pytest.mark.parametrize("text", ["", "fast", "5/m", "0", "1..2", "5,6", "1:0s", "-3", "5:1s,0:1s"])
def test_a_rate_that_is_none_says_what_is(text):
    with pytest.raises(UsageError, match="rate "):
        Rate.of(text)
