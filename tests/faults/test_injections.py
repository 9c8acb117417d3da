import json

import pytest

from volttools.errors import UsageError
from volttools.faults.catalog import KINDS
from volttools.faults.injections import Injection, injection_of

ONE = Injection(
    rule=2,
    kind=KINDS["delay"],
    node=0,
    connection=3,
    call=4,
    procedure="Vote",
    chosen={"time": 0.02},
)


def test_a_line_of_the_log_gives_the_injection_again():
    line = ONE.as_line()
    assert json.loads(line) == ONE.as_json()
    assert line == (
        '{"rule": 2, "kind": "delay", "node": 0, "connection": 3, "call": 4, "procedure": "Vote",'
        ' "chosen": {"time": 0.02}}'
        "\n"
    )
    assert injection_of(line) == ONE


def test_people_read_what_where_and_why():
    assert str(ONE) == "fault delay time=0.02: connection 3, call 4 of Vote, by rule 2"
    push = Injection(
        rule=1,
        kind=KINDS["push-drop"],
        node=1,
        connection=1,
        call=2,
        procedure=None,
        chosen={},
        skipped="why",
    )
    assert str(push) == "fault push-drop: node 1, connection 1, push 2, by rule 1 (not done: why)"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("{", "x.jsonl: line 7: no JSON: "),
        ("[]", "x.jsonl: line 7: expected an object, as the log of faults has it"),
        ('{"kind": "dely"}', "x.jsonl: line 7: kind: there is no 'dely'; did you mean delay?"),
        ('{"kind": "drop"}', "x.jsonl: line 7: rule: expected a whole number from 0 on, got None"),
        (
            '{"kind": "drop", "rule": 1, "node": 0, "connection": 0}',
            "x.jsonl: line 7: connection: expected a whole number from 1 on, got 0",
        ),
        (
            '{"kind": "drop", "rule": 1, "node": 0, "connection": 1, "call": "x"}',
            "x.jsonl: line 7: call: expected a whole number, got 'x'",
        ),
        (
            '{"kind": "drop", "rule": 1, "node": 0, "connection": 1, "chosen": 1}',
            "x.jsonl: line 7: chosen: expected an object, got 1",
        ),
    ],
)
def test_a_bad_line_is_told_with_file_and_number(line, error):
    with pytest.raises(UsageError) as raised:
        injection_of(line, file="x.jsonl", number=7)
    assert str(raised.value).startswith(error)
