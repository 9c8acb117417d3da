"""Answers of @Statistics with the columns of a real server; see tests/golden/statistics.json.

The tables there are those of system-statistics.pcap and system-catalog.pcap, of which some rows are left out.
That server had not been called yet, so rows of PROCEDUREPROFILE and INITIATOR are made here.
"""

import json
from pathlib import Path

from volttools.client.results import ResultTable
from volttools.formats.table import Table
from volttools.formats.types import TYPES
from volttools.mock.answers import failure

RECORDED = json.loads((Path(__file__).parent.parent / "golden" / "statistics.json").read_text())


def table(selector, *dicts):
    """The recorded table, or one of its columns with other rows: dicts, what isn't in them being 0 or ""."""
    recorded = RECORDED[selector]
    columns = [(name, TYPES.by_name(kind)) for name, kind in recorded["columns"]]
    rows = [tuple(row) for row in recorded["rows"]]
    if dicts:
        assert {key for given in dicts for key in given} <= {name for name, _ in columns}
        empty = {name: "" if kind.name == "STRING" else 0 for name, kind in columns}
        rows = [tuple({**empty, **given}.values()) for given in dicts]
    return Table.of(columns, rows)


def columns(selector, *dicts):
    """The same, as a client sees it."""
    return ResultTable(table(selector, *dicts), b"", 0)


def profile(name, calls, avg=1000, **more):
    return {"PROCEDURE": name, "INVOCATIONS": calls, "AVG": avg, "MAX": 5000, **more}


def handle_statistics(server, **tables):
    """Let a mock server answer: selector -> Table, a function that gives one, or a text that refuses it."""

    def answer(call):
        found = tables.get(call.params[0])
        if found is None:
            found = table(call.params[0]) if call.params[0] in RECORDED else "no such selector"
        if callable(found):
            found = found()
        return failure(-2, found) if isinstance(found, str) else found

    server.handle("@Statistics", answer)
    server.handle("@SystemCatalog", lambda call: table("TABLES"))
