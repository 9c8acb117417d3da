from volttools.testing.outcome import Outcomes


def found(*, missing=(), unused=(), recorded=0, cassette="a.cassette"):
    return {
        "cassette": cassette,
        "recorded": recorded,
        "missing": list(missing),
        "unused": {number: f"Vote({number})" for number in unused},
    }


def test_what_one_test_asked_for_is_used_where_several_share_a_cassette():
    outcomes = Outcomes()
    outcomes.add("test_a", [found(unused="12")], has_passed=True)
    outcomes.add("test_b", [found(unused="23")], has_passed=True)
    assert outcomes.lines() == ["a.cassette: no test asked for", "  Vote(2)"]


def test_of_a_failed_test_nothing_is_called_unused():
    outcomes = Outcomes()
    outcomes.add("test_a", [found(unused="1")], has_passed=True)
    outcomes.add("test_b", [found(unused="1")], has_passed=False)
    assert outcomes.lines() == []


def test_what_is_missing_is_told_by_test_and_what_was_recorded_by_cassette():
    outcomes = Outcomes()
    outcomes.add("test_a", [found(missing=["call 2: x"], recorded=1)], has_passed=False)
    outcomes.add("test_b", [found(missing=["call 1: y", "call 2: z"], recorded=2)], has_passed=False)
    assert outcomes.lines() == [
        "test_a: 1 call had no answer",
        "  call 2: x",
        "test_b: 2 calls had no answer",
        "  call 1: y",
        "  call 2: z",
        "a.cassette: 3 interactions recorded",
    ]


def test_long_lists_are_cut():
    outcomes = Outcomes()
    outcomes.add("test_a", [found(missing=[f"call {number}" for number in range(1012)])], has_passed=False)
    lines = outcomes.lines()
    assert (lines[0], len(lines), lines[-1]) == ("test_a: 1,012 calls had no answer", 12, "  and 1,002 more")
