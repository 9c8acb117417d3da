from collections import Counter

from volttools.rehearse.coverage import coverage_of
from volttools.replay.safety import Catalog, Nature, judge

TALLY = Counter({("Get", None): 7, ("Put", None): 5, ("@AdHoc", "read"): 3, ("@Pause", None): 1})


def verdict(reading, others=(), allowed=()):
    rows = [{"PROCEDURE_NAME": name, "REMARKS": '{"readOnly":true}'} for name in reading]
    rows += [{"PROCEDURE_NAME": name, "REMARKS": "{}"} for name in others]
    return judge(TALLY, Catalog(rows), allowed)


def names(groups):
    return [group.procedure for group in groups]


def test_what_only_reads_on_both_is_made():
    same = verdict(["Get"], ["Put"])
    found = coverage_of(same, same)
    assert (found.calls, found.made, names(found.held_back)) == (16, 10, ["Put", "@Pause"])
    assert found.keeps("Get", None)
    assert not found.keeps("Put", None)
    assert (found.gone, found.changed) == ([], [])


def test_what_the_new_server_lacks_is_gone_whatever_it_does():
    found = coverage_of(verdict(["Get"], ["Put"]), verdict([]))
    assert (found.made, names(found.gone)) == (3, ["Get", "Put"])


def test_what_neither_has_is_only_held_back():
    found = coverage_of(verdict(["Get"]), verdict(["Get"]))
    assert (names(found.held_back), found.gone) == (["Put", "@Pause"], [])


def test_what_writes_on_the_new_server_only_is_changed_and_not_made():
    found = coverage_of(verdict(["Get"], ["Put"]), verdict([], ["Get", "Put"]))
    assert (names(found.changed), found.made) == (["Get"], 3)


def test_what_was_read_only_on_the_new_server_alone_is_not_made():
    found = coverage_of(verdict([], ["Get", "Put"]), verdict(["Get", "Put"]))
    assert names(found.held_back) == ["Get", "Put", "@Pause"]


def test_with_writes_all_but_administration_is_made():
    same = verdict(["Get"], ["Put"], [Nature.WRITE])
    assert names(coverage_of(None, same).held_back) == ["@Pause"]
