"""Values inside of texts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.text_values import MOST_CHARACTERS, MOST_PLACES, places_of


@pytest.mark.parametrize(
    ("text", "form", "values"),
    [
        ("select 5001", "select ?", [(5001,)]),
        ("where id=5001 and k='it''s'", "where id=? and k=?", [(5001,), ("it's",)]),
        ('{"id": 5001, "key": "a\\u0062"}', '{"id": ?, "key": ?}', [(5001,), ("ab",)]),
        ('{"id":"5001"}', '{"id":?}', [("5001", 5001)]),
        ("order 5001 was paid", "order ? was paid", [(5001,)]),
        ("5001", "?", [(5001,)]),
        ("price = 19.95", "price = ?", [(Decimal("19.95"),)]),
        ("limit ''", "limit ?", [()]),
        ("0001 and 99999999999999999999", "? and ?", [(), ()]),
        ("(5001,5002);", "(?,?);", [(5001,), (5002,)]),
        ("ends with 5001.", "ends with ?.", [(5001,)]),
        (r'\"5001 "b"', r"\"? ?", [(5001,), ("b",)]),
    ],
)
def test_whole_numbers_and_quoted_strings_are_values(text, form, values):
    found = places_of(text)
    assert (found.form, found.values) == (form, values)
    assert found.replaced({}) == text


@pytest.mark.parametrize(
    "text", ["", "no value", "t5001", "5001st", "v1.2.3", "2026-11-23", "12:30:00", "-5", "a/5/b", "id_5001"]
)
def test_parts_of_words_dates_and_versions_are_none(text):
    assert places_of(text) is None


def test_new_values_are_written_as_the_old_ones_were():
    places = places_of("""x = 5001 and y = 'ann' and z = "bob" and w = 1.50""")
    assert places.replaced({0: 7, 1: "o'hara", 2: 'a "b"', 3: Decimal("2.5")}) == (
        """x = 7 and y = 'o''hara' and z = "a \\"b\\"" and w = 2.5"""
    )
    assert places_of("'5001'").replaced({0: 7}) == "'7'"


def test_there_are_limits():
    assert places_of("1 " * MOST_PLACES) is not None
    assert places_of("1 " * (MOST_PLACES + 1)) is None
    assert places_of("1" + " " * MOST_CHARACTERS) is None


@given(st.text("ab'\"\\:{},. -5019", max_size=60))
def test_nothing_but_the_values_is_changed(text):
    found = places_of(text)
    if found is None:
        return
    assert found.replaced({}) == text
    assert len(found.values) + 1 == len(found._pieces)
    changed = found.replaced({0: 7})
    assert changed.startswith(found._pieces[0])
