import json
import random

import pytest

import volttools
from tests.requirements import ROOT, shared_captures_dir
from volttools.capture.parts import NotDivisibleError
from volttools.stats import parts
from volttools.stats.digest import Digest
from volttools.stats.figures import figures
from volttools.stats.keys import key_of
from volttools.stats.parts import Task, digest_of_parts

CAPTURES = ROOT / "captures"
WHOLE = [CAPTURES / "demo.pcap", CAPTURES / "types-all.pcap", CAPTURES / "tls.pcapng"]
RECORDINGS = sorted(shared_captures_dir().glob("*.pcap*"))


def text_of(digest):
    return json.dumps(figures(digest, []))


def by_one(files, by="procedure"):
    digest = Digest(key_of(by))
    digest.add_all(volttools.open(*files).events())
    return digest


@pytest.mark.parametrize("by", ["procedure", "param:0", "status"])
def test_several_processes_tell_what_one_does(by):
    found = digest_of_parts(Task(files=[str(path) for path in WHOLE[:2]], by=by), 2)
    assert text_of(found) == text_of(by_one(WHOLE[:2], by))


@pytest.mark.shared
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_each_recording_that_can_be_divided_gives_the_same(path, monkeypatch):
    """In one process, but in the order in which processes may be done."""

    def results(function, tasks):
        return map(function, random.Random(len(path.name)).sample(tasks, len(tasks)))

    monkeypatch.setattr(parts, "results", results)
    try:
        found = digest_of_parts(Task(files=[str(path)]), 3)
    except NotDivisibleError:
        damage = by_one([path]).damage
        assert damage.keys() - {"midstream"}
        return
    assert text_of(found) == text_of(by_one([path]))


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (Task(files=["demo.pcap"], by="connection"), "connection may differ"),
        (Task(files=["-"]), "standard input"),
        (Task(files=[str(CAPTURES / "lost-many.pcapng")]), "damage|cut"),
        (Task(files=[str(CAPTURES / "dump-normal.dump")]), "only packets"),
    ],
)
def test_what_only_one_process_can_do_is_refused(task, why):
    with pytest.raises(NotDivisibleError, match=why):
        digest_of_parts(task, 2)
