"""Recordings as answers: each call of a capture again, and the same bytes back."""

from decimal import Decimal

import pytest

from tests.mock.wire import connected
from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.codec import build, parse
from volttools.errors import CaptureError, UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, FLOAT, INTEGER, STRING, TINYINT, VARBINARY
from volttools.mock import MockServer
from volttools.mock.recorded import Recording, key_of
from volttools.protocol.frame_buffer import framed

CAPTURES = ROOT / "captures"
RECORDED = sorted(
    path
    for path in CAPTURES.iterdir()
    if path.suffix in (".pcap", ".pcapng", ".dump")
    and path.stem != "hand-made-versions"  # only pings, which a server answers itself
)
OWN = ("@SystemInformation", "@Statistics", "@Ping", "@Subscribe", "@GetPartitionKeys")


def head(handle=1, **given):
    return parse(ResponseHead, build(Response(client_handle=handle, **given)))


def invocation(*parameters, procedure="P"):
    return Invocation(procedure=procedure, parameters=list(parameters))


def replay(path):
    """Make the calls of a capture again, in their order; how many, and which got other bytes."""
    with open_capture(path) as capture:
        exchanges = [
            exchange
            for exchange in capture
            if exchange.invocation is not None
            and exchange.response_frame is not None
            and exchange.response_frame.is_whole
            and exchange.procedure not in OWN
        ]
    exchanges.sort(key=lambda exchange: exchange.request_frame.number)
    different = []
    with MockServer.from_capture(path) as server, connected(server) as wire:
        for exchange in exchanges:
            wire.send_frame(exchange.request_frame.body)
            if wire.frame() != exchange.response_frame.body:
                different.append(exchange.number)
    return len(exchanges), different


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_each_recorded_call_gets_the_bytes_of_its_answer(path):
    count, different = replay(path)
    assert count
    assert different == []


@pytest.mark.parametrize(
    "name",
    [
        "bulk-load.pcap",
        "cluster-client2.pcap",
        "dump-half-written-call.dump",
        "java-types.pcap",
        "lost-requests.pcap",
        "types-all.pcap",
    ],
)
def test_and_so_it_is_with_recordings_of_other_clients(shared_captures, name):
    count, different = replay(shared_captures / name)
    assert count
    assert different == []


def test_answers_come_in_order_and_the_last_one_repeats():
    recording = Recording()
    for status in (1, -1):
        recording.add(invocation(), head(status=status))
    assert [recording.answer(invocation()).status for _ in range(4)] == [1, -1, -1, -1]


def test_the_caller_s_handle_is_put_in():
    recording = Recording()
    recording.add(invocation(), head(7, tables=[Table.of([("A", BIGINT)], [(1,)])]))
    with MockServer(recording=recording) as server, connected(server) as wire:
        assert wire.call("P", client_handle=-99).tables[0].rows == [(1,)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Parameter.of(INTEGER, 5), Parameter.of(BIGINT, 5)),
        (Parameter.of(STRING, None), Parameter.of(BIGINT, None)),
        (Parameter.array(TINYINT, [1, None]), Parameter.array(BIGINT, [1, None])),
        (Parameter.of(FLOAT, float("nan")), Parameter.of(FLOAT, float("nan"))),
        (Parameter.of(DECIMAL, Decimal("1.0")), Parameter.of(DECIMAL, Decimal("1.00"))),
    ],
)
def test_what_a_procedure_can_t_tell_apart_is_the_same(one, other):
    assert key_of(invocation(one)) == key_of(invocation(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Parameter.of(INTEGER, 5), Parameter.of(INTEGER, 6)),
        (Parameter.of(INTEGER, 1), Parameter.of(FLOAT, 1.0)),
        (Parameter.of(STRING, "a"), Parameter.of(VARBINARY, b"a")),
        (Parameter.of(FLOAT, 0.0), Parameter.of(FLOAT, -0.0)),
        (Parameter.of(STRING, ""), Parameter.of(STRING, None)),
    ],
)
def test_what_it_can_is_not(one, other):
    assert key_of(invocation(one)) != key_of(invocation(other))


def test_a_call_that_was_not_recorded_says_which_were():
    recording = Recording()
    for number in range(5):
        recording.add(invocation(Parameter.of(INTEGER, number), Parameter.of(STRING, "x" * 100)), head())
    missed = recording.answer(invocation(Parameter.of(INTEGER, 7)))
    assert missed.status == -3
    text = missed.status_string
    assert text.startswith("The call P(7) was not recorded. Recorded were: P(0, 'xxxx")
    assert text.endswith("; and 2 more")
    assert len(text) < 400
    assert recording.answer(invocation(procedure="Q")) is None


def test_handlers_come_first_and_can_give_the_recorded_answer():
    recording = Recording()
    recording.add(invocation(), head(status=-9))
    with MockServer(recording=recording) as server, connected(server) as wire:
        server.handle("P", 1)
        assert wire.call("P").status == 1
        server.handle("P", lambda call: call.default())
        assert wire.call("P").status == -9


def test_a_client_is_sent_to_this_server_and_not_to_the_recorded_one():
    with MockServer.from_capture(CAPTURES / "pushes-catalog.pcap") as server, connected(server) as wire:
        rows = wire.call("@SystemInformation", "OVERVIEW").tables[0].rows
        assert (0, "CLIENTPORT", str(server.port)) in rows


def test_the_recorded_build_is_told_at_log_in():
    with MockServer.from_capture(CAPTURES / "demo.pcap") as server, connected(server) as wire:
        values = {key: value for _, key, value in wire.call("@SystemInformation").tables[0].rows}
        assert values["VERSION"] == "11.4.0.beta1"


def test_a_capture_without_answers_is_refused(tmp_path):
    empty = tmp_path / "x.dump"
    empty.write_bytes(framed(b"\1\1\0\0\0\x08database\0\0\0\0" + bytes(32)) + b"\n")
    with pytest.raises(UsageError, match=r"x.dump: no call with its answer is in there"):
        MockServer.from_capture(empty)
    with pytest.raises(CaptureError):
        MockServer.from_capture(tmp_path / "none.pcap")
