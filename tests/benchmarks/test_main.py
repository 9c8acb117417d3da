import pytest

from benchmarks import __main__ as command
from benchmarks import results
from benchmarks.bench import Row, Spent, Work
from tests.benchmarks.made_up import figure


def row(name, ratio=1.0, *, is_full_only=False):
    work = Work(ours=lambda: Spent(1.0, 1.0), peer_name="peer", peer=lambda: Spent(ratio, 1.0))
    return Row(name, lambda scale: work, is_full_only=is_full_only)


def test_a_row_below_its_floor_is_named_and_status_1(monkeypatch, capsys):
    monkeypatch.setattr(
        command, "all_rows", lambda: [row("scan: responses", 34), row("scan: invocations", 7)]
    )
    assert command.main([]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "below floor: scan: responses"


def test_a_row_below_its_floor_is_measured_again_and_that_counts(monkeypatch, capsys):
    """Two repeats are disturbed, as by other work on the machine; six more are not."""
    ratios = iter([1, 1, *[36] * 6])
    work = Work(ours=lambda: Spent(1.0, 1.0), peer_name="peer", peer=lambda: Spent(next(ratios), 1.0))
    monkeypatch.setattr(command, "all_rows", lambda: [Row("scan: responses", lambda scale: work)])
    assert command.main(["--repeats", "2"]) == 0
    first, again = [line for line in capsys.readouterr().out.splitlines() if "scan: responses" in line]
    assert "1.00x" in first
    assert "36.0x" in again
    assert next(ratios, None) is None


def test_floors_that_are_reached_are_status_0(monkeypatch, capsys):
    monkeypatch.setattr(command, "all_rows", lambda: [row("scan: responses", 36)])
    assert command.main([]) == 0
    assert "below floor" not in capsys.readouterr().out


def test_rows_are_chosen_by_a_part_of_their_name():
    rows = [row("scan: responses"), row("scan: invocations"), row("large", is_full_only=True)]
    assert [r.name for r in command.choose(rows, ["resp"], is_full=False)] == ["scan: responses"]
    assert [r.name for r in command.choose(rows, [], is_full=False)] == [
        "scan: responses",
        "scan: invocations",
    ]
    assert command.choose(rows, [], is_full=True) == rows
    assert [r.name for r in command.choose(rows, ["large"], is_full=False)] == ["large"]


def test_a_name_of_no_row_is_status_2(capsys):
    assert command.main(["no such row"]) == 2
    assert "no row has 'no such row' in its name" in capsys.readouterr().err


def test_results_go_to_a_file(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "all_rows", lambda: [row("a")])
    path = str(tmp_path / "a.json")
    assert command.main(["--json", path]) == 0
    assert list(results.load(path).figures) == ["a"]


def test_missed_floors_are_told_in_the_order_of_the_table(capsys):
    assert command.told([figure("scan: responses", 1), figure("scan: invocations", 1)]) == 1
    assert capsys.readouterr().out == "below floor: scan: responses\nbelow floor: scan: invocations\n"


@pytest.mark.parametrize(
    "name",
    [
        "scan: responses",
        "small response: head only",
        "small response: lazy rows",
        "invocation encoded: types known",
        "invocation encoded: types inferred",
        "invocation parsed",
        "filter 10,000: procedure and latency",
        "columns: 100 rows of 3 fixed",
        "mock: stub",
    ],
)
def test_a_row_can_be_measured(name, capsys):
    assert command.main([name, "--repeats", "1"]) in (0, 1)
    assert name in capsys.readouterr().out
