"""Which segments make a connection."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from tests.capture.traffic import tcp_segments
from volttools.capture import conversations
from volttools.capture.conversations import Connection, ConversationTable, Endpoint
from volttools.capture.packets import PacketReader
from volttools.capture.reassembly import Closed, Data, Event, Gap, Segment
from volttools.formats.network import ACK, FIN, PSH, RST, SYN

CLIENT, SERVER = Endpoint("10.0.0.1", 40000), Endpoint("10.0.0.2", 21212)
OUT, BACK = (CLIENT, SERVER), (SERVER, CLIENT)


def seg(sequence: int, ack: int, flags: int, data: bytes = b"", at: int = 0) -> Segment:
    return Segment(at, sequence % 2**32, ack % 2**32, flags, data, len(data))


class Capture:
    """A table, and all that it told."""

    def __init__(self) -> None:
        self.table = ConversationTable()
        self.events: list[tuple[Connection, Event]] = []

    def see(self, endpoints: tuple[Endpoint, Endpoint], *segments: Segment) -> None:
        for segment in segments:
            self.events += self.table.feed(endpoints, segment)

    def finish(self) -> None:
        self.events += self.table.finish()

    def connections(self) -> list[Connection]:
        found = {connection.number: connection for connection, _ in self.events}
        return [found[number] for number in sorted(found)]

    def data(self, number: int) -> list[bytes]:
        streams = [b"", b""]
        for connection, event in self.events:
            if connection.number == number and isinstance(event, Data):
                streams[event.side] += event.data
        return streams

    def handshake(self, first: int, second: int, *, out=OUT, back=BACK) -> None:
        self.see(out, seg(first, 0, SYN))
        self.see(back, seg(second, first + 1, SYN | ACK))
        self.see(out, seg(first + 1, second + 1, ACK))

    def call(self, first: int, second: int, *, out=OUT, back=BACK) -> None:
        """A whole connection: "ask", "tell", and the end."""
        self.handshake(first, second, out=out, back=back)
        self.see(out, seg(first + 1, second + 1, ACK | PSH, b"ask"))
        self.see(back, seg(second + 1, first + 4, ACK | PSH, b"tell"))
        self.see(out, seg(first + 4, second + 5, ACK | FIN))
        self.see(back, seg(second + 5, first + 5, ACK | FIN))
        self.see(out, seg(first + 5, second + 6, ACK))


def test_the_sender_of_the_syn_is_the_client():
    capture = Capture()
    capture.call(100, 200)
    (connection,) = capture.connections()
    assert (connection.client, connection.server) == (CLIENT, SERVER)
    assert connection.handshake
    assert connection.is_over
    assert capture.data(1) == [b"ask", b"tell"]


def test_the_sender_of_the_syn_ack_is_the_server():
    capture = Capture()
    capture.see(BACK, seg(200, 101, SYN | ACK))
    capture.finish()
    (connection,) = capture.connections()
    assert (connection.client, connection.server) == (CLIENT, SERVER)
    assert connection.endpoints == BACK


def test_without_a_handshake_nobody_is_client():
    capture = Capture()
    capture.see(BACK, seg(200, 101, ACK, b"tell"))
    capture.finish()
    (connection,) = capture.connections()
    assert connection.client is connection.server is None
    assert connection.endpoints == BACK
    assert not connection.handshake


def test_a_refused_dial_is_a_connection_without_data():
    capture = Capture()
    capture.see(OUT, seg(100, 0, SYN))
    capture.see(BACK, seg(0, 101, RST | ACK))
    capture.finish()
    assert capture.table.opened == 1
    assert [(c.number, type(e), e.side) for c, e in capture.events] == [(1, Closed, 1), (1, Closed, 0)]


def test_ports_used_again_are_a_new_connection():
    capture = Capture()
    capture.call(100, 200)
    capture.call(5000, 6000)
    assert capture.table.opened == 2
    assert capture.data(1) == capture.data(2) == [b"ask", b"tell"]


def test_a_syn_ends_a_connection_whose_end_was_not_captured():
    capture = Capture()
    capture.handshake(100, 200)
    capture.see(OUT, seg(103, 201, ACK, b"k"))
    capture.handshake(5000, 6000)
    assert capture.events == [
        (capture.connections()[0], Gap(0, 0, 2, 0, "missing")),
        (capture.connections()[0], Data(0, 2, b"k", 0)),
        (capture.connections()[0], Closed(0, "end of capture", 0)),
        (capture.connections()[0], Closed(1, "end of capture", 0)),
    ]
    assert capture.table.opened == 2


def test_copies_of_every_packet_are_one_connection():
    capture = Capture()
    capture.call(100, 200)
    capture.call(100, 200)
    assert capture.table.opened == 1
    assert capture.data(1) == [b"ask", b"tell"]


def test_late_copies_of_a_connection_that_is_over_are_no_new_one():
    capture = Capture()
    capture.call(100, 200)
    capture.see(BACK, seg(201, 104, ACK | PSH, b"tell"))
    capture.see(OUT, seg(101, 201, ACK | PSH, b"ask"), seg(104, 205, ACK | FIN))
    assert capture.table.opened == 1
    assert capture.data(1) == [b"ask", b"tell"]


def test_bytes_elsewhere_after_the_end_are_a_connection_whose_syn_was_missed():
    capture = Capture()
    capture.call(100, 200)
    capture.see(OUT, seg(2**30, 2**31, ACK | PSH, b"again"))
    capture.finish()
    assert capture.table.opened == 2
    assert capture.data(2) == [b"again", b""]


def test_a_handshake_in_any_order_is_one_connection():
    syn, syn_ack = (OUT, seg(100, 0, SYN)), (BACK, seg(200, 101, SYN | ACK))
    ask, tell = (OUT, seg(101, 201, ACK, b"ask")), (BACK, seg(201, 104, ACK, b"tell"))
    for packets in ([syn_ack, syn, ask, tell], [ask, syn, syn_ack, tell], [tell, ask, syn_ack, syn]):
        capture = Capture()
        for endpoints, segment in packets:
            capture.see(endpoints, segment)
        capture.finish()
        assert capture.table.opened == 1
        (connection,) = capture.connections()
        assert connection.client == CLIENT
        side = connection.endpoints.index(CLIENT)
        assert capture.data(1)[side] == b"ask"
        assert capture.data(1)[1 - side] == b"tell"


def test_many_short_connections_leave_little_behind():
    capture = Capture()
    for n in range(5000):
        client = Endpoint("10.0.0.1", 1024 + n)
        capture.call(n * 7, n * 11, out=(client, SERVER), back=(SERVER, client))
    table = capture.table
    assert table.opened == 5000
    assert len(table._known) <= 2 * (conversations.MAX_OVER + 2)
    assert not table._open
    assert not table.holding


def test_too_many_open_connections_end_with_the_longest_idle():
    with mock.patch.object(conversations, "MAX_OPEN", 16):
        capture = Capture()
        for n in range(20):
            client = Endpoint("10.0.0.1", 1024 + n)
            capture.handshake(0, 0, out=(client, SERVER), back=(SERVER, client))
            capture.see((Endpoint("10.0.0.1", 1024), SERVER), seg(1, 1, ACK))
        assert len(capture.table._open) <= 16
        assert 1 not in {connection.number for connection, _ in capture.events}


def test_connections_that_fell_silent_are_looked_after():
    capture = Capture()
    capture.handshake(100, 200)
    capture.see(OUT, seg(103, 201, ACK, b"k", at=0))
    other = Endpoint("10.0.0.3", 1)
    capture.see((other, SERVER), seg(0, 0, SYN, at=6 * 10**9))
    assert [type(event) for _, event in capture.events] == [Gap, Data]


def test_without_any_segment_it_can_be_said_how_late_it_is():
    capture = Capture()
    capture.handshake(100, 200)
    capture.see(OUT, seg(103, 201, ACK, b"k", at=0))
    assert capture.table.expire(5 * 10**9) == []
    assert [type(event) for _, event in capture.table.expire(5 * 10**9 + 1)] == [Gap, Data]
    assert capture.table.expire(10**11) == []


def test_all_connections_together_hold_little():
    with mock.patch.object(conversations, "MAX_HELD_BYTES", 10_000):
        capture = Capture()
        for n in range(600):
            client = Endpoint("10.0.0.1", 1024 + n)
            capture.see((client, SERVER), seg(0, 0, SYN), seg(5, 0, ACK, bytes(1000)))
        held = sum(c.conversation.held_bytes for c in capture.table.holding)
        assert held <= 10_000 + 1000 * conversations.SWEEP_SEGMENTS


def test_segments_that_make_no_sense_are_counted():
    capture = Capture()
    capture.handshake(100, 200)
    capture.see(OUT, seg(2**30, 201, ACK, b"wild"))
    assert capture.table.ignored == 1
    capture.finish()
    assert capture.table.ignored == 1


def test_endpoints_print_as_one_writes_them():
    assert str(CLIENT) == "10.0.0.1:40000"
    assert str(Endpoint("::1", 21212)) == "[::1]:21212"


# ---------------------------------------------------------------------------- recordings

Streams = dict[tuple[str, str], list[bytes]]


@dataclass
class Recording:
    """What comes out of a capture file."""

    connections: list[Connection]
    events: list[tuple[Connection, Event]]
    ignored: int

    def streams(self) -> Streams:
        """For each direction between two endpoints: the bytes of one connection after another."""
        streams: Streams = {}
        for connection in self.connections:
            for side in (0, 1):
                data = b"".join(
                    event.data
                    for owner, event in self.events
                    if owner is connection and isinstance(event, Data) and event.side == side
                )
                names = [str(endpoint) for endpoint in connection.endpoints]
                if data:
                    streams.setdefault((names[side], names[1 - side]), []).append(data)
        return streams


def record(path: Path) -> Recording:
    table = ConversationTable()
    events = []
    with path.open("rb") as stream:
        for endpoints, segment in tcp_segments(PacketReader(stream)):
            events += table.feed(endpoints, segment)
    events += table.finish()
    connections = {connection.number: connection for connection, _ in events}
    assert list(range(1, table.opened + 1)) == sorted(connections)
    return Recording([connections[n] for n in sorted(connections)], events, table.ignored)


def tshark_streams(tshark: str, path: Path) -> Streams:
    """The same by tshark's reading of the headers and the plainest of reassemblies."""
    fields = "tcp.stream ip.src ipv6.src tcp.srcport ip.dst ipv6.dst tcp.dstport tcp.flags tcp.seq_raw"
    command = [tshark, "-r", str(path), "-Y", "tcp", "-T", "fields"]
    command += [part for name in (*fields.split(), "tcp.payload") for part in ("-e", name)]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    pieces: dict[tuple[int, str, str], dict[int, int]] = {}
    first: dict[tuple[int, str, str], int] = {}
    for line in output.splitlines():
        number, s4, s6, sport, d4, d6, dport, flags, seq, payload = line.split("\t")
        source, destination = (f"[{a6}]:{port}" if a6 else f"{a4}:{port}"
                               for a4, a6, port in ((s4, s6, sport), (d4, d6, dport)))  # fmt: skip
        key = (int(number), source, destination)
        sequence = int(seq) + (int(flags, 16) & SYN == SYN)
        start = first.setdefault(key, sequence)
        offset = (sequence - start + 2**31) % 2**32 - 2**31
        for position, value in enumerate(bytes.fromhex(payload), offset):
            pieces.setdefault(key, {}).setdefault(position, value)
    streams: Streams = {}
    for (_, source, destination), found in sorted(pieces.items()):
        data = bytes(found[position] for position in sorted(found))
        streams.setdefault((source, destination), []).append(data)
    return streams


