"""Rehearsals between mock servers."""

import asyncio
import errno
import itertools
import json
import shlex
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import volttools
from tests.rehearse.shop import sent, settings, settings_of, shops
from tests.replay.made import ids, line, opened
from volttools.capture.writers import PcapngFileWriter
from volttools.cli import run
from volttools.client import connect
from volttools.client.tap import Tap
from volttools.compare import Kind, read_rules
from volttools.errors import ClientError, UsageError
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.mock import MockServer
from volttools.rehearse.findings import findings_of
from volttools.rehearse.rehearsing import NEW, OLD, OLD_AGAIN, Wishes, prepare
from volttools.rehearse.report import Page, report_json
from volttools.replay import replaying, values
from volttools.replay.finding import find_rules
from volttools.replay.safety import Nature
from volttools.replay.schedule import AsFastAsPossible, Order, Schedule

WISHES = Wishes(settings=settings())


def rehearsed(capture, old, new, wishes=WISHES):
    servers = [None if old is None else settings_of(old), settings_of(new)]
    with volttools.open(capture) as opened_capture, prepare(opened_capture, *servers, wishes) as prepared:
        return prepared.run()


def kinds(found):
    return [(group.place.procedure, group.place.kind) for group in found.comparison.groups]


def test_the_old_server_is_asked_twice_and_what_differs_by_itself_does_not_count(recorded):
    with shops(False, False) as (old, new):
        found = rehearsed(recorded, old, new)
        assert len(sent(old)) == 2 * len(sent(new)) == 480
    assert found.is_same
    assert [groups[0].place.procedure for groups in found.learned.values()] == ["GetSession"]
    assert read_rules(found.evidence.rules).rules == tuple(found.learned)
    assert list(found.replays) == [OLD, OLD_AGAIN, NEW]
    assert (found.tested, found.coverage.calls, found.share) == (240, 250, 0.96)


def test_the_evidence_tells_the_same(recorded):
    with shops(False, True) as (old, new):
        found = rehearsed(recorded, old, new)
    with open(found.evidence.comparison) as file:
        lines = [json.loads(text) for text in file]
    assert [(one["procedure"], one["difference"]) for one in lines if one["kind"] == "group"] == [
        (procedure, kind.value) for procedure, kind in kinds(found)
    ]
    for path in (found.evidence.old, found.evidence.old_again, found.evidence.new):
        with volttools.open(path) as capture:
            assert sum(1 for exchange in capture if exchange.kind == "exchange") == 240


def test_without_an_old_server_the_capture_is_what_counts(recorded):
    with shops(False) as (new,):
        found = rehearsed(recorded, None, new)
    assert kinds(found) == [("GetSession", Kind.VALUE)]
    assert (found.learned, found.tested, found.comparison.only_a) == ({}, 240, 0)
    with shops(False) as (new,):
        rules = settings('[[rule]]\ncolumn = "SESSION"\n')
        assert rehearsed(recorded, None, new, Wishes(settings=rules)).is_same


def test_a_procedure_that_the_new_server_does_not_have_is_missed(tmp_path):
    capture = opened(tmp_path, *(line(n, 1, n, "Get" if n % 2 else "Count", 1) for n in range(1, 9)))
    with MockServer() as old, MockServer() as new:
        for server in (old, new):
            server.handle("Get", 1, read_only=True)
        old.handle("Count", 1, read_only=True)
        for servers in ((old, new), (None, new)):
            found = rehearsed(capture.names[0], *servers)
            assert (dict(found.missing), found.is_same, found.tested) == ({"Count": 4}, False, 4)


def test_what_failed_when_it_was_recorded_is_not_missed(tmp_path):
    capture = opened(tmp_path, line(1, 1, 1, "Get", 1), line(2, 1, 2, "Typo", 1, status=-2))
    with MockServer() as new:
        new.handle("Get", Table.of([], []), read_only=True)
        assert not rehearsed(capture.names[0], None, new).missing


