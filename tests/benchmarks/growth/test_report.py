import pytest

from benchmarks.growth import report
from benchmarks.growth.curves import Curve, Panel, Plot

FLAT = [(1, 2e-6), (10, 1e-6), (100, 1e-6)]
STEEP = [(1, 1e-6), (10, 1e-6), (100, 1e-5)]


def plot(points, **others):
    curve = Curve("ours", points, beside=others.pop("beside", ""))
    return Plot("rows", "rows of a table", [Panel("CPU time of a row", "s", [curve], **others)])


def test_a_curve_tells_its_first_its_least_and_its_last_cost():
    assert report.markdown([plot(FLAT)]).splitlines()[2] == (
        "| CPU time of a row | ours | 2 us at 1 | 1 us at 10 | 1 us at 100 | 1.00 |"
    )


def test_what_grows_faster_than_the_work_is_said_so():
    assert report.text([plot(STEEP)]).endswith("2.00, more than linear\n")
    assert report.is_worse_than_linear([plot(FLAT), plot(STEEP)])
    assert not report.is_worse_than_linear([plot(FLAT)])


@pytest.mark.parametrize("others", [{"beside": "another"}, {"is_whole": True}])
def test_a_peer_may_grow_so_and_what_is_not_of_a_unit_of_work(others):
    assert not report.is_worse_than_linear([plot(STEEP, **others)])
    assert "more than linear" not in report.text([plot(STEEP, **others)])
