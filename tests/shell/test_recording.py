"""What passed, to be looked at and saved."""

import pytest

import volttools
from tests.shell.answering import answering, session_with
from volttools.client.tap import Tap
from volttools.errors import UsageError
from volttools.shell.recording import Recording


def procedures(path):
    with volttools.open(str(path)) as capture:
        events = list(capture.events())
    assert not [event for event in events if event.kind == "damage"]
    return [getattr(event, "procedure", event.kind) for event in events]


@pytest.mark.parametrize("suffix", ["pcapng", "dump", "jsonl"])
def test_the_last_exchange_or_all_can_be_saved(tmp_path, suffix):
    one, every = tmp_path / f"one.{suffix}", tmp_path / f"all.{suffix}"
    with answering() as server, session_with(server) as session:
        list(session.run("exec Vote 1 x;"))
        list(session.run("select 1;"))
        (note,) = session.run(f"\\save {one}")
        assert note.text == f"Saved 1 exchange to {one}."
        (note,) = session.run(f"\\save {every} all")
        assert note.text == f"Saved 3 exchanges to {every}."
    assert procedures(one) == ["login", "@AdHoc"]
    assert procedures(every) == ["login", "@SystemCatalog", "Vote", "@AdHoc"]


def test_what_can_not_be_saved_is_said(tmp_path):
    there = tmp_path / "there.pcapng"
    there.touch()
    with answering() as server, session_with(server) as session:

        def said(statement):
            (failure,) = session.run(statement)
            return str(failure.error)

        assert said("\\save x.pcapng") == "nothing was called yet: run a statement first"
        list(session.run("select 1;"))
        assert said(f"\\save {there}") == f"{there} exists: give the name of a new file"
        assert said(f"\\save {tmp_path}/no/x.dump").startswith(f"{tmp_path}/no/x.dump: No such file")
        assert "its name doesn't tell its format" in said("\\save x")
        assert said("\\save") == "there is no file to save to: give its name, such as \\save call.pcapng"
    assert there.read_bytes() == b""


def test_the_oldest_are_forgotten_and_the_last_one_stays(tmp_path):
    with answering() as server, session_with(server, recording=Recording(max_kept_bytes=10)) as session:
        for _ in range(5):
            list(session.run("select 1;"))
        assert session.recording.forgotten == 4
        path = tmp_path / "all.pcapng"
        (note,) = session.run(f"\\save {path} all")
        assert note.text == f"Saved 1 exchange to {path}; 4 before them are not kept any more."
    assert procedures(path) == ["login", "@AdHoc"]


def test_connections_stand_one_behind_the_other(tmp_path):
    tapped, saved = tmp_path / "tap.pcapng", tmp_path / "all.pcapng"
    with answering() as server, session_with(server, recording=Recording(Tap(str(tapped)))) as session:
        list(session.run("select 1;"))
        list(session.run("\\connect"))
        list(session.run("select 2;"))
        list(session.run(f"\\save {saved} all"))
    assert procedures(saved) == procedures(tapped) == ["login", "@AdHoc", "login", "@AdHoc"]


def test_hashes_of_passwords_are_zeros(tmp_path):
    hashes = []
    with answering() as server:
        for keeps in (False, True):
            path = tmp_path / f"{keeps}.pcapng"
            with session_with(server, recording=Recording(keep_login_hashes=keeps)) as session:
                list(session.run("select 1;"))
                list(session.run(f"\\save {path}"))
            with volttools.open(str(path)) as capture:
                hashes.append(next(iter(capture.events())).request.password_hash)
    assert hashes[0] == bytes(32)
    assert hashes[1] != bytes(32)


def test_without_an_answer_there_is_no_exchange():
    assert Recording().exchange(5) is None
    with pytest.raises(UsageError):
        Recording().save("x.pcap")
