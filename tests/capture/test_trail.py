"""Which file comes next: order, what is new, what is left over, what was left."""

import os

from tests.capture.files import NOW, pcap_head, pcap_packet
from tests.capture.growth import append, delete, rename, write
from tests.capture.traffic import dump_of
from tests.protocol.wire import ACCEPTED, LOGIN
from volttools.capture.trail import HEAD_BYTES, Trail


def capture(number=0, packets=1):
    return pcap_head() + pcap_packet(b"%d" % number * 600, NOW + number) * packets


def taken(trail, directory):
    """The files that come now, by name, each left where it ends."""
    found = []
    while (path := trail.take_next()) is not None:
        status = os.stat(path)
        trail.begin((status.st_dev, status.st_ino))
        with open(path, "rb") as file:
            trail.leave(file.read(HEAD_BYTES), status.st_size)
        found.append(os.path.relpath(path, directory))
    return found


def test_a_pattern_goes_by_time_then_by_number(tmp_path):
    for name, at in (("x2", 5), ("x10", 5), ("x1", 7), ("x3", 4)):
        write(tmp_path / name, capture(), at=at)()
    trail = Trail(str(tmp_path / "x*"))
    assert trail.is_pattern
    assert taken(trail, tmp_path) == ["x3", "x2", "x10", "x1"]
    write(tmp_path / "x0", capture(), at=1)()  # new, whatever its time says
    assert trail.has_next()
    assert taken(trail, tmp_path) == ["x0"]
    assert not trail.has_next()


def test_a_name_with_stars_is_a_name_if_there_is_such_a_file(tmp_path):
    write(tmp_path / "x[1].pcap", capture())()
    write(tmp_path / "x1.pcap", capture())()
    trail = Trail(str(tmp_path / "x[1].pcap"))
    assert not trail.is_pattern
    assert taken(trail, tmp_path) == ["x[1].pcap"]


def test_of_a_name_what_was_written_earlier_is_left_over(tmp_path):
    for name, at in (("x", 10), ("x1", 11), ("x2", 12), ("x3", 9), ("x.old", 20), ("x1y", 20)):
        write(tmp_path / name, capture(), at=at)()
    trail = Trail(str(tmp_path / "x"))
    assert taken(trail, tmp_path) == ["x", "x1", "x2"]
    write(tmp_path / "x3", capture(3), at=13)()
    assert taken(trail, tmp_path) == ["x3"]


def test_numbers_without_the_name_are_a_ring_if_they_begin_at_zero(tmp_path):
    write(tmp_path / "x1", capture(), at=1)()
    assert taken(Trail(str(tmp_path / "x")), tmp_path) == []
    write(tmp_path / "x00", capture(), at=2)()
    assert taken(Trail(str(tmp_path / "x")), tmp_path) == ["x1", "x00"]


def test_an_empty_file_counts_when_it_has_content(tmp_path):
    write(tmp_path / "x", b"", at=10)()
    write(tmp_path / "x1", capture(), at=5)()
    trail = Trail(str(tmp_path / "x"))
    assert taken(trail, tmp_path) == []
    write(tmp_path / "x", capture())()
    assert taken(trail, tmp_path) == ["x"]


def test_a_file_is_read_again_only_if_it_was_written_anew(tmp_path):
    write(tmp_path / "x0", capture(0, 3), at=1)()
    trail = Trail(str(tmp_path / "x?"))
    assert taken(trail, tmp_path) == ["x0"]
    os.utime(tmp_path / "x0", (9, 9))
    assert taken(trail, tmp_path) == []
    write(tmp_path / "x0", capture(1, 3))()
    assert taken(trail, tmp_path) == ["x0"]
    rename(tmp_path / "x0", tmp_path / "x1")()
    assert taken(trail, tmp_path) == []


def test_a_file_that_grows_after_it_was_left_is_named_once(tmp_path):
    write(tmp_path / "x0", capture(0, 3), at=1)()
    trail = Trail(str(tmp_path / "x?"))
    taken(trail, tmp_path)
    for expected in ([str(tmp_path / "x0")], []):
        append(tmp_path / "x0", bytes(100))()
        assert taken(trail, tmp_path) == []
        assert trail.take_outgrown() == expected


def test_a_file_that_waits_to_be_read_moves_back_when_it_is_written_anew(tmp_path):
    for n in range(3):
        write(tmp_path / f"x{n}", capture(n, 2), at=n + 1)()
    trail = Trail(str(tmp_path / "x?"))
    assert trail.has_next()
    write(tmp_path / "x0", capture(7), at=9)()
    append(tmp_path / "x1", bytes(100))()  # it only grew
    assert taken(trail, tmp_path) == ["x1", "x2", "x0"]


def test_captures_of_every_kind_match_a_pattern(tmp_path):
    write(tmp_path / "x0", capture(), at=1)()
    write(tmp_path / "x1", dump_of(LOGIN, ACCEPTED), at=2)()
    write(tmp_path / "x2", b'{"kind": "capture"}\n', at=3)()
    assert taken(Trail(str(tmp_path / "x*")), tmp_path) == ["x0", "x1", "x2"]


def test_what_is_gone_or_no_capture_is_passed_over(tmp_path):
    write(tmp_path / "x0", capture())()
    write(tmp_path / "x1", b"Dear diary, today nothing happened at all")()
    write(tmp_path / "x2.gz", b"\x1f\x8b" + bytes(50))()
    (tmp_path / "x3").mkdir()
    trail = Trail(str(tmp_path / "x*"))
    assert taken(trail, tmp_path) == ["x0"]
    delete(tmp_path / "x0")()
    assert taken(trail, tmp_path) == []


def test_what_may_not_be_read_is_wanted_so_that_it_is_told(tmp_path, monkeypatch):
    write(tmp_path / "x0", capture())()

    def refuse(*args):
        raise PermissionError

    monkeypatch.setattr("builtins.open", refuse)
    assert Trail(str(tmp_path / "x*")).take_next() == str(tmp_path / "x0")


def test_a_file_that_was_emptied_while_it_was_read_comes_again(tmp_path):
    path = str(tmp_path / "x")
    write(path, capture())()
    trail = Trail(path)
    assert trail.take_next() == path
    status = os.stat(path)
    trail.begin((status.st_dev, status.st_ino))
    assert not trail.has_next()
    trail.forget(path)
    assert trail.take_next() == path
