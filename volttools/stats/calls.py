"""What is counted of a call: a few numbers, read without the rows of its answer."""

from __future__ import annotations

from typing import Final, NamedTuple

from volttools.codec import parser
from volttools.errors import DecodeError
from volttools.formats.response import ResponseOutline, status_name
from volttools.protocol.events import Exchange
from volttools.render.outcomes import status_kind

NS_PER_MS: Final = 1_000_000

_read_outline = parser(ResponseOutline)


class Call(NamedTuple):
    """A call, as far as it is counted; times are ns, sizes bytes with the length before them.

    status       in words, "no answer" and its kin among them
    began_ns     when the request was seen, or else the answer; None in a capture without times
    ended_ns     when it was over, as far as it was
    latency_ns   None if it isn't known, or below 0 by the capture's clock
    rows         of all tables together, as the tables say
    cluster_ns   what the server says it took; None if there is no answer that can be read
    transfer_ns  from the answer's first byte to its last
    """

    number: int
    status: str
    began_ns: int | None
    ended_ns: int | None
    latency_ns: int | None
    request_bytes: int
    response_bytes: int
    rows: int
    cluster_ns: int | None
    transfer_ns: int


def call_of(exchange: Exchange) -> Call:
    """What is counted of an exchange. Neither parameters nor rows are read."""
    request, answer = exchange.request_frame, exchange.response_frame
    sent_ns = None if request is None else request.seen_at_ns
    request_bytes = 0 if request is None else request.bytes_on_wire
    if answer is None:
        return Call(
            exchange.number, status_kind(exchange), sent_ns, sent_ns, None, request_bytes, 0, 0, None, 0
        )
    seen_ns = answer.seen_at_ns
    latency_ns: int | None = None
    transfer_ns = 0
    began_ns = ended_ns = seen_ns if sent_ns is None else sent_ns
    if seen_ns is not None and sent_ns is not None:
        if seen_ns >= sent_ns:
            ended_ns = seen_ns
            if answer.closed_by is None:
                latency_ns = seen_ns - sent_ns
        if answer.began_at_ns is not None:
            transfer_ns = seen_ns - answer.began_at_ns
    rows, cluster_ns, status = 0, None, exchange.status
    if not answer.missing:
        try:
            outline = _read_outline(answer.body)
        except DecodeError:
            pass
        else:
            cluster_ns = outline.cluster_rtt_ms * NS_PER_MS
            for table in outline.tables:
                rows += max(0, table.row_count)
    return Call(
        exchange.number,
        status_kind(exchange) if answer.missing or status is None else status_name(status),
        began_ns,
        ended_ns,
        latency_ns,
        request_bytes,
        answer.bytes_on_wire,
        rows,
        cluster_ns,
        transfer_ns,
    )
