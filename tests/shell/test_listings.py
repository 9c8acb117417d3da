"""What the catalog tells, for people."""

import pytest

from tests.shell.answering import answering, session_with
from volttools.client import connect
from volttools.errors import UsageError
from volttools.mock import MockServer
from volttools.shell import listings


@pytest.fixture(scope="module")
def client():
    with answering() as server, connect(server.where) as client:
        yield client


def asked(client, selector):
    return client.call("@SystemCatalog", selector)


def test_tables_have_their_partitioning(client):
    assert listings.tables(asked(client, "TABLES")).rows == [
        ("VOTES", "TABLE", "PHONE"),
        ("PEOPLE", "TABLE", None),
    ]


def test_columns_stand_in_their_order_with_keys_and_sizes(client):
    found = listings.columns(asked(client, "COLUMNS"), asked(client, "PRIMARYKEYS"), "votes")
    assert found.rows == [
        ("PHONE", "BIGINT", "not null", None, "primary key, partition column"),
        ("NAME", "VARCHAR(20)", "", "'x'", ""),
    ]
    with pytest.raises(UsageError, match=r"there is no table VOTE; did you mean VOTES\?"):
        listings.columns(asked(client, "COLUMNS"), asked(client, "PRIMARYKEYS"), "VOTE")


def test_procedures_have_the_types_of_their_parameters(client):
    procedures, parameters = asked(client, "PROCEDURES"), asked(client, "PROCEDURECOLUMNS")
    found = listings.procedures(procedures, parameters, "")
    assert found.rows == [("Vote", "BIGINT, VARCHAR", "writes", "one partition")]
    assert listings.procedures(procedures, parameters, "zzz").rows == []


def test_parameters_of_default_procedures_stand_in_the_order_of_the_table():
    schema = (
        "create table votes (phone bigint not null, name varchar(20)); partition table votes on column phone;"
    )
    with MockServer(schema=schema) as server, connect(f"{server.host}:{server.port}") as client:
        found = listings.procedures(
            asked(client, "PROCEDURES"), asked(client, "PROCEDURECOLUMNS"), "votes.insert"
        )
    assert [row[:2] for row in found.rows] == [("VOTES.insert", "BIGINT, VARCHAR")]


def test_plans_are_text(client):
    assert listings.plan(client.call("@Explain", "select")).endswith(
        'STORED PROCEDURE\n SEQUENTIAL SCAN of "VOTES"'
    )


def test_the_session_lists_them():
    with answering() as server, session_with(server) as session:
        (listing,) = session.run("describe PEOPLE;")
        assert listing.table.rows == [("ID", "INTEGER", "not null", None, "")]
