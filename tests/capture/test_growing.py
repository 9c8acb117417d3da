"""Streams at whose end more may come."""

import io
import os

import pytest

from tests.capture.growth import append, write
from volttools.capture.growing import START_BYTES, GrowingFile, GrowingPipe, fileno_of
from volttools.capture.window import NothingYet

DATA = bytes(range(1, 201))


@pytest.fixture
def growing(tmp_path):
    """A file of 100 bytes; gives the path, and its stream with a flag `has_next`."""
    path = tmp_path / "x"
    path.write_bytes(DATA[:100])
    following = []
    file = GrowingFile(str(path), lambda: bool(following))
    yield path, file, following
    file.close()


def test_at_the_end_there_is_nothing_yet(growing):
    path, file, _ = growing
    assert file.read(1000) == DATA[:100]
    for _ in range(2):
        with pytest.raises(NothingYet):
            file.read(1000)
    append(path, DATA[100:])()
    assert file.read(60) == DATA[100:160]
    assert file.read(60) == DATA[160:]


def test_it_begins_when_enough_is_there_and_loses_nothing(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(DATA[:10])
    file = GrowingFile(str(path), lambda: False)
    with pytest.raises(NothingYet):
        file.begin()
    append(path, DATA[10:])()
    file.begin()
    assert len(file.start) == START_BYTES
    assert file.read(7) + file.read(1000) + file.read(1000) == DATA
    file.close()


def test_it_ends_when_another_follows_and_all_is_read(growing):
    path, file, following = growing
    file.read(90)
    following.append("next")
    assert file.read(1000) == DATA[90:100]
    append(path, DATA[100:])()
    assert file.read(1000) == DATA[100:]
    assert file.read(1000) == b""
    assert file.is_superseded


def test_what_comes_between_the_look_and_the_end_is_read(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(DATA[:100])

    def has_next():
        append(path, DATA[100:])()  # the last words before the next file is begun
        return True

    file = GrowingFile(str(path), has_next)
    assert [file.read(1000) for _ in range(3)] == [DATA[:100], DATA[100:], b""]
    file.close()


@pytest.mark.parametrize("data", [DATA[50:60], DATA[50:], DATA[50:] * 3])
def test_it_ends_when_it_is_written_anew(growing, data):
    path, file, _ = growing
    file.read(1000)
    write(path, data)()
    assert file.read(1000) == b""
    assert file.read(1000) == b""
    assert not file.is_superseded


def test_emptied_it_waits_for_what_becomes_of_it(growing):
    path, file, following = growing
    file.read(1000)
    write(path, b"")()
    with pytest.raises(NothingYet):
        file.read(1000)
    write(path, bytes(100) + DATA[100:150])()  # its writer went on where he was
    assert file.read(1000) == DATA[100:150]
    append(path, DATA[150:])()
    assert file.read(1000) == DATA[150:]
    write(path, b"")()
    following.append("next")
    assert file.read(1000) == b""


def test_a_renamed_or_deleted_file_is_read_on(growing):
    path, file, _ = growing
    file.read(1000)
    append(path, DATA[100:])()
    path.unlink()
    assert file.read(1000) == DATA[100:]
    with pytest.raises(NothingYet):
        file.read(1000)


def test_a_pipe_has_nothing_yet_until_it_is_closed():
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb", buffering=0) as stream:
        pipe = GrowingPipe(stream, "pipe")
        assert pipe.fileno == read_end
        with pytest.raises(NothingYet):
            pipe.read(10)
        os.write(write_end, DATA[:20])
        assert (pipe.read(10), pipe.read(100)) == (DATA[:10], DATA[10:20])
        os.close(write_end)
        assert pipe.read(10) == b""


def test_a_stream_that_cant_be_asked_is_just_read():
    stream = io.BytesIO(DATA)
    assert fileno_of(stream) is None
    pipe = GrowingPipe(stream, "bytes")
    pipe.begin()
    assert pipe.read(1000) + pipe.read(1000) == DATA
    assert pipe.read(1000) == b""
