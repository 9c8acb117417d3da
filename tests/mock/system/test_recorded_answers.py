"""System procedures, asked as a real server was: columns, types, status and the form of the text are the same."""

import pytest

from tests.mock.wire import connected
from tests.requirements import ROOT, shared_captures_dir
from volttools.capture.reader import open as open_capture
from volttools.formats.parameters import Parameter
from volttools.formats.types import INTEGER, STRING
from volttools.mock import MockServer

pytestmark = pytest.mark.shared

SCHEMA = ROOT / "tests" / "mock" / "recorded.sql"
CAPTURES = (
    "bulk-load.pcap",
    "failures.pcap",
    "java-client.pcap",
    "java-client2.pcap",
    "pushes-catalog.pcap",
    "system-adhoc.pcap",
    "system-catalog.pcap",
    "system-information.pcap",
    "system-statistics.pcap",
)
NEEDS_ROWS = ("@AdHocSpForTest",)
"""What only an engine can answer, as SQL in @AdHoc."""


def system_calls(path):
    """The calls of a capture, each kind once, and what was answered."""
    found = {}
    with open_capture(path) as capture:
        for exchange in capture:
            if exchange.invocation is None or exchange.response is None:
                continue
            name = exchange.invocation.procedure
            if not name.startswith("@") or name in NEEDS_ROWS:
                continue
            key = (name, str(exchange.invocation.parameters)[:200], exchange.response.status)
            found.setdefault(key, exchange)
    return list(found.values())


def is_for_an_engine(exchange):
    if exchange.procedure != "@AdHoc":
        return False
    words = str(exchange.invocation.parameters[0].value).split(None, 1)
    return not words or words[0].upper() not in ("CREATE", "DROP", "ALTER", "PARTITION")


def is_about_rows(exchange):
    """Refused for what stands in the tables, or for SQL that only a planner reads."""
    text = exchange.response.status_string or ""
    return "CONSTRAINT VIOLATION" in text or (
        exchange.procedure == "@Explain" and exchange.response.status != 1
    )


def shape(response):
    return (
        response.status,
        response.status_string is None,
        [[(column.name, column.type_name) for column in table.columns] for table in response.tables],
    )


@pytest.mark.parametrize("name", CAPTURES)
def test_answers_have_the_columns_types_and_status_of_a_real_server(name):
    exchanges = system_calls(shared_captures_dir() / name)
    compared = 0
    with MockServer(schema=SCHEMA, partitions=2) as server, connected(server) as wire:
        server.handle("Sleep", None, types=(INTEGER, INTEGER), partitioned_on=0)
        for exchange in exchanges:
            if is_for_an_engine(exchange) or is_about_rows(exchange):
                continue
            handle = wire.start(exchange.procedure, *exchange.invocation.parameters)
            ours = wire.response()
            while ours.client_handle != handle:  # a push
                ours = wire.response()
            assert shape(ours) == shape(exchange.response), exchange.invocation
            if ours.status != 1:
                words, _, _ = ours.status_string.partition(". There are ")
                assert words == exchange.response.status_string
            compared += 1
    assert compared


def test_the_catalog_of_the_recorded_schema_is_the_recorded_one():
    with open_capture(shared_captures_dir() / "system-catalog.pcap") as capture:
        recorded = {
            exchange.invocation.parameters[0].value: exchange.response.tables[0].rows
            for exchange in capture
            if exchange.procedure == "@SystemCatalog" and exchange.response.tables
        }
    with MockServer(schema=SCHEMA) as server, connected(server) as wire:
        for selector in (
            "TABLES",
            "COLUMNS",
            "INDEXINFO",
            "PRIMARYKEYS",
            "TYPEINFO",
            "ROLES",
            "USERS",
            "FUNCTIONS",
        ):
            assert wire.call("@SystemCatalog", selector).tables[0].rows == recorded[selector], selector
        for selector in ("PROCEDURES", "PROCEDURECOLUMNS"):
            ours = wire.call("@SystemCatalog", selector).tables[0].rows
            names = {row[2] for row in ours} - {
                "Sleep",
                "Fail",
            }  # of classes: DDL doesn't say their parameters
            assert [row for row in ours if row[2] in names] == [
                row for row in recorded[selector] if row[2] in names
            ]
            assert len(names) >= 20


def test_ddl_of_the_recording_is_pushed_as_recorded():
    with MockServer(schema=SCHEMA) as server, connected(server) as wire:
        wire.call("@Subscribe", "TOPOLOGY")
        wire.start("@AdHoc", Parameter.of(STRING, "CREATE TABLE PUSHED (X INTEGER)"))
        (table,) = wire.pushed().tables
        assert "PUSHED.insert" in [row[2] for row in table.rows]
        assert wire.response().status == 1
