"""The server that clients of other languages call: procedures with answers of every kind."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from volttools.formats.geography import Geography, Point
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.topology import MULTI_PARTITION, HashRing
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, TYPES
from volttools.mock import MockServer
from volttools.mock.answers import Answer
from volttools.mock.overview import overview_table
from volttools.mock.server import DEFAULT_BUILD
from volttools.protocol.partitioning import owner

USER, PASSWORD = "op", "s\u00e9cret"
KEYS = set(range(40))
"""What the scenario "routes" votes with."""

PARTITIONS = 4

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
    server.handle("Vote", server.topology.host_id, types=(BIGINT, STRING), partitioned_on=0)
    return server


@contextmanager
def cluster() -> Iterator[list[MockServer]]:
    """Two nodes: the first leads partitions 0 and 2, the second 1 and 3, until a push says otherwise.

    What a node pushes is its own topology, in which it leads all.
    """
    started_ns = 1_767_323_045_000_000_000
    with (
        MockServer(partitions=PARTITIONS, host_id=0, started_ns=started_ns) as first,
        MockServer(partitions=PARTITIONS, host_id=1, started_ns=started_ns) as second,
    ):
        nodes = [first, second]
        overviews = [
            overview_table(
                host_id=node.topology.host_id,
                host=node.host,
                port=node.port,
                build=DEFAULT_BUILD,
                started_ms=started_ns // 10**6,
                uptime_ms=1,
            )
            for node in nodes
        ]
        overview = overviews[0].replace(rows=[row for table in overviews for row in table.rows])
        sites, ring = first.topology.tables()
        led = [(n, "0:0, 1:0", f"{n % 2}:0") for n in range(PARTITIONS)]
        sites = sites.replace(rows=[*led, (MULTI_PARTITION, "0:1, 1:1", "0:1")])
        for node in nodes:
            add_procedures(node)
            node.handle("@SystemInformation", overview)
            node.handle("@Statistics", [sites, ring])
        yield nodes


def voted(nodes: Sequence[MockServer]) -> dict[int, set[int]]:
    """The keys that were voted with, by the node that was asked."""
    return {
        node.topology.host_id: {call.params[0] for call in node.calls if call.procedure == "Vote"}
        for node in nodes
    }


def led_by(node: int, ring: HashRing, keys: Iterable[int]) -> set[int]:
    """The keys whose partitions a node of the cluster leads."""
    return {key for key in keys if owner(ring, key.to_bytes(8, "little")) % 2 == node}
