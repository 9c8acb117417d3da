import json
import os
import random

import pytest

import volttools
from tests.capture.traffic import Traffic, calls, pcap_of
from tests.protocol.wire import CLIENT, SERVER, answer, call
from tests.requirements import ROOT, shared_captures_dir
from volttools.capture.parts import NotDivisibleError, slot_of
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


def in_turn(function, tasks, on_told):
    """As `jobs.results`, in this process."""
    for number, task in enumerate(tasks):
        yield function(task, lambda word, number=number: on_told(number, word))


@pytest.mark.parametrize("by", ["procedure", "param:0", "status"])
def test_several_processes_tell_what_one_does(by):
    found = digest_of_parts(Task(files=[str(path) for path in WHOLE[:2]], by=by), 2)
    assert text_of(found) == text_of(by_one(WHOLE[:2], by))


def test_how_far_it_is_is_how_far_the_slowest_is():
    told = []
    files = [str(path) for path in WHOLE[:2]]
    digest_of_parts(Task(files=files), 2, lambda *both: told.append(both))
    size = sum(path.stat().st_size for path in WHOLE[:2])
    assert told == sorted(told)
    assert told[-1] == (size, size)


@pytest.mark.shared
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_each_recording_that_can_be_divided_gives_the_same(path, monkeypatch):
    """In one process, but in the order in which processes may be done."""

    def shuffled(function, tasks, on_told):
        return in_turn(function, random.Random(len(path.name)).sample(tasks, len(tasks)), on_told)

    monkeypatch.setattr(parts, "results", shuffled)
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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_named_pipe_is_read_by_one_process(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotDivisibleError, match="pipe can be read only once"):
        digest_of_parts(Task(files=[str(tmp_path / "pipe")]), 2)


def ports_of_each_part():
    """A client's port of each of two parts, as `tests.capture.traffic` has addresses."""
    ports = range(50_000, 50_100)
    return [
        next(p for p in ports if slot_of(f"10.0.0.1:{p}", "10.0.0.2:21212") % 2 == part) for part in (0, 1)
    ]


def test_numbers_that_depend_on_the_time_of_others_are_refused(tmp_path, monkeypatch):
    """What a connection begins with, of which no beginning was seen, comes out a second later by anyone's time."""
    monkeypatch.setattr(parts, "results", in_turn)
    ports = ports_of_each_part()
    midstream = Traffic(client_port=ports[0]).sends(0, CLIENT, call("Slow", 1)).sends(9, SERVER, answer(1))
    others = calls(Traffic(client_port=ports[1]).logs_in(2), (3, "A"), (4, "A"), (10, "B"))
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(midstream, others))
    with pytest.raises(NotDivisibleError, match="numbers of calls unsure"):
        digest_of_parts(Task(files=[str(path)]), 2)


def test_what_came_out_by_the_time_of_others_before_its_cause_is_refused(tmp_path, monkeypatch):
    """Its clock is wrong: the answer is let out while nothing of its connection was there, by packets of another."""
    monkeypatch.setattr(parts, "results", in_turn)
    ports = ports_of_each_part()
    early = Traffic(client_port=ports[0]).logs_in(9).sends(0, SERVER, answer(1))
    others = calls(Traffic(client_port=ports[1]).logs_in(2), (3, "A"), (4, "A"))
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(early, others))
    with pytest.raises(NotDivisibleError, match="long after others"):
        digest_of_parts(Task(files=[str(path)]), 2)


def test_what_waits_for_a_moment_only_is_divided(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "results", in_turn)
    ports = ports_of_each_part()
    midstream = calls(Traffic(client_port=ports[0]), *((0.001 * n, "Quick") for n in range(20)))
    others = calls(Traffic(client_port=ports[1]).logs_in(2), (3, "A"), (4, "A"))
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_of(midstream, others))
    assert text_of(digest_of_parts(Task(files=[str(path)]), 2)) == text_of(by_one([path]))
