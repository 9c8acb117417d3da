"""The server that clients of other languages call: procedures with answers of every kind."""

import math
from decimal import Decimal

from volttools.formats.geography import Geography, Point
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, TYPES
from volttools.mock import MockServer
from volttools.mock.answers import Answer

USER, PASSWORD = "op", "s\u00e9cret"
KEYS = set(range(40))
"""What the scenario "routes" votes with."""

PARTITIONS = 4
NEVER_S = 10_000.0

_NAMES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "STRING", "TIMESTAMP", "DECIMAL", "VARBINARY")
_ROWS = [
    (1, -2, 3, -4, 5.5, 'h\u00e9\n"\u20ac', 1_700_000_000_123_456, Decimal("-2.5"), b"\x00\x7f\xff"),
    (127, 2**15 - 1, 2**31 - 1, 2**63 - 1, 1e300, "", 0, Decimal(10**25), b""),
    (-127, -(2**15) + 1, -(2**31) + 1, -(2**63) + 1, -1e-300, "x" * 2000, -1, Decimal("1e-12"), b"\x00" * 3),
    (None,) * len(_NAMES),
]
TABLE = Table.of([(name, TYPES.by_name(name)) for name in _NAMES], _ROWS)
"""Every type that all clients read; names are types."""

PLACES = Table.of(
    [("P", TYPES.by_name("GEOGRAPHY_POINT")), ("G", TYPES.by_name("GEOGRAPHY"))],
    [(Point(1.5, -2.5), Geography.from_wkt("POLYGON ((0 0, 3 0, 3 3, 0 0))")), (None, None)],
)
ODD = Table.of([("F", FLOAT)], [(math.inf,)])  # -inf is NULL to Java and not to us

FAILURES: dict[str, Answer] = {
    "abort": ValueError("given up: \u00fc"),
    "app status": Response(app_status=5, app_status_string="quite well", tables=[ODD]),
    "unavailable": Response(status=-5, status_string="Server is shutting down."),
    "unexpected": Response(status=-3, status_string="VOLTDB ERROR: UNEXPECTED FAILURE: what", app_status=-1),
}


def add_procedures(server: MockServer, tables: tuple[Table, ...] = (TABLE,)) -> MockServer:
    """Let a server answer what the programs call."""
    server.handle("Take", 0)  # a table: the Rust client gives up on responses without one
    server.handle("Table", list(tables))
    server.handle("Fail", lambda call: FAILURES[call.params[0]])
    server.handle("Echo", lambda call: call.params[0])
    server.handle("Which", lambda call: call.params[0], types=(INTEGER,), partitioned_on=0)
    server.handle("Vote", lambda call: call.connection.host_id, types=(BIGINT, STRING), partitioned_on=0)
    return server


def cluster() -> MockServer:
    """Two nodes, each with a copy of every partition; nothing is pushed but on demand."""
    return MockServer(nodes=2, partitions=PARTITIONS, tick_s=NEVER_S)


def voted(server: MockServer) -> dict[int, int]:
    """The keys that were voted with, and the node that each was sent to."""
    return {call.params[0]: call.connection.host_id for call in server.calls if call.procedure == "Vote"}


def leaders(server: MockServer) -> dict[int, int]:
    """The same as it should be."""
    topology = server.topology
    return {key: topology.leader(topology.partition_of(BIGINT, key)) for key in KEYS}
