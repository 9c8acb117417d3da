"""Tables look and print as the official client's."""

import datetime
import pickle
from decimal import Decimal

import pytest
import voltdbclient as official

from tests.voltdbclient.clients import connected, run_both
from volttools import voltdbclient as ours
from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.table import Table
from volttools.mock import MockServer
from volttools.voltdbclient import FastSerializer, VoltColumn, VoltTable

COLUMNS = [
    ("T", types.TINYINT),
    ("S", types.SMALLINT),
    ("I", types.INTEGER),
    ("B", types.BIGINT),
    ("F", types.FLOAT),
    ("V", types.STRING),
    ("TS", types.TIMESTAMP),
    ("D", types.DATE),
    ("DEC", types.DECIMAL),
    ("VB", types.VARBINARY),
    ("P", types.GEOGRAPHY_POINT),
    ("G", types.GEOGRAPHY),
    ("", types.BIGINT),
]
POLYGON = Geography.from_wkt("POLYGON ((0.0 0.0, 10.0 0.0, 10.0 10.0, 0.0 0.0))")
EVERY_TYPE = Table.of(
    COLUMNS,
    [
        (
            1,
            2,
            3,
            4,
            1.5,
            "é",
            1_709_210_096_123_456,
            datetime.date(2024, 2, 29),
            Decimal("-1.25"),
            b"\1\2",
            Point(1.0, 2.0),
            POLYGON,
            5,
        ),
        (None,) * len(COLUMNS),
        (
            0,
            0,
            0,
            0,
            -1.65e308,
            "",
            -1,
            datetime.date(1, 1, 1),
            Decimal(0),
            b"",
            Point(-0.0, 2.0),
            POLYGON,
            0,
        ),
    ],
)


def test_values_and_printed_text_are_the_official_clients():
    def script(module, client):
        table = module.VoltProcedure(client, "All").call().tables[0]
        rows = [
            [str(value) if "Geography" in type(value).__name__ else value for value in row]
            for row in table.tuples
        ]
        columns = [(column.type, column.name) for column in table.columns]
        return columns, rows, [[type(value).__name__ for value in row] for row in rows], str(table)

    theirs, ours = run_both(script, All=EVERY_TYPE)
    assert ours == theirs


def test_an_empty_table_prints_as_there():
    theirs, ours = run_both(
        lambda module, client: str(module.VoltProcedure(client, "Empty").call()),
        Empty=Table.of([("", types.BIGINT)]),
    )
    assert ours == theirs
    assert "(modified tuples: 6)" in ours


def made(columns=(), tuples=(), fser=None, module=ours):
    table = module.VoltTable(fser)
    table.columns = [module.VoltColumn(type=code, name=name or None) for name, code in columns]
    for column, (name, code) in zip(table.columns, columns, strict=True):
        column.type, column.name = code, name
    table.tuples = list(tuples)
    return table


def test_tables_compare_and_pickle():
    table = VoltTable.of(EVERY_TYPE)
    assert pickle.loads(pickle.dumps(table)) == VoltTable.of(EVERY_TYPE)
    assert table != made([("A", 6)])
    for left, right in (
        (([("A", 6)], [[1]]), ([("A", 6)], [[1]])),
        (([("A", 6)], [[1]]), ([("A", 5)], [[1]])),
        (([("A", 6)], [[1]]), ([("A", 6)], [[2]])),
        (([("A", 6)], []), ([("A", 5)], [])),  # without rows
        (([("A", 6)], [[1]]), ([("", 5)], [[1]])),  # without a name
    ):
        theirs = made(*left, module=official) == made(*right, module=official)
        assert (made(*left) == made(*right)) is theirs
    assert made([("A", 6)]) != 5
    assert VoltColumn(type=6, name="A") != 5
    assert repr(VoltColumn(type=6, name="A")) == "VoltColumn(type=6, name='A')"


def test_rows_can_be_changed():
    table = made([("A", 6)], [[1]])
    table.tuples.append([2])
    assert table.tuples == [[1], [2]]
    table.tuples = [[3]]
    assert repr(table) == "<VoltTable: 1 rows of (A: 6)>"


def test_tables_are_written_to_and_read_from_buffers_of_both_clients():
    client = FastSerializer()
    written = VoltTable.of(EVERY_TYPE)
    written.fser = client
    written.writeToSerializer()
    data = client.getRawBytes().tobytes()
    client.read_buffer.set(data)
    ours = VoltTable(client).readFromSerializer()
    assert ours == written
    theirs = official.FastSerializer()
    theirs.read_buffer.set(data)
    assert str(official.VoltTable(theirs).readFromSerializer()) == str(ours)


def test_a_row_that_does_not_fit_its_columns_is_not_written():
    client = FastSerializer()
    for row, text in (([1, 2], "row 0 has 2 values for 1 columns"), (["x"], "is no BIGINT")):
        with pytest.raises(ValueError, match=text):
            made([("A", 6)], [row], client).writeToSerializer()
    assert client.size() == 0


def test_a_column_is_written_to_and_read_from_a_buffer():
    client = FastSerializer()
    for write in (VoltColumn(type=6, name="A").writeType, VoltColumn(type=6, name="A").writeName):
        write(client)
    client.read_buffer.set(client.getRawBytes().tobytes())
    column = VoltColumn(client)
    column.readName(client)
    assert (column.type, column.name) == (6, "A")


def test_a_table_can_be_a_parameter():
    with MockServer() as server:
        server.handle("P", None)
        with connected(server) as client:
            table = VoltTable.of(EVERY_TYPE)
            ours.VoltProcedure(client, "P", [client.VOLTTYPE_VOLTTABLE]).call([table])
            with pytest.raises(TypeError, match="is no VOLTTABLE"):
                ours.VoltProcedure(client, "P", [client.VOLTTYPE_VOLTTABLE]).call([5])
        (sent,) = server.calls[0].params
    assert VoltTable.of(sent) == table
