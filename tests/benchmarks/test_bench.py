"""How rows are measured, with made-up times."""

from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from benchmarks.bench import Row, Scale, Spent, Work, beside
from benchmarks.figure import Unit

SCALE = Scale(repeats=3, is_full=False, folder=Path("unused"))


def taking(*cpu_s, wall_s=9.0):
    """Repeats that took so long."""
    turns = cycle(cpu_s)
    return lambda: Spent(next(turns), wall_s)


def test_a_ratio_is_the_median_of_the_repeats_own_ratios_with_its_spread():
    work = Work(ours=taking(1.0, 2.0, 1.0), peer_name="peer", peer=taking(4.0, 20.0, 6.0))
    figure = Row("a", lambda scale: work).measure(SCALE)
    assert (figure.value, figure.lowest, figure.highest) == (6.0, 4.0, 10.0)
    assert figure.ratio == figure.value
    assert (figure.ours.cpu_s, figure.peer.cpu_s) == (1.0, 6.0)
    assert (figure.ours.wall_s, figure.peer.wall_s) == (9.0, 9.0)


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        (Unit.RATIO, 4.0),
        (Unit.TIMES, 0.25),
        (Unit.CALLS, 2.0),
        (Unit.MICROSECONDS, 3e6),
        (Unit.MILLISECONDS, 3e3),
    ],
)
def test_each_unit_makes_its_number_of_the_times(unit, value):
    work = Work(ours=taking(0.5, wall_s=3.0), unit=unit, peer_name="peer", peer=taking(2.0, wall_s=6.0))
    figure = Row("a", lambda scale: work).measure(SCALE)
    assert figure.value == value
    on_the_clock = unit in (Unit.MICROSECONDS, Unit.MILLISECONDS)
    assert figure.ratio == (2.0 if on_the_clock else 4.0)


def test_memory_is_the_peak_of_the_process():
    work = Work(ours=lambda: Spent(1.0, 1.0, 34_000_000), unit=Unit.MEGABYTES)
    assert Row("a", lambda scale: work).measure(SCALE).value == 34.0


def test_the_share_of_the_limit_is_the_limits_time_over_ours():
    work = Work(ours=taking(4.0), unit=Unit.CALLS, limit_name="bare socket", limit=taking(1.0))
    assert Row("a", lambda scale: work).measure(SCALE).limit_share == 0.25


def test_how_busy_the_server_was_is_told():
    spent = iter([0.0, 1e9, 1e9, 3e9, 3e9, 4e9])  # so much that the clock can't tell
    work = Work(ours=taking(1.0), unit=Unit.CALLS, server_cpu_s=lambda: next(spent))
    assert Row("a", lambda scale: work).measure(SCALE).server_share > 1
    assert Row("a", lambda scale: Work(taking(1.0), Unit.CALLS)).measure(SCALE).server_share is None


def test_sides_take_turns_behind_the_check_and_the_warm_up():
    order = []

    def says(word):
        return lambda: order.append(word) or Spent(1.0, 1.0)

    work = Work(
        ours=says("ours"),
        peer=says("peer"),
        limit=says("limit"),
        check=says("check"),
        warm=says("warm"),
    )
    Row("a", lambda scale: work, most_repeats=2).measure(SCALE)
    assert order == ["check", "warm", *["peer", "ours", "limit"] * 2]


def test_the_full_bench_may_repeat_a_row_less_often():
    count = []
    work = Work(ours=lambda: count.append(1) or Spent(1.0, 1.0), unit=Unit.CALLS)
    row = Row("a", lambda scale: work, most_repeats=2, most_repeats_full=1)
    row.measure(SCALE)
    assert len(count) == 2
    row.measure(Scale(repeats=3, is_full=True, folder=SCALE.folder))
    assert len(count) == 3


def test_results_that_differ_are_an_error():
    row = Row("a", lambda scale: beside("peer", lambda: 1, lambda: 2))
    with pytest.raises(AssertionError, match="results differ"):
        row.measure(SCALE)


def test_work_beside_a_peer_is_called_as_often_as_said():
    calls = {"peer": 0, "ours": 0}

    def count(side):
        calls[side] += 1

    work = beside("peer", lambda: count("peer"), lambda: count("ours"), times=5, peer_times=2)
    assert work.peer is not None
    work.peer()
    work.ours()
    assert calls == {"peer": 2, "ours": 5}


def test_what_a_row_starts_is_ended_with_it():
    order = []

    @contextmanager
    def opened(scale):
        order.append("started")
        yield Work(taking(1.0), Unit.CALLS)
        order.append("ended")

    Row("a", opened).measure(SCALE)
    assert order == ["started", "ended"]
