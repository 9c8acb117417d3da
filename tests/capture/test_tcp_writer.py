"""Streams made anew hold the same frames, and nothing that Wireshark would wonder about."""

import io
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, LOGIN, answer, call
from volttools.capture import tcp_writer
from volttools.capture.pcapng_writer import PcapngWriter
from volttools.capture.reader import open as open_capture
from volttools.capture.tcp_writer import SEGMENT_BYTES, TcpWriter, pieces_of
from volttools.errors import UsageError
from volttools.protocol.events import Connection, Direction, Frame
from volttools.protocol.traffic import Ended, Hole, Note, Opened, Sent

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
SECOND = 10**9


def frame(direction, body, *, at=None, length=None, missing=(), closed_by=None):
    return Frame(
        direction=direction,
        body=body,
        length=len(body) if length is None else length,
        offset=0,
        seen_at_ns=at,
        missing=list(missing),
        closed_by=closed_by,
    )


def opened(connection, at=0, *, is_whole=True):
    return Opened(connection=connection, time_ns=at, is_whole=is_whole)


def sent(connection, direction, body, at=None, **settings):
    return Sent(connection=connection, frame=frame(direction, body, at=at, **settings))


def ended(connection, how="fin", at=None):
    return [Ended(connection=connection, direction=d, how=how, time_ns=at) for d in (CLIENT, SERVER)]


def conversation(connection, *bodies, start=0):
    """A log-in, then bodies of client and server in turn; a second each."""
    steps = [opened(connection, start * SECOND)]
    for index, body in enumerate([LOGIN, ACCEPTED, *bodies]):
        steps.append(sent(connection, SERVER if index % 2 else CLIENT, body, (start + index) * SECOND))
    return steps


def written(steps):
    stream = io.BytesIO()
    writer = TcpWriter(PcapngWriter(stream))
    for step in steps:
        writer.write(step)
    writer.flush()
    assert writer.size == len(stream.getvalue())
    return stream.getvalue()


def read_back(data):
    with open_capture(io.BytesIO(data)) as capture:
        return [step for step in capture.steps() if isinstance(step, Sent)], capture


ONE = Connection(number=1, client="10.0.0.1:50000", server="10.0.0.2:21212")
TWO = Connection(number=2, client="[fd00::1]:50000", server="[fd00::2]:21212")


@pytest.mark.parametrize("connection", [ONE, TWO])
def test_frames_come_back_with_addresses_and_times(connection):
    found, capture = read_back(written(conversation(connection, call("A", 1), answer(1))))
    assert [(s.frame.direction, s.frame.body, s.frame.seen_at_ns) for s in found] == [
        (CLIENT, LOGIN, 0),
        (SERVER, ACCEPTED, SECOND),
        (CLIENT, call("A", 1), 2 * SECOND),
        (SERVER, answer(1), 3 * SECOND),
    ]
    assert {(s.connection.client, s.connection.server) for s in found} == {
        (connection.client, connection.server)
    }
    assert capture.summary.losses == 0


def test_connections_without_addresses_get_some_on_loopback():
    found, _ = read_back(written(conversation(Connection(number=7))))
    assert found[0].connection.client == "127.0.0.1:49159"
    assert found[0].connection.server == "127.0.0.1:21212"


@pytest.mark.parametrize(
    ("client", "server", "message"),
    [
        ("here", None, '\'here\' is no address: write "10.0.0.1:21212" or "[::1]:21212", or leave it out'),
        ("1.2.3.4:5", "[::1]:6", "one is an IPv4 address, the other an IPv6 address"),
    ],
)
def test_addresses_that_are_none_are_refused(client, server, message):
    with pytest.raises(UsageError) as caught:
        written(conversation(Connection(number=1, client=client, server=server)))
    assert message in str(caught.value)


def test_a_hole_in_a_frame_comes_back_where_it_was():
    body = answer(1, rows=40)
    holed = frame(SERVER, body[:60] + bytes(40) + body[100:], missing=[(60, 100)])
    steps = [*conversation(ONE, call("A", 1)), Sent(connection=ONE, frame=holed)]
    found, capture = read_back(written(steps))
    assert (found[-1].frame.body, found[-1].frame.missing) == (holed.body, [(60, 100)])
    assert capture.summary.damage == {"snap length": 1}


def test_a_frame_that_never_ended_is_cut_where_it_was():
    body = answer(1, rows=40)
    cut = frame(SERVER, body[:60], length=len(body), missing=[(60, len(body))], closed_by="fin")
    steps = [*conversation(ONE, call("A", 1)), Sent(connection=ONE, frame=cut), *ended(ONE)]
    found, _ = read_back(written(steps))
    last = found[-1].frame
    assert (last.body, last.length, last.missing, last.closed_by) == (
        body[:60],
        len(body),
        cut.missing,
        "fin",
    )


def test_a_claimed_length_costs_nothing():
    cut = frame(SERVER, b"\0" * 60, length=2**31 - 1, missing=[(60, 2**31 - 1)], closed_by="end of capture")
    assert len(written([*conversation(ONE), Sent(connection=ONE, frame=cut)])) < 2_000


