"""A server for tests of the shell: a small catalog, SQL that is answered by its first word."""

import asyncio
import contextlib

from volttools.client import connect
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, INTEGER, STRING
from volttools.mock import Fault, MockServer
from volttools.shell.session import Session

TABLES = Table.of(
    [("TABLE_NAME", STRING), ("TABLE_TYPE", STRING), ("REMARKS", STRING)],
    [("VOTES", "TABLE", '{"partitionColumn":"PHONE"}'), ("PEOPLE", "TABLE", None)],
)
COLUMNS = Table.of(
    [
        ("TABLE_NAME", STRING),
        ("COLUMN_NAME", STRING),
        ("TYPE_NAME", STRING),
        ("COLUMN_SIZE", INTEGER),
        ("REMARKS", STRING),
        ("COLUMN_DEF", STRING),
        ("ORDINAL_POSITION", INTEGER),
        ("IS_NULLABLE", STRING),
    ],
    [
        ("VOTES", "NAME", "VARCHAR", 20, None, "'x'", 2, "YES"),
        ("VOTES", "PHONE", "BIGINT", 63, "PARTITION_COLUMN", None, 1, "NO"),
        ("PEOPLE", "ID", "INTEGER", 31, None, None, 1, "NO"),
    ],
)
KEYS = Table.of([("TABLE_NAME", STRING), ("COLUMN_NAME", STRING)], [("VOTES", "PHONE")])
VOTES = Table.of([("PHONE", BIGINT), ("NAME", STRING)], [(6175551212, "Ann"), (5, None)])
PLAN = 'RETURN RESULTS TO STORED PROCEDURE\n SEQUENTIAL SCAN of "VOTES"\n'


def catalog(call):
    found = {"TABLES": TABLES, "COLUMNS": COLUMNS, "PRIMARYKEYS": KEYS}.get(call.params[0])
    return call.default() if found is None else found


async def sql(call):
    text = call.params[0].lower()
    match text.split()[0]:
        case "select":
            return VOTES
        case "insert":
            return Table.of([("modified_tuples", BIGINT)], [(1,)])
        case "create":
            return Table.of([("STATUS", BIGINT)], [(0,)])
        case "wait":
            await asyncio.sleep(60)
        case "hangup":
            return Fault(sends="nothing", then="close")
    return Response(status=-2, status_string=f"unexpected token: {text.split()[0].upper()}")


@contextlib.contextmanager
def answering(**settings):
    with MockServer(**settings) as server:
        server.where = f"{server.host}:{server.port}"
        server.handle("@SystemCatalog", catalog)
        server.handle("@AdHoc", sql)
        server.handle("@Explain", Table.of([("EXECUTION_PLAN", STRING)], [(PLAN,)]))
        server.handle(
            "Vote", lambda call: [(call.params[0], "counted")], types=[BIGINT, STRING], partitioned_on=0
        )
        yield server


@contextlib.contextmanager
def session_with(server, **settings):
    """A session that is connected."""

    def dial(hosts, **more):
        return connect(list(hosts) or server.where, **more)

    session = Session(dial, **settings)
    session.connect()
    try:
        yield session
    finally:
        session.close()
        session.recording.finish()
