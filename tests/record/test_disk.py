"""Files that nobody waits for: what was taken is written soon, and nothing is lost that need not be."""

import os
import threading

import pytest

from tests.record.servers import until
from volttools.record import disk as disk_module
from volttools.record.disk import Disk


@pytest.fixture
def said():
    return []


def test_what_is_taken_is_written_without_being_asked_again(tmp_path, said):
    disk = Disk(on_trouble=said.append)
    path = tmp_path / "a"
    file = disk.open(str(path), overwrite=False)
    file.write(b"one")
    file.write(b"two")
    until(lambda: path.read_bytes() == b"onetwo")
    file.close()
    disk.close()
    assert not said


def test_at_once_means_before_it_is_back(tmp_path, said):
    disk = Disk(writes_at_once=True, on_trouble=said.append)
    path = tmp_path / "a"
    file = disk.open(str(path), overwrite=False)
    for number in range(5):
        file.write(b"%d" % number)
        assert path.read_bytes() == b"01234"[: number + 1]
    disk.close()


def test_many_files_are_one_threads_work(tmp_path, said):
    disk = Disk(on_trouble=said.append)
    before = threading.active_count()
    files = [disk.open_later(str(tmp_path / str(n))) for n in range(50)]
    for file in files:
        file.write(file.path.encode())
    assert threading.active_count() == before + 1
    for file in files:
        file.close()
    disk.close()
    assert all((tmp_path / str(n)).read_text() == str(tmp_path / str(n)) for n in range(50))


def test_closing_tells_when_all_is_written(tmp_path, said):
    disk = Disk(on_trouble=said.append)
    file = disk.open_later(str(tmp_path / "a"))
    sizes = []
    file.on_closed = lambda: sizes.append(os.path.getsize(file.path))
    file.write(b"x" * 100)
    file.close()
    disk.close()
    assert sizes == [100]


def test_writing_does_not_wait_for_a_disk_that_hangs(tmp_path, said, monkeypatch):
    hangs, write = threading.Event(), os.write
    monkeypatch.setattr(disk_module.os, "write", lambda fd, data: hangs.wait(60) and write(fd, data))
    disk = Disk(on_trouble=said.append)
    file = disk.open(str(tmp_path / "a"), overwrite=False)
    monkeypatch.setattr(disk_module, "MOST_WAITING_BYTES", 10_000)
    taken = 0
    while disk.has_room():
        taken += file.write(b"y" * 1_000)
    assert taken >= 10_000
    hangs.set()
    file.close()
    disk.close()
    assert (tmp_path / "a").stat().st_size == taken


def test_what_could_not_be_written_in_the_end_is_said(tmp_path, said, monkeypatch):
    def full(fd, data):
        raise OSError(28, "No space left on device")

    disk = Disk(on_trouble=said.append)
    file = disk.open(str(tmp_path / "a"), overwrite=False)
    monkeypatch.setattr(disk_module.os, "write", full)
    file.write(b"x" * 100)
    disk.close()
    assert said[-1] == "100 bytes could not be written in the end: No space left on device"
    assert sum("can't be written" in sentence for sentence in said) == 1
