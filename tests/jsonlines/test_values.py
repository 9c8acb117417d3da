import datetime
import json
import math
import struct
from decimal import Decimal

import pytest

from tests.samples import ORDERS, TRIANGLE
from volttools.codec import build
from volttools.formats.geography import Bound, Geography, Point
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
)
from volttools.jsonlines.values import (
    Fidelity,
    parameter_from_json,
    parameter_to_json,
    table_from_json,
    table_to_json,
)

ODD_NAN = struct.unpack(">d", bytes.fromhex("7ff8000000000001"))[0]
POLYGON = Geography.from_wkt(TRIANGLE)

# fmt: off
SAMPLES = [
    # type            value                              JSON                        builds the same bytes
    (NULL,            None,                              None,                       True),
    (TINYINT,         -127,                              -127,                       True),
    (SMALLINT,        None,                              None,                       True),
    (INTEGER,         2**31 - 1,                         2**31 - 1,                  True),
    (BIGINT,          -2**63 + 1,                        -2**63 + 1,                 True),
    (BOOLEAN,         True,                              True,                       True),
    (BOOLEAN,         7,                                 7,                          True),
    (FLOAT,           1.5,                               1.5,                        True),
    (FLOAT,           -0.0,                              -0.0,                       True),
    (FLOAT,           1e308,                             1e308,                      True),
    (FLOAT,           math.inf,                          "inf",                      True),
    (FLOAT,           -math.inf,                         "-inf",                     True),
    (FLOAT,           math.nan,                          "nan",                      True),
    (FLOAT,           ODD_NAN,                           "nan",                      False),
    (STRING,          "",                                "",                         True),
    (STRING,          "字\x00\n\u2028",                   "字\x00\n\u2028",            True),
    (STRING,          "\udc80",                          "\udc80",                   False),
    (TIMESTAMP,       -12_212_553_600_000_000,           -12_212_553_600_000_000,    True),
    (DATE,            datetime.date(2024, 2, 29),        "2024-02-29",               True),
    (DATE,            5,                                 5,                          True),
    (DECIMAL,         Decimal("1E-12"),                  "0.000000000001",           True),
    (DECIMAL,         Decimal("10.5"),                   "10.500000000000",          True),
    (DECIMAL,         Decimal("-" + "9" * 26 + "." + "9" * 12), "-" + "9" * 26 + "." + "9" * 12, True),
    (VARBINARY,       bytes(range(256)),                 bytes(range(256)).hex(),    True),
    (GEOGRAPHY_POINT, Point(8.5, -47.25),                "POINT (8.5 -47.25)",       True),
    (GEOGRAPHY_POINT, Point(1 / 3, 0.0),                 "POINT (0.333333333333 0.0)", False),
    (GEOGRAPHY_POINT, Point(-0.0, 0.0),                  "POINT (0.0 0.0)",          False),
    (GEOGRAPHY_POINT, Point(math.nan, 0.0),              "POINT (nan 0.0)",          False),
    (GEOGRAPHY,       POLYGON,                           TRIANGLE,                   True),
    (GEOGRAPHY,       POLYGON.replace(version=1),        TRIANGLE,                   False),
    (GEOGRAPHY,       POLYGON.replace(bound=Bound(version=1)), TRIANGLE,             False),
    (VOLTTABLE,       Table.of([("A", BIGINT)], [(1,)]), {"columns": [["A", "BIGINT"]], "rows": [[1]]}, True),
    (VOLTTABLE,       Table.of([("A", BIGINT)], status=0), {"columns": [["A", "BIGINT"]], "rows": []}, False),
]
# fmt: on


@pytest.mark.parametrize(("kind", "value", "expected", "is_exact"), SAMPLES)
def test_a_parameter_becomes_json_and_comes_back(kind, value, expected, is_exact):
    fidelity = Fidelity()
    parameter = Parameter.of(kind, value)
    found = parameter_to_json(parameter, fidelity)
    assert found == [kind.name, expected]
    assert fidelity.is_exact is is_exact
    read = json.loads(json.dumps(found, allow_nan=False))
    try:
        same = build(parameter_from_json(read)) == build(parameter)
    except ValueError:  # "nan" is no coordinate
        same = False
    assert same or not is_exact


@pytest.mark.parametrize(("kind", "value", "expected", "is_exact"), SAMPLES)
def test_a_column_becomes_json_and_comes_back(kind, value, expected, is_exact):
    if kind in (NULL, VOLTTABLE):
        return  # no columns
    fidelity = Fidelity()
    table = Table.of([("A", INTEGER), ("B", kind)], [(1, value), (2, None), (3, value)])
    found = table_to_json(table, fidelity)
    assert found["rows"] == [[1, expected], [2, None], [3, expected]]
    assert fidelity.is_exact is is_exact
    if is_exact:
        assert build(table_from_json(json.loads(json.dumps(found)))) == build(table)


def test_arrays_have_the_type_of_their_elements():
    fidelity = Fidelity()
    array = Parameter.array(DECIMAL, [Decimal(1), None])
    found = parameter_to_json(array, fidelity)
    assert found == ["DECIMAL[]", ["1.000000000000", None]]
    assert build(parameter_from_json(found)) == build(array)
    assert fidelity.is_exact


def test_a_table_keeps_status_names_and_order():
    found = table_to_json(ORDERS, Fidelity())
    assert found["status"] == -128
    assert found["columns"][0] == ["ID", "BIGINT"]
    assert build(table_from_json(found)) == build(ORDERS)
    named = Table.of([("A", BIGINT)], status=5)
    assert build(table_from_json(table_to_json(named, Fidelity()))) == build(named)


@pytest.mark.parametrize(
    "table",
    [
        ORDERS.replace(trailing=bytes(96)),
        ORDERS.replace(header=ORDERS.header.replace(length_error=-4)),
        Table.of([("A", BIGINT), ("B", 99)], [(1, Opaque(b"\x01"))]),
        Table.of([("\udcff", BIGINT)]),
    ],
)
def test_what_json_does_not_say_makes_a_table_inexact(table):
    fidelity = Fidelity()
    table_to_json(table, fidelity)
    assert not fidelity.is_exact


def test_values_of_a_type_that_cannot_be_read_are_hex():
    table = Table.of([("A", BIGINT), ("B", 99), ("C", BIGINT)], [(1, Opaque(b"\x01\xff"))])
    found = table_to_json(table, Fidelity())
    assert found["rows"] == [[1, "01ff"]]
    assert found["columns"][1] == ["B", "UNKNOWN_99"]
