import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import blob, text
from volttools.formats.geography import Geography, Point
from volttools.redaction.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"a key for tests!")
TEXTS = PSEUDONYMS.texts


def utf8(value):
    return value.encode("utf-8", "surrogateescape")


@given(text)
def test_a_text_keeps_its_characters_and_its_bytes(value):
    found = TEXTS.text(value)
    assert len(found) == len(value)
    assert len(utf8(found)) == len(utf8(value))
    assert utf8(found).decode("utf-8", "surrogateescape") == found


@given(
    st.text(
        alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FFFF, exclude_categories=["Cs"]), min_size=4
    )
)
def test_a_text_of_more_than_separators_becomes_another(value):
    assert TEXTS.text(value) != value


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("Alice.Smith@example.com", "Aaaaa.Aaaaa@aaaaaaa.aaa"),
        ("Smith, John", "Aaaaa, Aaaa"),
        ("+49 170 1234567", "+00 000 0000000"),
        ("AB-12/x", "AA-00/a"),
        ("padded     ", "aaaaaa     "),
    ],
)
def test_letters_digits_and_single_separators_stay_such(value, pattern):
    found = TEXTS.text(value)
    shape = "".join("a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else c for c in found)
    assert shape == pattern
    assert found != value


@pytest.mark.parametrize("value", ["-", "--", "...", "@@--@@", "!!@@##$$", "%%%%%", "://::/"])
def test_nothing_but_signs_becomes_other_signs(value):
    found = TEXTS.text(value)
    assert found != value
    assert len(found) == len(value)
    assert not any(c.isalnum() or c.isspace() for c in found)


def test_long_runs_of_separators_do_not_stay():
    assert "-_-_-_-" not in TEXTS.text("ab-_-_-_-cd")


def test_distinct_short_texts_stay_distinct():
    values = [f"{a}{b}{c}" for a in "abcdefghijklm" for b in "ABCDEFGHIJ" for c in "0123456789é"]
    assert len({TEXTS.text(value) for value in values}) == len(values)


@pytest.mark.parametrize("value", ["deadbe3f", "0AFF10CC", "550e8400-e29b-41d4-a716-446655440000"])
def test_hex_stays_hex(value):
    found = TEXTS.text(value)
    assert found != value
    assert set(found.lower()) <= set("0123456789abcdef-")
    assert (found == found.upper()) == (value == value.upper())
    assert found.replace("-", "").lower() == TEXTS.binary(bytes.fromhex(value.replace("-", ""))).hex()


@pytest.mark.parametrize("value", ["deadbeef", "DEFACED", "1234567812345678123456781234567812345678123456"])
def test_letters_only_and_digits_only_are_no_hex(value):
    found = TEXTS.text(value)
    assert [c.isdigit() for c in found] == [c.isdigit() for c in value]


def test_numbers_times_and_positions_have_the_pseudonyms_of_what_they_mean():
    assert TEXTS.text("4217") == str(PSEUDONYMS.integer(4217))
    assert TEXTS.text("1990-05-17") == PSEUDONYMS.times.text("1990-05-17")
    point = Point(8.5, 47.25)
    assert TEXTS.text("POINT(8.5 47.25)") == PSEUDONYMS.positions.point(point).wkt
    square = "POLYGON ((0.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 0.0))"
    assert Geography.from_wkt(TEXTS.text(square)).loops[0].vertices
    assert TEXTS.text(square) == PSEUDONYMS.positions.polygon(Geography.from_wkt(square)).wkt


@pytest.mark.parametrize("value", ["POINT", "POINT(1)", "Polygon ((1 2))", "Peter"])
def test_what_only_begins_like_a_position_is_a_text(value):
    assert len(TEXTS.text(value)) == len(value)


@given(blob)
def test_bytes_stay_as_many(value):
    found = TEXTS.binary(value)
    assert len(found) == len(value)
    assert len(value) < 1 or found != value or not value


def test_distinct_short_bytes_stay_distinct():
    values = [bytes([a, b]) for a in range(256) for b in range(40)] + [bytes([a]) for a in range(256)]
    assert len({TEXTS.binary(value) for value in values}) == len(values)


def test_a_name_and_a_value_have_different_pseudonyms():
    assert TEXTS.by_pattern("alice", "name") != TEXTS.by_pattern("alice")


def test_a_megabyte_is_no_problem():
    value = "x y " * 262_144
    found = TEXTS.text(value)
    assert len(found) == len(value)
    assert found[:1000] != TEXTS.text(value + "z")[:1000]
    assert found[:40_000] != found[65_536:105_536]
