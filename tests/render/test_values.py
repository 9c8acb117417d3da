import datetime
import unicodedata
from decimal import Decimal

import pytest

from tests.samples import ORDERS, TRIANGLE
from volttools.formats.geography import Geography, Point
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    NULL,
    STRING,
    TIMESTAMP,
    TYPES,
    VARBINARY,
    VOLTTABLE,
)
from volttools.render import values

# fmt: off
SHOWN = [
    # type             value                          shown
    (NULL,             None,                          "NULL"),
    (STRING,           None,                          "NULL"),
    (BIGINT,           -2**63 + 1,                    "-9223372036854775807"),
    (BOOLEAN,          True,                          "True"),
    (FLOAT,            float("-inf"),                 "-inf"),
    (FLOAT,            -0.0,                          "-0.0"),
    (DECIMAL,          Decimal("10.500000000000"),    "10.5"),
    (DECIMAL,          Decimal("100.000000000000"),   "100"),
    (DECIMAL,          Decimal("0E-12"),              "0"),
    (STRING,           "",                            '""'),
    (STRING,           'say "hi"',                    "'say \"hi\"'"),
    (STRING,           "it's \"so\"",                 '"it\'s \\"so\\""'),
    (STRING,           "a\n\t\x1b[2J\x9b",            '"a\\n\\t\\x1b[2J\\x9b"'),
    (STRING,           "turn\u202earound",            '"turn\\u202earound"'),
    (STRING,           "\udcff",                      '"\\xff"'),
    (STRING,           "x" * 50,                      '"' + "x" * 28 + "..." + "x" * 9 + '" (50 chars)'),
    (TIMESTAMP,        0,                             "1970-01-01 00:00:00"),
    (TIMESTAMP,        -12_212_553_600_000_000,       "1583-01-01 00:00:00"),
    (TIMESTAMP,        2**62,                         "4611686018427387904 us since 1970"),
    (DATE,             datetime.date(2024, 2, 29),    "2024-02-29"),
    (VARBINARY,        b"",                           "x''"),
    (VARBINARY,        b"\x01\xff",                   "x'01ff'"),
    (VARBINARY,        bytes(1_000),                  "x'00000000000000000000...' (1.00 kB)"),
    (GEOGRAPHY_POINT,  Point(8.5, 47.25),             "POINT (8.5 47.25)"),
    (GEOGRAPHY,        Geography.from_wkt(TRIANGLE),  TRIANGLE),
    (VOLTTABLE,        ORDERS,                        "table 5 x 3"),
    (STRING,           Opaque(b"\x01"),               "unreadable x'01'"),
]
# fmt: on


@pytest.mark.parametrize(("kind", "value", "shown"), SHOWN)
def test_values_are_shown_by_their_type(kind, value, shown):
    assert values.show_value(kind.code, value) == shown


def test_no_control_character_of_any_kind_gets_through():
    everything = "".join(map(chr, [*range(0x2100), *range(0xD800, 0xE000), 0xFEFF]))
    shown = values.visible(everything)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [
        c for c in shown if c in "\x1b\x9b\x07\n\r\x7f\u202e\u2028\u200f" or "\ud800" <= c <= "\udfff"
    ]


def test_arrays_show_the_first_elements_and_how_many_more_there_are():
    assert values.show_array(BIGINT.code, [1, None, 3]) == "[1, NULL, 3]"
    assert values.show_array(BIGINT.code, []) == "[]"
    assert values.show_array(BIGINT.code, list(range(1000)), 30) == "[0, 1, 2, 3, 4, ... 995 more]"
    assert values.show_array(STRING.code, ["x" * 99]).startswith('["xxx')


def test_a_type_that_is_not_known_here_is_shown_as_text():
    assert values.show_value(99, {"a": 1}) == "{'a': 1}"
    assert values.value_style(99, 1) == "value.number"


def test_every_wire_type_has_a_style():
    for kind in TYPES:
        assert values.value_style(kind.code, None) == "value.null"
        assert values.value_style(kind.code, 1).startswith("value.")


def test_parameters_show_arrays_and_scalars():
    assert values.show_parameter(Parameter.array(BIGINT, [1, 2])) == ("[1, 2]", "value.other")
    assert values.show_parameter(Parameter.of(STRING, "a")) == ('"a"', "value.text")


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_500, "1.50 us"),
        (812_000, "812 us"),
        (999_499, "999 us"),
        (999_500, "1.00 ms"),
        (9_994_000, "9.99 ms"),
        (9_996_000, "10.0 ms"),
        (99_960_000, "100 ms"),
        (999_499_999, "999 ms"),
        (999_500_000, "1.00 s"),
        (59_940_000_000, "59.9 s"),
        (125_000_000_000, "2 min 05 s"),
        (3_725_000_000_000, "1 h 02 min"),
        (-5_000, "-5 us"),
    ],
)
def test_durations_have_three_digits_and_a_unit(ns, text):
    assert values.duration(ns) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "0 B"), (999, "999 B"), (999_499, "999 kB"), (999_501, "1.00 MB"), (10**15, "1000 TB")],
)
def test_sizes_have_three_digits_and_a_unit(length, text):
    assert values.size(length) == text
