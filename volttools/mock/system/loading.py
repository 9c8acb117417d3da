"""@LoadSinglepartitionTable, @LoadMultipartitionTable: rows are checked against the schema, and counted.

Source: LoadSinglepartitionTable.java, LoadMultipartitionTable.java of the server; recording bulk-load.pcap.
"""

from __future__ import annotations

from typing import Any

from volttools.formats.response import GRACEFUL_FAILURE, UNEXPECTED_FAILURE, USER_ABORT, Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, TYPES
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.schema.model import Table as DeclaredTable
from volttools.mock.system.facts import Facts, SystemProcedure

_ABORT = "VOLTDB ERROR: USER ABORT "


class Loading:
    """What bulk loaders call."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {
            "@LoadSinglepartitionTable": self._single_partition,
            "@LoadMultipartitionTable": self._multi_partition,
        }

    def _single_partition(self, call: Call) -> Response:
        if len(call.params) != 4:
            return Response(status=UNEXPECTED_FAILURE)  # without a word, as observed
        _, name, upsert, rows = call.params
        return self._load(name, upsert, rows, is_single=True)

    def _multi_partition(self, call: Call) -> Response:
        if len(call.params) != 3:
            text = (
                f"VOLTDB ERROR: PROCEDURE {call.procedure} EXPECTS 3 PARAMS, BUT RECEIVED {len(call.params)}"
            )
            return failure(GRACEFUL_FAILURE, text)
        return self._load(*call.params, is_single=False)

    def _load(self, name: Any, upsert: Any, rows: Any, *, is_single: bool) -> Response:
        table = self._facts.procedures.declarations.schema.table(str(name))
        if table is None or not isinstance(rows, Table):
            return failure(USER_ABORT, f"{_ABORT}Table not present in catalog.")
        problem = _wrong_table(table, bool(upsert), is_single) or _wrong_rows(table, rows)
        if problem is not None:
            return failure(USER_ABORT, _ABORT + problem)
        self._facts.counters.changed_rows(table.name, len(rows.rows))
        return Response(tables=[Table.of([("", BIGINT)], [(len(rows.rows),)])])


def _wrong_table(table: DeclaredTable, is_upsert: bool, is_single: bool) -> str | None:
    what = (
        "LoadingSinglePartionTable" if is_single else "LoadMultipartitionTable"
    )  # the server's own spelling
    if is_single and table.partition_column is None:
        return f"LoadSinglepartitionTable incompatible with replicated table {table.name}."
    if is_upsert and table.primary_key is None:
        return (
            f"The --update argument cannot be used for {what} because the table {table.name} does not have a primary "
            "key. Either remove the --update argument or add a primary key to the table."
        )
    if table.kind == "VIEW":
        action = "upsert" if is_upsert else "insert"
        return f"Unable to locate auto-generated CRUD {action} statement for table {table.name}"
    if not is_single and table.partition_column is not None:
        return "LoadMultipartitionTable no longer supports loading partitioned tables use CRUD procs instead"
    return None


def _wrong_rows(table: DeclaredTable, rows: Table) -> str | None:
    """What the rows of a call are not: the table's number of columns, of types that become theirs."""
    if len(rows.columns) != len(table.columns):
        return f"{table.name} has {len(table.columns)} columns, and the rows to be loaded have {len(rows.columns)}."
    for column, given in zip(table.columns, rows.columns, strict=True):
        kind = TYPES.by_code(given.type)
        if kind is None or not _becomes(kind.name, column.type.wire.name):
            return (
                f"Column {column.name} of {table.name} is {column.type.name}, and the rows to be loaded have "
                f"{TYPES.name_of(given.type)} there."
            )
    for position, column in enumerate(table.columns):
        if not column.nullable and any(row[position] is None for row in rows.rows):
            return f"Column {column.name} of {table.name} is NOT NULL, and a row to be loaded has NULL there."
    return None


_INTEGERS = frozenset(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"))


def _becomes(given: str, wanted: str) -> bool:
    if given == wanted or given == "STRING" or wanted == "STRING":
        return True
    if given in _INTEGERS:
        return wanted in _INTEGERS or wanted in ("FLOAT", "DECIMAL", "TIMESTAMP")
    return given in ("FLOAT", "DECIMAL") and wanted in ("FLOAT", "DECIMAL")
