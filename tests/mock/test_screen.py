"""The screen of a mock server, to the letter, and its summary."""

from tests.screens import console, drawn
from volttools.mock.figures import NodeFigures, Snapshot
from volttools.mock.screen import screen_lines, summary_lines


def snapshot(nodes=1, **given):
    figures = [NodeFigures(number=n, address=f"127.0.0.1:{21212 + n}", is_up=n != 1) for n in range(nodes)]
    return Snapshot(**{
        "nodes": figures, "open": 1, "connections": 3, "calls": 1234, "calls_per_s": 20.4, "errors": 2, "misses": 1,
        "faults": 0, "procedures": {"A": 2, "\x1b[2JB": 1232}, "said": ["A: no\nwhy"], "control_url": "http://x:1",
        **given,
    })  # fmt: skip


def shown(now, width=60, **how):
    return [line.rstrip() for line in drawn(screen_lines(now, width, **how), console(width)).splitlines()]


def test_one_node():
    assert shown(snapshot(faults=3)) == [
        "listening on 127.0.0.1:21212",
        "control      http://x:1",
        "connections  1 open, 3 in all",
        "calls        20/s, 1,234 in all, 2 failed  last 5 s",
        "misses       1",
        "faults       3 injected",
        "procedures       1,232 \\x1b[2JB",
        "                     2 A",
        "last said    A: no why",
        "",
        "q quit",
    ]


def test_several_nodes_have_keys():
    lines = shown(snapshot(2, control_url=None, said=[], procedures={}))
    assert lines[:3] == [
        "nodes        1 127.0.0.1:21212 up",
        "             2 127.0.0.1:21213 down",
        "connections  1 open, 3 in all",
    ]
    assert lines[-1] == "q quit   1 .. 2 stop or start a node"


def test_no_keys_where_there_are_none():
    assert "quit" not in "".join(shown(snapshot(2), has_keys=False))


def test_no_line_is_wider_than_the_screen():
    assert all(len(line) <= 40 for line in shown(snapshot(said=["x" * 300]), 40))


def test_the_summary():
    assert summary_lines(snapshot(faults=1)) == [
        "3 connections, 1,234 calls (2 failed), 1 miss, 1 fault injected"
    ]
    assert summary_lines(snapshot(errors=0, misses=0)) == ["3 connections, 1,234 calls"]
    assert snapshot().as_json()["misses"] == 1
