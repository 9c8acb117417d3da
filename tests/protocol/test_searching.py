"""Finding the start of a frame in bytes without a boundary."""

from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed
from volttools.protocol.events import Direction
from volttools.protocol.searching import MAX_GUESS_BYTES, BoundarySearch


def test_a_whole_message_is_found_where_it_begins():
    search = BoundarySearch(Direction.SERVER)
    assert search.add(b"\xff" * 33, 1) is None
    assert search.add(framed(answer(7)), 2) == 33
    assert search.chunks_from(33) == [(framed(answer(7)), 2)]


def test_log_ins_are_found_at_the_start_of_a_segment():
    assert BoundarySearch(Direction.CLIENT).add(framed(LOGIN), None) == 0
    assert BoundarySearch(Direction.SERVER).add(framed(ACCEPTED), None) == 0


def test_every_version_of_an_invocation_is_found_inside_a_segment():
    for version in (0, 2):
        data = b"\xff" * 9 + framed(call("Vote", 3, 4, version=version, extensions=[]))
        assert BoundarySearch(Direction.CLIENT).add(data, None) == 9


def test_a_message_that_is_not_all_there_waits_for_its_end():
    search = BoundarySearch(Direction.SERVER)
    whole = framed(answer(7, rows=20))
    assert search.add(b"\xff" * 9 + whole[:40], None) is None
    assert search.add(whole[40:], None) == 9


def test_only_the_start_of_a_segment_is_believed_without_its_end():
    whole = framed(answer(7, rows=20))
    inside, start = BoundarySearch(Direction.SERVER), BoundarySearch(Direction.SERVER)
    assert inside.add(b"\xff" * 9 + whole[:40], None) is None
    assert inside.settle() is None
    assert start.add(whole[:40], None) is None
    assert start.settle() == 0


def test_bytes_in_which_nothing_begins_are_forgotten():
    search = BoundarySearch(Direction.SERVER)
    for _ in range(100):
        assert search.add(b"\xff" * 10_000, None) is None
    assert search.end == 1_000_000
    assert search.dropped > 999_000
    assert MAX_GUESS_BYTES > 2**20


def test_an_empty_search_has_nothing_to_give():
    assert BoundarySearch(Direction.SERVER).chunks_from(0) == []
