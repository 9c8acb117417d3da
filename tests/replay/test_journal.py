"""What was sent, on disk before it is sent."""

import errno
from io import FileIO

import pytest

from volttools.errors import UsageError
from volttools.replay.journal import Journal, read_journal

WHAT = {"calls": 5, "held back": ["P (write)"]}


def begun(path):
    journal = Journal.begin(str(path), WHAT)
    journal.sent([1, 2])
    journal.answered({1: 1, 2: -2})
    journal.sent([3])
    journal.value({"a": 7})
    return journal


def test_what_was_sent_is_known_to_one_that_goes_on(tmp_path):
    begun(tmp_path / "j")._stream.close()  # as by a kill
    journal, past = Journal.go_on(str(tmp_path / "j"), WHAT)
    assert [number in past.sent for number in range(6)] == [False, True, True, True, False, False]
    assert (past.sent_count, past.unanswered, past.last_number) == (3, 1, 3)
    assert past.values == [{"a": 7}]
    journal.sent([4])
    journal.close(is_complete=False)
    assert 4 in read_journal(str(tmp_path / "j"), WHAT).sent


def test_a_line_that_was_cut_was_not_sent_and_spoils_nothing(tmp_path):
    path = tmp_path / "j"
    begun(path).close(is_complete=False)
    with path.open("ab") as stream:
        stream.write(b"s 41 4")
    journal, past = Journal.go_on(str(path), WHAT)
    assert past.sent_count == 3
    journal.sent([9])
    journal.close(is_complete=False)
    past = read_journal(str(path), WHAT)
    assert [number for number in range(50) if number in past.sent] == [1, 2, 3, 9]


def test_a_replay_that_came_to_its_end_leaves_none(tmp_path):
    begun(tmp_path / "j").close(is_complete=True)
    with pytest.raises(UsageError, match="there is no replay to go on with"):
        read_journal(str(tmp_path / "j"), WHAT)


def test_the_journal_of_another_replay_is_refused(tmp_path):
    begun(tmp_path / "j").close(is_complete=False)
    with pytest.raises(UsageError, match="is the journal of another replay: calls was 5, and is 6"):
        read_journal(str(tmp_path / "j"), {**WHAT, "calls": 6})


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello\n",
        b"[]\n",
        b'{"kind": "else"}\n',
        b'{"kind": "volttools replay"}\ns x\n',
        b'{"kind": "volttools replay"}\nx 1\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_what_is_no_journal_is_said(tmp_path, text):
    (tmp_path / "j").write_bytes(text)
    with pytest.raises(UsageError, match="is no journal of a replay"):
        read_journal(str(tmp_path / "j"), {})


def test_a_journal_that_can_not_be_written_is_said(tmp_path):
    with pytest.raises(UsageError, match="no journal can be kept"):
        Journal.begin(str(tmp_path / "no" / "j"), WHAT)


def test_a_journal_for_which_there_is_no_room_is_not_left(tmp_path, monkeypatch):
    def full(journal, line):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "_write", full)
    with pytest.raises(UsageError, match="no space left on device: no journal can be kept"):
        Journal.begin(str(tmp_path / "j"), WHAT)
    assert not (tmp_path / "j").exists()


class FullDisk(FileIO):
    """A file for which there is room for so many bytes; like a disk, it takes a part of what it has no room for."""

    room = 10**6

    def write(self, data):
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = super().write(bytes(data[: self.room]))
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", range(6))
def test_a_line_for_which_there_is_no_room_is_no_part_of_it(tmp_path, room):
    path = str(tmp_path / "j")
    begun(path).close(is_complete=False)
    stream = FullDisk(path, "r+b")
    stream.seek(0, 2)
    stream.room = room
    journal = Journal(path, stream)
    with pytest.raises(OSError, match="No space left"):
        journal.sent([4, 5])
    stream.room = 100  # as somebody made room
    journal.answered({3: 1})
    journal.close(is_complete=False)
    past = read_journal(path, WHAT)
    assert (past.sent_count, past.unanswered) == (3, 0), "what could not be noted is not sent, see the driver"
