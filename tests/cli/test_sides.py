import click
import pytest

from volttools.cli.sides import side_of


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("ring-2.pcap", "ring-1.pcap", "other one.pcap", "[a].pcap"):
        (tmp_path / name).touch()


@pytest.mark.parametrize(
    ("given", "paths", "words"),
    [
        (["ring-1.pcap"], ("ring-1.pcap",), "ring-1.pcap"),
        (["ring-*.pcap"], ("ring-1.pcap", "ring-2.pcap"), "ring-*.pcap"),
        (["ring-?.pcap", "other one.pcap"], ("ring-1.pcap", "ring-2.pcap", "other one.pcap"), "ring-?.pcap 'other one.pcap'"),
        (["o* one.pcap"], ("other one.pcap",), "'o* one.pcap'"),
        (["[a].pcap"], ("[a].pcap",), "'[a].pcap'"),
        (["not there.pcap"], ("not there.pcap",), "'not there.pcap'"),
        (["-"], ("-",), "-"),
    ],
)  # fmt: skip
def test_a_side_is_files_and_patterns_of_files(files, given, paths, words):
    side = side_of(given[0], given[1:])
    assert (side.paths, side.words) == (paths, words)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (["x*.pcap"], "no file matches 'x*.pcap'"),
        (["ring-1.pcap", "ring-*"], "ring-1.pcap is given twice on one side"),
        (["."], ". is a directory; for its files give './*'"),
    ],
)
def test_what_is_no_side_is_said(files, given, error):
    with pytest.raises(click.UsageError) as caught:
        side_of(given[0], given[1:])
    assert caught.value.message == error
