import io
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compare.traffic import exchanges, said
from volttools.compare import compare, connections, waiting
from volttools.compare.calls import call_of
from volttools.compare.spool import Spool
from volttools.compare.waiting import Waiting
from volttools.formats.table import Table
from volttools.formats.types import BIGINT

order = st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from("abc")), max_size=40)


def meetings(calls, most):
    """Who met whom, and who waits still, by number; all bodies come back."""
    spool = Spool(io.BytesIO(), memory=200)
    there = Waiting(lambda call: call.key, spool, most)
    found, left = [], []
    try:
        numbered = exchanges([said("Vote", name) for _, name in calls])
        for (side, _), exchange in zip(calls, numbered, strict=True):
            call = call_of(exchange)
            body = call.bodies
            spool.park(call)
            met = there.meet(side, call)
            if met is not None:
                found.append((call.number, met.number))
                assert spool.fetch(call) == body
                assert spool.fetch(met)[0][-1:] == body[0][-1:]
        for side in (0, 1):
            for call in there.rest(side):
                left.append(call.number)
                assert len(spool.fetch(call)) == 2
    finally:
        there.close()
    return found, left


@given(order, st.integers(0, 5))
def test_calls_meet_the_same_ones_in_memory_and_on_disk(calls, most):
    assert meetings(calls, most) == meetings(calls, 1_000)


@pytest.mark.parametrize("different", [1, 2, 100])
def test_memory_holds_no_more_than_it_may(different):
    there = Waiting(lambda call: call.key, spool := Spool(io.BytesIO()), 10)
    for exchange in exchanges([said("Vote", number % different) for number in range(100)]):
        call = call_of(exchange)
        spool.park(call)
        there.meet(0, call)
        assert there.in_memory[0] <= 10
    assert len(list(there.rest(0))) == 100
    there.close()


calls = st.builds(
    lambda name, number, connection, row: said(
        name, number, connection=connection, tables=[Table.of([("C", BIGINT)], [(row,)])]
    ),
    st.sampled_from(["Vote", "Get", "@AdHoc"]),
    st.integers(0, 3),
    st.integers(1, 3),
    st.integers(0, 1),
)


@given(st.lists(calls, max_size=30), st.lists(calls, max_size=30))
def test_a_comparison_comes_out_the_same_where_everything_waits_on_disk(a, b):
    found = compare(exchanges(a), exchanges(b))
    with patch.object(waiting, "MOST_IN_MEMORY", 1), patch.object(connections, "MOST_WAITING", 0):
        again = compare(exchanges(a), exchanges(b), spool=Spool(io.BytesIO(), memory=0))
    assert again == found
