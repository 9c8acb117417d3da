"""Captures: one file, several, streams; what they tell of themselves."""

import gzip
import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import volttools
from tests.capture.files import NOW, pcap_head
from tests.capture.traffic import Traffic, calls, dump_of, pcap_of
from tests.protocol.wire import ACCEPTED, LOGIN, answer, call
from tests.requirements import ROOT
from volttools.errors import CaptureError
from volttools.filters.errors import FilterError
from volttools.filters.filter import compile_filter

SESSION = calls(Traffic().logs_in(0), (1, "A"), (2, "B"), (3, "C")).closes(4)
PCAP = pcap_of(SESSION)
DUMP = dump_of(LOGIN, ACCEPTED, call("D", 1), answer(1))


def write(tmp_path, **files):
    paths = []
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        paths.append(path)
    return paths


def procedures(capture):
    return [exchange.procedure for exchange in capture]


def test_iterating_gives_the_exchanges(tmp_path):
    (path,) = write(tmp_path, x=PCAP)
    with volttools.open(path) as capture:
        assert procedures(capture) == ["A", "B", "C"]
        assert procedures(capture) == ["A", "B", "C"]  # from the beginning


def test_the_summary_counts_what_was_read(tmp_path):
    (path,) = write(tmp_path, x=PCAP)
    capture = volttools.open(path)
    events = list(capture.events())
    assert [event.kind for event in events] == ["login", "exchange", "exchange", "exchange"]
    summary = capture.summary
    assert (summary.files, summary.packets, summary.bytes) == (1, len(SESSION.packets), len(PCAP))
    assert (summary.frames, summary.logins, summary.exchanges) == (8, 1, 3)
    assert (summary.first_ns, summary.last_ns) == (NOW * 10**9, (NOW + 4) * 10**9)
    assert summary.damage_count == 0


def test_several_files_are_merged_by_time(tmp_path):
    packets = SESSION.packets
    halves = [Traffic(), Traffic()]
    halves[0].packets, halves[1].packets = packets[::2], packets[1::2]
    other = calls(Traffic(client_port=2222).logs_in(0.25), (1.25, "X"))
    paths = write(tmp_path, a=pcap_of(halves[1]), b=gzip.compress(pcap_of(halves[0])), c=pcap_of(other))
    with volttools.open(*paths) as capture:
        assert procedures(capture) == ["A", "X", "B", "C"]
        assert capture.summary.damage_count == 0
        assert capture.summary.connections == 2


def test_the_same_packets_in_two_files_count_once(tmp_path):
    with volttools.open(*write(tmp_path, a=PCAP, b=PCAP)) as capture:
        assert procedures(capture) == ["A", "B", "C"]


def test_dump_files_follow_each_other(tmp_path):
    with volttools.open(*write(tmp_path, a=DUMP, b=PCAP, c=DUMP)) as capture:
        exchanges = list(capture)
    assert [(e.procedure, e.connection.number, e.number) for e in exchanges] == [
        ("A", 1, 1),
        ("B", 1, 2),
        ("C", 1, 3),
        ("D", 2, 4),
        ("D", 3, 5),
    ]
    assert capture.summary.libraries == {"voltdbclient (Python)": 3}


def test_standard_input_and_open_files(monkeypatch):
    assert procedures(volttools.open(io.BytesIO(PCAP))) == ["A", "B", "C"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DUMP)))
    assert procedures(volttools.open("-")) == ["D"]


def test_what_is_known_comes_out_before_the_rest_is_read():
    class Slow(io.BytesIO):
        def read1(self, count=-1):
            return super().read1(100)

    stream = Slow(PCAP)
    exchanges = iter(volttools.open(stream))
    assert next(exchanges).procedure == "A"
    assert stream.tell() < len(PCAP) * 0.8


def test_progress_is_told(tmp_path):
    told = []
    paths = write(tmp_path, a=PCAP, b=DUMP)
    list(volttools.open(*paths, on_progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (len(PCAP) + len(DUMP), len(PCAP) + len(DUMP))
    told.clear()
    list(volttools.open(io.BytesIO(PCAP), on_progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (len(PCAP), None)


def test_a_file_that_is_cut_off_is_damage(tmp_path):
    (path,) = write(tmp_path, x=PCAP[:-20])
    events = list(volttools.open(path).events())
    assert events[-1].what == "file cut"
    assert events[-1].file == str(path)
    assert "the file is cut off in packet" in events[-1].message


def test_an_empty_capture_is_no_error(tmp_path):
    (path,) = write(tmp_path, x=pcap_head())
    with volttools.open(path) as capture:
        assert list(capture.events()) == []
        assert capture.summary.packets == 0


def test_no_capture_is_an_error(tmp_path):
    paths = write(tmp_path, a=PCAP, b=b"something else")
    with pytest.raises(CaptureError, match="not a capture, it begins with 'something else'"):
        list(volttools.open(*paths))
    with pytest.raises(CaptureError, match="can't be opened"):
        volttools.open(tmp_path / "none")
    with pytest.raises(TypeError):
        volttools.open()


def test_public_names_are_there():
    for name in volttools.__all__:
        assert getattr(volttools, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        volttools.nothing  # noqa: B018
    assert dir(volttools) == sorted(volttools.__all__)


@given(st.integers(24, len(PCAP) - 1), st.binary(min_size=1, max_size=30))
def test_any_damage_ends_in_events(position, noise):
    data = PCAP[:position] + noise + PCAP[position + len(noise) :]
    for event in volttools.open(io.BytesIO(data)).events():
        assert event.kind in ("login", "exchange", "push", "damage")


# Two calls in the beginning say that this client gives every call the same handle.
LONG = calls(Traffic().logs_in(0), *((n, name) for n, name in enumerate("YZABCDE", 1))).closes(9)
CERTAIN = 8


@given(st.sets(st.integers(CERTAIN, CERTAIN + 9), max_size=6))
def test_lost_packets_lose_what_they_touched(lost):
    left = Traffic()
    left.packets = [packet for n, packet in enumerate(LONG.packets) if n not in lost]
    whole = [
        e.procedure
        for e in volttools.open(io.BytesIO(pcap_of(left)))
        if e.invocation is not None and e.response is not None
    ]
    kept = [name for n, name in enumerate("ABCDE") if not lost & {CERTAIN + 2 * n, CERTAIN + 2 * n + 1}]
    assert whole == ["Y", "Z", *kept]


def test_events_are_found_by_an_expression():
    with volttools.open(ROOT / "captures" / "demo.pcap") as capture:
        assert [event.number for event in capture.where("status == USER_ABORT")] == [16]
        assert [event.kind for event in capture.where(compile_filter("kind == login"))] == ["login"]


def test_a_wrong_expression_is_refused_before_anything_is_read():
    capture = volttools.open(ROOT / "captures" / "demo.pcap")
    with pytest.raises(FilterError, match="did you mean latency"):
        capture.where("latncy > 5ms")
    assert capture.summary.packets == 0
