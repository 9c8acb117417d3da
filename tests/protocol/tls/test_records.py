"""Records from bytes in any pieces, and past holes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.tls.forged import record
from volttools.formats.tls import APPLICATION_DATA, HANDSHAKE
from volttools.protocol.tls.records import CUT, Hole, RecordReader, TlsRecord

BODIES = [b"first" * 10, b"2", b"third" * 200]
RECORDS = [record(APPLICATION_DATA, body) for body in BODIES]
STREAM = b"".join(RECORDS)


def reader(believes=lambda record, lost: True):
    return RecordReader(believes)


def bodies(items):
    """Bodies of records and lengths of holes, without the beginnings of holes."""
    found = [item.body if isinstance(item, TlsRecord) else item.length for item in items]
    return [one for one in found if one != 0]


def test_a_record_has_the_time_of_its_last_byte():
    r = reader()
    assert list(r.feed(RECORDS[0][:20], 1)) == []
    (found,) = r.feed(RECORDS[0][20:] + RECORDS[1][:3], 2)
    assert (found.body, found.seen_at_ns, found.bytes_on_wire) == (BODIES[0], 2, 55)


@given(st.lists(st.integers(1, 400)))
def test_bytes_come_in_any_pieces(sizes):
    r, rest, found = reader(), STREAM, []
    for size in sizes:
        found += r.feed(rest[:size], 0)
        rest = rest[size:]
    found += r.feed(rest, 0)
    assert bodies(found) == BODIES
    assert list(r.close(0)) == []


def test_a_hole_inside_a_record_costs_that_record():
    r = reader()
    assert bodies(r.feed(STREAM[:20], 1)) == []
    (hole,) = r.gap(10, 2, "missing")
    assert (hole.length, hole.records, hole.reason, hole.seen_at_ns) == (55, 1, "missing", 2)
    assert bodies(r.feed(STREAM[30:], 3)) == BODIES[1:]


def test_two_holes_inside_a_record_are_one():
    r = reader()
    items = [
        *r.feed(STREAM[:8], 1),
        *r.gap(10, 2, "missing"),
        *r.feed(STREAM[18:25], 3),
        *r.gap(10, 4, "missing"),
    ]
    assert bodies([*items, *r.feed(STREAM[35:], 5)]) == [55, *BODIES[1:]]


def test_a_hole_to_the_end_of_a_record_leaves_the_next():
    r = reader()
    items = [*r.feed(STREAM[:8], 1), *r.gap(47, 2, "missing"), *r.feed(STREAM[55:], 3)]
    assert bodies(items) == [55, *BODIES[1:]]


@pytest.mark.parametrize("start", [0, 3, 8, 40])
@pytest.mark.parametrize("end", [57, 61, 100])
def test_behind_a_hole_over_a_head_the_next_record_is_found(start, end):
    r = reader()
    items = [*r.feed(STREAM[:start], 1), *r.gap(end - start, 2, "missing"), *r.feed(STREAM[end:], 3)]
    found = bodies(items)
    whole = [body for at, body in zip((0, 55, 61), BODIES, strict=True) if at >= end]
    assert [body for body in found if isinstance(body, bytes)] == whole
    lost = sum(length for length in found if isinstance(length, int))
    left = sum(item.length for item in r.close(4))
    assert lost + left + sum(map(len, whole)) + 5 * len(whole) == len(STREAM)


def test_what_is_found_must_be_believed():
    asked = []

    def believes(found, lost):
        asked.append((found.body, lost))
        return found.body == BODIES[2]

    r = reader(believes)
    items = [*r.gap(10, 1, "missing"), *r.feed(b"garbage" + STREAM, 2)]
    assert bodies(items) == [10 + 7 + 55 + 6, BODIES[2]]
    assert asked == [(BODIES[0], 17), (BODIES[1], 72), (BODIES[2], 78)]


def test_a_head_that_promises_too_much_is_passed_over_at_the_end():
    r = reader()
    items = [*r.gap(10, 1, "missing"), *r.feed(bytes.fromhex("1703034000") + STREAM, 2)]
    assert items == [Hole(0, None, 1, "missing")]
    assert bodies(r.close(3)) == [10 + 5, *BODIES]


def test_a_hole_while_one_searches_ends_the_waiting_for_a_wrong_record():
    r = reader()
    items = [*r.gap(10, 1, "missing"), *r.feed(bytes.fromhex("1703034000"), 2), *r.gap(7, 3, "missing")]
    items += r.feed(STREAM, 4)
    assert bodies(items) == [22, *BODIES]


def test_bytes_that_are_no_record_are_searched():
    r = reader()
    items = list(r.feed(RECORDS[0] + b"garbage" + RECORDS[1], 1))
    assert bodies(items) == [BODIES[0], 7, BODIES[1]]
    assert items[2].reason == "no TLS record begins where one should"


def test_a_record_that_is_cut_at_the_end_is_told():
    r = reader()
    assert list(r.feed(RECORDS[0][:-1], 1)) == []
    assert list(r.close(2)) == [Hole(54, 1, 2, CUT)]
    assert list(r.close(3)) == []


def test_memory_is_bounded_while_one_searches():
    r = reader(lambda record, lost: False)
    list(r.gap(10, 1, "missing"))
    for _ in range(50):
        list(r.feed((bytes.fromhex("1603030010") + bytes(100)) * 100, 1))
        assert len(r._buffer) < 2**15


@given(
    st.lists(
        st.one_of(st.integers(1, 100), st.binary(min_size=1, max_size=60), st.just(RECORDS[0])), max_size=12
    )
)
def test_every_byte_is_in_a_record_or_in_a_hole(steps):
    r = reader(lambda record, lost: record.header.content_type != HANDSHAKE)
    items, total = [], 0
    for step in steps:
        total += step if isinstance(step, int) else len(step)
        items += r.gap(step, 0, "missing") if isinstance(step, int) else r.feed(step, 0)
    items += r.close(0)
    lengths = [item.length if isinstance(item, Hole) else item.bytes_on_wire for item in items]
    # A hole in the last record may reach beyond what was sent.
    assert sum(lengths) >= total
    if not any(isinstance(item, Hole) and item.records for item in items):
        assert sum(lengths) == total
