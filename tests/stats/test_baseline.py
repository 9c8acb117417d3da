import errno
import json

import pytest

from tests.stats.samples import exchange
from volttools.errors import UsageError
from volttools.stats.baseline import Change, baseline_of, changes, load, save
from volttools.stats.digest import Digest
from volttools.stats.keys import key_of


def baseline(*calls, by="procedure"):
    """Of (procedure, how many, latency in ms, how many of them fail)."""
    digest = Digest(key_of(by))
    for name, number, latency_ms, failed in calls:
        for n in range(number):
            spread = latency_ms * (0.8 + 0.4 * n / number)
            digest.add(exchange(name, number=n + 1, latency_ms=spread, status=-1 if n < failed else 1))
    return baseline_of(digest)


USUAL = (("Vote", 500, 2, 5), ("Results", 100, 9, 0))


def kinds(found):
    return [(change.kind, change.group) for change in found]


def test_the_same_again_is_no_change():
    assert changes(baseline(*USUAL), baseline(*USUAL)) == []


def test_twice_as_long_a_capture_is_no_change():
    twice = [(name, 2 * number, latency, 2 * failed) for name, number, latency, failed in USUAL]
    assert changes(baseline(*USUAL), baseline(*twice)) == []


def test_new_and_gone():
    found = changes(baseline(*USUAL), baseline(USUAL[0], ("Login", 100, 9, 0)))
    assert found == [
        Change("new", "Login", "100 calls"),
        Change("gone", "Results", "100 calls in the baseline"),
    ]


def test_slower_tells_how_much():
    found = changes(baseline(*USUAL), baseline(("Vote", 500, 3, 5), USUAL[1]))
    assert found == [
        Change("slower", "Vote", "p50 2.00 ms, now 3.00 ms (+50 %); p95 2.36 ms, now 3.54 ms (+50 %)")
    ]


def test_a_slower_tail_is_found_where_the_middle_is_the_same():
    old = baseline(("Vote", 500, 2, 0))
    digest = Digest()
    for n in range(500):
        latency_ms = 40 if n % 10 == 0 else 2 * (0.8 + 0.4 * n / 500)
        digest.add(exchange("Vote", number=n + 1, latency_ms=latency_ms))
    (found,) = changes(old, baseline_of(digest))
    assert (found.kind, found.text.startswith("p95 2.36 ms, now 40.0 ms")) == ("slower", True)


def test_less_than_the_tolerance_is_no_change():
    now = baseline(("Vote", 500, 2.3, 5), USUAL[1])
    assert changes(baseline(*USUAL), now) == []
    assert kinds(changes(baseline(*USUAL), now, tolerance=0.1)) == [("slower", "Vote")]


def test_faster_is_no_change():
    assert changes(baseline(*USUAL), baseline(("Vote", 500, 1, 5), USUAL[1])) == []


def test_few_calls_prove_nothing():
    assert changes(baseline(("Vote", 3, 2, 0)), baseline(("Vote", 3, 4, 1))) == []


def test_more_errors():
    (found,) = changes(baseline(*USUAL), baseline(("Vote", 500, 2, 50), USUAL[1]))
    assert found == Change("more errors", "Vote", "1 % failed, now 10 %")


def test_more_frequent_is_by_share():
    (found,) = changes(baseline(*USUAL), baseline(("Vote", 500, 2, 5), ("Results", 500, 9, 0)))
    assert found == Change("more frequent", "Results", "16.7 % of the calls, now 50 %")


def test_calls_without_times_are_never_slower():
    digest = Digest()
    digest.add(exchange("Vote", sent_ms=None))
    assert changes(baseline_of(digest), baseline(("Vote", 1, 2, 0))) == []


def test_different_keys_are_not_compared():
    with pytest.raises(UsageError, match="counted by procedure, and this is counted by status"):
        changes(baseline(*USUAL), baseline(*USUAL, by="status"))


def test_what_was_saved_is_read_back(tmp_path):
    made = baseline(*USUAL)
    save(tmp_path / "b", made)
    assert load(tmp_path / "b") == made
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize(
    "text",
    ["", "song", "[]", "{}", '{"kind":"digest"}', "3\n", '"a"\n"b"', "\x00", "[" * 100_000],
)
def test_another_file_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "b"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"is no baseline that `volttools stats --baseline` saved"):
        load(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"calls":', '"calls":1e999,"x":'),
        ('"calls":', '"calls":-5,"x":'),
        ('"errors":', '"errors":1000000,"x":'),
        ('"errors":', '"errors":-1,"x":'),
        ('"maximum":', '"maximum":1e999,"x":'),
        ('"buckets":[', '"buckets":[[5,-3],[5,3],'),
    ],
)
def test_numbers_that_no_digest_has_are_refused_in_a_sentence(tmp_path, old, new):
    path = tmp_path / "b"
    save(path, baseline(*USUAL))
    lines = path.read_text().splitlines()
    having = [number for number, line in enumerate(lines) if old in line]
    assert having
    for number in having:
        changed = [*lines[:number], lines[number].replace(old, new), *lines[number + 1 :]]
        (tmp_path / "changed").write_text("\n".join(changed))
        with pytest.raises(UsageError, match="is no baseline"):
            load(tmp_path / "changed")


def test_one_that_can_not_be_saved_leaves_nothing(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"b: no such file or directory: the baseline can't be saved there$"):
        save(tmp_path / "no" / "b", baseline(*USUAL))

    def full(path, text, encoding):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(UsageError, match=r"no space left on device: the baseline can't be saved there$"):
        save(tmp_path / "b", baseline(*USUAL))
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "b").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is no baseline"):
        load(tmp_path / "b")


def test_a_baseline_of_a_later_version_is_refused(tmp_path):
    save(tmp_path / "b", baseline(*USUAL))
    head, *lines = (tmp_path / "b").read_text().splitlines()
    (tmp_path / "b").write_text("\n".join([json.dumps(json.loads(head) | {"version": 2}), *lines]))
    with pytest.raises(UsageError, match="of another version of volttools; save it anew"):
        load(tmp_path / "b")


def test_doubt_is_told_where_groups_are_missing():
    old = baseline(*USUAL)
    partial = type(old)(old.by, old.calls, {"Vote": old.groups["Vote"]}, is_complete=False)
    (found,) = changes(partial, old)
    assert found.text == "100 calls; it may have been among the others of the baseline"
    (found,) = changes(old, partial)
    assert found.text == "100 calls in the baseline; it may be among the others"
