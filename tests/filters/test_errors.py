import pickle

import pytest

from volttools.errors import UsageError
from volttools.filters.errors import FilterError


def shown(expression, column):
    """The two lines below the reason, without their indent."""
    lines = str(FilterError("wrong", expression, column)).split("\n")
    assert lines[0] == f"column {column}: wrong"
    assert all(line.startswith("  ") for line in lines[1:])
    return [line[2:] for line in lines[1:]]


@pytest.mark.parametrize(
    ("expression", "column", "lines"),
    [
        ("latency > 5", 11, ["latency > 5", "          ^"]),
        ("late", 5, ["late", "    ^"]),
        ("", 1, ["", "^"]),
        ("late and\nlatncy > 5ms", 10, ["latncy > 5ms", "^"]),
        ("late and\n", 9, ["late and", "        ^"]),
        ("a\tb\x1b[2J", 5, ["a b [2J", "    ^"]),
        ("日本 = x", 4, ["日本 = x", "     ^"]),
        ("e\u0301 = x", 4, ["e\u0301 = x", "  ^"]),
    ],
)
def test_a_sign_stands_below_the_place(expression, column, lines):
    assert shown(expression, column) == lines


def test_of_a_long_expression_the_part_around_the_place_is_shown():
    text = "a" * 60 + "?" + "b" * 60
    line, mark = shown(text, 61)
    assert line == "..." + text[12:84] + "..."
    assert line[len(mark) - 1] == "?"
    line, mark = shown(text, 121 + 1)
    assert line == "..." + text[-72:]
    assert len(mark) == len(line) + 1


def test_it_is_a_usage_error_that_knows_its_parts_and_pickles():
    error = FilterError("wrong", "late", 2)
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, UsageError)
    assert (copy.reason, copy.expression, copy.column) == ("wrong", "late", 2)
    assert str(copy) == str(error)
    assert copy == error
