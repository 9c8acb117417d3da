import pytest

from benchmarks.growth import __main__ as command
from benchmarks.growth import cost, curves, files, sockets, tables
from tests.benchmarks.growth.test_report import FLAT, STEEP, plot


@pytest.fixture
def measured(monkeypatch):
    """What the command finds, instead of measuring."""
    found = {name: (lambda: plot(FLAT)) for name in command.NAMES}
    monkeypatch.setattr(command, "measures", lambda most_bytes: found)
    return found


def test_what_is_measured_is_printed_and_kept(measured, tmp_path, capsys):
    path = tmp_path / "growth.json"
    assert command.main(["rows", "--json", str(path)]) == 0
    assert curves.load(path) == [plot(FLAT)]
    told = capsys.readouterr()
    assert "CPU time of a row" in told.out
    assert told.err.startswith("rows ... ")


def test_what_grows_faster_than_the_work_is_status_1(measured):
    measured["columns"] = lambda: plot(STEEP)
    assert command.main([]) == 1
    assert command.main(["rows"]) == 0


def test_names_of_no_plot_are_status_2(capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(["no such plot"])
    assert "no such plot" in capsys.readouterr().err


@pytest.fixture
def small(monkeypatch):
    """Sizes that take no time."""
    for module, name, value in [
        (tables, "ROWS", (1, 3)),
        (tables, "COLUMNS", (1, 3)),
        (tables, "MANY", 30),
        (tables, "SOME", 10),
        (sockets, "IN_FLIGHT", (1, 3)),
        (sockets, "CONNECTIONS", (1, 3)),
        (sockets, "_CALLS", 30),
        (sockets, "_CALLS_IN_FLIGHT", 30),
        (files, "_CALLS", 10),
        (files, "SIZES", (10_000, 20_000, 10**9)),
        (files, "MOST", dict.fromkeys([files.LINES, files.COMPARE, files.PEER], 10_000)),
        (cost, "LEAST_S", 1e-4),
    ]:
        monkeypatch.setattr(module, name, value)


@pytest.mark.timeout(600)  # it starts many processes
@pytest.mark.parametrize("name", ["rows", "columns", "connections", "in-flight"])
def test_each_curve_has_all_sizes(name, small):
    for panel in command.measures(0)[name]().panels:
        assert [[size for size, _ in curve.points] for curve in panel.curves] == [[1, 3]] * len(panel.curves)
        assert all(spent > 0 for curve in panel.curves for _, spent in curve.points)


def test_captures_are_as_large_as_asked_at_most(small):
    times, memory = command.measures(20_000)["captures"]().panels
    assert [size for size, _ in times.curves[0].points] == [10_000, 20_000]
    assert {curve.name for curve in times.curves if len(curve.points) == 2} == {files.EXCHANGES, files.STATS}
    assert len(times.curves) == 5
    assert all(peak > 10e6 for curve in memory.curves for _, peak in curve.points)
