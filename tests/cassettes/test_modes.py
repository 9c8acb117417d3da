"""What is played and what is recorded."""

import pytest

from volttools.cassettes import RecordMode
from volttools.errors import UsageError


@pytest.mark.parametrize(
    ("name", "plays", "records_new", "records_old"),
    [
        ("none", True, False, False),
        ("once", True, True, False),
        ("new_episodes", True, True, True),
        ("new", True, True, True),
        ("all", False, True, True),
    ],
)
def test_each_mode(name, plays, records_new, records_old):
    mode = RecordMode.of(name)
    assert RecordMode.of(mode) is mode
    assert mode.plays() is plays
    assert (mode.records(is_new=True), mode.records(is_new=False)) == (records_new, records_old)


def test_another_name_is_refused():
    with pytest.raises(
        UsageError,
        match="no record mode is called 'never'; there are none, once, new_episodes, all",
    ):
        RecordMode.of("never")
