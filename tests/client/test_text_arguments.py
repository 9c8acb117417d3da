"""Arguments as text."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.client.signatures import Slot, slots_of
from volttools.client.text_arguments import read_argument, read_arguments
from volttools.client.values import parameter_of
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.parameters import Parameter


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("null", None),
        ("true", True),
        ("NaN", "NaN"),
        ("007", "007"),
        ("x", "x"),
        ("", ""),
        ('"5"', "5"),
        ('"', '"'),
        ("{}", "{}"),
        ("[1, null]", [1, None]),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_without_a_type_it_goes_by_the_looks(text, value):
    found = read_argument(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("BIGINT", "-5", -5),
        ("BIGINT", '"5"', 5),
        ("FLOAT", "1", 1.0),
        ("VARCHAR", "5", "5"),
        ("VARCHAR", '"null"', "null"),
        ("VARCHAR", '"open', '"open'),
        ("DECIMAL", "0.100000000001", "0.100000000001"),
        ("VARBINARY", "0xC0FFEE", b"\xc0\xff\xee"),
        ("VARBINARY", "", b""),
        ("TIMESTAMP", "-1", -1),
        ("TIMESTAMP", "2024-02-29 12:00:00.5", "2024-02-29 12:00:00.5"),
        ("DATE", "2024-02-29", "2024-02-29"),
        ("BOOLEAN", "True", True),
        ("BOOLEAN", "0", False),
        ("GEOGRAPHY_POINT", "POINT (1 2)", "POINT (1 2)"),
        ("INTEGER[]", "[1, null]", [1, None]),
        ("DECIMAL[]", "[12345678901234567890.000000000001]", ["12345678901234567890.000000000001"]),
        ("VARCHAR[]", '["a", 5, true]', ["a", "5", "true"]),
        ("TINYINT[]", "c0ff", b"\xc0\xff"),
        ("TINYINT[]", "[1]", [1]),
        ("BIGINT", "null", None),
        ("BIGINT[]", "null", None),
    ],
)
def test_a_type_says_what_a_text_means(name, text, value):
    (slot,) = slots_of([name])
    assert read_argument(text, slot) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("TINYINT", "128", "128 is out of range: TINYINT is -127 .. 127"),
        ("BIGINT", "1.5", "'1.5' is no BIGINT"),
        ("BIGINT", "9" * 5000, "is no BIGINT"),
        ("FLOAT", "x", "'x' is no FLOAT"),
        ("DECIMAL", "x", "is no DECIMAL"),
        ("VARBINARY", "abc", "'abc' is no VARBINARY: write its bytes in hex, two digits each"),
        ("BOOLEAN", "yes", "'yes' is no BOOLEAN: write true or false"),
        ("TIMESTAMP", "noon", 'is no TIMESTAMP: write "2024-02-29 12:00:00.5" or "2024-02-29"'),
        ("INTEGER[]", "5", "'5' is no array of INTEGER: write a list in JSON, such as [1, 2, null]"),
        ("INTEGER[]", "[[1]]", "a list in it is no INTEGER"),
        ("INTEGER[]", "[1", "is no array of INTEGER"),
        ("VOLTTABLE", "5", "is no VOLTTABLE: expected a table"),
        ("GEOGRAPHY", "POINT", "is no GEOGRAPHY"),
    ],
)
def test_what_is_no_value_of_the_type_is_refused(name, text, message):
    (slot,) = slots_of([name])
    with pytest.raises(EncodeError) as caught:
        read_argument(text, slot)
    assert message in str(caught.value)


def test_a_table_is_json():
    found = read_argument('{"columns": [["N", "INTEGER"]], "rows": [[5]]}', Slot(types.VOLTTABLE))
    assert found.rows == [(5,)]


def test_an_error_names_procedure_and_parameter():
    with pytest.raises(EncodeError, match=r"^Vote, parameter 1: 'x' is no BIGINT$"):
        read_arguments("Vote", ["5", "x"], slots_of(["BIGINT", "BIGINT"]))
    with pytest.raises(EncodeError, match=r"^Vote, parameter 0: '\[1' is no array"):
        read_arguments("Vote", ["[1"])


def test_another_number_of_types_goes_by_the_looks():
    assert read_arguments("Vote", ["5"], slots_of(["VARCHAR", "VARCHAR"])) == [5]


@given(st.text())
def test_any_text_is_itself_in_quotes(text):
    assert read_argument(json.dumps(text)) == text
    assert read_argument(json.dumps(text), Slot(types.STRING)) == text


SLOTS = st.builds(
    Slot, st.sampled_from([None, *(kind for kind in types.TYPES if kind.python)]), st.booleans()
)


@given(st.text() | st.sampled_from(["[", "{", "[1]", "-", "1" * 400]), SLOTS)
def test_any_text_is_a_value_or_refused(text, slot):
    with contextlib.suppress(EncodeError):
        read_argument(text, slot)


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=12))
def test_a_decimal_loses_nothing(number):
    (text,) = read_argument(f"[{number:f}]", Slot(types.DECIMAL, is_array=True))
    assert Decimal(text) == number
    assert isinstance(parameter_of([Decimal(text)]), Parameter)
