"""From sequence numbers to offsets, and which of them make sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.capture.streams import FAR_RUN, WINDOW, Segment, Stream, signed
from volttools.formats.network import ACK, FIN, PSH, RST


def segment(sequence: int, data: bytes = b"", flags: int = ACK, ack: int = 0) -> Segment:
    return Segment(0, sequence, ack, flags, data, len(data))


def started(sequence: int) -> Stream:
    stream = Stream(0)
    assert stream.start_at(sequence)
    return stream


@given(st.integers(0, 2**32 - 1), st.integers(-WINDOW, WINDOW))
def test_offsets_follow_sequence_numbers_around_the_wrap(start, distance):
    sequence = (start + distance) % 2**32
    assert started(start).locate(sequence, segment(sequence), 1) == distance


@given(st.integers(0, 2**32 - 1), st.integers(WINDOW + 1, 2**32 - WINDOW - 1))
def test_sequence_numbers_far_away_make_no_sense(start, distance):
    sequence = (start + distance) % 2**32
    assert started(start).locate(sequence, segment(sequence), 1) is None


def test_the_start_moves_back_until_it_is_known():
    stream = Stream(0)
    assert stream.locate(100, segment(100, b"ab"), 1) == 0
    stream.hold(0, segment(100, b"ab"), 1)
    assert stream.locate(98, segment(98, b"xy"), 2) == 0
    assert stream.held.runs[0].offset == 2
    assert stream.start_at(90)
    assert stream.held.runs[0].offset == 10


def test_a_syn_far_from_what_waits_makes_no_sense():
    stream = Stream(0)
    stream.locate(100, segment(100, b"ab"), 1)
    stream.hold(0, segment(100, b"ab"), 1)
    assert not stream.start_at(2**31)


def test_far_segments_count_only_in_a_row():
    stream = started(0)
    for n in range(FAR_RUN - 1):
        assert not stream.ends_far_run(2**30 + n, 1)
    assert not stream.ends_far_run(2**31, 1)
    for n in range(1, FAR_RUN - 1):
        assert not stream.ends_far_run(2**31 + n, 1)
    assert stream.ends_far_run(2**31 + FAR_RUN - 1, 1)


@pytest.mark.parametrize("kind", [FIN, RST])
def test_an_end_lies_behind_what_waits(kind):
    stream = started(0)
    stream.hold(10, segment(10, b"abc"), 1)
    assert stream.hold_end(5, segment(5, flags=kind), 2) is (kind == RST)
    assert stream.end is None or stream.end.offset == 13


def test_a_byte_behind_a_hole_is_a_probe_only_if_it_was_acknowledged_and_not_pushed():
    for flags, acked, is_probe in [(ACK, 11, True), (ACK, 10, False), (ACK | PSH, 11, False)]:
        stream = started(0)
        stream.acked = acked
        stream.hold(10, segment(10, b"x", flags), 1)
        assert stream.held.runs[0].is_soft is is_probe


def test_signed_takes_the_shorter_way():
    assert [signed(n) for n in (0, 1, -1, 2**31 - 1, 2**31)] == [0, 1, -1, 2**31 - 1, -(2**31)]
