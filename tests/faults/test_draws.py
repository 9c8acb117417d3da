import statistics

from volttools.faults.draws import Draw


def test_what_is_drawn_depends_on_the_occasion_alone():
    assert [Draw(7, 1, 0, 2, call).share() for call in range(50)] == [
        Draw(7, 1, 0, 2, call).share() for call in range(50)
    ]
    occasions = [
        (7, 1, 0, 2, 3),
        (8, 1, 0, 2, 3),
        (7, 2, 0, 2, 3),
        (7, 1, 1, 2, 3),
        (7, 1, 0, 3, 3),
        (7, 1, 0, 2, 4),
    ]
    assert len({Draw(*occasion).share() for occasion in occasions}) == len(occasions)


def test_the_same_is_drawn_for_ever():
    """A log that says a seed stays true: these numbers are part of the format."""
    assert [round(Draw(7, 1, 0, 1, call).share(), 6) for call in (1, 2)] == [0.08737, 0.012954]


def test_the_distributions_lie_as_they_should():
    draw = Draw("distributions")
    for drawn, mean, spread in (
        ([draw.uniform(10, 2) for _ in range(4000)], 10, 2 / 3**0.5),
        ([draw.normal(10, 2) for _ in range(4000)], 10, 2),
        ([draw.exponential(10) for _ in range(4000)], 10, 10),
    ):
        assert abs(statistics.mean(drawn) - mean) < 1
        assert abs(statistics.stdev(drawn) / spread - 1) < 0.15
    uniform = [draw.uniform(10, 2) for _ in range(4000)]
    assert 8 <= min(uniform) < max(uniform) < 12
    pareto = [draw.pareto(1, 1.5) for _ in range(4000)]
    assert min(pareto) >= 1
    assert max(pareto) > 20
    assert {draw.whole(8) for _ in range(1000)} == set(range(8))
