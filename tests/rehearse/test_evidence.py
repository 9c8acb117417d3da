import json
from pathlib import Path

import pytest

from volttools.errors import UsageError
from volttools.rehearse.evidence import Evidence


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_each_rehearsal_has_a_directory_of_its_own():
    assert [str(Evidence.make(None).directory) for _ in range(3)] == [
        "rehearsal",
        "rehearsal-2",
        "rehearsal-3",
    ]


def test_a_named_directory_may_be_there_and_has_to_be_empty(tmp_path):
    assert Evidence.make("a/b").old == "a/b/old.pcapng"
    (tmp_path / "a" / "b" / "old.pcapng").touch()
    with pytest.raises(UsageError, match=r"^a/b has files in it; name a new directory for the evidence$"):
        Evidence.make("a/b")
    with pytest.raises(UsageError, match="the evidence can't be written there"):
        Evidence.make("a/b/old.pcapng/c")


def test_what_is_written_can_be_read():
    files = Evidence.make(None)
    files.write_comparison([{"kind": "group"}, {"kind": "summary"}])
    files.write_rules("[[rule]]\n")
    files.write_verdict({"same": True})
    with open(files.comparison) as comparison, open(files.verdict) as verdict, open(files.rules) as rules:
        assert [json.loads(line)["kind"] for line in comparison] == ["group", "summary"]
        assert (json.load(verdict), rules.read()) == ({"same": True}, "[[rule]]\n")


def test_names_that_are_no_utf8_are_no_obstacle():
    files = Evidence.make(None)
    files.write_verdict({"procedure": "Get\udcda"})
    assert json.loads(Path(files.verdict).read_text()) == {"procedure": "Get\udcda"}
