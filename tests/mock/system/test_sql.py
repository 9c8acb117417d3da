"""@AdHoc and its kin, over the wire."""

import pytest

from tests.mock.wire import connected
from volttools.mock import MockServer

SCHEMA = "create table t (a integer); create view v as select a, count(*) from t group by a;"
SCHEMA += "create procedure P as select a from t; "


@pytest.fixture
def server():
    with MockServer(schema=SCHEMA) as running:
        yield running


@pytest.fixture
def wire(server):
    with connected(server) as connection:
        yield connection


def test_ddl_changes_the_schema_and_pushes_before_its_answer(server, wire):
    wire.call("@Subscribe", "TOPOLOGY")
    handle = wire.start("@AdHoc", "create table u (a integer); create table w (a integer)")
    assert "U.insert" in [row[2] for row in wire.pushed().tables[0].rows]
    response = wire.response()
    assert (response.client_handle, response.tables[0].rows, response.status_string) == (handle, [(0,)], None)
    assert sorted(server.schema.tables) == ["T", "U", "V", "W"]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ((), "Adhoc system procedure requires at least the query parameter."),
        ((5,), "Adhoc system procedure requires the query parameter to be of String type."),
        (("",), "Failed to plan, no SQL statement provided."),
        (("-- c\nselect a from t",), "Failed to plan, no SQL statement provided."),
        (("drop table v; select a from t",), "DDL mixed with DML and queries is unsupported."),
        (("select a from t; select a from t", 5),
         "The @AdHoc stored procedure when called with more than one parameter must be passed a single parameterized "
         "SQL statement as its first parameter. Pass each parameterized SQL statement to a separate callProcedure "
         "invocation."),
        (("drop table nosuch",),
         '[Ad Hoc DDL Input:1]: DDL Error: "object not found: NOSUCH in statement [drop table nosuch]"'),
    ],
)  # fmt: skip
def test_what_is_refused_gets_the_servers_words(wire, params, text):
    response = wire.call("@AdHoc", *params)
    assert (response.status, response.status_string, response.tables) == (-2, text, [])


def test_plans_have_their_columns_and_no_contents(wire):
    assert len(wire.call("@Explain", "select a from t; delete from t").tables) == 2
    assert wire.call("@Explain", "drop table t").status_string == "Explain doesn't support DDL."
    assert wire.call("@Explain").status == -3
    assert wire.call("@ExplainProc", "P").tables[0].rows[0][:2] == ("sql0", "select a from t;")
    assert wire.call("@ExplainProc", "t.insert").tables[0].rows[0][1] == "INSERT INTO T VALUES (?);"
    assert wire.call("@ExplainProc", "nosuch").status_string == "Procedure nosuch not in catalog"
    assert wire.call("@ExplainView", "V").tables[0].rows == [("", "No query plan is being used.")]
    assert wire.call("@ExplainView", "t").status_string == "View t does not exist."
