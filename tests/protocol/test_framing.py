"""Frames out of bytes: whole, torn, holed, lost and found again."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed, frames_of
from volttools.formats.frame import ServerFull
from volttools.protocol.events import Damage, Direction, Frame
from volttools.protocol.framing import FrameReader

SERVER = Direction.SERVER
CLIENT = Direction.CLIENT
ANSWERS = [answer(n, rows=n % 5) for n in range(1, 9)]


def read(reader, *chunks, kind=None):
    items = []
    for chunk in chunks:
        items += reader.feed(chunk)
    if kind is not None:
        items += reader.close(kind)
    return items


def bodies(items):
    return [frame.body for frame in frames_of(items)]


def damage(items):
    return [(item.what, item.offset, item.length) for item in items if isinstance(item, Damage)]


# -- whole streams -------------------------------------------------------------------------


def test_one_chunk_holds_many_frames():
    items = read(FrameReader(SERVER), b"".join(map(framed, ANSWERS)))
    assert bodies(items) == ANSWERS
    assert [frame.offset for frame in items][:2] == [0, len(framed(ANSWERS[0]))]


@given(st.lists(st.integers(1, 40), max_size=30))
def test_split_anywhere_gives_the_same_frames(sizes):
    stream = b"".join(map(framed, [ACCEPTED, *ANSWERS]))
    chunks, position = [], 0
    for size in sizes:
        chunks.append(stream[position : position + size])
        position += size
    chunks.append(stream[position:])
    items = read(FrameReader(SERVER), *filter(None, chunks), kind="fin")
    assert bodies(items) == [ACCEPTED, *ANSWERS]
    assert not damage(items)
    assert [frame.offset for frame in items] == [
        sum(len(framed(body)) for body in [ACCEPTED, *ANSWERS][:n]) for n in range(len(ANSWERS) + 1)
    ]


def test_times_are_those_of_the_first_and_the_last_byte():
    reader = FrameReader(SERVER)
    whole = framed(ANSWERS[2])
    reader.feed(whole[:2], 100)
    reader.feed(whole[2:20], 200)
    (frame,) = reader.feed(whole[20:], 300)
    assert (frame.began_at_ns, frame.seen_at_ns) == (100, 300)


def test_a_large_frame_in_tiny_chunks_takes_linear_time():
    body = answer(1, rows=40_000)
    stream = framed(body)
    reader = FrameReader(SERVER)
    items = []
    for position in range(0, len(stream), 7):
        items += reader.feed(stream[position : position + 7])
    assert bodies(items) == [body]


def test_a_claimed_length_allocates_nothing():
    reader = FrameReader(SERVER)
    start = bytes.fromhex("3fffffff") + answer(1)[:30]
    tracemalloc.start()
    try:
        read(reader, start)
        reader.gap(2**29)
        read(reader, bytes(100))
        (found,) = reader.close("end of capture")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert found.frame.length == 2**30 - 1
    assert found.frame.missing == [(30, 2**30 - 1)]
    assert len(found.frame.body) == 30


@pytest.mark.parametrize("direction", Direction)
def test_what_waits_for_more_bytes_is_no_rest(direction):
    whole = framed(call("A", 1) if direction is CLIENT else answer(1))
    for length in range(len(whole) + 1):
        reader = FrameReader(direction)
        reader.feed(whole[:length])
        assert reader.has_unread == (0 < length < len(whole))
        assert reader.is_idle != reader.has_unread


def test_a_search_has_unread_bytes_and_is_never_idle():
    reader = FrameReader(SERVER, at_start=False)
    assert (reader.has_unread, reader.is_idle) == (False, False)
    reader.feed(framed(answer(1))[:20])
    assert (reader.has_unread, reader.is_idle) == (True, False)


def test_bytes_that_begin_like_no_message_of_a_side_are_searched():
    strange = (20).to_bytes(4, "big") + b"\x01" + bytes(19)
    assert damage(read(FrameReader(SERVER), strange + framed(answer(1)), kind="fin")) == [
        ("unreadable", 0, len(strange))
    ]
    assert bodies(read(FrameReader(CLIENT), strange + framed(call("A", 1)), kind="fin"))[0] == strange[4:]


def test_in_midstream_a_length_is_not_believed_for_what_follows_it():
    strange = (5).to_bytes(4, "big") + bytes(5)
    items = read(FrameReader(CLIENT, at_start=False), strange + framed(call("A", 1)), kind="fin")
    assert damage(items) == [("midstream", 0, len(strange))]
    assert bodies(items) == [call("A", 1)]


# -- holes ---------------------------------------------------------------------------------


def test_a_hole_inside_a_body_leaves_a_frame_with_missing_bytes():
    reader = FrameReader(SERVER)
    whole = framed(ANSWERS[3])
    first = read(reader, whole[:30])
    told = reader.gap(10)
    items = first + told + read(reader, whole[40:] + framed(ANSWERS[4]))
    assert damage(items) == [("gap", 30, 10)]
    partial, following = frames_of(items)
    assert partial.missing == [(26, 36)]
    assert partial.body == ANSWERS[3][:26] + bytes(10) + ANSWERS[3][36:]
    assert following.body == ANSWERS[4]
    assert not following.after_gap
    assert not told[0].lost_boundary


def test_a_hole_to_the_end_of_a_frame_keeps_the_boundary():
    reader = FrameReader(SERVER)
    whole = framed(ANSWERS[3])
    items = read(reader, whole[:30]) + reader.gap(len(whole) - 30)
    items += read(reader, framed(ANSWERS[4]))
    partial, following = frames_of(items)
    assert partial.missing == [(26, len(ANSWERS[3]))]
    assert len(partial.body) == 26
    assert not following.after_gap


def test_behind_a_hole_over_a_length_the_next_frame_is_found():
    reader = FrameReader(SERVER)
    one, two, three = map(framed, ANSWERS[3:6])
    items = read(reader, one[:30]) + reader.gap(len(one) - 30 + 10)
    items += read(reader, two[10:] + three)
    assert items[0].lost_boundary
    partial, found = frames_of(items)
    assert not partial.is_whole
    assert found.body == ANSWERS[5]
    assert found.after_gap
    assert damage(items)[1] == ("unreadable", len(one) + 10, len(two) - 10)


def test_a_frame_cut_by_a_second_hole_is_found_by_its_head():
    reader = FrameReader(SERVER)
    one, two = framed(ANSWERS[3]), framed(answer(9, rows=30))
    items = reader.gap(len(one)) + read(reader, two[:60]) + reader.gap(len(two) - 60)
    (frame,) = frames_of(items)
    assert frame.after_gap
    assert frame.missing == [(56, len(two) - 4)]
    assert frame.offset == len(one)


def test_a_snap_length_is_named_as_such():
    (found,) = FrameReader(SERVER).gap(7, reason="snap length")
    assert found.what == "snap length"
    assert found.message == "7 bytes of a packet were cut off: capture with a larger snap length"


# -- beginning in the middle -----------------------------------------------------------------


def test_a_stream_that_begins_with_a_whole_frame_lost_nothing():
    items = read(FrameReader(SERVER, at_start=False), framed(ANSWERS[2]))
    assert bodies(items) == [ANSWERS[2]]
    assert not frames_of(items)[0].after_gap


def test_a_stream_that_begins_in_a_frame_is_read_from_the_next_one_on():
    rest = framed(answer(1, rows=200))[1500:]
    items = read(FrameReader(SERVER, at_start=False), rest, framed(ANSWERS[2]), framed(ANSWERS[3]))
    assert damage(items) == [("midstream", 0, len(rest))]
    assert bodies(items) == [ANSWERS[2], ANSWERS[3]]
    assert [frame.after_gap for frame in frames_of(items)] == [True, False]


def test_a_frame_in_the_middle_of_a_segment_is_found():
    rest = framed(answer(1, rows=200))[1500:]
    items = read(FrameReader(SERVER, at_start=False), rest + framed(ANSWERS[2]) + framed(ANSWERS[3]))
    assert bodies(items) == [ANSWERS[2], ANSWERS[3]]


# -- wrong lengths ---------------------------------------------------------------------------


@pytest.mark.parametrize("length", ["00000000", "ffffffff", "80000000", "40000001"])
def test_a_length_that_cannot_be_is_passed_over(length):
    bad = bytes.fromhex(length) + ANSWERS[2]
    items = read(FrameReader(SERVER), framed(ANSWERS[1]), bad, framed(ANSWERS[3]))
    assert bodies(items) == [ANSWERS[1], ANSWERS[3]]
    assert damage(items) == [("unreadable", len(framed(ANSWERS[1])), len(bad))]


@pytest.mark.parametrize("extra", [1, 20, 3_000, 70_000, 2**24])
def test_a_length_that_is_too_large_swallows_one_frame_only(extra):
    bad = bytearray(framed(ANSWERS[0]))
    bad[:4] = (len(ANSWERS[0]) + extra).to_bytes(4, "big")
    chunks = [framed(body) for body in ANSWERS[1:]]
    items = read(FrameReader(SERVER), bytes(bad), *chunks, kind="end of capture")
    assert [body for body in bodies(items) if body in ANSWERS] == ANSWERS[1:]
    assert damage(items)


def test_a_length_that_is_too_large_is_found_out_within_a_segment():
    bad = bytearray(framed(call("A", 1)))
    bad[1] = 0x10
    others = [call("B", 2), call("C", 3), call("D", 4)]
    items = read(FrameReader(CLIENT), bytes(bad) + b"".join(map(framed, others)))
    assert bodies(items) == others


def test_a_length_that_is_too_small_loses_its_frame_only():
    bad = bytearray(framed(answer(1, rows=50)))
    bad[:4] = (40).to_bytes(4, "big")
    items = read(FrameReader(SERVER), bytes(bad), framed(ANSWERS[1]), framed(ANSWERS[2]))
    assert bodies(items)[-2:] == [ANSWERS[1], ANSWERS[2]]


def test_a_message_with_a_wrong_status_stays_one_frame():
    bad = bytearray(ANSWERS[3])
    bad[10] = 99
    items = read(FrameReader(SERVER), framed(bytes(bad)) + framed(ANSWERS[1]))
    assert bodies(items) == [bytes(bad), ANSWERS[1]]


# -- the end ---------------------------------------------------------------------------------


def test_a_frame_that_never_ends_is_damage_with_what_there_is():
    whole = framed(ANSWERS[3])
    (found,) = read(FrameReader(SERVER), whole[:40], kind="fin")
    assert found.what == "incomplete frame"
    assert found.message == f"40 of a frame's {len(whole)} bytes, then the connection was closed"
    assert found.closed_by == "fin"
    assert found.frame.body == ANSWERS[3][:36]
    assert found.frame.missing == [(36, len(ANSWERS[3]))]


def test_a_torn_length_at_the_end_is_damage():
    (found,) = read(FrameReader(SERVER), b"\0\0", kind="rst")
    assert found.message == "2 of the 4 bytes of a frame's length, then the connection was broken"


def test_the_single_byte_of_a_full_server_is_a_message():
    assert read(FrameReader(SERVER), b"\x01", kind="fin") == [ServerFull()]


def test_a_log_in_is_a_frame_like_others():
    assert bodies(read(FrameReader(CLIENT), framed(LOGIN) + framed(call()))) == [LOGIN, call()]


# -- anything --------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=80),
        st.sampled_from([framed(body) for body in [*ANSWERS, LOGIN, ACCEPTED, call("X", 5, 1, "two")]]),
        st.integers(1, 200),
    ),
    max_size=12,
)


@given(STEPS, st.booleans(), st.sampled_from(list(Direction)))
def test_any_bytes_end_in_frames_and_damage(steps, at_start, direction):
    reader = FrameReader(direction, at_start=at_start)
    items, total = [], 0
    for step in steps:
        total += step if isinstance(step, int) else len(step)
        items += reader.gap(step) if isinstance(step, int) else reader.feed(step)
    items += reader.close("end of capture")
    assert reader.offset == total
    for item in items:
        if isinstance(item, Frame):
            assert 0 <= item.offset <= total
            assert list(item.missing) == sorted(item.missing)
            assert len(item.body) <= item.length
        else:
            assert isinstance(item, (Damage, ServerFull))