class Orders:
    """A server that makes ids."""

    def __init__(self, server, first):
        self._numbers = itertools.count(first)
        self._orders = set()
        server.handle("New", self.new)
        server.handle("Pay", self.pay)

    def new(self, call):
        number = next(self._numbers)
        self._orders.add(number)
        return Table.of([("ID", BIGINT)], [(number,)])

    def pay(self, call):
        return 1 if call.params[0] in self._orders else 0


def looked_at_again(found):
    """The exit status of the command that the page tells."""
    lines = ["".join(piece for piece, _ in one) for one in Page(width=None).lines(found)]
    (command,) = (line for line in lines if line.startswith("  volttools compare "))
    return run([*shlex.split(command)[1:], "--no-latency"])


def test_mapped_values_are_no_differences(tmp_path):
    with MockServer() as server:
        Orders(server, 1_000)
        with connect((server.host, server.port), tap=Tap("orders.pcapng")) as client:
            for _ in range(20):
                client.call("Pay", client.call("New").scalar())
    with volttools.open("orders.pcapng") as capture:
        rules = find_rules(capture)
    schedule = Schedule(pace=AsFastAsPossible(), order=Order.CAUSAL)
    replay = replaying.Wishes(schedule=schedule, allowed={Nature.WRITE}, rules=rules)
    with MockServer() as old, MockServer() as new:
        Orders(old, 5_000)
        Orders(new, 9_000)
        wishes = Wishes(settings=settings(), replay=replay)
        for servers in ((old, new), (None, new)):
            found = rehearsed("orders.pcapng", *servers, wishes)
            assert (kinds(found), found.tested, found.ids) == ([], 40, rules)
            assert values.read_rules(found.evidence.ids) == rules
            assert report_json(found)["mapped"] == [str(rule) for rule in rules.rules]
            assert looked_at_again(found) == 0
        unmapped = rehearsed("orders.pcapng", None, new, replace(wishes, replay=replace(replay, rules=None)))
        new.handle("New", Table.of([("ID", BIGINT)], [(9_000,)]))
        repeated = rehearsed("orders.pcapng", old, new, wishes)
    assert ("Pay", Kind.VALUE) in kinds(unmapped)
    assert ("New", Kind.MAPPED) in kinds(repeated)  # it makes one id for all
    assert looked_at_again(repeated) == 1


def test_the_recorded_server_needs_to_be_allowed_for_each_side(tmp_path):
    with MockServer() as server:
        server.handle("Get", Table.of([("ID", BIGINT)], [(7,)]), read_only=True)
        told = {"server": f"{server.host}:{server.port}", "tables": [ids(7)]}
        path = opened(tmp_path, line(1, 1, 1, "Get", 1, **told)).names[0]
        for wishes, option in (
            (WISHES, "--allow-recorded-old"),
            (replace(WISHES, allow_recorded_old=True), "--allow-recorded-new"),
        ):
            with pytest.raises(UsageError, match=f"is the server that was recorded.*{option} sends"):
                rehearsed(path, server, server, wishes)
        assert sent(server) == []
        both = replace(WISHES, allow_recorded_old=True, allow_recorded_new=True)
        assert rehearsed(path, server, server, both).is_same


def test_where_nothing_may_be_asked_nothing_is_sent(tmp_path):
    path = opened(tmp_path, line(1, 1, 1, "Put", 1), line(2, 1, 2, "@Pause")).names[0]
    with MockServer() as old, MockServer() as new:
        old.handle("Put", 1)
        new.handle("Put", 1)
        with pytest.raises(UsageError, match=r"2 calls of 2 procedures do more than read.*--writes, --admin"):
            rehearsed(path, old, new)
    with MockServer() as old, MockServer() as new:
        old.handle("Put", 1, read_only=True)
        with pytest.raises(UsageError, match="the new server does not have Put, and there is nothing else"):
            rehearsed(path, old, new)
        assert sent(old) == sent(new) == []


