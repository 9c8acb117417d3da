import pytest

import volttools
from volttools.client import connect
from volttools.mock import MockServer
from volttools.testing.exchanges import last_exchanges


@pytest.fixture
def server():
    with MockServer() as server:
        server.handle("Vote", 1)
        with connect(server.address, signatures=False) as client:
            for number in range(5):
                client.call("Vote", number)
        yield server


def test_the_last_ones_are_shown_and_all_are_kept(server, tmp_path):
    path = tmp_path / "kept" / "test.pcapng"
    lines = last_exchanges(server, path, count=2, width=90).splitlines()
    assert lines[0].split() == [
        "#",
        "time",
        "(s)",
        "conn",
        "handle",
        "call",
        "status",
        "rows",
        "bytes",
        "latency",
    ]
    assert lines[1] == "... 4 before"
    assert [line.split()[4:6] for line in lines[2:] if "Vote" in line] == [["Vote", "3"], ["Vote", "4"]]
    assert lines[-1] == f"kept in {path}"
    assert max(map(len, lines[:-1])) <= 90
    with volttools.open(path) as capture:
        assert [exchange.procedure for exchange in capture] == ["Vote"] * 5


def test_that_nobody_came_is_said(tmp_path):
    with MockServer() as server:
        assert last_exchanges(server, tmp_path / "x.pcapng") == (
            "nothing: no client connected to the mock server"
        )
    assert not (tmp_path / "x.pcapng").exists()


def test_a_file_that_cannot_be_written_is_told_and_no_error(server, tmp_path):
    (tmp_path / "file").write_text("")
    text = last_exchanges(server, tmp_path / "file" / "x.pcapng")
    assert text.startswith(f"the exchanges could not be kept in {tmp_path / 'file'}")
