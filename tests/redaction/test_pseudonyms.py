import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.type_samples import TYPE_SAMPLES
from tests.strategies import TINYINT, values
from volttools.codec.codec import builder, parser
from volttools.errors import UsageError
from volttools.formats.types import BIGINT, BOOLEAN, STRING, TYPES, VARBINARY
from volttools.redaction import pseudonyms as module
from volttools.redaction.pseudonyms import Pseudonyms, Remembered

KEY = b"a key for tests!"
PSEUDONYMS = Pseudonyms(KEY)
KINDS = [kind for kind in TYPES if kind.format is not None and kind.name != "VOLTTABLE"]


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_a_pseudonym_is_a_value_of_the_same_type(kind):
    @given(values(kind))
    def check(value):
        found = PSEUDONYMS.value(kind.code, value)
        assert (found is None) == (value is None)
        data = builder(kind.format)(found)
        again = parser(kind.format)(data)
        assert builder(kind.format)(again) == data
        assert type(again) is type(found)

    check()


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_the_key_decides_and_nothing_else(kind):
    same, other = Pseudonyms(KEY), Pseudonyms(b"another key for tests")
    given_values = [sample.value for sample in TYPE_SAMPLES if sample.type is kind]

    def built(known):
        return [builder(kind.format)(known.value(kind.code, value)) for value in given_values]

    assert built(PSEUDONYMS) == built(same)
    if kind.name not in ("NULL", "BOOLEAN"):
        assert built(PSEUDONYMS) != built(other)


def test_empty_stays_empty():
    assert PSEUDONYMS.text("") == ""
    assert PSEUDONYMS.binary(b"") == b""


def test_flags_change_places_or_not_as_the_key_wants_it():
    found = {tuple(Pseudonyms(b"%16d" % n).boolean(flag) for flag in (False, True)) for n in range(20)}
    assert found == {(False, True), (True, False)}


@given(st.integers(-128, 126).filter(lambda n: n not in (0, 1)))
def test_other_flags_stay_others(value):
    found = PSEUDONYMS.value(BOOLEAN.code, value)
    assert found != value
    assert not isinstance(found, bool)
    assert -128 <= found <= 126
    assert found not in (0, 1)


@given(st.lists(TINYINT, max_size=70))
def test_an_array_of_bytes_keeps_its_nulls_and_shows_no_equal_bytes(array):
    found = PSEUDONYMS.bytes_of_array(array)
    assert [value is None for value in found] == [value is None for value in array]
    assert all(value is None or -128 < value < 128 for value in found)
    assert PSEUDONYMS.bytes_of_array(array) == found


def test_equal_bytes_of_an_array_become_different_ones():
    assert len(set(PSEUDONYMS.bytes_of_array([7] * 200))) > 50


def test_a_short_key_is_refused():
    with pytest.raises(UsageError, match="a key of 5 bytes can be guessed; it needs at least 16"):
        Pseudonyms(b"short")


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_REMEMBERED", 10)
    known = Remembered(lambda value: value)
    for number in range(25):
        assert known[number] == number
    assert len(known) <= 10
    assert known["x" * 1000] == "x" * 1000
    assert "x" * 1000 not in known
    assert known[None] is None


def test_the_types_that_are_named_have_short_cuts():
    assert PSEUDONYMS.text("alice") == PSEUDONYMS.value(STRING.code, "alice")
    assert PSEUDONYMS.integer(42) == PSEUDONYMS.value(BIGINT.code, 42)
    assert PSEUDONYMS.binary(b"x") == PSEUDONYMS.value(VARBINARY.code, b"x")
