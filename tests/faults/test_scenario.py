import re

import pytest

from tests.requirements import ROOT
from volttools.errors import UsageError
from volttools.faults import Scenario, rule
from volttools.faults.rules import SELECTORS
from volttools.faults.scenario import scenario_of

TEXT = """
seed = 7

[[fault]]   # slow votes
kind = "delay"
time = "20ms"
procedure = "Vote*"
every = 10

[[fault]]
kind = "close-before"
call = 3
"""


def test_a_scenario_is_read_from_text_file_and_what_json_says(tmp_path):
    found = Scenario.from_text(TEXT)
    assert found.seed == 7
    assert list(found.rules) == [
        rule("delay", time="20ms", procedure="Vote*", every=10),
        rule("close-before", call=3),
    ]
    path = tmp_path / "slow.toml"
    path.write_text(TEXT)
    assert Scenario.from_file(path) == scenario_of(path) == scenario_of(str(path)) == found
    document = {"seed": 7, "fault": [{"kind": "close-before", "call": 3}]}
    assert Scenario.from_dict(document) == scenario_of(document) == Scenario(rules=found.rules[1:], seed=7)
    assert scenario_of(found.rules) == Scenario(rules=found.rules)
    assert scenario_of(None) == Scenario()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("seed = ", "x.toml: no TOML: "),
        ("sed = 1", "x.toml: sed: there is no such key; did you mean seed?"),
        ('seed = "x"', "x.toml: seed: expected a whole number, got 'x'"),
        ("fault = 1", "x.toml: fault: expected tables, each written [[fault]]"),
        ("[fault]\nkind = 'drop'", "x.toml: fault: expected tables, each written [[fault]]"),
        ("[[fault]]", 'x.toml: fault 1: kind: it is missing; write kind = "delay", or another one'),
        (f"{TEXT}[[fault]]\nkind = 'drp'", "x.toml: fault 3: kind: there is no 'drp'; did you mean drop?"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_rule(text, error):
    with pytest.raises(UsageError) as raised:
        Scenario.from_text(text, file="x.toml")
    assert str(raised.value).startswith(error)


def test_a_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="no UTF-8, as TOML must be"):
        Scenario.from_file(path)


def test_a_log_is_a_scenario_by_its_name(tmp_path):
    path = tmp_path / "run.jsonl"
    line = '{"kind": "drop", "rule": 1, "node": 0, "connection": 1, "call": 1, "chosen": {}%s}\n'
    path.write_text(line % "" + "\n" + line % ', "skipped": "no such field"')
    assert [injection.kind.name for injection in scenario_of(path).repeated] == ["drop"]
    path.write_text(line % "" + "{}")
    with pytest.raises(UsageError, match=r"run.jsonl: line 2: kind: there is no None"):
        scenario_of(path)


def test_what_is_no_rule_is_refused():
    with pytest.raises(UsageError, match=r"expected rules, as volttools.faults.rule makes them, got 1"):
        scenario_of([1])


def test_the_document_has_every_selector():
    page = (ROOT / "docs" / "faults.md").read_text()
    assert all(f"`{selector.parameter.name}`" in page for selector in SELECTORS)


def test_the_example_is_good_and_the_document_shows_its_beginning():
    path = ROOT / "examples" / "faults.toml"
    assert len(Scenario.from_file(path).rules) == 5
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "docs" / "faults.md").read_text(), re.M | re.S)
    assert shown.strip() in path.read_text()
