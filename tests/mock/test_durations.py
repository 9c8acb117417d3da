"""Times as people write them."""

import datetime

import pytest

from volttools.errors import UsageError
from volttools.mock.durations import seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20 ms", 0.02),
        ("1.5s", 1.5),
        ("250us", 0.00025),
        ("2 min", 120.0),
        (3, 3.0),
        (datetime.timedelta(seconds=2), 2.0),
    ],
)
def test_a_time(text, expected):
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["soon", "1", "-1 s", -1, float("inf"), float("nan")])
def test_what_is_none(text):
    with pytest.raises(UsageError, match="is no time"):
        seconds(text)
