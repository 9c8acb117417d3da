import json

import pytest

from volttools.faults.catalog import KINDS, as_json
from volttools.faults.kinds import PLACES, Kind, Place
from volttools.faults.rules import SELECTORS


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_each_kind_says_what_it_does_and_what_a_client_sees(kind):
    assert isinstance(kind, Kind)
    assert kind.doc.endswith(".")
    assert not kind.sees.endswith(".")
    names = [parameter.name for parameter in kind.parameters]
    assert len(set(names)) == len(names)
    assert not set(names) & {selector.parameter.name for selector in SELECTORS} | {"kind"} & set(names)


def test_places_are_described_and_each_has_kinds():
    assert set(PLACES) == set(Place) == {kind.place for kind in KINDS.values()}


def test_programs_get_all_of_it():
    found = json.loads(json.dumps(as_json()))
    assert [kind["name"] for kind in found["kinds"]] == list(KINDS)
    (delay,) = [kind for kind in found["kinds"] if kind["name"] == "delay"]
    assert delay["parameters"] == [
        {"name": "time", "doc": "how much later", "written": 'a time such as "20ms"', "required": True}
    ]
    (times,) = [one for one in found["selectors"] if one["name"] == "times"]
    assert times["places"] == ["response", "node", "push"]
