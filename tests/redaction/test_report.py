import json

from volttools.redaction import report as module
from volttools.redaction.report import Report
from volttools.redaction.rules import Action, Place, Rule, Rules

RULES = Rules((Rule(action=Action.KEEP, columns=("ID",)), Rule(action=Action.NULL, columns=("EMIAL",))))


def sample():
    report = Report(RULES)
    report.messages["requests"] = 2
    report.count_values("Vote", Place(0), "BIGINT", "replaced", 1_500, None)
    report.count_values("Vote", Place(column="ID"), "BIGINT", "kept", 3, 0)
    report.count_values(None, Place(1, "X"), "STRING", "replaced", 1, None)
    report.other["users"] += 1
    report.count_zeroed(17)
    return report


def test_lines_tell_what_was_touched_and_which_rule_never_matched():
    assert sample().lines() == [
        "messages   requests 2, unreadable frames 1",
        "values     3 kept, 1,501 replaced",
        "besides    users 1",
        "zeroed     frames 17: their values can't be told apart",
        "rule 1     column ID: keep: 3 values",
        "rule 2     column EMIAL: null: matched nothing: a name misspelt, or an earlier rule?",
        "(request not captured)",
        "  parameter 1, column X        STRING          1 replaced",
        "Vote",
        "  parameter 0                  BIGINT          1,500 replaced",
        "  column ID                    BIGINT          3 kept (rule 1)",
    ]


def test_json_tells_the_same():
    found = json.loads(json.dumps(sample().as_json()))
    assert found["values"][1] == {
        "procedure": "Vote",
        "parameter": 0,
        "column": None,
        "type": "BIGINT",
        "done": {"replaced": 1500},
        "rules": [],
    }
    assert found["values"][2]["rules"] == [1]
    assert found["unused_rules"] == [2]
    assert found["rules"][0] == {"rule": 1, "text": "column ID: keep", "values": 3}
    assert found["zeroed_frames"] == [17]


def test_a_rule_that_met_only_nulls_has_matched():
    report = Report(RULES)
    report.count_values("Vote", Place(column="EMIAL"), "STRING", "made NULL", 0, 1)
    assert report.unused_rules == [0]
    assert report.lines()[-1] == "  column EMIAL                 STRING          only NULLs (rule 2)"


def test_an_empty_report_says_so():
    assert Report(Rules()).lines() == ["messages   none", "values     none"]


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "_MOST_PLACES", 3)
    monkeypatch.setattr(module, "_MOST_FRAMES", 12)
    report = Report(Rules())
    for number in range(20):
        report.count_values(f"P{number}", Place(0), "BIGINT", "replaced", 1, None)
        report.count_zeroed(number)
    assert len(report.values) == 4
    assert report.totals == {"replaced": 20}
    assert (
        report.lines()[2]
        == "zeroed     frames 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...: their values can't be told apart"
    )
