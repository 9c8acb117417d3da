import sys

import volttools
from benchmarks.captures import dpkt_packets, responses_by_dpkt
from benchmarks.traffic import CONNECTIONS, REPORT_EVERY, REPORT_ROWS, main, write_capture


def test_a_capture_has_the_calls_that_were_asked_for_and_no_damage(tmp_path):
    path = tmp_path / "a.pcapng"
    assert write_capture(path, count=100) == 100
    capture = volttools.open(path)
    exchanges = list(capture)
    assert len(exchanges) == 100
    assert capture.summary.connections == capture.summary.logins == CONNECTIONS
    assert not capture.summary.damage
    assert all(exchange.response is not None for exchange in exchanges)
    reports = [len(e.response.tables[0].rows) for e in exchanges if e.procedure == "Report"]
    assert reports == [REPORT_ROWS] * (100 // REPORT_EVERY)


def test_a_capture_is_as_large_as_asked(tmp_path):
    path = tmp_path / "a.pcapng"
    write_capture(path, size=100_000)
    assert 100_000 <= path.stat().st_size < 130_000


def test_dpkt_and_the_official_client_find_the_same(tmp_path):
    path = tmp_path / "a.pcapng"
    write_capture(path, count=60)
    capture = volttools.open(path)
    assert responses_by_dpkt(path) == {1: len(list(capture))}
    assert sum(1 for _ in dpkt_packets(path)) == capture.summary.packets


def test_answers_are_changed_where_asked(tmp_path):
    write_capture(tmp_path / "a.pcapng", count=40)
    write_capture(tmp_path / "b.pcapng", count=40, changed_every=7)
    one, other = (
        {e.invocation.client_handle: e.response.tables[0].rows for e in volttools.open(tmp_path / name)}
        for name in ("a.pcapng", "b.pcapng")
    )
    assert [handle for handle in one if one[handle] != other[handle]] == [7, 14, 21, 28, 35]


def test_the_command_writes_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["traffic", "40", str(tmp_path / "a.pcapng"), "7"])
    main()
    write_capture(tmp_path / "b.pcapng", count=40, changed_every=7)
    assert (tmp_path / "a.pcapng").read_bytes() == (tmp_path / "b.pcapng").read_bytes()
