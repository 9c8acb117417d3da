"""Bulk loaders' procedures, over the wire."""

import pytest

from tests.mock.wire import connected
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, TINYINT, VARBINARY, VOLTTABLE
from volttools.mock import MockServer

SCHEMA = """
create table t (id integer not null, v varchar(20)); partition table t on column id;
create table rep (id integer not null, v varchar(20), primary key (id));
create view w as select v, count(*) from t group by v;
"""
ROWS = Table.of([("ID", INTEGER), ("V", STRING)], [(1, "a"), (2, None)])


@pytest.fixture
def server():
    with MockServer(schema=SCHEMA) as running:
        yield running


@pytest.fixture
def wire(server):
    with connected(server) as connection:
        yield connection


def single(wire, table="T", rows=ROWS, upsert=0):
    key = Parameter.of(VARBINARY, (1).to_bytes(8, "little"))
    return wire.call(
        "@LoadSinglepartitionTable", key, table, Parameter.of(TINYINT, upsert), Parameter.of(VOLTTABLE, rows)
    )


def multi(wire, table="REP", rows=ROWS, upsert=0):
    return wire.call(
        "@LoadMultipartitionTable", table, Parameter.of(TINYINT, upsert), Parameter.of(VOLTTABLE, rows)
    )


def test_rows_are_counted(server, wire):
    for load in (single, multi):
        (table,) = load(wire).tables
        assert ([(column.name, column.type) for column in table.columns], table.rows) == (
            [("", BIGINT.code)],
            [(2,)],
        )
    single(wire, "t")
    multi(wire, upsert=1)
    assert (server.rows_in("T"), server.rows_in("REP")) == (4, 4)


@pytest.mark.parametrize(
    ("load", "given", "text"),
    [
        (single, {"table": "nosuch"}, "Table not present in catalog."),
        (single, {"table": "rep"}, "LoadSinglepartitionTable incompatible with replicated table REP."),
        (multi, {"table": "T"}, "LoadMultipartitionTable no longer supports loading partitioned tables use CRUD procs "
         "instead"),
        (single, {"upsert": 1}, "The --update argument cannot be used for LoadingSinglePartionTable because the table "
         "T does not have a primary key. Either remove the --update argument or add a primary key to the table."),
        (multi, {"table": "w"}, "Unable to locate auto-generated CRUD insert statement for table W"),
        (single, {"rows": Table.of([("ID", INTEGER)], [(1,)])},
         "T has 2 columns, and the rows to be loaded have 1."),
        (single, {"rows": Table.of([("ID", FLOAT), ("V", STRING)])},
         "Column ID of T is INTEGER, and the rows to be loaded have FLOAT there."),
        (single, {"rows": Table.of([("ID", INTEGER), ("V", STRING)], [(None, "x")])},
         "Column ID of T is NOT NULL, and a row to be loaded has NULL there."),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_abort(server, wire, load, given, text):
    response = load(wire, **given)
    assert (response.status, response.status_string) == (-1, f"VOLTDB ERROR: USER ABORT {text}")
    assert (server.rows_in("T"), server.rows_in("REP")) == (0, 0)


def test_missing_parameters_get_no_word(wire):
    response = wire.call("@LoadSinglepartitionTable", "T")
    assert (response.status, response.status_string) == (-3, None)
    assert wire.call("@LoadMultipartitionTable").status == -2
