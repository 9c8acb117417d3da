"""Plain segments that go on; that lanes and the table agree is held in `test_plain`."""

from __future__ import annotations

import io

import pytest

from tests.capture.traffic import Traffic, calls, pcap_of
from tests.protocol.wire import CLIENT, call
from volttools.capture.network import Dissector
from volttools.capture.packets import PacketReader
from volttools.capture.plain import plain_segment
from volttools.capture.watching import Watch
from volttools.formats.network import ACK, FIN, PSH
from volttools.protocol.numbering import Numbers


@pytest.fixture
def watch():
    return Watch(given_ports=frozenset(), known_ports=frozenset({21212}), numbers=Numbers())


def told(watch, traffic):
    """Of each packet, whether it was taken by a lane, and the kinds of events."""
    dissector = Dissector()
    for packet in PacketReader(io.BytesIO(pcap_of(traffic))):
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


def test_lanes_of_connections_that_are_over_are_gone(watch):
    list(told(watch, calls(Traffic().logs_in(0), (1, "A"), (2, "B")).closes(9)))
    assert not watch.lanes
    assert not watch._keys
