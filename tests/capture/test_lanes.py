"""Plain segments that go on; that lanes and the table agree is held in `test_plain`."""

from __future__ import annotations

import io

import pytest

from tests.capture.traffic import Traffic, calls, pcap_of
from tests.protocol.wire import CLIENT, SERVER, answer, call
from volttools.capture.network import Dissector
from volttools.capture.packets import PacketReader
from volttools.capture.plain import plain_segment
from volttools.capture.watching import Watch
from volttools.formats.network import ACK, FIN, PSH
from volttools.protocol.numbering import Numbers


def new_watch():
    return Watch(given_ports=frozenset(), known_ports=frozenset({21212}), numbers=Numbers())


@pytest.fixture
def watch():
    return new_watch()


def told(watch, *traffic):
    """Of each packet, whether it was taken by a lane, and the kinds of events."""
    dissector = Dissector()
    for packet in PacketReader(io.BytesIO(pcap_of(*traffic))):
        plain = plain_segment(packet)
        lane = watch.lanes.get(plain[0])
        events = None if lane is None else lane.take(packet.time_ns, plain)
        is_plain = events is not None
        if events is None:
            events = watch.segment(*dissector.segment(packet), plain[0])
        yield is_plain, [event.kind for event in events]


def test_what_goes_on_is_taken_by_lanes(watch):
    traffic = calls(Traffic().logs_in(0), (1, "A"), (2, "B"), (3, "C")).packet(4, CLIENT, flags=ACK)
    found = list(told(watch, traffic))
    assert [is_plain for is_plain, _ in found] == [False] * 4 + [True] * 7
    assert [kind for _, kinds in found for kind in kinds] == ["login"] + ["exchange"] * 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda traffic: traffic.packet(9, CLIENT, flags=FIN | ACK),
        lambda traffic: traffic.packet(9, CLIENT, b"x", flags=PSH),
        lambda traffic: traffic.next.__setitem__(0, traffic.next[0] + 1),  # a byte is lost
        lambda traffic: traffic.next.__setitem__(1, traffic.next[1] + 1),  # and here one of the server
    ],
)
def test_anything_else_is_not(watch, spoil):
    traffic = calls(Traffic().logs_in(0), (1, "A"), (2, "B"))
    before = len(traffic.packets)
    spoil(traffic)
    traffic.sends(10, CLIENT, call("C", 1))
    assert not list(told(watch, traffic))[before][0]


def told_without_lanes(watch, *traffic):
    """Of each packet the kinds of events, when the table takes all of them."""
    dissector = Dissector()
    for packet in PacketReader(io.BytesIO(pcap_of(*traffic))):
        yield [event.kind for event in watch.segment(*dissector.segment(packet))]


def left(watch):
    """What is known of the connections, for the segments to come."""
    return [
        (
            connection.last_segment,
            connection.conversation.segments,
            connection.conversation.last_ns,
            [(stream.next, stream.expected, stream.acked) for stream in connection.conversation.streams],
        )
        for connection in watch._table._open
    ]


def other_connection_with_a_hole():
    other = calls(Traffic(client_port=50_001).logs_in(0), (0.1, "A"))
    other.next[0] += 1
    return other.sends(3, CLIENT, call("B", 1))


def test_lanes_leave_the_same_as_the_table(watch):
    traffic = calls(Traffic().logs_in(0), (1, "A"), (2, "B"), (4, "C"), (20, "D"), (40, "E"))
    traffic.packet(41, CLIENT, flags=ACK)
    both = [traffic, other_connection_with_a_hole()]
    other_watch = new_watch()
    plain = []
    for (is_plain, kinds), expected in zip(
        told(watch, *both), told_without_lanes(other_watch, *both), strict=True
    ):
        assert kinds == expected
        assert left(watch) == left(other_watch)
        plain.append(is_plain)
    assert plain.count(True) >= 7


def test_no_lane_is_used_while_something_is_held(watch):
    traffic = calls(Traffic().logs_in(0), (1, "A"), (2, "B"), (3.1, "C"))
    *_, (asked, _), (answered, _) = told(watch, traffic, other_connection_with_a_hole())
    assert not asked
    assert not answered


def test_what_comes_behind_an_end_is_no_matter_of_lanes(watch):
    traffic = calls(Traffic().logs_in(0), (1, "A")).packet(3, CLIENT, flags=FIN | ACK)
    traffic.next[0] -= 1  # as if there had been no end
    traffic.sends(4, CLIENT, call("B", 1)).sends(5, SERVER, answer(1))
    *_, (asked, nothing), (answered, _) = told(watch, traffic)
    assert not asked
    assert not answered
    assert nothing == []


def test_lanes_of_connections_that_are_over_are_gone(watch):
    list(told(watch, calls(Traffic().logs_in(0), (1, "A"), (2, "B")).closes(9)))
    assert not watch.lanes
    assert not watch._keys
