"""What comes out of a conversation, whatever a capture does to its packets."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.simulation import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    Connection,
    Packet,
    Received,
    connections,
    disordered,
)
from volttools.capture import reassembly
from volttools.capture.reassembly import Closed, Data, Event, Gap, Segment, TcpConversation


def run(connection: Connection, packets: list[Packet]) -> Received:
    received = Received()
    conversation = TcpConversation()
    for number, packet in enumerate(packets):
        received.take(conversation.feed(packet.side, connection.segment(packet, number)))
    received.take(conversation.finish())
    assert conversation.held_bytes == 0
    assert not conversation.is_holding
    return received


# ---------------------------------------------------------------------------- properties


@given(st.data())
def test_streams_survive_any_segmentation_disorder_and_copies(data):
    connection = data.draw(connections())
    packets = data.draw(disordered(connection))
    received = run(connection, connection.handshake() + packets + connection.ends())
    assert tuple(map(bytes, received.streams)) == connection.streams
    assert received.gaps == ([], [])
    assert received.closed == ["fin", "fin"]


@given(st.data())
def test_streams_without_a_handshake_start_with_their_first_byte(data):
    connection = data.draw(connections())
    packets = data.draw(disordered(connection))
    received = run(connection, packets)
    assert tuple(map(bytes, received.streams)) == connection.streams
    assert received.gaps == ([], [])
    assert received.closed == ["end of capture", "end of capture"]


@given(st.data())
def test_the_handshake_may_come_in_any_order_too(data):
    connection = data.draw(connections())
    handshake = connection.handshake()
    connection.packets[:0] = handshake
    packets = data.draw(disordered(connection))
    received = run(connection, packets + connection.ends())
    assert tuple(map(bytes, received.streams)) == connection.streams
    assert received.gaps == ([], [])


@given(st.data())
def test_nothing_comes_out_before_what_its_sender_had_received(data):
    connection = data.draw(connections())
    packets = data.draw(disordered(connection))
    received_when_sent: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for packet in connection.packets:
        for offset in range(packet.offset, packet.offset + len(packet.data)):
            received_when_sent[packet.side][offset] = packet.received
    position = [0, 0]
    conversation = TcpConversation()
    events: list[Event] = []
    for number, packet in enumerate(connection.handshake() + packets):
        events += conversation.feed(packet.side, connection.segment(packet, number))
    for event in events + conversation.finish():
        if isinstance(event, Data):
            end = event.offset + len(event.data)
            for offset in range(event.offset, end):
                assert received_when_sent[event.side][offset] <= position[1 - event.side]
            position[event.side] = end


@given(st.data())
def test_missing_bytes_are_told_exactly(data):
    connection = data.draw(connections())
    kept = [packet for packet in connection.packets if data.draw(st.integers(0, 4)) > 0]
    there: tuple[set[int], set[int]] = (set(), set())
    for packet in kept:
        there[packet.side].update(range(packet.offset, packet.offset + len(packet.data)))
    connection.packets[:] = kept
    packets = data.draw(disordered(connection))
    for packet in packets:
        there[packet.side].update(range(packet.offset, packet.offset + len(packet.data)))
    received = run(connection, connection.handshake() + packets + connection.ends())
    for side, stream in enumerate(connection.streams):
        assert bytes(received.streams[side]) == bytes(stream[i] for i in sorted(there[side]))
        missing = set(range(len(stream))) - there[side]
        assert missing == {i for start, end in received.gaps[side] for i in range(start, end)}


@given(st.data())
def test_one_direction_alone_comes_out_whole(data):
    connection = data.draw(connections())
    packets = [packet for packet in data.draw(disordered(connection)) if packet.side == 1]
    received = run(connection, packets)
    assert bytes(received.streams[1]) == connection.streams[1]
    assert received.gaps == ([], [])


hostile_segments = st.builds(
    lambda time, base, distance, ack, flags, payload, cut: Segment(
        time, (base + distance) & 0xFFFFFFFF, ack, flags, payload, len(payload) + cut
    ),
    st.none() | st.integers(-(2**63), 2**63),
    st.sampled_from([0, 2**31, 2**32 - 50]),
    st.integers(-50, 200) | st.integers(-(2**31), 2**31),
    st.sampled_from([0, 100, 2**31]) | st.integers(0, 2**32 - 1),
    st.sampled_from([ACK, ACK | PSH]) | st.integers(0, 255),
    st.binary(max_size=60),
    st.sampled_from([0, 0, 0, 1, 1000, 65535]),
)


@given(st.lists(st.tuples(st.integers(0, 1), hostile_segments), max_size=200), st.booleans())
def test_hostile_segments_end_in_ordered_events(segments, has_handshake):
    check_hostile(segments, has_handshake)


@given(st.lists(st.tuples(st.integers(0, 1), hostile_segments), max_size=100), st.booleans())
def test_bounds_hold_wherever_they_lie(segments, has_handshake):
    with (
        mock.patch.object(reassembly, "MAX_HELD_SEGMENTS", 5),
        mock.patch.object(reassembly, "MAX_HELD_BYTES", 100),
    ):
        check_hostile(segments, has_handshake)


def check_hostile(segments, has_handshake):
    conversation = TcpConversation()
    received = Received()
    if has_handshake:
        conversation.feed(0, Segment(0, 0, 0, SYN, b"", 0))
        conversation.feed(1, Segment(0, 2**31, 1, SYN | ACK, b"", 0))
    for side, segment in segments:
        received.take(conversation.feed(side, segment))
        assert conversation.held_segments <= reassembly.MAX_HELD_SEGMENTS
        assert conversation.held_bytes <= reassembly.MAX_HELD_BYTES
    received.take(conversation.finish())
    assert None not in received.closed
    assert not conversation.is_holding
    assert conversation.feed(0, segments[0][1] if segments else Segment(0, 0, 0, 0, b"x", 1)) == []


# ------------------------------------------------------------------------- conversations


def open_conversation(first: int = 0, second: int = 0) -> TcpConversation:
    """A conversation after its handshake; the streams begin at these sequence numbers."""
    conversation = TcpConversation()
    assert conversation.feed(0, Segment(0, first - 1, 0, SYN, b"", 0)) == []
    assert conversation.feed(1, Segment(0, second - 1, first, SYN | ACK, b"", 0)) == []
    return conversation


def sent(sequence: int, ack: int, data: bytes, *, flags: int = ACK | PSH, at: int = 0) -> Segment:
    return Segment(at, sequence, ack, flags, data, len(data))


def test_each_segment_of_new_bytes_is_a_chunk_of_its_own():
    conversation = open_conversation(1, 1)
    events = [e for n in range(3) for e in conversation.feed(0, sent(1 + 2 * n, 1, b"ab", at=n))]
    assert events == [Data(0, 0, b"ab", 0), Data(0, 2, b"ab", 1), Data(0, 4, b"ab", 2)]


def test_a_syn_may_carry_data():
    conversation = TcpConversation()
    events = conversation.feed(0, Segment(5, 2**32 - 1, 0, SYN, b"early", 5))
    assert events == [Data(0, 0, b"early", 5)]
    assert conversation.feed(0, sent(5, 1, b"x", at=6)) == [Data(0, 5, b"x", 6)]


def test_a_fin_may_carry_data():
    conversation = open_conversation(1, 1)
    events = conversation.feed(0, sent(1, 1, b"bye", flags=ACK | FIN, at=7))
    assert events == [Data(0, 0, b"bye", 7), Closed(0, "fin", 7)]
    assert not conversation.is_closed


def test_an_rst_may_carry_data():
    conversation = open_conversation(1, 1)
    events = conversation.feed(0, sent(1, 1, b"why", flags=ACK | RST, at=7))
    assert events == [Data(0, 0, b"why", 7), Closed(0, "rst", 7)]
    assert conversation.is_reset
    assert conversation.finish() == [Closed(1, "rst", 7)]


def test_a_refused_dial_has_two_ends_and_no_data():
    conversation = TcpConversation()
    assert conversation.feed(0, Segment(1, 99, 0, SYN, b"", 0)) == []
    assert conversation.feed(1, Segment(2, 0, 100, RST | ACK, b"", 0)) == [Closed(1, "rst", 2)]
    assert conversation.finish() == [Closed(0, "rst", 2)]
    assert not conversation.has_data


def test_a_fin_waits_for_the_bytes_before_it():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, sent(3, 1, b"", flags=ACK | FIN, at=1)) == []
    events = conversation.feed(0, sent(1, 1, b"ab", at=2))
    assert events == [Data(0, 0, b"ab", 2), Closed(0, "fin", 1)]


def test_a_hole_before_a_fin_becomes_a_gap_in_the_end():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, sent(3, 1, b"", flags=ACK | FIN, at=1)) == []
    assert conversation.finish() == [
        Gap(0, 0, 2, 1, "missing"),
        Closed(0, "fin", 1),
        Closed(1, "end of capture", 1),
    ]


@pytest.mark.parametrize("probe", [b"", b"\0", b"d"])
def test_a_keep_alive_probe_is_not_data(probe):
    conversation = open_conversation(1, 1)
    conversation.feed(0, sent(1, 1, b"abcd"))
    assert conversation.feed(0, sent(4, 1, probe, flags=ACK)) == []
    assert conversation.feed(0, sent(5, 1, b"ef")) == [Data(0, 4, b"ef", 0)]


def test_a_keep_alive_probe_behind_a_hole_is_part_of_the_gap():
    conversation = open_conversation(1, 1)
    conversation.feed(1, sent(1, 5, b"", flags=ACK))  # the lost "abcd" was received
    assert conversation.feed(0, sent(4, 1, b"\0", flags=ACK)) == []
    assert conversation.feed(0, sent(5, 1, b"ef")) == []
    assert conversation.finish()[:2] == [Gap(0, 0, 4, 0, "missing"), Data(0, 4, b"ef", 0)]


def test_a_keep_alive_probe_gives_way_to_the_real_byte():
    conversation = open_conversation(1, 1)
    conversation.feed(1, sent(1, 5, b"", flags=ACK))
    assert conversation.feed(0, sent(4, 1, b"\0", flags=ACK)) == []
    assert conversation.feed(0, sent(1, 1, b"abcd")) == [Data(0, 0, b"abcd", 0)]


def test_a_zero_window_probe_is_the_next_byte():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, sent(1, 1, b"a", flags=ACK)) == [Data(0, 0, b"a", 0)]
    assert conversation.feed(0, sent(1, 1, b"a", flags=ACK)) == []
    assert conversation.feed(0, sent(1, 1, b"abc")) == [Data(0, 1, b"bc", 0)]


def test_the_first_copy_of_a_byte_counts():
    conversation = open_conversation(1, 1)
    conversation.feed(0, sent(3, 1, b"cd"))
    events = conversation.feed(0, sent(1, 1, b"ABCDEF"))
    assert [e.data for e in events] == [b"AB", b"cd", b"EF"]


def test_a_snap_length_leaves_a_gap_in_place():
    conversation = open_conversation(1, 1)
    events = conversation.feed(0, Segment(9, 1, 1, ACK, b"ab", 10))
    assert events == [Data(0, 0, b"ab", 9), Gap(0, 2, 8, 9, "snap length")]
    assert conversation.feed(0, sent(11, 1, b"cd", at=10)) == [Data(0, 10, b"cd", 10)]


def test_a_whole_copy_fills_what_a_snap_length_cut_while_it_waits():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, Segment(9, 3, 1, ACK, b"c", 4)) == []
    conversation.feed(0, sent(3, 1, b"cdef"))
    events = conversation.feed(0, sent(1, 1, b"ab"))
    assert b"".join(e.data for e in events) == b"abcdef"


def test_a_response_waits_for_its_request():
    conversation = open_conversation(1, 1)
    assert conversation.feed(1, sent(1, 4, b"yes")) == []
    events = conversation.feed(0, sent(1, 1, b"ask"))
    assert events == [Data(0, 0, b"ask", 0), Data(1, 0, b"yes", 0)]


def test_a_lost_request_is_told_before_its_response():
    conversation = open_conversation(1, 1)
    assert conversation.feed(1, sent(1, 4, b"yes")) == []
    assert conversation.feed(0, sent(4, 4, b"more")) == []
    assert conversation.finish()[:3] == [
        Gap(0, 0, 3, 0, "missing"),
        Data(1, 0, b"yes", 0),
        Data(0, 3, b"more", 0),
    ]


def test_bytes_that_both_sides_wait_for_are_given_up_after_five_seconds():
    conversation = open_conversation(1, 1)
    second = 10**9
    assert conversation.feed(1, sent(1, 4, b"yes", at=0)) == []
    assert conversation.feed(0, sent(4, 4, b"more", at=second)) == []
    assert conversation.feed(1, sent(4, 8, b"", flags=ACK, at=5 * second)) == []
    events = conversation.feed(1, sent(4, 8, b"", flags=ACK, at=5 * second + 1))
    assert [type(e) for e in events] == [Gap, Data, Data]


def test_time_alone_ends_waiting_too():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, sent(2, 1, b"b", at=0)) == []
    assert conversation.expire(5 * 10**9) == []
    assert conversation.expire(5 * 10**9 + 1) == [Gap(0, 0, 1, 0, "missing"), Data(0, 1, b"b", 0)]


def test_a_side_that_was_waited_for_in_vain_is_not_waited_for_again():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, sent(1, 101, b"a", at=0)) == []
    assert conversation.expire(6 * 10**9) == [Data(0, 0, b"a", 0)]
    # The first bytes of the other side lie behind what had been acknowledged long ago.
    events = conversation.feed(1, sent(101, 2, b"b", at=7 * 10**9))
    assert events == [Gap(1, 0, 100, 7 * 10**9, "missing"), Data(1, 100, b"b", 7 * 10**9)]


def test_a_side_that_was_not_captured_stops_counting_soon():
    conversation = TcpConversation()
    conversation.feed(0, Segment(0, 0, 0, SYN, b"", 0))
    events: list[Event] = []
    for n in range(40):
        events += conversation.feed(0, sent(1 + n, 1 + 10 * n, b"x", at=n))
        assert conversation.held_segments < reassembly.START_SEGMENTS
    assert [e.offset for e in events] == list(range(40))


def test_too_many_held_segments_give_the_gap_up():
    conversation = open_conversation(1, 1)
    limit = reassembly.MAX_HELD_SEGMENTS
    for n in range(limit):
        assert conversation.feed(0, sent(3 + n, 1, b"x")) == []
    events = conversation.feed(0, sent(3 + limit, 1, b"x"))
    assert events[0] == Gap(0, 0, 2, 0, "missing")
    assert len(events) == limit + 2


def test_too_many_held_bytes_give_the_gap_up():
    conversation = open_conversation(1, 1)
    for n in range(16):
        assert conversation.feed(0, sent(2 + n * 2**16, 1, bytes(2**16))) == []
    events = conversation.feed(0, sent(2 + 2**20, 1, b"x"))
    assert events[0] == Gap(0, 0, 1, 0, "missing")


def test_a_wild_sequence_number_is_ignored():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, sent(2**30, 1, b"wild")) == []
    assert conversation.ignored == 1
    assert conversation.feed(0, sent(1, 1, b"tame")) == [Data(0, 0, b"tame", 0)]


def test_a_run_of_far_segments_is_a_gap():
    conversation = open_conversation(1, 1)
    far = 3 * 2**30
    events = [e for n in range(10) for e in conversation.feed(0, sent(1 + far + n, 1, b"x", at=n))]
    lost = far + 7  # those that looked like garbage
    assert events[:2] == [Gap(0, 0, lost, 7, "missing"), Data(0, lost, b"x", 7)]
    assert len(events) == 4


def test_data_behind_a_fin_is_ignored():
    conversation = open_conversation(1, 1)
    conversation.feed(0, sent(1, 1, b"", flags=ACK | FIN))
    assert conversation.feed(0, sent(2, 1, b"ghost")) == []
    assert conversation.ignored == 1


def test_a_stream_without_syn_starts_when_it_had_its_chance():
    conversation = TcpConversation()
    events: list[Event] = []
    for n in range(reassembly.START_SEGMENTS):
        assert events == []
        events += conversation.feed(0, sent(500 + n, 1, b"x", at=n))
    events += conversation.feed(0, sent(500 + n + 1, 1, b"x", at=n))
    assert [e.offset for e in events] == list(range(17))


def test_a_stream_without_syn_starts_after_a_second():
    conversation = TcpConversation()
    assert conversation.feed(0, sent(500, 1, b"b", at=0)) == []
    assert conversation.feed(0, sent(499, 1, b"a", at=10)) == []
    events = conversation.feed(1, sent(1, 500, b"", flags=ACK, at=10**9 + 1))
    assert events == [Data(0, 0, b"a", 10), Data(0, 1, b"b", 0)]


def test_a_capture_without_times_waits_for_the_other_bounds():
    conversation = open_conversation(1, 1)
    assert conversation.feed(0, Segment(None, 2, 1, ACK, b"b", 1)) == []
    assert conversation.finish()[0] == Gap(0, 0, 1, None, "missing")
