from dataclasses import replace

from benchmarks import document
from benchmarks.goals import BY_ROW
from tests.benchmarks.made_up import figure


def test_the_table_comes_first_and_misses_below_it():
    found = document.text([figure("a", 6.4), figure("scan: responses", 36)])
    assert found.startswith("| work | peer |")
    assert "| a |  |  | 1.00 ms | 6.40x |" in found
    assert found.endswith(
        f" |\n\n- **scan: responses** misses its goal: {BY_ROW['scan: responses'].miss}.\n\n"
    )


def test_each_miss_is_told_with_its_reason(monkeypatch):
    for row, reason in (("scan: responses", ""), ("scan: invocations", "names are long")):
        monkeypatch.setitem(BY_ROW, row, replace(BY_ROW[row], miss=reason))
    found = document.misses(
        [figure("scan: responses", 36), figure("scan: invocations", 5), figure("other", 1)]
    )
    assert found == (
        "- **scan: responses** misses its goal: the reason is not known yet.\n"
        "- **scan: invocations** misses its floor: names are long.\n\n"
    )


def test_where_nothing_is_missed_there_is_no_list():
    assert document.misses([figure("scan: responses", 60), figure("other", 1)]) == ""
