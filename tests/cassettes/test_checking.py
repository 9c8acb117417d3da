"""Complaints name the line and the reason."""

import re

import pytest

from tests.cassettes.made import interaction
from tests.requirements import ROOT
from volttools.cassettes import Cassette, check, load
from volttools.errors import CaptureError


@pytest.fixture
def path(tmp_path):
    cassette = Cassette()
    for number in range(3):
        cassette.add(interaction(number))
    return cassette.save(tmp_path / "x.cassette")


def complaints(path, old="", new=""):
    path.write_text(path.read_text().replace(old, new, 1) if old else path.read_text())
    return [str(each) for each in check(path)]


def test_a_good_one_has_none(path):
    assert check(path) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"params"',
            "params",
            "line 4: no JSON: expecting property name enclosed in double quotes at column 2",
        ),
        ('"BIGINT", 0', '"BIGINT", "x"', "line 2: params[0]: BIGINT: expected"),
        ('"procedure"', '"procdure"', "line 2: no member is called 'procdure'; did you mean 'procedure'?"),
        ('"status": 1', '"status": "DONE"', "line 2: response.status: "),
        ('"cassette": 1', '"cassette": 9', "line 1: schema 9 of cassettes; this volttools knows 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(path, old, new, expected):
    (found,) = complaints(path, old, new)
    assert found.startswith(expected)
    assert all(each.is_error for each in check(path))


def test_the_cassette_of_the_page_is_good(path):
    page = (ROOT / "docs" / "cassettes.md").read_text()
    (block,) = re.findall(r'^```\n(\{"kind": "capture".*?)^```$', page, re.MULTILINE | re.DOTALL)
    path.write_text(block)
    assert check(path) == []
    assert len(load(path)) == 2
    first, rest = block.split("\n", 1)
    path.write_text(rest)
    (complaint,) = check(path)
    assert (complaint.is_error, complaint.text) == (
        False,
        f"the first line names no schema: begin with {first}",
    )


def test_what_is_odd_is_told_and_is_no_error(path):
    with path.open("a") as file:
        file.write('{"procedure": "Lost", "params": []}\n')
    (complaint,) = check(path)
    assert (complaint.is_error, complaint.line) == (False, 29)
    assert complaint.text == "the call of Lost has no answer, so it isn't played"


def test_side_files_that_are_missing_or_left_over_are_told(tmp_path):
    cassette = Cassette()
    cassette.add(interaction(rows=5_000))
    path = cassette.save(tmp_path / "x.cassette")
    directory = tmp_path / "x.cassette.d"
    (side,) = directory.iterdir()
    (directory / "old.json").write_text("{}")
    assert [str(each) for each in check(path)] == ["nothing refers to x.cassette.d/old.json"]
    side.unlink()
    (missing,) = [each for each in check(path) if each.is_error]
    assert missing.text.endswith(f"{side.name}: No such file or directory")


def test_a_file_that_is_no_cassette_is_refused(tmp_path):
    (tmp_path / "x").write_text("la la la")
    with pytest.raises(CaptureError, match="doesn't begin as a cassette"):
        check(tmp_path / "x")
    with pytest.raises(CaptureError, match="No such file"):
        check(tmp_path / "none")
    (tmp_path / "z").write_bytes(bytes.fromhex("d4c3b2a1") + bytes(20))
    with pytest.raises(CaptureError, match=r"this is a capture: `volttools check .*z` checks it, "):
        check(tmp_path / "z")
    (tmp_path / "y").write_text('{"kind": "capture", "schema": 1}\n')
    assert [str(each) for each in check(tmp_path / "y")] == ["no call with its answer is in there"]
