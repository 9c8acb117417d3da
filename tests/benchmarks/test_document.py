import pytest

from benchmarks import document
from tests.benchmarks.made_up import figure

TEXT = "before\n<!-- bench -->\nold\n<!-- end of bench -->\nbehind\n"


def test_the_table_stands_between_the_marks_and_nothing_else_changes():
    found = document.with_table(TEXT, [figure("a", 6.4)])
    assert found.startswith("before\n<!-- bench -->\n\n| work |")
    assert "| a |  |  | 1.00 ms | 6.40x |" in found
    assert found.endswith("|\n\n<!-- end of bench -->\nbehind\n")
    assert "old" not in found
    assert document.with_table(found, [figure("a", 6.4)]) == found


def test_each_miss_is_told_with_its_reason():
    found = document.misses(
        [figure("scan: responses", 36), figure("scan: invocations", 5), figure("other", 1)]
    )
    assert found == (
        "- **scan: responses** misses its goal: the reason is not known yet.\n"
        "- **scan: invocations** misses its floor: the reason is not known yet.\n\n"
    )


@pytest.mark.parametrize("text", ["no marks", "<!-- bench -->\n", TEXT + TEXT])
def test_a_document_needs_the_marks_once(text):
    with pytest.raises(SystemExit, match="between <!-- bench --> and <!-- end of bench -->, once"):
        document.with_table(text, [])
