"""The schema of a server that runs."""

import pytest

from tests.mock.wire import connected
from volttools.errors import UsageError
from volttools.mock import MockServer


def test_ddl_is_applied_at_any_time_and_told_to_who_subscribed():
    server = MockServer()
    server.declare("create table t (a integer)")
    with server, connected(server) as wire:
        wire.call("@Subscribe", "TOPOLOGY")
        server.declare("create table u (a integer)")
        assert [row[2] for row in wire.pushed().tables[0].rows] == ["T.insert", "U.insert"]
        server.declare("create index i on u (a)")  # no procedure is another: nothing is pushed
        assert wire.call("U.insert", 5).status == 1
    assert sorted(server.schema.tables) == ["T", "U"]


def test_what_is_wrong_is_told_with_its_place():
    server = MockServer()
    with pytest.raises(UsageError, match=r"^ddl, line 2, column 2 \(at drop\): object not found: U"):
        server.declare("create table t (a integer);\n drop table u")
    assert server.schema.tables == {}
    with pytest.raises(UsageError, match="there is no table t"):
        server.rows_in("t")
    with pytest.raises(UsageError, match=r"^schema, line 1, column 8 \(at tabel\)"):
        MockServer(schema="create tabel t (a integer)")
