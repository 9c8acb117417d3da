from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.stats.sketches import Distinct, HotKeys

FEW = st.lists(st.sampled_from("abcdefgh"))


def counted(sketch, texts, at_once=1):
    """The sketch of texts, of which so many are added at a time."""
    for start in range(0, len(texts), at_once):
        some = texts[start : start + at_once]
        sketch.add(Counter(some) if isinstance(sketch, HotKeys) else some)
    return sketch


@given(FEW, FEW)
def test_few_values_are_counted_exactly_also_in_parts(left, right):
    merged = counted(HotKeys(), left)
    merged.merge(counted(HotKeys(), right))
    expected = sorted(Counter(left + right).items(), key=lambda item: (-item[1], item[0]))
    assert [(key.text, key.times) for key in merged.most(99)] == expected
    assert merged.shortfall == 0


def skewed():
    """Half of them are one value, the others all differ."""
    return [text for index in range(5_000) for text in ("hot", f"cold {index}")]


@pytest.mark.parametrize("at_once", [1, 512])
def test_what_is_frequent_is_found_among_many_within_the_stated_error(at_once):
    texts = skewed()
    found = counted(HotKeys(), texts, at_once)
    first = found.most(1)[0]
    assert first.text == "hot"
    assert first.times <= 5_000 <= first.times + first.shortfall
    assert found.shortfall <= found.total / HotKeys.CAPACITY
    assert len(found.most(10**6)) <= 2 * HotKeys.CAPACITY


def test_parts_merged_keep_the_stated_error():
    texts = skewed()
    merged = counted(HotKeys(), texts[:4_000])
    merged.merge(counted(HotKeys(), texts[4_000:]))
    first = merged.most(1)[0]
    assert first.times <= 5_000 <= first.times + first.shortfall
    assert merged.total == len(texts)
    assert merged.shortfall <= merged.total / HotKeys.CAPACITY


@given(st.sets(st.text(), max_size=60), st.sets(st.text(), max_size=60))
def test_few_different_values_are_counted_exactly_also_in_parts(left, right):
    merged = counted(Distinct(), list(left))
    merged.merge(counted(Distinct(), list(right)))
    assert (merged.count, merged.is_exact) == (len(left | right), True)


def test_as_many_as_are_kept_is_exact_and_one_more_is_not():
    full = counted(Distinct(), [str(number) for number in range(Distinct.CAPACITY)])
    assert (full.count, full.is_exact) == (Distinct.CAPACITY, True)
    assert not counted(full, ["one more"]).is_exact


def test_many_different_values_are_estimated_and_come_twice_for_nothing():
    texts = [str(number) for number in range(20_000)]
    once, twice = counted(Distinct(), texts), counted(Distinct(), texts + texts)
    assert 0.85 < once.count / 20_000 < 1.15
    assert once.count == twice.count


def test_parts_merged_estimate_as_the_whole_does():
    texts = [str(number) for number in range(5_000)]
    merged = counted(Distinct(), texts[:3_000])
    merged.merge(counted(Distinct(), texts[2_000:]))
    assert merged.count == counted(Distinct(), texts).count
