import pytest

from volttools.errors import UsageError
from volttools.faults.rules import Rule, rule, rule_of


@pytest.mark.parametrize(
    ("kind", "keys", "error"),
    [
        ("dely", {}, "kind: there is no 'dely'; did you mean delay?"),
        ("nothing at all", {}, "kind: there is no 'nothing at all'; `volttools faults` lists all"),
        ("delay", {}, 'time: delay needs it: a time such as "20ms"'),
        ("delay", {"time": 3}, 'time: expected a time such as "20ms", got 3'),
        (
            "delay",
            {"time": "1s", "procedre": "x"},
            "procedre: delay has no such key; did you mean procedure?",
        ),
        ("drop", {"zzz": 1}, "zzz: drop has no such key; write one of procedure, where, user, node, "),
        (
            "connect-stall",
            {"procedure": "x"},
            "procedure: connect-stall applies at connect, where there is none; write one of node, connection, ",
        ),
        ("corrupt", {"field": "tabels[0]"}, "field: the message has no 'tabels'; did you mean tables?"),
        (
            "login-corrupt",
            {"field": "tables"},
            "field: the message has no 'tables'; write one of version, status, ",
        ),
        (
            "drop",
            {"where": "status == 1"},
            "where: status is not known of a call before it is answered; ask for",
        ),
        (
            "drop",
            {"where": "params[0] = 1"},
            "where: column 11: write == to compare\n  params[0] = 1\n            ^",
        ),
        (
            "status",
            {"status": "GRACEFULL"},
            "status: there is no 'GRACEFULL'; did you mean GRACEFUL_FAILURE?",
        ),
        ("drop", {"from_": 3, "to": 2}, "to: from = 3 is behind to = 2, so the rule would never match"),
        ("drop", {"call": [1, 0]}, "call: expected a whole number from 1 on, or a list of them, got [1, 0]"),
        ("drop", {"procedure": []}, "procedure: expected a text or a list of texts, got []"),
        ("drop", {"probability": 2}, "probability: expected a number 0 .. 1, got 2"),
    ],
)
def test_what_is_wrong_is_told_with_its_key_and_what_to_write(kind, keys, error):
    with pytest.raises(UsageError) as raised:
        rule(kind, **keys)
    assert str(raised.value).startswith(error)


def test_a_rule_reads_as_it_was_written():
    made = rule(
        "delay", time="20ms", procedure=["Vote*", "@AdHoc"], where="params[0] == 42", from_=2, probability=0.5
    )
    assert isinstance(made, Rule)
    assert str(made) == (
        "delay time=20ms: procedure Vote* or @AdHoc, where params[0] == 42, from 2, probability 0.5"
    )
    assert str(rule("drop")) == "drop: always"
    assert str(rule("jitter", mean="5ms")) == "jitter mean=5ms: always"
    assert str(rule("status", status="response_unknown")) == "status status=response_unknown: always"
    assert str(rule("status", status=-7)) == "status status=-7: always"
    assert str(rule("delay", time="20 ms")) == "delay time='20 ms': always"
    assert made.written["time"] == "20ms"
    assert rule_of(made.written) == made


def test_defaults_are_read_like_what_is_written():
    assert rule("trickle").given == {"pause": 0.001, "bytes": 1}
    assert rule("login-refused").given == {"status": -1}
    assert rule("corrupt", field="status").given == {"field": "status", "how": "flip", "bytes": ""}


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"call": 2}, [2]),
        ({"call": [1, 4]}, [1, 4]),
        ({"every": 3}, [3, 6]),
        ({"from_": 4}, [4, 5, 6]),
        ({"to": 2}, [1, 2]),
        ({"from_": 2, "to": 5, "every": 2}, [2, 4]),
    ],
)
def test_which_of_what_matches_is_meant(keys, numbers):
    when = rule("drop", **keys).when
    assert [number for number in range(1, 7) if when.counts(number)] == numbers


def test_patterns_match_whole_names_in_any_case():
    when = rule("drop", procedure="vote.*", user="o?").when
    assert when.is_for("VOTE.insert", "op")
    assert not when.is_for("Vote", "op")
    assert not when.is_for("Vote.insert", "opa")
    assert not when.is_for(None, "op")
    assert not rule("drop", node=1, connection=[2, 3]).when.is_on(1, 1)
    assert rule("drop", node=1, connection=[2, 3]).when.is_on(1, 3)
