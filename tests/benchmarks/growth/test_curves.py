import pytest

from benchmarks.growth import curves
from benchmarks.growth.curves import Curve, Measured, Panel, Plot, time_and_memory


def plot(name, *points):
    return Plot(name, "things", [Panel("CPU time of a thing", "s", [Curve("ours", list(points))])])


@pytest.mark.parametrize(
    ("points", "exponent"),
    [
        ([(1, 5e-6), (10, 1e-6), (100, 1e-6)], 1.0),
        ([(10, 1e-6), (100, 1e-5)], 2.0),
        ([(10, 1e-6), (100, 1e-7)], 0.0),
        ([(1, 1e-3), (100, 1e-6), (1_000, 1e-5)], 2.0),  # at its end only
        ([(1, 1e-6)], 1.0),
    ],
)
def test_the_exponent_is_that_of_all_the_work_at_its_end(points, exponent):
    assert Curve("ours", points).exponent == pytest.approx(exponent)


def test_the_least_is_where_a_unit_costs_least():
    assert Curve("ours", [(1, 3.0), (10, 1.0), (100, 2.0)]).least == (10, 1.0)


def test_plots_are_read_as_they_were_written_with_four_digits(tmp_path):
    path = tmp_path / "growth.json"
    curves.save(path, [plot("rows", (1, 1.23456e-6), (10, 1e-6))])
    assert curves.load(path) == [plot("rows", (1, 1.235e-6), (10, 1e-6))]


def test_plots_that_were_not_measured_again_stay(tmp_path):
    path = tmp_path / "growth.json"
    curves.save(path, [plot("rows", (1, 1.0)), plot("columns", (1, 2.0))])
    curves.save(path, [plot("rows", (1, 3.0))])
    assert curves.load(path) == [plot("rows", (1, 3.0)), plot("columns", (1, 2.0))]


def test_time_and_memory_have_a_panel_each_and_know_the_peer():
    found = {"ours": [Measured(1, 2.0, 3.0), Measured(10, 4.0, 5.0)], "theirs": [Measured(1, 6.0, 7.0)]}
    made = time_and_memory("a", "things", "CPU time of a thing", found, beside={"theirs": "ours"})
    assert made.panels == [
        Panel(
            "CPU time of a thing",
            "s",
            [Curve("ours", [(1, 2.0), (10, 4.0)]), Curve("theirs", [(1, 6.0)], "ours")],
        ),
        Panel(
            "memory", "B", [Curve("ours", [(1, 3.0), (10, 5.0)]), Curve("theirs", [(1, 7.0)], "ours")], True
        ),
    ]
