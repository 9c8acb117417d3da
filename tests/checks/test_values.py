import datetime
from decimal import Decimal

from tests.checks.samples import codes, findings, invoked, with_table
from tests.checks.samples import given as called_with
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    NULL,
    STRING,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
)

GREATEST = Decimal("99999999999999999999999999.999999999999")


def test_ordinary_values_are_fine():
    parameters = [
        Parameter.of(BIGINT, None),
        Parameter.of(NULL, None),
        Parameter.of(STRING, "Müller \U0001f600"),
        Parameter.of(DECIMAL, GREATEST),
        Parameter.of(DECIMAL, GREATEST.copy_negate()),
        Parameter.of(DECIMAL, None),
        Parameter.of(BOOLEAN, True),
        Parameter.array(TINYINT, [1] * 2**20),
        Parameter.array(STRING, ["a", None]),
        Parameter.of(VOLTTABLE, Table.of([("A", INTEGER)], [(1,)])),
    ]
    assert codes(called_with(*parameters)) == []


def test_a_value_in_a_table_is_told_with_its_row_and_column_and_the_others_are_counted():
    rows = [(1, "caf\udce9"), (2, "fine"), (3, "\udcff"), (4, None)]
    (found,) = findings(with_table(Table.of([("ID", BIGINT), ("NAME", STRING)], rows)))
    assert (found.code, found.side) == ("not-utf8", "server")
    assert found.message == "a STRING that is not UTF-8 (1 more beside it)"
    assert found.place.path == "response.tables[0].rows[0].NAME"


def test_a_decimal_of_39_digits_is_none():
    (found,) = findings(called_with(Parameter.array(DECIMAL, [GREATEST, -(Decimal(10) ** 26)])))
    assert (found.code, found.place.path) == ("decimal-digits", "invocation.parameters[0].value[1]")
    assert found.message == "a DECIMAL of more than 38 digits, 12 of them decimals"


def test_values_of_tables_in_parameters_are_the_clients():
    table = Table.of([("NAME", STRING)], [("\udcff",)])
    (found,) = findings(called_with(Parameter.of(VOLTTABLE, table)))
    assert (found.side, found.place.path) == ("client", "invocation.parameters[0].value.rows[0].NAME")
    (found,) = findings(called_with(Parameter.array(VOLTTABLE, [table])))
    assert found.place.path == "invocation.parameters[0].value[0].rows[0].NAME"


def test_types_that_11_4_fails_on_are_a_note():
    day = datetime.date(2024, 2, 29)
    (found,) = findings(called_with(Parameter.of(DATE, day)))
    assert found.message == "a DATE parameter: newer servers take it, 11.4 fails on it"
    assert codes(called_with(Parameter.array(DATE, [day]))) == ["newer-type"]
    assert codes(called_with(Parameter.array(BOOLEAN, [True]))) == ["newer-type"]


def test_long_values_are_a_note_but_for_the_files_that_system_procedures_take():
    long = Parameter.of(VARBINARY, bytes(2**20 + 1))
    (found,) = findings(called_with(long))
    assert found.message == "a VARBINARY of 1,048,577 bytes; a column holds 1,048,576 at most"
    assert codes(called_with(Parameter.of(STRING, "x" * 2**20))) == []
    assert codes(called_with(Parameter.of(STRING, None))) == []
    for name, expected in (("@UpdateClasses", []), ("Update", ["value-too-long"])):
        events = invoked(parameters=[long])
        for event in events:
            if event.kind == "exchange":
                event.invocation.procedure = name
        assert codes(events) == expected