@pytest.mark.slow
def test_recordings_give_the_bytes_that_tshark_sees(shared_captures: Path, tshark: str):
    for path in sorted(shared_captures.glob("*.pcap*")):
        recording = record(path)
        assert recording.streams() == tshark_streams(tshark, path), path.name
        assert recording.ignored == 0


def test_recordings_have_the_connections_and_gaps_that_were_made(shared_captures: Path):
    for path in sorted(shared_captures.glob("*.pcap*")):
        expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text())
        recording = record(path)
        connections = [
            (connection, {str(e).replace("[", "").replace("]", "") for e in connection.endpoints})
            for connection in recording.connections
        ]
        sessions = [{session["client"], session["server"]} for session in expected["sessions"]]
        # HTTP stands between the sessions of one recording.
        connections = [pair for pair in connections if pair[1] in sessions]
        assert [ends for _, ends in connections] == sessions, path.name
        clients = [str(connection.client).strip("[") for connection, _ in connections]
        for client, session in zip(clients, expected["sessions"], strict=True):
            if client != "None":
                assert client.replace("]", "") == session["client"]
        check_gaps(path.name, [c for c, _ in connections], recording.events, expected)


def check_gaps(name, connections, events, expected):
    lost = {"lost_segment": "missing", "snaplen": "snap length"}
    made = sorted(
        (damage["session"], damage["direction"], *damage["bytes"], lost[damage["kind"]])
        for damage in expected["damage"]
        if damage["kind"] in lost
    )
    found = sorted(
        (
            connections.index(connection),
            "client" if connection.client_side == gap.side else "server",
            gap.offset,
            gap.offset + gap.length,
            gap.reason,
        )
        for connection, gap in events
        if isinstance(gap, Gap)
    )
    assert found == made, name
