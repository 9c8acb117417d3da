"""What can be set about a connection: how each is read."""

import math

import pytest
from hypothesis import given, strategies

from volttools.client.settings import SETTINGS, flag_of, instead_of, seconds_of


@pytest.mark.parametrize("value", [True, "true", "YES", "on", "1"])
def test_what_is_yes(value):
    assert flag_of(value) is True
    assert flag_of(False) is flag_of("No") is flag_of("off") is flag_of("0") is False


@pytest.mark.parametrize(
    ("value", "seconds"), [(2, 2.0), (0.5, 0.5), ("2", 2.0), ("1.5", 1.5), ("500ms", 0.5), ("2 min", 120.0)]
)
def test_seconds(value, seconds):
    assert seconds_of(value) == seconds


@pytest.mark.parametrize("value", [0, -1, True, None, math.inf, math.nan, "", "soon", "0s", "-2", [2]])
def test_what_is_no_time(value):
    with pytest.raises(ValueError, match="expected seconds, or a time such as"):
        seconds_of(value)


VALUES = (
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text()
    | strategies.lists(strategies.text() | strategies.integers(), max_size=3)
)


@given(strategies.sampled_from(sorted(SETTINGS)), VALUES)
def test_a_value_is_read_or_refused_and_reads_again_as_itself(key, value):
    read = SETTINGS[key].read
    try:
        found = read(value)
    except ValueError as error:
        reason = str(error)
    else:
        reason = "expected "
        assert read(found) == found
    assert reason.startswith("expected ")


def test_a_word_that_is_none_gets_the_nearest_or_all():
    assert instead_of("usr", SETTINGS) == "did you mean user?"
    assert instead_of("zzz", ["a", "b"]) == "there are a, b"
