"""Default procedures and declared SQL, with and without an engine."""

import pytest

from tests.mock.wire import connected
from volttools.formats.response import ResponseHead
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.mock import MockServer
from volttools.mock.engine import SqlRefused
from volttools.mock.misses import UnmatchedCalls
from volttools.mock.recorded import Recording

SCHEMA = """
create table t (id integer not null, v varchar(20), primary key (id));
partition table t on column id;
create table rep (a integer primary key);
create procedure Two as begin select v from t where id = ?; delete from t where v = ? and id = ?; end;
create procedure from class p.Java;
"""


class Engine:
    """Notes what it is asked to execute."""

    def __init__(self):
        self.asked = []

    def execute(self, sql, params, schema):
        if "nosuch" in sql:
            raise SqlRefused("SQL error while compiling query: object not found: NOSUCH")
        self.asked.append((sql, list(params), "T" in schema.tables))
        return [Table.of([("C1", BIGINT)], [(len(self.asked),)])]


def test_default_procedures_answer_as_when_all_is_well():
    with MockServer(schema=SCHEMA) as server, connected(server) as wire:
        for name, params in (
            ("T.insert", (1, "x")),
            ("t.UPSERT", (2, "y")),
            ("T.update", (1, "z", 1)),
            ("T.delete", (1,)),
        ):
            (table,) = wire.call(name, *params).tables
            assert (table.columns[0].name, table.rows, table.status) == ("modified_tuples", [(1,)], 0)
        assert wire.call("REP.insert", 1).tables[0].status == -128
        (table,) = wire.call("T.select", 1).tables
        assert ([column.name for column in table.columns], table.rows) == (["ID", "V"], [])
        assert (server.rows_in("t"), server.rows_in("REP")) == (1, 1)


def test_handlers_come_before_them_and_have_them_at_hand():
    with MockServer(schema=SCHEMA) as server, connected(server) as wire:
        server.handle("T.delete", 0)
        server.handle("T.insert", lambda call: call.default())
        assert wire.call("T.delete", 5).tables[0].rows == [(0,)]
        assert wire.call("T.insert", 5, None).tables[0].rows == [(1,)]


def test_sql_without_an_engine_says_how_it_is_answered():
    with MockServer(schema=SCHEMA) as server, connected(server) as wire:
        response = wire.call("@AdHoc", "select * from t")
        assert response.status == -2
        assert response.status_string.startswith(
            'SQL error while compiling query: Error in "select * from t" - the mock server executes no SQL. '
            'Answer it with a handler (--handlers, or server.handle("@AdHoc", ...)), a stub'
        )
        for name, params in (("Two", (1, "x", 2)), ("Java", ())):
            response = wire.call(name, *params)
            assert response.status == -3
            assert f"{name} is declared, and the mock server executes no SQL" in response.status_string


def test_it_says_so_beside_a_recording_too_and_what_was_recorded_next_to_it():
    with MockServer(schema=SCHEMA) as recorded, connected(recorded) as wire:
        recorded.handle("Fail", 1)
        recorded.handle("@AdHoc", 1)
        wire.call("Fail")
        wire.call("@AdHoc", "select 1 from t")
        recording = recording_of(recorded)
    with MockServer(schema=SCHEMA, recording=recording) as server, connected(server) as wire:
        java, sql, other = wire.call("Java"), wire.call("@AdHoc", "select 2 from t"), wire.call("Fial")
    assert "Java is declared, and the mock server executes no SQL. Answer it" in java.status_string
    assert "Fail" not in java.status_string
    assert sql.status == -2
    assert sql.status_string.startswith("SQL error while compiling query: ")
    assert sql.status_string.endswith(
        "or an engine. The call @AdHoc('select 2 from t') was not recorded. The nearest recorded call is "
        "@AdHoc('select 1 from t'): params[0] is 'select 2 from t', recorded 'select 1 from t'."
    )
    assert other.status_string.startswith(
        "Procedure Fial was not found. Did you mean Fail? There are declared "
    )
    assert other.status_string.endswith("; recorded calls of @AdHoc, Fail")


def recording_of(server):
    recording = Recording()
    for call in server.calls:
        recording.add(call.invocation, ResponseHead(version=0, client_handle=0, fields_present=0, status=1))
    return recording


def test_a_strict_server_counts_such_calls_as_misses():
    server = MockServer(strict=True).start()
    with connected(server) as wire:
        wire.call("@AdHoc", "select * from t")
    with pytest.raises(UnmatchedCalls, match="executes no SQL"):
        server.close()


def test_an_engine_gets_all_that_is_sql():
    engine = Engine()
    with MockServer(schema=SCHEMA, engine=engine) as server, connected(server) as wire:
        assert [table.rows for table in wire.call("@AdHoc", "select 1 from t; delete from t").tables] == [
            [(1,)],
            [(2,)],
        ]
        wire.call("@AdHoc", "select * from t where id = ?", 5)
        wire.call("Two", "1", "x", 2)
        wire.call("T.delete", 9)
        assert wire.call("@AdHoc", "select * from nosuch").status == -2
    assert engine.asked == [
        ("select 1 from t", [], True),
        ("delete from t", [], True),
        ("select * from t where id = ?", [5], True),
        ("select v from t where id = ?", [1], True),
        ("delete from t where v = ? and id = ?", ["x", 2], True),
        ("DELETE FROM T WHERE ID = ?", [9], True),
    ]