def test_a_hole_between_frames_keeps_its_place():
    hole = Hole(connection=ONE, direction=SERVER, length=77, time_ns=3 * SECOND)
    steps = [*conversation(ONE, call("A", 1)), hole, sent(ONE, CLIENT, call("B", 1), 4 * SECOND)]
    steps.append(sent(ONE, SERVER, answer(1), 5 * SECOND))
    with open_capture(io.BytesIO(written(steps))) as capture:
        answers = [(exchange.procedure, exchange.response_lost) for exchange in capture]
    assert answers == [("A", True), ("B", False)]


def test_a_stream_that_began_before_the_capture_has_no_handshake():
    steps = [opened(ONE, is_whole=False), *conversation(ONE, call("A", 1), answer(1))[3:]]
    found, capture = read_back(written(steps))
    assert len(found) == 2
    assert capture.summary.damage == {"midstream": 1}


def test_packets_of_several_connections_are_put_in_order_of_time():
    first, second = conversation(ONE, start=0), conversation(TWO, start=1)
    found, _ = read_back(written([*second, *first]))
    assert [step.frame.seen_at_ns // SECOND for step in found] == [0, 1, 1, 2]


def test_times_out_of_order_stay_and_streams_stay_in_order():
    steps = conversation(ONE, call("A", 1), answer(1))
    steps[-2].frame.seen_at_ns = 30 * SECOND  # the call was caught late
    found, _ = read_back(written(steps))
    assert [step.frame.seen_at_ns // SECOND for step in found] == [0, 1, 30, 3]


def test_packets_of_one_connection_wait_for_nothing():
    stream = io.BytesIO()
    writer = TcpWriter(PcapngWriter(stream), is_ordered=True)
    for step in conversation(ONE, call("A", 1), answer(1)):
        writer.write(step)
    assert writer.size == len(stream.getvalue())


def test_no_more_than_some_bytes_wait(monkeypatch):
    monkeypatch.setattr(tcp_writer, "REORDERED_BYTES", 1_000)
    stream = io.BytesIO()
    writer = TcpWriter(PcapngWriter(stream))
    for number in range(50):
        writer.write(sent(ONE, CLIENT, call("A", number), number))
        assert writer.size - len(stream.getvalue()) <= 1_000
    writer.flush()
    assert [step.frame.body for step in read_back(stream.getvalue())[0]] == [call("A", n) for n in range(50)]


def test_the_writer_can_go_on_in_another_file():
    first, second = io.BytesIO(), io.BytesIO()
    writer = TcpWriter(PcapngWriter(first))
    steps = conversation(ONE, call("A", 1), answer(1))
    for step in steps[:3]:
        writer.write(step)
    writer.use(PcapngWriter(second))
    for step in steps[3:]:
        writer.write(step)
    writer.flush()
    assert [len(read_back(file.getvalue())[0]) for file in (first, second)] == [2, 2]


def test_pieces_of_a_frame_are_its_bytes_and_its_holes():
    holed = frame(SERVER, b"abc\0\0f", missing=[(3, 5)])
    assert list(pieces_of(holed)) == [(b"\0\0\0\x06abc", 2), (b"f", 0)]
    tail = frame(SERVER, b"abc", length=9, missing=[(3, 9)])
    assert list(pieces_of(tail)) == [(b"\0\0\0\x09abc", 6)]


@given(st.lists(st.binary(min_size=1, max_size=3 * SEGMENT_BYTES), min_size=1, max_size=6))
def test_bytes_of_any_length_come_back(bodies):
    steps = conversation(ONE)
    for body in bodies:
        steps.append(sent(ONE, CLIENT, call("A" + "x" * (len(body) % 1000), 1) + body))
    found, _ = read_back(written(steps))
    assert [s.frame.body for s in found] == [s.frame.body for s in steps if isinstance(s, Sent)]


def test_tshark_has_nothing_to_say(tshark, tmp_path):
    big = answer(1, rows=9_000)
    steps = [
        *conversation(ONE, call("A", 1), big, call("B", 1), answer(1)),
        *conversation(TWO, call("A", 1), big),
        *ended(ONE, at=9 * SECOND),
    ]
    path = tmp_path / "made.pcapng"
    path.write_bytes(written(steps))
    complaints = "tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0"
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    done = subprocess.run(
        [tshark, "-n", "-r", path, *checks, "-Y", complaints], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_a_note_is_the_comment_of_the_next_packet_and_no_packet_itself():
    connection = Connection(number=1, client="10.0.0.1:50000", server="10.0.0.2:21212")
    note = Note(connection=connection, text="fault delay time=0.02", time_ns=SECOND)
    packets = []

    class Pcapng:
        size = 0

        def packet(self, data, time_ns, *, missing_bytes=0, comment=None):
            packets.append(comment)

    writer = TcpWriter(Pcapng())
    for step in (opened(connection), note, note, sent(connection, SERVER, b"abc", SECOND)):
        writer.write(step)
    writer.write(sent(connection, SERVER, b"def", SECOND))
    writer.flush()
    assert packets == [None] * 3 + ["fault delay time=0.02\nfault delay time=0.02", None]
