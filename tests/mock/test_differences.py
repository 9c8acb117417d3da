"""Calls and their differences in words."""

import pytest

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, VARBINARY
from volttools.mock.differences import difference, nearest, shown

LONG = "select * from a_table_with_a_long_name where id = "


def call(*values):
    parameters = [
        value
        if isinstance(value, Parameter)
        else Parameter.of(STRING if isinstance(value, str) else BIGINT, value)
        for value in values
    ]
    return Invocation(procedure="P", parameters=parameters)


def chosen(asked, *candidates, ignored=()):
    return nearest(asked, candidates, lambda each: each, ignored)


def test_the_nearest_differs_in_the_fewest_parameters():
    asked = call(1, "a", 3)
    far, near, other_count = call(9, "b", 3), call(1, "b", 3), call(1, "a")
    assert chosen(asked, far, near, other_count) is near
    assert chosen(asked, far, other_count) is far
    assert chosen(asked) is None
    assert chosen(asked, call(1, "b", 4), far, ignored=[0]) is far


def test_among_equals_the_text_that_is_the_same_for_longest():
    near = call("select a from t where x")
    assert chosen(call("select a from t where y"), call("delete"), near, call("select b")) is near


@pytest.mark.parametrize(
    ("asked", "recorded", "text"),
    [
        (call(7), call(8), "params[0] is 7, recorded 8"),
        (call(1, 2), call(1), "it has 2 parameters, recorded 1"),
        (call("a"), call("b"), "params[0] is 'a', recorded 'b'"),
        (call("1"), call(1), "params[0] is STRING '1', recorded BIGINT 1"),
        (
            call(Parameter.of(INTEGER, 1)),
            call(Parameter.of(FLOAT, 1.0)),
            "params[0] is INTEGER 1, recorded FLOAT 1.0",
        ),
        (
            call(LONG + "5 order by 1"),
            call(LONG + "6 order by 1"),
            "params[0] has ...'here id = 5 order by 1' at character 50, recorded ...'here id = 6 order by 1'",
        ),
        (call(3), call(3), "its parameters are the same"),
    ],
)
def test_the_first_difference_is_named(asked, recorded, text):
    assert difference(asked, recorded) == text


def test_what_can_t_be_read_is_said():
    broken = Invocation(procedure="P", parameters=Opaque(b"\x7f"))
    assert shown(broken) == "P(parameters that can't be read)"
    assert difference(broken, call(1)) == "its parameters can't be read"


def test_long_calls_are_cut():
    text = shown(call("x" * 1000, Parameter.of(VARBINARY, bytes(1000)), 3))
    assert len(text) < 200
