import io

import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare.calls import Call, call_of
from volttools.compare.spool import Spool


def calls(*traffic):
    return [call_of(exchange) for exchange in exchanges(traffic)]


@pytest.mark.parametrize("memory", [0, 100, 10**6])
def test_bodies_come_back_from_memory_and_from_the_file(memory):
    file = io.BytesIO()
    spool = Spool(file, memory=memory)
    parked = calls(said("Vote", "x" * 30), said("Vote").but(answer=None), said("Poll", 3))
    bodies = [call.bodies for call in parked]
    for call in parked:
        assert isinstance(call, Call)
        spool.park(call)
    assert [spool.fetch(call) for call in reversed(parked)] == bodies[::-1]
    assert (spool.spooled > 0) is (memory < 10**6) is bool(file.getvalue())


def test_what_is_written_out_comes_back_and_leaves_memory_to_others():
    file = io.BytesIO()
    spool = Spool(file, memory=100)
    first, second = calls(said("Vote", "x" * 30), said("Poll", "y" * 30))
    bodies = second.bodies
    spool.park(first)
    spool.write_out(first)
    spool.park(second)
    assert second.bodies is bodies
    assert spool.fetch(first)[0] in file.getvalue()
    assert spool.spooled == 1


def test_a_file_of_its_own_is_closed_with_it():
    spool = Spool(memory=0)
    (call,) = calls(said("Vote"))
    bodies = call.bodies
    spool.park(call)
    assert spool.fetch(call) == bodies
    spool.close()
