"""What a replay counts."""

from volttools.replay.measures import LAG_OF_CONCERN_NS, MOST_EXAMPLES, TIMED_OUT, Measures, percentiles


def test_a_failure_that_was_recorded_is_none_of_the_replays():
    measures = Measures()
    measures.answer("P", 1, 1, 1, None)
    measures.answer("P", 2, -2, -2, None)
    measures.answer("P", 3, -2, 1, "why")
    measures.answer("P", 4, 1, -2, None)
    measures.answer("P", 5, -2, None, "why")
    assert (measures.answered, measures.failed, measures.as_recorded, measures.healed) == (5, 2, 1, 1)
    assert measures.failures == {"GRACEFUL_FAILURE": 2}
    (example,) = measures.examples.values()
    assert (example.exchange, example.text) == (3, "why")
    assert measures.of("P").failed == 2


def test_examples_are_few_and_each_of_its_kind():
    measures = Measures()
    for number in range(3 * MOST_EXAMPLES):
        measures.fail(f"P{number // 2}", number, TIMED_OUT, "")
    assert [example.exchange for example in measures.examples.values()] == list(
        range(0, 2 * MOST_EXAMPLES, 2)
    )
    assert measures.failed == 3 * MOST_EXAMPLES


def test_one_of_a_hundred_late_is_a_concern():
    measures = Measures()
    assert not measures.is_late
    for _ in range(990):
        measures.lag.add(1000)
    measures.lag.add(10 * LAG_OF_CONCERN_NS, 10)
    assert not measures.is_late
    measures.lag.add(10 * LAG_OF_CONCERN_NS)
    assert measures.is_late


def test_figures_of_nothing_are_none():
    assert percentiles(Measures().lag) == {
        "count": 0, "p50_ns": None, "p95_ns": None, "p99_ns": None, "p99.9_ns": None, "max_ns": None,
    }  # fmt: skip
