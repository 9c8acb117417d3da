import gzip
import re

import pytest

from volttools.record.rotation import Rotation, Series

NS = 10**9


@pytest.mark.parametrize(
    ("rotation", "size", "age_ns", "due"),
    [
        (Rotation(), 10**12, 10**18, False),
        (Rotation(max_bytes=100), 99, 0, False),
        (Rotation(max_bytes=100), 100, 0, True),
        (Rotation(max_ns=NS), 0, NS - 1, False),
        (Rotation(max_ns=NS, max_bytes=5), 0, NS, True),
    ],
)
def test_a_file_is_full_by_size_or_age(rotation, size, age_ns, due):
    assert rotation.is_due(size, age_ns) is due


def test_names_sort_even_if_the_clock_is_set_back():
    series = Series("dir/out.pcapng", Rotation(), print)
    names = [series.next_name(now * NS) for now in (1_767_607_872, 1_767_607_872, 5, 1_767_607_999)]
    assert names == sorted(names)
    assert names[0] == "dir/out-20260105T101112Z-0001.pcapng"


def test_names_go_on_behind_those_of_an_earlier_run(tmp_path):
    (tmp_path / "out-20990105T101112Z-0041.pcapng.gz").write_bytes(b"")
    series = Series(str(tmp_path / "out.pcapng"), Rotation(), print)
    assert series.next_name(NS) == str(tmp_path / "out-20990105T101112Z-0042.pcapng")


def test_a_whole_file_is_compressed_and_nothing_of_its_making_stays(tmp_path):
    series = Series(str(tmp_path / "out.pcapng"), Rotation(compress=True), print)
    path = series.next_name(NS)
    with open(path, "wb") as file:
        file.write(b"content" * 100)
    series.finished(path)
    series.close()
    (left,) = tmp_path.iterdir()
    assert re.fullmatch(r"out-19700101T000001Z-0001\.pcapng\.gz", left.name)
    assert gzip.decompress(left.read_bytes()) == b"content" * 100


def test_only_files_of_such_names_are_deleted(tmp_path):
    series = Series(str(tmp_path / "out.pcapng"), Rotation(keep=2), print)
    others = ["out.pcapng", "out-20260105T101112Z-0001.dump", "xout-20260105T101112Z-0001.pcapng"]
    ours = [f"out-20260105T10111{n}Z-0001.pcapng" for n in range(4)] + ["out-20260105T101115Z-0001.pcapng.gz"]
    for name in others + ours:
        (tmp_path / name).write_bytes(b"")
    series.finished(str(tmp_path / ours[-1]))
    series.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others + ours[-2:])


def test_a_file_that_can_not_be_compressed_is_said_and_stays(tmp_path):
    said = []
    series = Series(str(tmp_path / "out.pcapng"), Rotation(compress=True), said.append)
    path = tmp_path / "out-20260105T101112Z-0001.pcapng"
    path.write_bytes(b"x")
    (tmp_path / (path.name + ".gz.part")).mkdir()
    series.finished(str(path))
    series.close()
    assert said == [f"{path}.gz.part: Is a directory"]
    assert path.read_bytes() == b"x"


def test_what_a_kill_left_of_compressing_goes_with_the_next_run(tmp_path):
    name = "out-20260105T10111{}Z-000{}.pcapng"
    both, half, whole = (name.format(n, n) for n in (1, 2, 3))
    others = ["out.pcapng.gz.part", "x.gz.part", both + ".gz", half, whole]
    for made in (*others, both, half + ".gz.part"):
        (tmp_path / made).write_bytes(b"x")
    Series(str(tmp_path / "out.pcapng"), Rotation(), print)
    assert len(list(tmp_path.iterdir())) == 7
    Series(str(tmp_path / "out.pcapng"), Rotation(compress=True), print)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def test_a_disk_that_is_full_while_compressing_keeps_the_file_and_no_half(tmp_path, monkeypatch):
    def full(source, target, size):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("volttools.record.rotation.shutil.copyfileobj", full)
    said = []
    series = Series(str(tmp_path / "out.pcapng"), Rotation(compress=True), said.append)
    path = tmp_path / "out-20260105T101112Z-0001.pcapng"
    path.write_bytes(b"x")
    series.finished(str(path))
    series.close()
    assert said == [f"{path}: No space left on device"]
    assert list(tmp_path.iterdir()) == [path]
