"""Conversations of a capture, and their numbers."""

import io

from tests.capture.files import NOW
from tests.capture.traffic import HELLO, Traffic, calls, pcap_of, tcp_segments
from tests.protocol.wire import CLIENT, SERVER, answer, call
from volttools.capture.packets import PacketReader
from volttools.capture.reader import open as open_capture
from volttools.capture.watching import Watch
from volttools.protocol.numbering import Numbers


def numbers_of(*traffic, ports=()):
    capture = open_capture(io.BytesIO(pcap_of(*traffic)), ports=ports)
    clients = {}
    for event in capture.events():
        clients[event.connection.client.rpartition(":")[2]] = event.connection.number
    return clients, capture.summary


def test_connections_are_numbered_as_they_appear():
    first = Traffic(client_port=1111).opens(0)
    second = calls(Traffic(client_port=2222).logs_in(1), (2, "A"))
    first.sends(3, CLIENT, call("B", 1)).sends(4, SERVER, answer(1))
    clients, summary = numbers_of(first, second)
    assert clients == {"1111": 1, "2222": 2}
    assert summary.connections == 2


def test_what_waits_for_a_lost_packet_comes_when_time_passes():
    watch = Watch(given_ports=frozenset(), known_ports=frozenset({21212}), numbers=Numbers())
    lost = calls(Traffic().logs_in(0), (1, "A"))
    del lost.packets[-2]  # the request
    segments = tcp_segments(PacketReader(io.BytesIO(pcap_of(lost))))
    assert [event.kind for pair in segments for event in watch.segment(*pair)] == ["login"]
    assert watch.expire(NOW * 10**9 + 6 * 10**9) == []
    (event,) = watch.expire(NOW * 10**9 + 7 * 10**9)
    assert event.notes == ["answers no request: nothing with the handle 1 is in flight"]


def test_foreign_conversations_have_no_numbers():
    web = Traffic(client_port=1111, server_port=80).opens(0).packet(0.1, CLIENT, b"GET / HTTP/1.1\r\n\r\n")
    tls = Traffic(client_port=3333, server_port=443).opens(0).packet(0.1, CLIENT, HELLO)
    volt = calls(Traffic(client_port=2222).logs_in(1), (2, "A"))
    clients, summary = numbers_of(web, volt, tls)
    assert clients == {"2222": 1}
    assert summary.foreign == {"HTTP": 1, "TLS": 1}


def test_a_refused_dial_has_a_number_and_no_events():
    dial = Traffic(client_port=1111).refuses(0)
    volt = calls(Traffic(client_port=2222).logs_in(1), (2, "A"))
    clients, summary = numbers_of(dial, volt)
    assert clients == {"2222": 2}
    assert (summary.connections, summary.refused) == (2, 1)


def test_a_given_port_is_voltdb():
    odd = Traffic(client_port=1111, server_port=4444).opens(0).sends(1, CLIENT, call("A", 1))
    assert numbers_of(odd)[0] == {"1111": 1}
    garbage = Traffic(client_port=1111, server_port=4444).opens(0).packet(1, CLIENT, b"\xff" * 40)
    assert numbers_of(garbage)[1].foreign == {"unknown": 1}
    clients, summary = numbers_of(garbage, ports=[4444])
    assert clients == {"1111": 1}
    assert summary.damage == {"unreadable": 1}


def test_libraries_are_counted():
    clients = [calls(Traffic(client_port=p).logs_in(0), (1, "A"), (2, "B")) for p in (1111, 2222)]
    assert numbers_of(*clients)[1].libraries == {"voltdbclient (Python)": 2}


def test_nothing_is_kept_of_connections_that_are_over():
    many = [calls(Traffic(client_port=p).logs_in(p), (p + 1, "A")).closes(p + 2) for p in range(1000, 1200)]
    clients, summary = numbers_of(*many)
    assert clients == {str(port): port - 999 for port in range(1000, 1200)}
    assert summary.exchanges == 200
