from tests.compare.traffic import exchanges, said
from volttools.compare.calls import call_of
from volttools.compare.connections import ALIKE, ConnectionPairs


def placed(a, b, *, finish=True):
    """By side, the numbers of connections under each pair."""
    pairs = ConnectionPairs()
    found = []
    for side, traffic in enumerate((a, b)):
        for exchange in exchanges(traffic):
            found += pairs.place(side, call_of(exchange))
    if finish:
        found += pairs.finish()
    by_pair = {}
    for one in found:
        by_pair.setdefault(one.pair, [set(), set()])[one.side].add(one.call.connection)
    return sorted(by_pair.values(), key=lambda sides: sorted(sides[0])), len(found)


def on(connection, *numbers):
    return [said("Vote", number, connection=connection) for number in numbers]


def test_connections_with_the_same_calls_are_partners_wherever_they_stand():
    a = on(1, *range(20)) + on(2, *range(100, 120))
    b = on(1, *range(100, 120)) + on(2, *range(20))
    assert placed(a, b, finish=False) == ([[{1}, {2}], [{2}, {1}]], 80)


def test_too_few_calls_wait_for_the_end_and_the_most_in_common_are_partners():
    a = on(1, 1, 2, 3) + on(2, 4, 5, 6)
    b = on(1, 4, 5, 7) + on(2, 1, 9, 8)
    assert placed(a, b, finish=False) == ([], 0)
    assert placed(a, b) == ([[{1}, {2}], [{2}, {1}]], 12)


def test_what_has_nothing_in_common_goes_by_order():
    assert placed(on(1, 1) + on(2, 2), on(3, 3) + on(4, 4)) == ([[{1}, {3}], [{2}, {4}]], 4)


def test_a_connection_too_many_is_alone():
    assert placed(on(1, 1), on(1, 1) + on(2, 2)) == ([[set(), {2}], [{1}, {1}]], 3)


def test_what_every_client_calls_first_tells_nothing():
    system = [said("@Subscribe", number, connection=1) for number in range(2 * ALIKE)]
    assert placed(system, system, finish=False) == ([], 0)


def test_of_two_that_are_as_like_the_same_is_chosen_from_either_side():
    a = on(2, 1) + on(1, 8)
    b = on(3, 7, 1) + on(1, 1)
    there, _ = placed(a, b)
    back, _ = placed(b, a)
    assert [{1}, {3}] in there
    assert [{3}, {1}] in back
