import pytest

from tests.monitor.answers import columns, profile
from volttools.client.results import ResultTable
from volttools.errors import UsageError
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.monitor import counters
from volttools.monitor.counters import Calls, ClientKey, Latencies, Memory, TableSize

MS = 10**6


def test_the_recorded_server_had_no_calls():
    assert counters.procedures(columns("PROCEDUREPROFILE")) == {}
    assert counters.clients(columns("INITIATOR")) == {}
    assert counters.latencies(columns("LATENCY")) == {
        0: ("vm", Latencies(5000, 0, 0, None, None, None, None, None))
    }


def test_the_recorded_memory_is_in_bytes():
    assert counters.memories(columns("MEMORY")) == {
        0: ("vm", Memory(1795448946818, 307600 * 1024, 30720 * 1024, 0))
    }


def test_the_recorded_tables_have_two_partitions_and_the_replicated_one_counts_once():
    replicated = counters.replicated_tables(columns("TABLES"))
    assert replicated == {"CONTESTANTS"}
    assert counters.tables(columns("TABLE"), replicated) == {
        "CONTESTANTS": TableSize("PersistentTable", 0, 2048 * 1024, 1, True),
        "VOTES": TableSize("PersistentTable", 0, 2 * 2048 * 1024, 2, False),
        "V_VOTES_BY_PHONE": TableSize("PersistentTable", 0, 2 * 2048 * 1024, 2, False),
    }


def part(name, host, partition, rows, memory=10, texts=1):
    return {
        "HOST_ID": host, "SITE_ID": partition, "PARTITION_ID": partition, "TABLE_NAME": name, "TUPLE_COUNT": rows,
        "TUPLE_ALLOCATED_MEMORY": memory, "STRING_DATA_MEMORY": texts,
    }  # fmt: skip


@pytest.mark.parametrize("is_known", [True, False])
def test_copies_of_a_partition_count_once(is_known):
    table = columns(
        "TABLE",
        *(part("VOTES", host, partition, 100 + partition) for partition in (0, 1) for host in (0, 1, 2)),
        *(part("CONTESTANTS", 0, partition, 6) for partition in (0, 1)),
        part("VOTES", 3, 1, 99),  # a copy that hasn't caught up
    )
    found = counters.tables(table, frozenset({"CONTESTANTS"}) if is_known else None)
    assert (found["VOTES"].rows, found["VOTES"].memory_bytes, found["VOTES"].partitions) == (
        201,
        22 * 1024,
        2,
    )
    assert found["CONTESTANTS"].rows == (6 if is_known else 12)
    assert found["CONTESTANTS"].is_replicated is (True if is_known else None)


def test_remarks_that_are_no_json_are_those_of_a_partitioned_table():
    table = Table.of(
        [("TABLE_NAME", STRING), ("REMARKS", STRING)], [("A", "by id"), ("B", "[]"), ("C", None)]
    )
    assert counters.replicated_tables(ResultTable(table, b"", 0)) == {"B", "C"}


def test_procedures_are_added_by_the_server():
    table = columns("PROCEDUREPROFILE", profile("Vote", 5, 700, ABORTS=2, FAILURES=1))
    assert counters.procedures(table) == {"Vote": Calls(5, 700, 5000, 2, 1)}


def test_a_connection_is_the_sum_of_its_procedures():
    one = {"HOST_ID": 1, "CONNECTION_ID": 7, "CONNECTION_HOSTNAME": "app"}
    table = columns(
        "INITIATOR",
        {**one, "PROCEDURE_NAME": "A", "INVOCATIONS": 1, "AVG_EXECUTION_TIME": 10, "MAX_EXECUTION_TIME": 10, "ABORTS": 1},
        {**one, "PROCEDURE_NAME": "B", "INVOCATIONS": 3, "AVG_EXECUTION_TIME": 2, "MAX_EXECUTION_TIME": 4, "FAILURES": 2},
        {**one, "HOST_ID": 2, "INVOCATIONS": 9},
    )  # fmt: skip
    assert counters.clients(table) == {
        ClientKey(1, 7, "app"): Calls(4, 4 * MS, 10 * MS, 1, 2, MS),
        ClientKey(2, 7, "app"): Calls(9, 0, 0, 0, 0, MS),
    }


def test_latencies_are_told_in_us():
    row = {
        "HOST_ID": 1,
        "HOSTNAME": "a",
        "INTERVAL": 5000,
        "COUNT": 10,
        "TPS": 2,
        "P50": 3,
        "P95": 4,
        "P99": 5,
    }
    found = counters.latencies(columns("LATENCY", {**row, "P99.9": 6, "MAX": 7}))
    assert found == {1: ("a", Latencies(5000, 10, 2, 3000, 4000, 5000, 6000, 7000))}


def test_a_table_without_the_columns_is_refused():
    table = ResultTable(Table.of([("TIMESTAMP", BIGINT)], []), b"", 0)
    with pytest.raises(UsageError, match="there is no column 'PROCEDURE'"):
        counters.procedures(table)