def test_one_that_is_interrupted_says_so_and_keeps_what_it_has(recorded):
    with shops(False, False) as (old, new), volttools.open(recorded) as capture:
        with prepare(capture, settings_of(old), settings_of(new), WISHES) as prepared:
            names = []

            def tick(name, replay):
                names.append(name)
                if name == OLD_AGAIN:
                    prepared.stop()

            with pytest.raises(
                ClientError, match="was interrupted; what was recorded so far is in rehearsal"
            ):
                prepared.run(on_tick=tick)
        assert (set(names), sent(new)) == ({OLD, OLD_AGAIN}, [])


def test_a_comparison_is_interrupted_too(recorded, monkeypatch):
    with shops(False, False) as (old, new), volttools.open(recorded) as capture:
        with prepare(capture, settings_of(old), settings_of(new), WISHES) as prepared:

            def opens(path):
                prepared.stop()  # as by Ctrl-C, when all was replayed
                return volttools.open(path)

            monkeypatch.setattr("volttools.rehearse.rehearsing.open_capture", opens)
            with pytest.raises(ClientError, match="was interrupted"):
                prepared.run()
        assert sorted(path.name for path in Path("rehearsal").glob("*.pcapng")) == [
            "new.pcapng",
            "old-again.pcapng",
            "old.pcapng",
        ]


def test_answers_that_are_not_all_recorded_are_not_compared(recorded, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device")

    def fails(writer, step):
        raise full

    with shops(False, False) as (old, new):
        monkeypatch.setattr(PcapngFileWriter, "step", fails)
        with pytest.raises(
            ClientError, match=r"the answers of the old server are not all recorded, .* is in rehearsal$"
        ):
            rehearsed(recorded, old, new)
        assert sent(new) == []


def goes_away(server):
    """Let a server close when it is called for the twentieth time."""
    calls = itertools.count(1)

    async def count(call):
        if next(calls) == 20:
            threading.Thread(target=server.close).start()
            await asyncio.Event().wait()  # so the call is under way when the server has gone
        return Table.of([("PRICE", BIGINT)], [(1,)])

    server.handle("GetPrice", count, read_only=True)


IN_TURN = Schedule(pace=AsFastAsPossible(), order=Order.TOTAL)
AWAY = replace(WISHES, replay=replaying.Wishes(schedule=IN_TURN, reconnect_s=0.1))


def test_a_new_server_that_goes_away_is_a_finding(recorded):
    with shops(False, False) as (old, new):
        goes_away(new)
        found = rehearsed(recorded, old, new, AWAY)
    finding, *others = findings_of(found)
    assert not found.is_same
    assert finding.difference == "ended"
    assert finding.calls >= 240 - found.tested > 0  # some were under way
    assert "with calls not made or not answered: the target can't be reached any more" in finding.what
    assert {(one.procedure, one.difference) for one in others} <= {
        ("GetPrice", "column-type"),
        ("GetPrice", "value"),
    }


def test_an_old_server_that_goes_away_says_nothing(recorded):
    with shops(False, False) as (old, new):
        goes_away(old)
        with pytest.raises(
            ClientError, match=r"the replay on the old server ended early: .* is in rehearsal$"
        ):
            rehearsed(recorded, old, new, AWAY)
        assert sent(new) == []


def test_a_new_server_that_is_gone_before_its_turn_is_told_with_what_is_kept(recorded):
    with shops(False, False) as (old, new):

        def before(name, addresses):
            if name == NEW:
                new.close()

        with (
            volttools.open(recorded) as capture,
            prepare(capture, settings_of(old), settings_of(new), AWAY) as prepared,
            pytest.raises(
                ClientError, match=r"the replay on the new server could not begin: .* is in rehearsal$"
            ),
        ):
            prepared.run(before=before)
