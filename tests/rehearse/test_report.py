"""The page, and the JSON."""

import json
import re

import pytest

import volttools
from tests.rehearse.shop import EXAMPLE, settings, settings_of, shops
from tests.replay.made import line, opened
from tests.requirements import ROOT
from volttools.compare import Settings
from volttools.compare.latency import Latencies
from volttools.formats.table import Table
from volttools.mock import MockServer
from volttools.rehearse.rehearsing import Wishes, prepare
from volttools.rehearse.report import Page, report_json, verdict_of


def rehearsed(capture, old, new, **more):
    servers = [None if old is None else settings_of(old), settings_of(new)]
    wishes = Wishes(settings=settings(**more))
    with volttools.open(capture) as opened_capture, prepare(opened_capture, *servers, wishes) as prepared:
        return prepared.run()


def text(found, width=100):
    return ["".join(piece for piece, _ in one).rstrip() for one in Page(width=width).lines(found)]


def masked(page):
    """What is not the same each time, and where lines are broken, taken out."""
    page = " ".join(page.split())
    page = re.sub(r"this machine could not keep up .*? say less( \([^)]*\))? ", "", page)
    page = re.sub(r"127\.0\.0\.1:\d+", "SERVER", page)
    page = re.sub(r"\d[\d.]* (?:ms|s|µs|min)\b", "TIME", page)
    return re.sub(r"\d[\d.]* times as long \([^)]*\)", "LONGER", page)


def test_the_page_of_the_document_is_what_the_example_prints(monkeypatch, tmp_path):
    """Five regressions, on one screen of 100 columns. How long a call takes on this machine doesn't count."""
    document = (ROOT / "docs" / "rehearse.md").read_text()
    shown = re.search(r"<!-- output .*? -->\n```\n(.*?)```", document, re.DOTALL)[1]
    add = Latencies.add

    def as_quick_as_wanted(self, procedure, old_ns, new_ns):
        add(self, procedure, 6_000_000, 20_000_000 if procedure == "Search" else 6_000_000)

    monkeypatch.setattr(Latencies, "add", as_quick_as_wanted)
    monkeypatch.chdir(tmp_path)
    printed = "\n".join(EXAMPLE["rehearse"](Settings(slower=1.0, examples=5)))
    assert masked(printed) == masked(shown)
    lines = shown.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert re.findall(r"^  (\d)  (\w+)", shown, re.MULTILINE) == [
        ("1", "GetProduct"),
        ("2", "GetStock"),
        ("3", "ListCategory"),
        ("4", "GetPrice"),
        ("5", "Search"),
    ]


@pytest.fixture(scope="module")
def upgraded(recorded, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, shops(False, True) as (old, new):
        patch.chdir(tmp_path_factory.mktemp("upgraded"))
        yield rehearsed(recorded, old, new)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_page_keeps_to_its_width(upgraded, width):
    lines = text(upgraded, width)
    commands = [one for one in lines if one.startswith("  volttools ")]
    assert len(commands) == 1
    assert max(len(one) for one in lines if one not in commands) <= width


def test_the_json_has_all_of_it(upgraded):
    found = json.loads(json.dumps(report_json(upgraded)))
    assert (found["same"], found["other_answers"], found["slower"]) == (False, True, False)
    assert found["tested"] == {"calls": 240, "of": 250, "share": 0.96}
    assert found["held_back"] == [{"procedure": "Buy", "calls": 10, "does": "write"}]
    assert [(one["procedure"], one["difference"], one["calls"], one["of"]) for one in found["findings"]] == [
        ("GetProduct", "status", 3, 40),
        ("GetStock", "column-type", 40, 40),
        ("ListCategory", "rows-missing", 40, 40),
        ("GetPrice", "value", 4, 40),
    ]
    example = found["findings"][3]["example"]
    assert (example["call"], example["old"], example["new"]) == ("GetPrice(10)", "19.95", "19.96")
    assert [one["procedure"] for one in found["noise"]] == ["GetSession"]
    assert {one["sent"] for one in found["replays"].values()} == {240}
    assert len(found["files"]["recordings"]) == 3


def test_the_same_is_said_with_how_much_was_tested(tmp_path):
    capture = opened(tmp_path, line(1, 1, 1, "Get", 1), line(2, 1, 2, "Put", 1))
    with MockServer() as new:
        new.handle("Get", Table.of([], []), read_only=True)
        new.handle("Put", 1)
        # the recorded answer has no table
        found = rehearsed(capture.names[0], None, new, rules='[[rule]]\nkind = "tables"\n')
    assert verdict_of(found) == (
        "SAME: the new server gave the same answers to the 50 % of the calls that were tested;"
        " how fast was not asked."
    )
    lines = text(found)
    assert "  tested      50 % of" in "\n".join(lines)
    assert "  not tested  1 call of Put: write (--writes sends it)" in lines


def test_what_is_not_there_is_the_first_finding(tmp_path):
    capture = opened(tmp_path, line(1, 1, 1, "Get", 1), line(2, 1, 2, "Count", 1))
    with MockServer() as old, MockServer() as new:
        for server in (old, new):
            server.handle("Get", 1, read_only=True)
        old.handle("Count", 1, read_only=True)
        lines = text(rehearsed(capture.names[0], old, new))
    assert lines[0] == "DIFFERENT: the new server does not do the same; 1 finding."
    assert "  1  Count is not there on the new server (1 call)" in lines
