"""A replay from the capture to the report."""

import errno

import pytest

import volttools
from tests.replay.made import ids, line, opened
from volttools.capture.writers import PcapngFileWriter
from volttools.client.connection_settings import ConnectionSettings
from volttools.errors import LoginRefused, UsageError
from volttools.mock import MockServer
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.safety import Nature
from volttools.replay.schedule import AsFastAsPossible, Order, Schedule

FAST = Schedule(pace=AsFastAsPossible())


@pytest.fixture
def server():
    with MockServer(max_calls=10_000) as server:
        server.handle("Get", lambda call: [(call.params[0],)], read_only=True)
        server.handle("Put", lambda call: 1)
        yield server


def settings(server, **more):
    return ConnectionSettings.of((server.host, server.port), **more)


def lines(count=10):
    return [
        line(n, n % 2 + 1, n, "Put" if n % 5 == 0 else "Get", n, tables=[ids(n)]) for n in range(1, count + 1)
    ]


def replayed(server, capture, **wishes):
    with prepare(capture, settings(server), Wishes(schedule=FAST, **wishes)) as prepared:
        return prepared.run()


def params(server):
    return sorted(call.params[0] for call in server.calls if not call.procedure.startswith("@"))


def test_only_what_reads_is_sent_unless_writes_are_allowed(server, tmp_path):
    report = replayed(server, opened(tmp_path, *lines()))
    assert params(server) == [1, 2, 3, 4, 6, 7, 8, 9]
    assert (report.measures.sent, report.exit_status) == (8, 0)
    assert [(group.procedure, group.calls) for group in report.verdict.held_back] == [("Put", 2)]
    report = replayed(server, opened(tmp_path, *lines()), allowed={Nature.WRITE})
    assert report.measures.sent == 10


def test_nothing_left_to_send_is_an_error(server, tmp_path):
    with pytest.raises(UsageError, match=r"nothing was sent: .* --writes would let them through"):
        replayed(server, opened(tmp_path, line(1, 1, 0, "Put", 1)))
    assert params(server) == []


def test_what_happens_is_a_capture(server, tmp_path):
    output = str(tmp_path / "out.pcapng")
    report = replayed(server, opened(tmp_path, *lines()), output=output, allowed={Nature.WRITE})
    assert report.files == [output]
    with volttools.open(output) as capture:
        found = sorted((one.procedure, one.invocation.parameters[0].value) for one in capture)
        assert found == sorted((one["procedure"], one["params"][0][1]) for one in lines())
        assert {one.connection.server for one in capture} == {f"{server.host}:{server.port}"}
        assert capture.summary.connections == 2
        assert capture.summary.damage_count == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.jsonl", "out.pcapng"], (
        "no journal is left"
    )
    before = server.call_count
    with pytest.raises(UsageError, match="exists; give --overwrite"):
        replayed(server, opened(tmp_path, *lines()), output=output)
    assert server.call_count == before  # it is looked at first of all


def test_the_capture_itself_is_never_written_over(server, tmp_path):
    capture = opened(tmp_path, *lines(), name="a.jsonl")
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "a.jsonl")
    for name in ("a.jsonl", "b.jsonl"):
        with pytest.raises(UsageError, match=f"{name} is what is read: give the output another name"):
            replayed(server, capture, output=str(tmp_path / name), overwrite=True)
    assert len(list(capture)) == len(lines())


def test_a_replay_that_was_ended_goes_on(server, tmp_path):
    output = str(tmp_path / "out.pcapng")
    capture = opened(tmp_path, *lines(100))
    slow = Schedule(pace=AsFastAsPossible(), order=Order.TOTAL)
    with prepare(capture, settings(server), Wishes(schedule=slow, output=output)) as prepared:
        server.handle("Get", lambda call: prepared.stop() or 1, read_only=True)
        report = prepared.run()
    assert report.why_ended == "it was interrupted"
    assert report.exit_status == 1
    first = params(server)
    assert 0 < len(first) < 80
    with pytest.raises(UsageError, match=r"--resume goes on with it, --overwrite begins anew"):
        replayed(server, capture, output=output)
    with pytest.raises(UsageError, match="is the journal of another replay: calls was 80, and is 100"):
        replayed(server, capture, output=output, resume=True, allowed={Nature.WRITE})
    other = opened(tmp_path, *lines(98), line(99, 2, 99, "Get", 7), lines(100)[-1], name="other.jsonl")
    with pytest.raises(UsageError, match="is the journal of another replay: checksum of the calls was"):
        replayed(server, other, output=output, resume=True)

    report = replayed(server, capture, output=output, resume=True)
    assert params(server) == [n for n in range(1, 101) if n % 5]
    assert (report.skipped, report.skipped + report.measures.sent) == (len(first), 80)
    assert report.files == [str(tmp_path / "out-2.pcapng")]
    with pytest.raises(UsageError, match="there is no replay to go on with"):
        replayed(server, capture, output=output, resume=True)


