"""A cassette that is edited is played, or stays as it was."""

from pathlib import Path

import pytest

from tests.cassettes.made import interaction
from volttools.cassettes import Cassette, load
from volttools.cassettes.editing import edit


@pytest.fixture
def path(tmp_path):
    cassette = Cassette()
    cassette.add(interaction(7))
    cassette.add(interaction(8, rows=5_000))  # in a side file
    return cassette.save(tmp_path / "x.cassette")


def replacing(old, new):
    def editor(name):
        path = Path(name)
        path.write_text(path.read_text().replace(old, new))

    return editor


def never(complaints):
    raise AssertionError(complaints)


def files(path):
    return sorted(each.name for each in path.parent.iterdir())


def test_what_was_written_is_kept(path):
    assert edit(path, replacing('"BIGINT", 7', '"BIGINT", 9'), never) == (True, None)
    assert [each.params for each in load(path)] == [(9,), (8,)]
    assert files(path) == ["x.cassette", "x.cassette.d"]


def test_nothing_written_changes_nothing(path):
    assert edit(path, lambda name: None, never) == (False, None)
    assert files(path) == ["x.cassette", "x.cassette.d"]


def test_what_is_wrong_may_be_edited_again(path):
    asked = []
    editors = iter([replacing('"params"', "params"), replacing(" params", ' "params"')])

    def again(complaints):
        asked.append([each.line for each in complaints])
        return True

    assert edit(path, lambda name: next(editors)(name), again) == (False, None)
    assert asked == [[4, 13]] or asked[0][0] == 4


def test_or_is_put_beside(path):
    before = path.read_text()
    is_changed, copy = edit(path, replacing('"params"', "params"), lambda complaints: False)
    assert not is_changed
    assert path.read_text() == before
    assert " params" in copy.read_text()


def test_an_editor_that_fails_leaves_nothing_behind(path):
    def fails(name):
        raise RuntimeError("no editor")

    with pytest.raises(RuntimeError):
        edit(path, fails, never)
    assert files(path) == ["x.cassette", "x.cassette.d"]
