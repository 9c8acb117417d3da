import random

import pytest

from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, TIMESTAMP, VARBINARY
from volttools.stats.values import Values


def values_of(*parameters):
    made = Values()
    for parameter in parameters:
        made.add(parameter)
    return made


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (Parameter.of(BIGINT, -5), "-5"),
        (Parameter.of(STRING, "it's"), '"it\'s"'),
        (Parameter.of(STRING, None), "NULL"),
        (Parameter.of(FLOAT, float("nan")), "nan"),
        (Parameter.of(TIMESTAMP, 0), "1970-01-01T00:00:00".replace("T", " ")),
        (Parameter.of(VARBINARY, b"\x01"), "x'01'"),
        (Parameter.array(BIGINT, [1, None]), "[1, NULL]"),
    ],
)
def test_a_value_is_told_as_it_is_shown(parameter, text):
    found = values_of(parameter, parameter)
    assert [(key.text, key.times) for key in found.most(9)] == [(text, 2)]
    assert (found.total, found.distinct.count) == (2, 1)


def test_an_integer_of_any_width_is_the_same_and_a_text_of_its_digits_another():
    found = values_of(Parameter.of(BIGINT, 5), Parameter.of(INTEGER, 5), Parameter.of(STRING, "5"))
    assert [(key.text, key.times) for key in found.most(9)] == [("5", 2), ('"5"', 1)]


def test_long_texts_that_look_alike_are_different_values_and_one_that_is_frequent():
    one, other = "a" * 50 + "b" + "a" * 50, "a" * 50 + "c" + "a" * 50
    found = values_of(Parameter.of(STRING, one), Parameter.of(STRING, other))
    assert found.distinct.count == 2
    assert [key.times for key in found.most(9)] == [2]


def test_no_value_is_lost_where_there_are_many():
    numbers = [n if n % 2 else 7 for n in range(5_000)]
    random.Random(1).shuffle(numbers)
    found = values_of(*(Parameter.of(BIGINT, number) for number in numbers))
    first = found.most(1)[0]
    assert first.text == "7"
    assert first.times <= 2_501 <= first.times + first.shortfall
    assert found.total == 5_000
    assert 2_100 < found.distinct.count < 2_900


def test_parts_merged_are_the_whole():
    parameters = [Parameter.of(STRING, f"{n % 40}") for n in range(300)]
    merged = values_of(*parameters[:100])
    merged.merge(values_of(*parameters[100:]))
    whole = values_of(*parameters)
    assert (merged.most(99), merged.total, merged.distinct.count) == (whole.most(99), 300, 40)
