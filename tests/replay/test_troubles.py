"""What befalls many connections at a time is one line."""

import pytest

from volttools.replay.troubles import Trouble, Troubles


@pytest.mark.parametrize(
    ("trouble", "one", "several"),
    [
        (
            Trouble.LOST,
            "connection 7 is lost: gone; trying to get it back",
            "1,000 connections are lost, such as 7: gone; trying to get them back",
        ),
        (Trouble.BACK, "connection 7 is back", "1,000 connections are back"),
        (
            Trouble.GIVEN_UP,
            "connection 7 is given up: gone",
            "1,000 connections are given up, such as 7: gone",
        ),
    ],
)
def test_one_is_told_with_its_number_and_many_are_counted(trouble, one, several):
    said = []
    troubles = Troubles(said.append)
    troubles.take(trouble, 7, OSError("gone"))
    troubles.tell()
    for number in range(7, 1007):
        troubles.take(trouble, number, OSError("gone"))
    troubles.tell()
    troubles.tell()
    assert said == [one, several]


def test_each_kind_is_told_in_the_order_in_which_they_came():
    said = []
    troubles = Troubles(said.append)
    for trouble in (Trouble.LOST, Trouble.LOST, Trouble.BACK, Trouble.LOST):
        troubles.take(trouble, 1, None)
    troubles.tell()
    assert [text.split(",")[0] for text in said] == ["3 connections are lost", "connection 1 is back"]
