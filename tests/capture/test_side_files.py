"""Responses in files beside; nothing outside of their directory is read."""

import json

import pytest

from volttools.capture.side_files import directory_of, with_side_files
from volttools.errors import EncodeError

RESPONSE = {"status": 1, "tables": []}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "x.cassette").write_text("")
    directory_of(tmp_path / "x.cassette").mkdir()
    (tmp_path / "x.cassette.d" / "a.json").write_text(json.dumps(RESPONSE))
    (tmp_path / "secret.json").write_text(json.dumps(RESPONSE))
    return str(tmp_path / "x.cassette")


def test_a_response_is_put_in(file):
    line = {"procedure": "P", "response": {"in_file": "a.json"}}
    assert with_side_files(line, file) == {"procedure": "P", "response": RESPONSE}


@pytest.mark.parametrize("line", [[], {"response": None}, {"response": RESPONSE}, {"response": 3}, None])
def test_any_other_line_stays(line, file):
    assert with_side_files(line, file) is line


@pytest.mark.parametrize(
    ("response", "why"),
    [
        ({"in_file": "../secret.json"}, "expected the name of a file"),
        ({"in_file": "/etc/passwd"}, "expected the name of a file"),
        ({"in_file": ".."}, "expected the name of a file"),
        ({"in_file": 7}, "expected the name of a file"),
        ({"in_file": "a.json", "status": 1}, "stands nowhere else"),
        ({"in_file": "b.json"}, "No such file"),
    ],
)
def test_what_leads_nowhere_is_refused(response, why, file):
    with pytest.raises(EncodeError, match=why) as caught:
        with_side_files({"response": response}, file)
    assert caught.value.path == "response.in_file"


@pytest.mark.parametrize(
    ("text", "why"), [("{", "is no JSON"), ("[]", "is no response"), ('{"in_file": "a"}', "is no response")]
)
def test_and_so_is_what_is_no_response(text, why, file, tmp_path):
    (tmp_path / "x.cassette.d" / "bad.json").write_text(text)
    with pytest.raises(EncodeError, match=why):
        with_side_files({"response": {"in_file": "bad.json"}}, file)


@pytest.mark.parametrize("file", [None, "standard input"])
def test_without_a_file_there_is_nothing_beside(file):
    with pytest.raises(EncodeError, match="what is read has no name"):
        with_side_files({"response": {"in_file": "a.json"}}, file)
