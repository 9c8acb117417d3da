import json

import pytest

from volttools.cli import run


def test_without_a_name_it_lists_all_and_the_language(capsys):
    assert run(["fields"]) == 0
    out = capsys.readouterr().out
    for word in ("latency", "login", "comparisons", "values", "rules"):
        assert word in out


def test_a_name_gives_the_field_and_its_names(capsys):
    assert run(["fields", "status"]) == 0
    out = capsys.readouterr().out
    assert "names of status" in out
    assert "UNEXPECTED_FAILURE" in out
    assert "rules" not in out


def test_as_json(capsys):
    assert run(["fields", "--json", "latency"]) == 0
    (field,) = json.loads(capsys.readouterr().out)["fields"]
    assert field["type"] == "duration"
    assert field["events"] == ["exchange", "login"]


@pytest.mark.parametrize("arguments", [["fields", "latncy"], ["fields", "--json", "latncy"]])
def test_an_unknown_name_is_an_error(arguments, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr() == ("", "volttools: no field is called 'latncy'; did you mean latency?\n")