def test_a_resumed_replay_goes_on_at_once_not_at_the_recorded_time(server, tmp_path):
    output = str(tmp_path / "out.pcapng")
    slow = [line(n, 1, n * 20 if n < 4 else 3_600_000 + n, "Get", n) for n in range(1, 7)]
    capture = opened(tmp_path, *slow)
    with prepare(capture, settings(server), Wishes(output=output)) as prepared:
        server.handle("Get", lambda call: (call.params[0] == 3 and prepared.stop()) or 1, read_only=True)
        prepared.run()
    with prepare(capture, settings(server), Wishes(output=output, resume=True)) as prepared:
        report = prepared.run()
    assert params(server) == [1, 2, 3, 4, 5, 6]
    assert report.measures.sent == 3


def test_calls_of_which_nobody_knows_whether_they_were_made_are_not_all_answered(server, tmp_path):
    output = str(tmp_path / "out.pcapng")
    capture = opened(tmp_path, *(line(n, 1, n, "Get", n) for n in range(1, 7)))
    with prepare(capture, settings(server), Wishes(schedule=FAST, output=output)) as prepared:
        server.handle("Get", lambda call: (call.params[0] == 3 and prepared.stop()) or 1, read_only=True)
        prepared.run()
    journal = tmp_path / "out.pcapng.journal"
    journal.write_text(
        "".join(one for one in journal.read_text().splitlines(True) if one[0] != "a")
    )  # a kill
    report = replayed(server, capture, output=output, resume=True)
    assert report.unknown_before > 0
    assert (report.measures.failed, report.exit_status) == (0, 1)


def test_a_replay_that_cannot_go_on_now_can_later(server, tmp_path):
    """It begins to go on, and nothing is sent: what was sent before is known all the same."""
    output = str(tmp_path / "out.pcapng")
    capture = opened(tmp_path, *(line(n, 1, n, "Get", n) for n in range(1, 7)))
    with prepare(capture, settings(server), Wishes(schedule=FAST, output=output)) as prepared:
        server.handle("Get", lambda call: (call.params[0] == 3 and prepared.stop()) or 1, read_only=True)
        prepared.run()
    with prepare(capture, settings(server), Wishes(schedule=FAST, output=output, resume=True)) as prepared:
        prepared.stop()
        assert prepared.run().measures.sent == 0
    replayed(server, capture, output=output, resume=True)
    assert params(server) == [1, 2, 3, 4, 5, 6]


def test_a_recording_that_ends_early_is_told(server, tmp_path, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device")

    def fails(writer, step):
        raise full

    monkeypatch.setattr(PcapngFileWriter, "step", fails)
    report = replayed(server, opened(tmp_path, *lines()), output=str(tmp_path / "out.pcapng"))
    assert (report.measures.sent, report.exit_status) == (8, 0), "the replay goes on"
    assert "No space left on device" in report.as_json()["not_recorded"]
    assert any("a part:" in text for told in report.lines() for text, _ in told)


def test_credentials_are_those_of_the_target(tmp_path):
    with MockServer(users={"ann": "sesame"}) as server:
        server.handle("Get", 1, read_only=True)
        capture = opened(tmp_path, *lines())
        with pytest.raises(LoginRefused):
            prepare(capture, settings(server), Wishes())
        with prepare(
            capture, settings(server, user="ann", password="sesame"), Wishes(schedule=FAST)
        ) as prepared:
            assert prepared.run().measures.answered == 8
        assert {connection.user for connection in server.connections} <= {"ann"}


def test_the_recorded_server_is_no_target(server, tmp_path):
    here = f"{server.host}:{server.port}"
    capture = opened(tmp_path, line(1, 1, 0, "Get", 1, server=here))
    with pytest.raises(UsageError, match="is the server that was recorded"):
        prepare(capture, settings(server), Wishes())
    assert server.call_count == 0
    with prepare(capture, settings(server), Wishes(recorded_target=True)) as prepared:
        assert prepared.run().exit_status == 0


def test_dump_files_are_replayed_one_call_after_the_other(server):
    from tests.requirements import ROOT

    with volttools.open(str(ROOT / "captures" / "dump-normal.dump")) as capture:
        server.handle("TYPES.upsert", 1)
        server.handle("TYPES.select", 1, read_only=True)
        server.handle("@AdHoc", lambda call: [(1,)])
        report = replayed(server, capture, allowed={Nature.WRITE})
        numbers = [call.procedure for call in server.calls if call.procedure != "@SystemCatalog"]
        recorded = [one.procedure for one in capture]
    assert report.measures.answered == len(recorded) == 15
    assert numbers == recorded
