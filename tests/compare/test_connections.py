import io

import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare import connections
from volttools.compare.calls import call_of
from volttools.compare.connections import ALIKE, ConnectionPairs
from volttools.compare.spool import Spool


def placed(a, b, *, finish=True, most=None):
    """By pair, the numbers of connections of each side; and how many calls know their pair."""
    spool = Spool(io.BytesIO())
    pairs = ConnectionPairs(spool, most)
    found = []
    for side, traffic in enumerate((a, b)):
        for exchange in exchanges(traffic):
            call = call_of(exchange)
            spool.park(call)
            found += [(side, call)] if pairs.knows(side, call) else pairs.place(side, call)
    if finish:
        found += pairs.finish()
    by_pair = {}
    for side, call in found:
        by_pair.setdefault(call.pair, [set(), set()])[side].add(call.connection)
    pairs.close()
    assert len({(side, call.number) for side, call in found}) == len(found)
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
    assert placed(a, b, finish=False) == ([[{1}, set()], [{2}, set()]], 6)  # those of A need not wait
    assert placed(a, b) == ([[{1}, {2}], [{2}, {1}]], 12)


def test_what_has_nothing_in_common_goes_by_order():
    assert placed(on(1, 1) + on(2, 2), on(3, 3) + on(4, 4)) == ([[{1}, {3}], [{2}, {4}]], 4)


def test_a_connection_too_many_is_alone():
    assert placed(on(1, 1), on(1, 1) + on(2, 2)) == ([[set(), {2}], [{1}, {1}]], 3)


def test_what_every_client_calls_first_tells_nothing():
    system = [said("@Subscribe", number, connection=1) for number in range(2 * ALIKE)]
    assert placed(system, system, finish=False) == ([[{1}, set()]], len(system))


def test_of_two_that_are_as_like_the_same_is_chosen_from_either_side():
    a = on(2, 1) + on(1, 8)
    b = on(3, 7, 1) + on(1, 1)
    there, _ = placed(a, b)
    back, _ = placed(b, a)
    assert [{1}, {3}] in there
    assert [{3}, {1}] in back


@pytest.mark.parametrize("most", [0, 3, 100])
def test_calls_that_wait_come_back_from_memory_and_from_disk_in_their_order(most):
    a = on(1, *range(20)) + on(2, *range(100, 120))
    b = on(1, *range(100, 120)) + on(2, *range(20)) + on(3, 1, 2, 3)
    assert placed(a, b, most=most) == ([[set(), {3}], [{1}, {2}], [{2}, {1}]], 83)


def test_of_too_many_connections_the_oldest_has_the_partner_that_is_most_like_it_by_then(monkeypatch):
    monkeypatch.setattr(connections, "MOST_SINGLE", 2)
    a = on(1, 1, 2) + on(2, 3, 4) + on(3, 5, 6)
    b = on(1, 5, 6) + on(2, 9) + on(3, 3, 8) + on(4, 1, 2)
    # 1 of A is given up when its 3 comes, and so can't be the partner of 4
    assert placed(a, b) == ([[set(), {2}], [set(), {4}], [{1}, set()], [{2}, {3}], [{3}, {1}]], 13)
