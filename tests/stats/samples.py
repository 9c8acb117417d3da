"""Calls to count, made by hand."""

from __future__ import annotations

from tests.protocol.wire import call
from volttools.codec import build
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.protocol.events import Connection, Direction, Exchange, Frame

MS = 1_000_000
START_NS = 1_700_000_000 * 1000 * MS


def frame(direction, body, time_ns, began_ns=None):
    return Frame(
        direction=direction,
        body=body,
        length=len(body),
        offset=0,
        seen_at_ns=time_ns,
        began_at_ns=time_ns if began_ns is None else began_ns,
    )


def exchange(
    procedure="Vote",
    *parameters,
    number=1,
    sent_ms=0,
    latency_ms=1,
    status=1,
    rows=0,
    cluster_ms=0,
    transfer_ms=0,
    connection=1,
):
    """A call; without an answer if `latency_ms` is None, and without times if `sent_ms` is."""
    sent_ns = None if sent_ms is None else START_NS + round(sent_ms * MS)
    made = Exchange(
        connection=Connection(number=connection, client=f"10.0.0.1:{connection}", user="ann"),
        number=number,
        procedure=procedure,
        client_handle=number,
        request_frame=frame(Direction.CLIENT, call(procedure, number, *parameters), sent_ns),
    )
    if latency_ms is None:
        return made
    table = Table.of([("ID", BIGINT)], [(row,) for row in range(rows)])
    body = build(Response(client_handle=number, status=status, tables=[table], cluster_rtt_ms=cluster_ms))
    ended_ns = None if sent_ns is None else sent_ns + round(latency_ms * MS)
    began_ns = None if ended_ns is None else ended_ns - round(transfer_ms * MS)
    made.status = status
    made.response_frame = frame(Direction.SERVER, body, ended_ns, began_ns)
    return made
