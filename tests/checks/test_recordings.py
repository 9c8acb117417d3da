"""What is found in each recording, looked through one by one; nothing in those that are not listed."""

import json

import pytest

from tests.requirements import shared_captures_dir
from volttools.capture.reader import open as open_capture
from volttools.checks import Severity, Verdict, check

pytestmark = pytest.mark.shared

DIRECTORY = shared_captures_dir()
CAPTURES = sorted(p for p in DIRECTORY.iterdir() if p.suffix in (".pcap", ".pcapng", ".dump"))

# fmt: off
FOUND = {
    # the client or the server really did so
    "closed-mid-response":         {"closed-in-frame": 1},
    "reset-mid-response":          {"closed-in-frame": 1},
    "cluster-node-lost-client":    {"unanswered": 2},
    "cluster-node-lost-client2":   {"unanswered": 1},
    "cluster-node-lost-python":    {"unanswered": 5},
    "cluster-node-lost-voltclient": {"unanswered": 2},
    "server-crashed":              {"unanswered": 1},
    "server-killed":               {"unanswered": 2},
    "hand-made-versions":          {"timeout-flag": 1, "unanswered": 1, "malformed-answered": 1, "unknown-extension": 1},
    "dump-half-written-call":      {"glued-call": 1},
    "timeout-late-response":       {"late-response": 1},
    "dump-timeout-late-response":  {"late-response": 2, "in-flight-at-end": 1},
    "tls-plain-client":            {"plain-to-tls-port": 1, "login-unanswered": 1},
    # worth knowing
    "login-refused":               {"login-refused": 3, "sha1-login": 2},
    "login-versions":              {"sha1-login": 2},
    "node":                        {"sha1-login": 1},
    "system-statistics":           {"zeros-behind-table": 5},
    "midstream-at-request":        {"midstream": 1},
    # damaged
    "dump-connection-lost":        {"cut-frame": 1, "in-flight-at-end": 3},
    "dump-cut-before-newline":     {"file-cut": 1},
    "dump-cut-in-body":            {"file-cut": 1, "in-flight-at-end": 1},
    "dump-cut-in-prefix":          {"file-cut": 1, "in-flight-at-end": 1},
    "dump-timeout-in-response":    {"cut-frame": 1, "in-flight-at-end": 1},
    "file-cut":                    {"file-cut": 1, "cut-frame": 1},
    "file-cut-ng":                 {"file-cut": 1, "cut-frame": 1},
    "lost-in-body":                {"gap": 1, "partial-message": 1},
    "lost-length-prefix":          {"gap": 1, "response-lost": 1, "unreadable": 1, "after-gap": 1},
    "lost-many":                   {"gap": 11, "response-lost": 2, "request-lost": 4, "partial-message": 4, "after-gap": 5},
    "lost-requests":               {"gap": 2, "request-lost": 2, "after-gap": 2},
    "midstream-in-response":       {"midstream-cut": 1, "after-gap": 1},
    "one-direction-client":        {"one-direction": 1, "response-lost": 24, "login-unanswered": 1},
    "snaplen-128":                 {"snap-length": 4, "partial-message": 38},
    "tls-with-keylog":             {"encrypted": 1},
    "tls-without-keys":            {"encrypted": 1},
}

# What expected.json says of damage, and what is found for it; None: nothing is lost, so nothing is found.
# A capture with its keys beside it is whole there, but not without them.
DAMAGE_CODES = {
    "connection_closed": {"closed-in-frame"},
    "incomplete_frame":  {"cut-frame"},
    "file_cut":          {"file-cut"},
    "malformed_frame":   {"glued-call"},
    "late_response":     {"late-response"},
    "lost_segment":      {"gap"},
    "midstream":         {"midstream", "midstream-cut"},
    "one_direction":     {"one-direction"},
    "snaplen":           {"snap-length"},
    "tls":               {"encrypted"},
    "duplicate":         None,
    "keepalive":         None,
    "retransmission":    None,
    "reordered":         None,
}
# fmt: on


def checked(path):
    verdict = Verdict()
    with open_capture(path) as capture:
        findings = list(check(capture.events(), verdict))
    return findings, verdict


def damage_of(path):
    expected = json.loads((DIRECTORY / f"{path.stem}.expected.json").read_text("utf-8"))
    return expected["damage"]


def test_every_listed_recording_is_there():
    assert set(FOUND) <= {path.stem for path in CAPTURES}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_recording_gives_what_is_listed(path):
    _, verdict = checked(path)
    assert dict(verdict.codes) == FOUND.get(path.stem, {})


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_what_is_found_agrees_with_the_damage_that_was_done(path):
    _, verdict = checked(path)
    done = {damage["kind"] for damage in damage_of(path)}
    for kind in done:
        expected = DAMAGE_CODES[kind]
        assert expected is None or expected & set(verdict.codes), kind
    if not [kind for kind in done if DAMAGE_CODES[kind]] and path.stem != "tls-with-keylog":
        assert verdict.is_whole


@pytest.mark.parametrize("path", [p for p in CAPTURES if p.stem.startswith("lost-")], ids=lambda p: p.stem)
def test_each_hole_is_found_at_its_place(path):
    findings, verdict = checked(path)
    holes = sorted((d["session"] + 1, d["direction"], d["bytes"][0]) for d in damage_of(path))
    places = [finding.place for finding in findings if finding.code == "gap"]
    assert sorted((p.connection, p.direction.value, p.offset) for p in places) == holes
    assert not verdict.severities[Severity.VIOLATION]


def test_the_workload_is_whole():
    _, verdict = checked(DIRECTORY / "workload-8-connections.pcap")
    assert verdict.sentence == "whole: 8 connections, 5,000 calls, every one answered"
