"""Tables, columns, procedures and plans as people want to see them, from what @SystemCatalog and @Explain tell."""

from __future__ import annotations

import json
from typing import Any

from volttools.client.results import Result
from volttools.client.signatures import position_of
from volttools.errors import UsageError
from volttools.formats.table import Table
from volttools.formats.types import STRING
from volttools.shell.catalog import rows_of
from volttools.words import nearest

_SIZED = frozenset(("VARCHAR", "VARBINARY"))


def tables(answer: Result) -> Table:
    """Tables, views and streams, and by which column they are partitioned."""
    rows: list[tuple[Any, ...]] = []
    for row in rows_of(answer):
        facts = _facts(row.get("REMARKS"))
        rows.append((row["TABLE_NAME"], row["TABLE_TYPE"], facts.get("partitionColumn")))
    return Table.of([("TABLE", STRING), ("KIND", STRING), ("PARTITIONED_ON", STRING)], rows)


def columns(answer: Result, keys: Result, name: str) -> Table:
    """The columns of a table in their order. UsageError if there is no such table."""
    every = rows_of(answer)
    wanted = name.upper()
    found = [row for row in every if str(row["TABLE_NAME"]).upper() == wanted]
    if not found:
        like = nearest(name, {str(row["TABLE_NAME"]) for row in every})
        raise UsageError(
            f"there is no table {name}; {f'did you mean {like}?' if like else 'see show tables'}"
        )
    primary = {row["COLUMN_NAME"] for row in rows_of(keys) if str(row["TABLE_NAME"]).upper() == wanted}
    rows: list[tuple[Any, ...]] = []
    for row in sorted(found, key=lambda row: row.get("ORDINAL_POSITION") or 0):
        kind = str(row["TYPE_NAME"])
        if kind in _SIZED and row.get("COLUMN_SIZE"):
            kind += f"({row['COLUMN_SIZE']})"
        remarks = ["primary key"] if row["COLUMN_NAME"] in primary else []
        if row.get("REMARKS") == "PARTITION_COLUMN":
            remarks.append("partition column")
        null = "not null" if row.get("IS_NULLABLE") == "NO" else ""
        rows.append((row["COLUMN_NAME"], kind, null, row.get("COLUMN_DEF"), ", ".join(remarks)))
    heads = [(head, STRING) for head in ("COLUMN", "TYPE", "NULLS", "DEFAULT", "KEY")]
    return Table.of(heads, rows)


def procedures(answer: Result, parameters: Result, part: str) -> Table:
    """Procedures whose names have a part in them, the types of their parameters, and where they run."""
    types: dict[str, list[tuple[int, str]]] = {}
    for row in rows_of(parameters):
        position = position_of(row)
        if position is None:
            continue
        is_array = row.get("REMARKS") == "ARRAY_PARAMETER"
        text = f"{row['TYPE_NAME']}{'[]' if is_array else ''}"
        types.setdefault(row["PROCEDURE_NAME"], []).append((position, text))
    rows: list[tuple[Any, ...]] = []
    for row in rows_of(answer):
        name = str(row["PROCEDURE_NAME"])
        if part.lower() not in name.lower():
            continue
        facts = _facts(row.get("REMARKS"))
        taken = ", ".join(text for _, text in sorted(types.get(name, [])))
        where = "one partition" if facts.get("singlePartition") else "all partitions"
        rows.append((name, taken, "reads" if facts.get("readOnly") else "writes", where))
    heads = [(head, STRING) for head in ("PROCEDURE", "PARAMETERS", "DOES", "RUNS_ON")]
    return Table.of(heads, rows)


def plan(answer: Result) -> str:
    """Execution plans as text; each below what it is the plan of, where the answer tells."""
    parts = []
    for table in answer.tables:
        for row in table.rows:
            *of, text = ("" if value is None else str(value).rstrip() for value in row)
            parts.append("\n".join([*of, text]))
    return "\n\n".join(parts)


def _facts(remarks: Any) -> dict[str, Any]:
    """What is said in JSON; nothing where it is none."""
    try:
        found = json.loads(remarks or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
