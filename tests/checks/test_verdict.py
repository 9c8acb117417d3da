import json

from tests.checks.samples import SAMPLES, calls, damaged, findings
from tests.protocol.wire import call
from volttools.checks import Verdict
from volttools.checks.verdict import finding_line, summary_line


def verdict_on(events):
    verdict = Verdict()
    findings(events, verdict)
    return verdict


def test_a_whole_capture_is_told_so():
    verdict = verdict_on(calls(call(), call()))
    assert verdict.sentence == "whole: 1 connection, 2 calls, every one answered"
    assert (verdict.is_whole, verdict.is_clean, verdict.logins) == (True, True, 1)


def test_violations_leave_it_whole_and_not_clean():
    verdict = verdict_on(SAMPLES["unanswered"]())
    assert verdict.sentence == "whole: 1 connection, 1 call, 0 answered; 1 violation by the server"
    assert (verdict.is_whole, verdict.is_clean) == (True, False)


def test_damage_is_counted_with_its_bytes():
    verdict = verdict_on(SAMPLES["gap"]())
    assert verdict.sentence == (
        "not whole: gap 1, response-lost 2 (40 bytes); 1 connection, 2 calls, 0 answered"
    )
    assert verdict.lost_bytes == 40
    assert not verdict.is_whole


def test_violations_of_both_sides_are_told_apart():
    verdict = verdict_on([*SAMPLES["unanswered"](), *SAMPLES["timeout-flag"](), *SAMPLES["null-user"]()])
    assert verdict.sentence.endswith("; 3 violations: 2 by the client, 1 by the server")


def test_notes_are_counted_and_change_nothing():
    verdict = verdict_on(SAMPLES["sha1-login"]())
    assert verdict.sentence == "whole: 1 connection, 0 calls; 1 note"
    assert verdict.is_clean


def test_nothing_is_nothing():
    verdict = verdict_on([])
    assert (verdict.is_empty, verdict.sentence) == (True, "nothing to check: no VoltDB traffic")
    assert not verdict_on(damaged("file cut")).is_empty


def test_a_part_of_a_response_is_no_answer():
    assert verdict_on(SAMPLES["closed-in-frame"]()).answered == 0


def test_lines_are_json_and_have_all():
    verdict = Verdict()
    (found,) = findings(SAMPLES["reserved-handle"](), verdict)
    assert json.loads(json.dumps(finding_line(found))) == {
        "kind": "finding",
        "code": "reserved-handle",
        "severity": "violation",
        "side": "client",
        "message": found.message,
        "file": None,
        "connection": 1,
        "exchange": 1,
        "frame": 3,
        "direction": "client",
        "offset": 57,
        "path": "invocation.client_handle",
        "time_ns": 3 * 10**9,
    }
    line = json.loads(json.dumps(summary_line(verdict, ["x.pcap"])))
    assert line["severities"] == {"damage": 0, "violation": 1, "note": 0}
    assert (line["whole"], line["clean"], line["codes"]) == (True, False, {"reserved-handle": 1})
