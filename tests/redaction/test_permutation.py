import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.redaction.permutation import Key, Permutation, Permutations

KEY = bytes(range(32))


@pytest.mark.parametrize("size", [2, 3, 9, 28, 810, 1024, 1025, 1063, 9_000])
def test_it_permutes_and_leaves_no_number_as_it_is(size):
    permuted = Permutation(KEY, size)
    found = [permuted(number) for number in range(size)]
    assert sorted(found) == list(range(size))
    assert all(number != became for number, became in enumerate(found))


def test_one_number_stays():
    assert Permutation(KEY, 1)(0) == 0


@given(st.integers(1025, 10**45), st.data())
def test_large_ones_stay_within_their_size_and_differ(size, data):
    numbers = st.integers(0, size - 1)
    one, other = data.draw(numbers), data.draw(numbers)
    permuted = Permutation(KEY, size)
    assert 0 <= permuted(one) < size
    assert permuted(one) != one
    assert (permuted(one) == permuted(other)) == (one == other)


def test_another_key_is_another_permutation():
    first, second = Permutation(KEY, 10**9), Permutation(KEY[::-1], 10**9)
    assert [first(n) for n in range(5)] != [second(n) for n in range(5)]
    assert [first(n) for n in range(5)] == [Permutation(KEY, 10**9)(n) for n in range(5)]


def test_each_purpose_has_its_own_key():
    key = Key(b"secret")
    assert len({key.derive("a"), key.derive("b"), Key(b"other").derive("a")}) == 3
    assert len(key.derive("a")) == 32
    with pytest.raises(ValueError, match="a key has at least one byte"):
        Key(b"")


def test_permutations_are_made_once():
    known = Permutations(Key(b"secret"))
    assert known["a", 100] is known["a", 100]
    assert [known["a", 100](n) for n in range(100)] != [known["b", 100](n) for n in range(100)]
