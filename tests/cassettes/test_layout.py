"""How a cassette looks, and that nothing is lost by that."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.cassettes.made import interaction
from volttools.cassettes.layout import WIDTH, head_line, interaction_line, laid_out

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["rows", "tables", "columns", "a"]), inner, max_size=4)
    ),
    max_leaves=30,
)


def test_a_review_shows_a_member_and_a_row_a_line():
    line = interaction_line(interaction(rows=2, time_ns=5, latency_ns=1485000).exchange(3))
    assert laid_out(line) == (
        '{"kind": "exchange",\n'
        ' "procedure": "Select",\n'
        ' "params": [["BIGINT", 7]],\n'
        ' "response": {\n'
        '  "status": 1,\n'
        '  "tables": [\n'
        '   {"columns": [["ID", "BIGINT"], ["NAME", "STRING"]],\n'
        '    "rows": [\n'
        '     [0, "a"],\n'
        '     [1, "a"]]}]},\n'
        ' "time_ns": 5,\n'
        ' "latency_ns": 1485000}\n'
    )


def test_the_head_is_one_line():
    assert laid_out(head_line()).count("\n") == 1


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=5))
def test_whatever_is_laid_out_is_the_same_object_in_lines_that_go_on(line):
    text = laid_out(line)
    assert json.loads(text) == line
    first, *others = text.removesuffix("\n").split("\n")
    assert first.startswith("{")
    assert all(each.startswith(" ") for each in others)


def test_lines_are_short_unless_a_value_is_long():
    text = laid_out(interaction_line(interaction(rows=3, text="x" * 200).exchange(1)))
    assert all(len(each) <= WIDTH + 1 or "x" * 200 in each for each in text.splitlines())
