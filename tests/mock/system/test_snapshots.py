"""Snapshots, of which there never is one."""

import json

import pytest

from tests.mock.wire import connected
from volttools.mock import MockServer


@pytest.fixture
def wire():
    with (
        MockServer(schema="create table t (a integer)", partitions=2) as server,
        connected(server) as connection,
    ):
        yield connection


def test_one_that_is_waited_for_has_a_row_a_site(wire):
    for params in ((json.dumps({"uripath": "file:///x", "nonce": "n", "block": True}),), ("/x", "n", 1)):
        response = wire.call("@SnapshotSave", *params)
        assert json.loads(response.app_status_string)["txnId"] > 0
        assert [row[2:] for row in response.tables[0].rows] == [(0, "SUCCESS", ""), (1, "SUCCESS", "")]


def test_one_that_is_not_has_a_row_a_table(wire):
    for params in ((), ('{"block": false}',)):
        (table,) = wire.call("@SnapshotSave", *params).tables
        assert table.columns[2].name == "TABLE"
        assert [row[2] for row in table.rows] == ["", "T"]


def test_bad_requests_are_refused(wire):
    assert wire.call("@SnapshotSave", "no JSON").status == -2
    assert wire.call("@SnapshotSave", "[]").status == -2
    assert "prohibited character" in wire.call("@SnapshotSave", "/x", "a-b", 1).status_string


def test_there_is_none_to_be_found_deleted_or_restored(wire):
    assert [len(table.rows) for table in wire.call("@SnapshotScan", "/x").tables] == [0, 0, 0]
    assert wire.call("@SnapshotDelete", "/x", "n").tables[0].columns[4].name == "NONCE"
    for name in ("@SnapshotScan", "@SnapshotDelete"):  # success that says what is wrong: as observed
        response = wire.call(name)
        assert (response.status, response.tables[0].columns[0].name) == (1, "ERR_MSG")
        assert response.status_string
    response = wire.call("@SnapshotRestore", "/x", "n")
    assert (response.status, response.tables[0].rows[0][0]) == (-9, "FAILURE")
