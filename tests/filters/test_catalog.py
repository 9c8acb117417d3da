import json
import re

import pytest

import volttools
from tests.requirements import ROOT
from volttools.errors import UsageError
from volttools.filters.catalog import LITERALS, RULES, SIGNS, as_json, entries, find
from volttools.filters.fields import FIELDS
from volttools.filters.filter import Filter


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_the_example_of_every_field_is_an_expression(entry):
    assert Filter(entry.example)
    assert entry.doc
    assert entry.events


@pytest.mark.parametrize("name", ["types-all.pcap", "lost-many.pcapng", "pushes-catalog.pcap"])
def test_the_example_of_every_field_can_be_asked_of_every_event(name):
    wanted = [Filter(entry.example) for entry in entries()]
    for event in volttools.open(ROOT / "captures" / name).events():
        for question in wanted:
            assert question.matches(event) in (True, False)


@pytest.mark.parametrize("sign", [*SIGNS, *LITERALS], ids=lambda sign: sign.sign)
def test_the_example_of_every_sign_and_value_is_an_expression(sign):
    assert Filter(sign.example)


def test_the_rules_quote_expressions():
    for rule in RULES:
        for text in re.findall(r"`([^`]* [^`]*)`", rule):
            assert Filter(text)


def test_every_field_is_listed_once():
    names = [entry.name for entry in entries()]
    assert len(set(names)) == len(names)
    assert {re.split(r"[.\[]", name)[0] for name in names} == set(FIELDS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("latency", ["latency"]),
        ("params", ["params[N]", "params[N].type", "params[N][N]"]),
        ("params[0]", ["params[N]", "params[N].type", "params[N][N]"]),
        ("params.type", ["params[N].type"]),
        ("tables[0].rows", ["tables[N].rows[N].NAME"]),
        ("push", ["push", "push.name"]),
        ("values", ["values[*]"]),
    ],
)
def test_a_field_is_found_with_those_within_it(name, expected):
    assert [entry.name for entry in find(name)] == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("latncy", "no field is called 'latncy'; did you mean latency?"),
        ("rows", "no field is called 'rows'; did you mean row_count?"),
        ("zzz", "no field is called 'zzz'; `volttools fields` lists what there is"),
        ("", "no field is called ''; `volttools fields` lists what there is"),
    ],
)
def test_an_unknown_field_is_an_error_with_the_nearest(name, message):
    with pytest.raises(UsageError) as caught:
        find(name)
    assert str(caught.value) == message


def test_programs_get_all_of_it():
    found = json.loads(json.dumps(as_json()))
    assert len(found["fields"]) == len(entries())
    assert found["signs"][0] == {"sign": "== !=", "doc": "equal, not equal", "example": "status != SUCCESS"}
    assert as_json("status")["fields"][0]["names"][0] == "SUCCESS"
