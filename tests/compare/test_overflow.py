import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare.calls import call_of
from volttools.compare.overflow import Overflow
from volttools.errors import CaptureError


def test_calls_come_back_under_their_keys_in_the_order_in_which_they_came():
    calls = [call_of(exchange) for exchange in exchanges([said("Vote", n) for n in range(6)])]
    there = Overflow()
    there.add(0, [(call.number % 2, call) for call in calls])
    there.add(1, [("other", calls[0])])
    assert there.pop(1, "none") is None
    assert [there.pop(0, 1).number, there.pop(0, 1).number] == [1, 3]
    assert [call.number for call in there.by_number(0)] == [2, 4, 5, 6]
    assert [call.number for call in there.pop_all(0, 0)] == [2, 4, 6]
    assert there.count == [1, 1]
    there.close()
    assert (there.count, there._database) == ([0, 0], None)


def test_a_call_is_the_same_as_before():
    (call,) = (call_of(exchange) for exchange in exchanges([said("@AdHoc", "select 1 from T")]))
    call.pair = 3
    there = Overflow()
    there.add(0, [(call.pair, call)])
    found = there.pop(0, 3)
    there.close()
    assert all(getattr(found, name) == getattr(call, name) for name in call.__slots__)


def test_where_there_is_no_room_it_is_said_in_a_sentence():
    (call,) = (call_of(exchange) for exchange in exchanges([said("Vote", 1)]))
    there = Overflow()
    there._open().execute("PRAGMA max_page_count = 8")  # as if the disk were full
    with pytest.raises(CaptureError, match="can't be kept: database or disk is full; TMPDIR=FOLDER"):
        there.add(0, [(number, call) for number in range(1_000)])
    there.close()
