"""Files are made where they were asked for, and nothing is lost that was there."""

import io

import pytest

from tests.capture.test_dump_writer import logged_in
from tests.capture.test_tcp_writer import CLIENT, ONE, opened, sent
from tests.protocol.wire import answer, call
from tests.samples import events
from volttools.capture import target as module
from volttools.capture.reader import open as open_capture
from volttools.capture.target import Target
from volttools.errors import CaptureError, UsageError
from volttools.protocol.events import Connection


def target(path, format="pcapng", **settings):
    defaults = {"by_connection": False, "max_bytes": None, "keep_login_hashes": False, "overwrite": False}
    return Target(str(path), format, inputs=[], **defaults | settings)


def write(made, connections=1):
    with made:
        for number in range(1, connections + 1):
            connection = Connection(number=number)
            made.step(opened(connection))
            for step in logged_in(connection, call("A", 1), answer(1)):
                made.step(step)
    return made.converted


def test_one_file_and_what_is_in_it(tmp_path):
    found = write(target(tmp_path / "x.pcapng"), connections=2)
    assert (found.files, found.frames, found.connections) == ([str(tmp_path / "x.pcapng")], 8, 2)
    assert found.bytes == (tmp_path / "x.pcapng").stat().st_size


def test_an_empty_capture_is_a_file_nevertheless(tmp_path):
    with target(tmp_path / "x.pcapng"):
        pass
    with open_capture(tmp_path / "x.pcapng") as capture:
        assert list(capture.events()) == []


@pytest.mark.parametrize("format", ["pcapng", "dump", "frames"])
def test_a_file_for_each_connection(tmp_path, monkeypatch, format):
    monkeypatch.setattr(module, "MAX_OPEN_FILES", 3)
    found = write(target(tmp_path / "x.y", format, by_connection=True), connections=10)
    assert found.files == [str(tmp_path / f"x-{number:04}.y") for number in range(1, 11)]
    assert len({(tmp_path / name).read_bytes()[-20:] for name in found.files}) == 1
    if format != "frames":
        with open_capture(*found.files) as capture:
            assert [exchange.connection.number for exchange in capture] == list(range(1, 11))


def test_files_of_a_size(tmp_path):
    found = write(target(tmp_path / "x.pcapng", max_bytes=1_000), connections=10)
    assert len(found.files) > 3
    with open_capture(*found.files) as capture:
        assert len(list(capture)) == 10


def test_json_lines_of_each_connection(tmp_path):
    made = target(tmp_path / "x.jsonl", "json", by_connection=True)
    first, second = events()[1:3]
    second.connection = Connection(number=2)
    with made:
        made.event(first)
        made.event(second)
    assert [name[-11:] for name in made.converted.files] == ["-0001.jsonl", "-0002.jsonl"]


def test_what_is_there_is_not_written_over(tmp_path):
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"precious")
    with pytest.raises(UsageError) as caught:
        target(path)
    assert str(caught.value) == f"{path} is there already: give another name, or --overwrite"
    assert path.read_bytes() == b"precious"
    write(target(path, overwrite=True))
    assert path.read_bytes() != b"precious"


def reading(source, output):
    return Target(
        str(output),
        "pcapng",
        by_connection=False,
        max_bytes=None,
        keep_login_hashes=False,
        overwrite=True,
        inputs=[str(source)],
    )


def test_what_is_read_is_never_written_by_whatever_name(tmp_path):
    path, link, hard = (tmp_path / name for name in ("x.pcapng", "link.pcapng", "hard.pcapng"))
    path.write_bytes(b"source")
    link.symlink_to(path)
    hard.hardlink_to(path)
    for output in (path, link, hard):
        with pytest.raises(UsageError, match="is what is read: give the output another name"):
            reading(path, output)
    assert path.read_bytes() == b"source"


def test_what_comes_from_standard_input_is_never_written(tmp_path, monkeypatch):
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"source")
    with path.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with pytest.raises(UsageError, match="is what is read"):
            reading("-", path)
        reading("-", tmp_path / "y.pcapng")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    reading("-", path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"by_connection": True, "max_bytes": 5}, "split either by connection or by size, not by both"),
        ({"path": "-", "by_connection": True}, "standard output can't be split: give the name of a file"),
        (
            {"format": "dump", "max_bytes": 5},
            "a dump_file can't be split by size: its connections follow one another.",
        ),
    ],
)
def test_what_cannot_be_is_refused(settings, message):
    with pytest.raises(UsageError) as caught:
        target(settings.pop("path", "x"), **settings)
    assert str(caught.value).startswith(message)


def test_a_directory_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CaptureError) as caught:
        write(target(tmp_path / "no" / "x.pcapng"))
    assert str(caught.value) == f"{tmp_path / 'no' / 'x.pcapng'}: can't be written: No such file or directory"


def test_what_was_written_before_an_error_stays(tmp_path):
    made = target(tmp_path / "x.pcapng")

    def interrupted():
        with made:
            made.step(sent(ONE, CLIENT, call("A", 1)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with open_capture(tmp_path / "x.pcapng") as capture:
        assert [exchange.procedure for exchange in capture] == ["A"]
