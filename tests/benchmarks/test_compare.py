import pytest

from benchmarks import compare, results
from benchmarks.figure import Unit
from tests.benchmarks.made_up import figure


@pytest.fixture
def run(tmp_path, capsys):
    """Compare two lists of figures: exit status and what was printed."""

    def compared(before, after, *options):
        paths = []
        for name, figures in (("a.json", before), ("b.json", after)):
            paths.append(str(tmp_path / name))
            results.save(paths[-1], figures, is_full=False)
        status = compare.main([*paths, *options])
        return status, capsys.readouterr().out

    return compared


@pytest.mark.parametrize(
    ("unit", "before", "after", "status"),
    [
        (Unit.RATIO, 10.0, 8.1, 0),
        (Unit.RATIO, 10.0, 7.9, 1),
        (Unit.RATIO, 10.0, 30.0, 0),
        (Unit.CALLS, 10_000, 7_900, 1),
        (Unit.TIMES, 4.0, 4.9, 0),
        (Unit.TIMES, 4.0, 5.1, 1),
        (Unit.MEGABYTES, 100, 126, 1),
        (Unit.MEGABYTES, 100, 50, 0),
        (Unit.MILLISECONDS, 100, 126, 1),
        (Unit.MICROSECONDS, 126, 100, 0),
    ],
)
def test_a_loss_of_more_than_a_fifth_is_status_1(run, unit, before, after, status):
    found, out = run([figure("a", before, unit)], [figure("a", after, unit)])
    assert found == status
    assert ("LOSS" in out) == bool(status)


def test_a_guard_warns_and_does_not_fail(run):
    status, out = run([figure("scan: responses", 50)], [figure("scan: responses", 30)], "--warn")
    assert status == 0
    assert "warning: lost 40%: scan: responses\n" in out
    assert "warning: below floor: scan: responses\n" in out


def test_changes_beyond_the_spread_are_marked(run):
    before = [figure("quiet", 10, spread=0.5), figure("noisy", 10, spread=4)]
    after = [figure("quiet", 7, spread=0.2), figure("noisy", 7, spread=4)]
    status, out = run(before, after)
    assert status == 1
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["quiet"].endswith("-30% * LOSS")
    assert lines["noisy"].endswith("-30%   LOSS")
    assert "lost 30%: noisy, which is within the spread\n" in out


def test_what_depends_on_the_machine_is_compared_by_its_peer(run):
    before = [figure("a", 20_000, Unit.CALLS, ratio=2.0)]
    after = [figure("a", 10_000, Unit.CALLS, ratio=2.0)]  # a machine of half the speed
    assert run(before, after)[0] == 0


def test_without_a_peer_it_is_compared_by_the_limit(run):
    before = [figure("a", 20_000, Unit.CALLS, limit_share=0.5)]
    after = [figure("a", 20_000, Unit.CALLS, limit_share=0.3)]
    assert run(before, after)[0] == 1


def test_rows_of_one_run_only_are_named(run):
    _, out = run([figure("a", 1), figure("b", 1)], [figure("a", 1), figure("c", 1)])
    assert "only in A" in out
    assert "only in B" in out


def test_nothing_in_common_is_status_2(run, capsys):
    assert run([figure("a", 1)], [figure("b", 1)])[0] == 2


@pytest.mark.parametrize("text", ["", "[]", '{"rows": 1}', '{"rows": [{"name": "a"}], "machine": {}}'])
def test_a_file_without_results_is_said_so(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(SystemExit, match="holds no results"):
        results.load(str(path))


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(SystemExit, match=r"none\.json: No such file"):
        results.load(str(tmp_path / "none.json"))
