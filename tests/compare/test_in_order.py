from hypothesis import given
from hypothesis import strategies as st

from volttools.compare.in_order import in_order


@given(st.permutations(range(1, 30)))
def test_things_come_in_the_order_of_their_numbers(numbers):
    assert list(in_order((number, number) for number in numbers)) == sorted(numbers)


def test_one_that_does_not_come_is_passed_over_when_enough_wait():
    given_back = in_order(((number, number) for number in (2, 3, 4, 5, 1)), most=2)
    assert list(given_back) == [2, 3, 4, 5, 1]


def test_what_comes_in_order_does_not_wait():
    def numbers():
        for number in (1, 2, 3):
            yield number, number
        raise AssertionError("it was read on")

    found = in_order(numbers())
    assert [next(found) for _ in range(3)] == [1, 2, 3]
