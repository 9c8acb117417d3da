import csv
import datetime
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.formats.type_samples import EMPTY_TABLE, EMPTY_TABLE_HEX, SQUARE
from volttools.formats.geography import Point
from volttools.formats.notation import Opaque
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    STRING,
    TIMESTAMP,
    TYPES,
    VARBINARY,
    VOLTTABLE,
)
from volttools.render.csv_text import VisibleLines, csv_line, csv_rows, quoted

# fmt: off
TEXTS = [
    (BIGINT,          None,                         b""),
    (BIGINT,          -(2**63) + 1,                 b"-9223372036854775807"),
    (FLOAT,           1.5,                          b"1.5"),
    (FLOAT,           1e300,                        b"1e+300"),
    (FLOAT,           float("nan"),                 b"nan"),
    (FLOAT,           float("-inf"),                b"-inf"),
    (DECIMAL,         Decimal("0E-12"),             b"0.000000000000"),
    (DECIMAL,         Decimal("-1E-12"),            b"-0.000000000001"),
    (DECIMAL,         Decimal("170141183460469231731687303.715884105727"), b"170141183460469231731687303.715884105727"),
    (STRING,          None,                         b""),
    (STRING,          "",                           b'""'),
    (STRING,          "plain text",                 b"plain text"),
    (STRING,          "a,b",                        b'"a,b"'),
    (STRING,          'say "b"',                    b'"say ""b"""'),
    (STRING,          "two\nlines",                 b'"two\nlines"'),
    (STRING,          "cr\r",                       b'"cr\r"'),
    (STRING,          "é\udcff",                    b"\xc3\xa9\xff"),
    (STRING,          "=1+1",                       b"=1+1"),
    (VARBINARY,       None,                         b""),
    (VARBINARY,       b"",                          b'""'),
    (VARBINARY,       b"\x01\xff",                  b"01ff"),
    (TIMESTAMP,       0,                            b"1970-01-01T00:00:00.000000Z"),
    (TIMESTAMP,       -1,                           b"1969-12-31T23:59:59.999999Z"),
    (TIMESTAMP,       2**63 - 1,                    b"9223372036854775807"),
    (DATE,            datetime.date(2024, 2, 29),   b"2024-02-29"),
    (DATE,            7,                            b"7"),
    (BOOLEAN,         True,                         b"true"),
    (BOOLEAN,         False,                        b"false"),
    (BOOLEAN,         2,                            b"2"),
    (GEOGRAPHY_POINT, Point(-110.5, 2.25),          b"POINT (-110.5 2.25)"),
    (GEOGRAPHY,       SQUARE,                       b'"POLYGON ((0.0 0.0, 90.0 0.0, 0.0 90.0, 0.0 0.0))"'),
    (VOLTTABLE,       EMPTY_TABLE,                  EMPTY_TABLE_HEX.replace(" ", "").encode()),
    (99,              Opaque(b"\x01"),              b"01"),
    (99,              Opaque(b""),                  b'""'),
]
# fmt: on


@pytest.mark.parametrize(("kind", "value", "expected"), TEXTS, ids=str)
def test_each_type_has_its_text(kind, value, expected):
    assert list(csv_rows(Table.of([("C", kind)], [(value,)]))) == [expected + b"\n"]


def test_every_type_that_can_be_read_is_in_the_table_above():
    assert {kind for kind, *_ in TEXTS} >= {
        kind for kind in TYPES if kind.format and kind.name not in ("NULL", "TINYINT", "SMALLINT", "INTEGER")
    }


def test_rows_begin_with_what_is_the_same_in_all():
    table = Table.of([("A", BIGINT), ("B", STRING)], [(1, "x"), (None, None)])
    assert b"".join(csv_rows(table, "17", "a,b")) == b'17,"a,b",1,x\n17,"a,b",,\n'


def test_columns_behind_one_of_unknown_type_are_null():
    table = Table.of([("A", BIGINT), ("B", 99), ("C", BIGINT)], [(1, Opaque(b"\xab\xcd"))])
    assert list(csv_rows(table)) == [b"1,abcd,\n"]


def test_a_table_without_rows_has_no_lines():
    assert list(csv_rows(Table.of([("A", BIGINT)]), "1")) == []


def test_names_of_columns_are_quoted_where_they_must_be():
    assert csv_line(["A", "", "x,y", "A"]) == b'A,"","x,y",A\n'


@given(st.lists(st.lists(strategies.text, min_size=1), min_size=1))
def test_what_is_quoted_is_read_back_by_the_csv_module(rows):
    lines = b"".join(csv_line(row) for row in rows).decode("utf-8", "surrogateescape")
    assert list(csv.reader(io.StringIO(lines, newline=""))) == rows


def test_null_is_unlike_an_empty_text():
    assert quoted("") == '""'
    assert list(csv_rows(Table.of([("A", STRING), ("B", STRING)], [("", None)]))) == [b'"",\n']


def test_nothing_of_a_line_moves_the_cursor_of_a_terminal():
    out = io.BytesIO()
    lines = VisibleLines(out)
    lines.write(csv_line(["a\x1b[2J", "é"]))
    lines.writelines(csv_rows(Table.of([("A", STRING)], [("two\nlines",), ("\udcff",)])))
    assert out.getvalue() == b'a\\x1b[2J,\xc3\xa9\n"two\\nlines"\n\\xff\n'
