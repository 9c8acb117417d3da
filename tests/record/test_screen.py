import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.screens import console as make_console
from tests.screens import drawn
from volttools.record.screen import Screen, screen_lines, summary_lines
from volttools.record.statistics import Statistics

QUIET = Statistics(0).snapshot(90 * 10**9, files=[], bytes_written=0)
BUSY = replace(
    QUIET,
    connections=1_200,
    open=8,
    refused=2,
    logins_refused=1,
    calls=123_456,
    errors=7,
    calls_per_s=4321.5,
    p50_ns=812_000,
    p99_ns=14_000_000,
    total_p50_ns=900_000,
    total_p99_ns=None,
    bytes_from_clients=10**6,
    bytes_from_servers=10**9,
    procedures={f"Procedure{n}": 1000 - n for n in range(9)},
    last_errors=["Fail: USER_ABORT: no\n\x1b[31mway " + "x" * 200, "second"],
    files=["out-0001.pcapng", "out-0002.pcapng"],
    bytes_written=12_345_678,
    lost_bytes=5_000,
)


def test_a_busy_screen():
    shown = drawn(screen_lines(BUSY, 80), make_console(80)).splitlines()
    assert shown[:6] == [
        "connections  8 open, 1,200 in all, 2 could not reach the server, 1 log-in refus…",
        "calls        4,322/s, 123,456 in all, 7 failed",
        "latency      p50 812 us, p99 14.0 ms  last 10 s",
        "bytes        1.00 MB from clients, 1.00 GB from servers",
        "written      12.3 MB to out-0002.pcapng, 5.00 kB not recorded",
        "procedures       1,000 Procedure0",
    ]
    assert all(len(line) <= 80 for line in shown)
    assert len([line for line in shown if "Procedure" in line]) == 5


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_nothing_is_wider_than_the_screen_or_changes_its_colours(width):
    text = drawn(screen_lines(BUSY, width), make_console(width))
    assert all(len(line) <= width for line in text.splitlines())
    assert "\x1b" not in text


def test_a_screen_before_the_first_call():
    shown = drawn(screen_lines(QUIET, 80), make_console(80)).splitlines()
    assert shown == [
        "connections  0 open, 0 in all",
        "calls        0/s, 0 in all",
        "latency      p50 -, p99 -  last 10 s",
        "bytes        0 B from clients, 0 B from servers",
    ]


def test_the_summary_says_what_was_recorded_and_what_was_not():
    assert summary_lines(BUSY) == [
        "1,200 connections, 123,456 calls (7 failed) in 90.0 s; latency p50 900 us, p99 -",
        "wrote out-0001.pcapng and 1 other file: 12.3 MB",
        "5.00 kB were passed on and are not in it; the gaps are marked",
    ]
    assert summary_lines(QUIET) == ["0 connections, 0 calls in 90.0 s; latency p50 -, p99 -"]


def test_a_screen_is_drawn_and_leaves_nothing():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, _environ={})
    with Screen(console, lambda: BUSY) as screen:
        screen.draw()
        assert "123,456 in all" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")
