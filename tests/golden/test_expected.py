"""Every recording gives the values that stand in its `NAME.expected.json`."""

import json

import pytest

from tests.golden.decoded import sessions_of
from tests.requirements import peers_dir, shared_captures_dir
from volttools.capture.reader import open as open_capture
from volttools.protocol.events import Damage, Exchange, Push

pytestmark = pytest.mark.shared

DIRECTORY = shared_captures_dir()
NAMES = sorted(path.name.removesuffix(".expected.json") for path in DIRECTORY.glob("*.expected.json"))

LATENCY_US = 1
"""Times in captures have microseconds, or are rounded to them in the expected values."""

NULL_FLOAT = -1.7e308
NULL_FLOAT_WIDTH = 1e307
"""The expected values are those that the official client reads. It takes any FLOAT so near to NULL for
NULL; here only that very value is, so that every frame builds again."""


def recording(name):
    return next(p for p in DIRECTORY.glob(f"{name}.*") if p.suffix in (".pcap", ".pcapng", ".dump"))


def keylog_of(name):
    """The secrets of a recording in TLS, if they are there."""
    return sorted(DIRECTORY.glob(f"{name}.keys.txt"))


def expected_of(name):
    return json.loads((DIRECTORY / f"{name}.expected.json").read_text("utf-8"))


def is_refused_dial(session):
    """A connection that nothing was said on: it has a number, but no event tells of it."""
    return session["login"] is None and not any(session["frames"].values()) and not session.get("tls")


def assert_same_call(got, expected):
    got, expected = dict(got), dict(expected)
    latency_us = expected.pop("latency_us", None)
    got_latency_us = got.pop("latency_us", None)
    if latency_us is not None:
        assert got_latency_us == pytest.approx(latency_us, abs=LATENCY_US)
    assert as_official(got) == expected


def as_official(value):
    """A value as the official client has it."""
    if isinstance(value, dict):
        return {key: as_official(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_official(item) for item in value]
    if isinstance(value, float) and abs(value - NULL_FLOAT) < NULL_FLOAT_WIDTH:
        return None
    return value


def without_brackets(address):
    """An IPv6 address as the expected values write it."""
    return address and address.replace("[", "").replace("]", "")


@pytest.mark.parametrize("name", NAMES)
def test_recording_gives_its_expected_values(name):
    expected = expected_of(name)["sessions"]
    numbered = [(n, s) for n, s in enumerate(expected, 1) if not is_refused_dial(s)]
    found = sessions_of(recording(name), keylog=keylog_of(name))
    assert [session["number"] for session in found] == [number for number, _ in numbered]
    for got, (_, want) in zip(found, numbered, strict=True):
        assert without_brackets(got["client"]) == want.get("client")
        assert without_brackets(got["server"]) == want.get("server")
        assert got["login"] == want["login"]
        assert got["tls"] == want.get("tls", False)
        assert got["frames"] == want["frames"]
        assert got["partial_frames"] == want.get("partial_frames", {"client": 0, "server": 0})
        assert got["incomplete_tail"] == want.get("incomplete_tail", {})
        assert got["pushes"] == want["pushes"]
        for got_call, want_call in zip(got["calls"], want["calls"], strict=False):
            assert_same_call(got_call, want_call)
        assert len(got["calls"]) == len(want["calls"])


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("lost-")])
def test_each_hole_is_told_where_it_is(name):
    expected = [
        (damage["session"] + 1, damage["direction"], *damage["bytes"])
        for damage in expected_of(name)["damage"]
    ]
    with open_capture(recording(name)) as capture:
        found = [
            (event.connection.number, event.direction.value, event.offset, event.offset + event.length)
            for event in capture.events()
            if isinstance(event, Damage) and event.what == "gap"
        ]
    assert sorted(found) == sorted(expected)


def test_every_message_of_the_peers_sample_is_complete():
    with open_capture(peers_dir() / "voltdb-wireshark-example.pcap") as capture:
        events = list(capture.events())
        assert capture.summary.frames == 86
        assert not capture.summary.damage
    assert {event.connection.number for event in events} == {1, 2, 3}
    for event in events:
        if isinstance(event, Exchange):
            assert event.invocation.is_readable
            assert event.response is not None
            assert not event.response.trailing
        else:
            assert not isinstance(event, Push)
            assert event.request is not None
            assert event.response.accepted
