"""@SystemCatalog, over the wire; its rows are tested beside the schema's and the procedures' catalog."""

import pytest

from tests.mock.wire import connected
from volttools.formats.types import BIGINT
from volttools.mock import MockServer

SELECTORS = "TABLES COLUMNS INDEXINFO PRIMARYKEYS PROCEDURES PROCEDURECOLUMNS FUNCTIONS CLASSES USERS ROLES TYPEINFO TASKS TOPICS"


@pytest.fixture
def server():
    with MockServer(schema="create table t (a integer); create procedure P from class p.P") as running:
        yield running


def test_every_selector_has_one_table_in_any_case(server):
    with connected(server) as wire:
        for selector in SELECTORS.split():
            assert len(wire.call("@SystemCatalog", selector.lower()).tables) == 1


def test_a_handler_s_own_types_come_before_the_schema_s(server):
    server.handle("P", None)
    with connected(server) as wire:
        assert wire.call("@SystemCatalog", "PROCEDURECOLUMNS").tables[0].rows[-1][2] == "T.insert"
        server.handle("P", None, types=(BIGINT,), partitioned_on=0)
        rows = wire.call("@SystemCatalog", "PROCEDURES").tables[0].rows
        assert [row[2] for row in rows] == ["P", "T.insert"]
        assert '"singlePartition":true' in rows[0][6]


def test_other_selectors_are_refused(server):
    with connected(server) as wire:
        assert wire.call("@SystemCatalog", "NOPE").status_string == "Invalid @SystemCatalog selector: NOPE"
        assert wire.call("@SystemCatalog").status == -2
