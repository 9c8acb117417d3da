import json

import pytest

from tests.screens import check_golden, console, written
from volttools.errors import UsageError
from volttools.formats.types import TYPES
from volttools.render import reference


def shown(name, width=120):
    out = console(width)
    reference.print_reference(name, out)
    return written(out)


def test_the_list_names_every_concept_and_its_entries():
    out = console(100)
    reference.print_list(out)
    text = written(out)
    for name in ("login", "invocation", "response", "table", "types", "dumpfile"):
        assert f"\n{name} " in text
    assert "LoginRequest" in text


def test_every_name_can_be_printed_and_given_as_data():
    for name in reference.all_names():
        assert shown(name)
        json.dumps(reference.as_json(name))


def test_a_concept_shows_its_source_records_and_enumerations():
    text = shown("response")
    assert "ClientResponseImpl.java" in text
    assert "client_handle" in text
    assert "GRACEFUL_FAILURE" in text
    assert "TableHeader" in text  # a record within


def test_a_byte_layout_is_a_table_to_implement_from():
    text = "\n".join(line.rstrip() for line in shown("LoginRequest", 100).splitlines())
    check_golden("formats-login-100.txt", text + "\n")


def test_names_are_found_without_regard_to_case():
    assert shown("loginrequest") == shown("LoginRequest")
    assert shown("Response") != ""
    assert "UNEXPECTED_FAILURE" in shown("status_names")


def test_every_wire_type_has_a_row_with_code_width_and_null():
    text = shown("types", 160)
    for kind in TYPES:
        assert kind.name in text
    assert "ffee42d130773b76" in shown("FLOAT", 160)
    geography = shown("GEOGRAPHY", 160)
    assert "4 + n" in geography
    assert "owns_loops" in geography


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(UsageError, match=r"no format is called 'respnse'; did you mean Response"):
        reference.find("respnse")
    with pytest.raises(UsageError, match="`volttools formats` lists what there is"):
        reference.find("zzzzzzzz")


def test_everything_is_there_as_data():
    found = reference.as_json()
    fields = found["login"]["entries"]["LoginRequest"]["fields"]
    assert fields[0] == {
        "offset": 0,
        "name": "version",
        "wire": "i8",
        "only_if": None,
        "doc": "0: no hash scheme; 1 and above: with it",
        "secret": False,
    }
    assert found["response"]["entries"]["STATUS_NAMES"]["1"] == "SUCCESS"
    json.dumps(found)
