"""Captures that grow: with differences that compare has to find, all of them."""

import sys

import pytest

import volttools
from benchmarks import grow
from volttools.compare import compare

COPIES = 12


def grown(monkeypatch, source, target, *more):
    words = ["grow", str(source), str(COPIES), str(target), *map(str, more)]
    monkeypatch.setattr(sys, "argv", words)
    grow.main()
    return target


@pytest.mark.parametrize(
    ("capture", "planted"),
    [
        ("types-all", 72),
        ("demo", 4),
        ("hand-made-versions", 36),
        ("pushes-catalog", 0),  # each packet ends with a notification
    ],
)
def test_each_planted_difference_is_told_and_nothing_else_is_changed(capture, planted, monkeypatch, tmp_path):
    source = f"captures/{capture}.pcap"
    a = grown(monkeypatch, source, tmp_path / "a.pcap")
    b = grown(monkeypatch, source, tmp_path / "b.pcap", 3)
    changed = sum(one != other for one, other in zip(a.read_bytes(), b.read_bytes(), strict=True))
    with volttools.open(a) as ones, volttools.open(b) as others:
        found = compare(ones.events(), others.events())
    assert changed == planted
    assert found.different == sum(group.pairs for group in found.groups) == planted
    assert found.a.builds == found.b.builds
