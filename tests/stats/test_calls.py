from dataclasses import replace

import pytest

from tests.stats.samples import MS, START_NS, exchange, frame
from volttools.protocol.events import Direction
from volttools.render.outcomes import status_kind
from volttools.stats.calls import Call, call_of


def test_all_that_is_counted_is_told():
    call = exchange(number=7, sent_ms=5, latency_ms=3, rows=4, cluster_ms=2, transfer_ms=1)
    assert call_of(call) == Call(
        number=7,
        status="SUCCESS",
        began_ns=START_NS + 5 * MS,
        ended_ns=START_NS + 8 * MS,
        latency_ns=3 * MS,
        request_bytes=call.request_frame.bytes_on_wire,
        response_bytes=call.response_frame.bytes_on_wire,
        rows=4,
        cluster_ns=2 * MS,
        transfer_ns=1 * MS,
    )


def without_request(call):
    return replace(call, request_frame=None, request_lost=True)


def with_part_of_answer(call):
    frame = replace(call.response_frame, missing=[(20, 30)], closed_by="fin")
    return replace(call, response_frame=frame)


def with_answer_that_cannot_be_read(call):
    broken = frame(Direction.SERVER, call.response_frame.body[:12], START_NS + MS)
    return replace(call, response_frame=broken, status=None)


CHANGES = [
    lambda call: call,
    without_request,
    with_part_of_answer,
    with_answer_that_cannot_be_read,
    lambda call: replace(call, response_frame=None, status=None),
    lambda call: replace(call, response_frame=None, status=None, response_lost=True),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("times", [{}, {"latency_ms": -1}, {"sent_ms": None}])
def test_it_is_what_the_exchange_says_of_itself(change, times):
    call = change(exchange(rows=2, status=-2, **times))
    found = call_of(call)
    assert (found.status, found.began_ns, found.ended_ns) == (status_kind(call), call.time_ns, call.ended_ns)
    latency_ns = call.latency_ns
    assert found.latency_ns == (latency_ns if latency_ns is not None and latency_ns >= 0 else None)
    assert (found.cluster_ns, found.rows) == ((None, 0) if call.response is None else (0, 2))
