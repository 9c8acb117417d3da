"""Procedures of operators, over the wire."""

import io
import zipfile
from types import SimpleNamespace

import pytest

from tests.mock.wire import Wire, connected
from volttools.formats.parameters import Parameter
from volttools.formats.types import NULL, VARBINARY
from volttools.mock import MockServer

SCHEMA = """
create table a (i integer); create table b (i integer); create table p (i integer not null, j integer);
partition table p on column i; create procedure from class x.Used;
"""


@pytest.fixture
def server():
    with MockServer(schema=SCHEMA) as running:
        yield running


@pytest.fixture
def wire(server):
    with connected(server) as connection:
        yield connection


@pytest.mark.parametrize("name", ["@Pause", "@Resume", "@PrepareShutdown", "@CancelShutdown"])
def test_clients_may_not_stop_the_server(wire, name):
    response = wire.call(name)
    assert (response.status, response.status_string) == (-3, f"{name} is not available to this client")


def test_administrators_pause_and_resume_at_their_port():
    with MockServer(schema=SCHEMA, admin_port=0) as server, connected(server) as other:
        admin = Wire(SimpleNamespace(address=(server.host, server.nodes[0].admin_port)))
        with admin:
            admin.log_in()
            assert admin.call("@Pause").tables[0].rows == [(0,)]
            assert other.call("A.insert", 1).status == -5
            assert admin.call("A.insert", 1).status == 1
            assert admin.call("@Resume").tables[0].rows == [(0,)]
            assert other.call("A.insert", 1).status == 1
            clients = admin.call("@Statistics", "LIVECLIENTS").tables[0].rows
            assert sorted(row[5] for row in clients) == [0, 1]


@pytest.mark.parametrize("name", ["@Quiesce", "@UpdateLogging"])
def test_what_changes_nothing_is_ok(wire, name):
    assert wire.call(name).tables[0].rows == [(0,)]


def jar(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return Parameter.of(VARBINARY, data.getvalue())


def test_classes_of_a_jar_are_listed(wire):
    nothing = Parameter.of(NULL, None)
    assert (
        wire.call(
            "@UpdateClasses", jar("x/Used.class", "x/Other.class", "META-INF/MANIFEST.MF"), nothing
        ).status
        == 1
    )
    assert wire.call("@UpdateClasses", Parameter.of(VARBINARY, b"no jar"), nothing).status == 1
    assert wire.call("@SystemCatalog", "CLASSES").tables[0].rows == [("x.Other", 0, 0), ("x.Used", 1, 1)]
    assert wire.call("@UpdateClasses", nothing, "x.Used").status_string == (
        "Invalid modification of classes: Class x.Used cannot be removed, it is being used by procedure Used"
    )
    assert wire.call("@UpdateClasses", nothing, "x.Other").status == 1
    assert len(wire.call("@SystemCatalog", "CLASSES").tables[0].rows) == 1
    assert wire.call("@UpdateClasses").status == -3


def test_swapped_tables_have_each_other_s_rows(server, wire):
    wire.call("A.insert", 1)
    wire.call("A.insert", 2)
    assert wire.call("@SwapTables", "a", "b").tables[0].rows == [(2,)]
    assert (server.rows_in("a"), server.rows_in("b")) == (0, 2)
    assert wire.call("@SwapTables", "a", "nosuch").status_string.endswith("TABLE object not found: NOSUCH")
    assert wire.call("@SwapTables", "a", "p").status_string == (
        "SQL error while compiling query: Swapping tables A and P failed for the following reason(s):\n"
        "  - one table is partitioned and the other is not\n  - the tables have different numbers of columns"
    )


def test_the_rest_has_the_columns_of_a_server(wire):
    def columns(name, *params):
        return [[column.name for column in table.columns] for table in wire.call(name, *params).tables]

    assert columns("@GC") == [["SYSTEM_GC_DURATION_NANOS"]]
    assert columns("@UpdateLicense") == [["STATUS", "ERR_MSG"]]
    assert columns("@GetHashinatorConfig") == [["VERSION", "CONFIG"]]
    assert columns("@Note", "x") == [[""]]
    assert columns("@ProfCtl", "x") == [["Result"]]
    assert len(columns("@ValidatePartitioning")) == 2
    assert wire.call("@JStack", 0).status_string == "SUCCESS"
    assert wire.call("@BalancePartitions").status_string == (
        "@BalancePartitions is available in the Enterprise Edition of VoltDB only."
    )
    nothing = Parameter.of(NULL, None)
    assert columns("@UpdateApplicationCatalog", nothing, nothing) == [["STATUS"]]
    assert wire.call("@UpdateApplicationCatalog", nothing, "no XML").status == -2
    assert wire.call("@UpdateApplicationCatalog", jar(), nothing).status == -2


def test_shutdown_is_not_answered_and_ends_every_connection(server, wire):
    with connected(server) as other:
        wire.start("@Shutdown")
        assert wire.frame() is None
        assert other.frame() is None
