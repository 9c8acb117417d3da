"""Recordings as answers: each call of a capture again, and the same bytes back."""

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
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, TIMESTAMP
from volttools.mock import MockServer
from volttools.mock.matching import Match
from volttools.mock.recorded import Recording
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


def test_or_the_call_fails_when_it_is_made_more_often():
    recording = Recording(on_exhausted="fail")
    recording.add(invocation(Parameter.of(INTEGER, 7)), head())
    asked = invocation(Parameter.of(INTEGER, 7))
    assert recording.answer(asked) is not None
    assert recording.answer(asked) is None
    assert recording.why_not(asked) == "The call P(7) was recorded once, and is made more often."


def test_a_call_that_was_not_recorded_says_which_is_nearest_and_where_it_differs():
    recording = Recording()
    for number in range(5):
        recording.add(invocation(Parameter.of(INTEGER, number), Parameter.of(STRING, "x" * 100)), head())
    recording.add(invocation(Parameter.of(INTEGER, 7), Parameter.of(STRING, "y")), head())
    asked = invocation(Parameter.of(INTEGER, 7), Parameter.of(STRING, "z"))
    assert recording.answer(asked) is None
    assert recording.why_not(asked) == (
        "The call P(7, 'z') was not recorded. The nearest recorded call is P(7, 'y'): params[1] is 'z', recorded 'y'."
    )
    assert recording.why_not(invocation(procedure="Q")) is None


def test_the_text_of_a_miss_goes_to_the_client_the_log_and_the_list(caplog):
    recording = Recording()
    recording.add(invocation(Parameter.of(BIGINT, 8)), head())
    with MockServer(recording=recording) as server, connected(server) as wire:
        response = wire.call("P", 7)
        unknown = wire.call("Q")
    text = "The call P(7) was not recorded. The nearest recorded call is P(8): params[0] is 7, recorded 8."
    assert (response.status, response.status_string) == (-3, text)
    assert unknown.status_string == "Procedure Q was not found. There are recorded calls of P"
    assert [miss.text for miss in server.misses] == [text, unknown.status_string]
    said = [record.getMessage() for record in caplog.records if record.name == "volttools.mock"]
    assert said == [text, unknown.status_string]


def test_a_tolerance_takes_what_is_near_only_if_nothing_is_equal():
    recording = Recording(match=Match(float_tolerance=0.01, timestamp_tolerance="1 s"))
    for status, number in ((1, 1.0), (-1, 1.001)):
        recording.add(invocation(Parameter.of(FLOAT, number)), head(status=status))
    recording.add(invocation(Parameter.of(TIMESTAMP, 5_000_000)), head(status=-2))
    statuses = [
        recording.answer(invocation(parameter)).status
        for parameter in (
            Parameter.of(FLOAT, 1.001),
            Parameter.of(FLOAT, 1.002),
            Parameter.of(TIMESTAMP, 5_900_000),
        )
    ]
    assert statuses == [-1, 1, -2]
    assert recording.answer(invocation(Parameter.of(FLOAT, 1.1))) is None
    assert recording.answer(invocation(Parameter.of(TIMESTAMP, 6_000_001))) is None


def test_latencies_are_the_recorded_ones_if_that_is_asked_for():
    for latency, expected in (("recorded", 0.25), (2, 0.5)):
        recording = Recording(latency=latency)
        recording.add(invocation(), head(), latency_ns=250_000_000)
        assert recording.answer(invocation()).delay_s == expected
    recording = Recording()
    recording.add(invocation(), head(), latency_ns=250_000_000)
    assert recording.answer(invocation()).status == 1


@pytest.mark.parametrize("wrong", [{"latency": "slow"}, {"latency": -1}, {"on_exhausted": "stop"}])
def test_what_is_no_way_to_answer_is_refused(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Recording(**wrong)


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
