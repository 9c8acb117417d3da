import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compare.traffic import exchanges, said
from volttools.compare import compare
from volttools.compare.kinds import Kind
from volttools.compare.latency import Latencies, judged, ratio_of
from volttools.histogram import Histogram


def histogram(values):
    found = Histogram()
    for value in values:
        found.add(round(value))
    return found


def sample(count, median, seed, spread=0.3):
    chance = random.Random(seed)
    return [median * chance.lognormvariate(0, spread) for _ in range(count)]


def test_the_estimate_is_the_middle_of_all_ratios():
    a, b = sample(60, 1e6, 1), sample(50, 1.5e6, 2)
    ratios = sorted(other / one for one in a for other in b)
    found = ratio_of(histogram(a), histogram(b))
    assert found.estimate == pytest.approx(ratios[len(ratios) // 2], rel=0.02)


def test_the_interval_holds_the_truth_in_99_of_100_cases():
    hits = 0
    for seed in range(200):
        found = ratio_of(histogram(sample(80, 1e6, seed)), histogram(sample(80, 1.2e6, 1_000 + seed)))
        hits += found.low <= 1.2 <= found.high
    assert hits >= 193


def test_few_calls_that_take_very_long_do_not_move_it():
    a = sample(300, 1e6, 1)
    found = ratio_of(histogram(a), histogram([*a, 10**12, 10**12]))
    assert found.estimate == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_few_calls_nothing_is_said(count):
    assert ratio_of(histogram([1] * count), histogram([1] * count)) is None
    assert judged("Vote", histogram([1] * count), histogram([9] * count), 1.1).verdict is None


values = st.lists(st.integers(1, 10**9), min_size=8, max_size=40)


@given(values, values)
def test_from_the_other_side_it_is_the_inverse(one, other):
    there, back = ratio_of(histogram(one), histogram(other)), ratio_of(histogram(other), histogram(one))
    assert there.low <= there.estimate <= there.high
    assert there.estimate * back.estimate == pytest.approx(1)
    assert there.low * back.high == pytest.approx(1)


@pytest.mark.parametrize(
    ("median", "least", "verdict"),
    [(1.2e6, 1.1, Kind.SLOWER), (1.05e6, 1.1, None), (1.2e6, 1.3, None), (0.8e6, 1.1, Kind.FASTER)],
)
def test_it_is_slower_by_enough_and_for_sure(median, least, verdict):
    assert (
        judged("Vote", histogram(sample(500, 1e6, 1)), histogram(sample(500, median, 2)), least).verdict
        is verdict
    )


def test_noise_between_two_runs_raises_what_counts():
    latencies = Latencies()
    for a_ns, b_ns in zip(sample(300, 1e6, 1), sample(300, 1.2e6, 2), strict=True):
        latencies.add("Vote", round(a_ns), round(b_ns))
    latencies.add("Vote", None, 5)
    assert [one.verdict for one in latencies.judged(0.1)] == [Kind.SLOWER]
    assert [one.verdict for one in latencies.judged(0.1, latencies.spread())] == [None]


def test_of_too_many_procedures_latencies_are_not_judged_which_is_said(monkeypatch):
    monkeypatch.setattr(Latencies, "MOST_PROCEDURES", 1)
    traffic = exchanges([said("Vote"), said("Get"), said("Get")])
    found = compare(traffic, traffic)
    assert ([one.procedure for one in found.latencies], found.unjudged) == (["Vote"], 2)
    assert found.verdict == (
        "the same: 3 pairs of calls; latencies of 2 not judged, as there are too many procedures"
    )
