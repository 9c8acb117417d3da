"""A rehearsal from the capture to the result.

with prepare(volttools.open("x.pcapng"), ConnectionSettings.of("db1"), ConnectionSettings.of("db2")) as prepared:
    found = prepared.run()

The old server is asked twice: what differs between its two runs differs by itself, and doesn't count.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from volttools.capture.conversion import NumberSet
from volttools.capture.reader import Capture
from volttools.capture.reader import open as open_capture
from volttools.client.connection_settings import ConnectionSettings
from volttools.compare import Comparison, Group, Rule, Settings, compare, learned_rules, rules_text
from volttools.compare.comparison import Wants
from volttools.compare.lines import comparison_lines, noise_line
from volttools.compare.noise import evidence as evidence_of
from volttools.compare.spool import Spool
from volttools.errors import CaptureError, ClientError, UsageError
from volttools.formats.response import SUCCESS
from volttools.protocol.events import Event, Exchange
from volttools.rehearse.coverage import Coverage, coverage_of
from volttools.rehearse.evidence import Evidence
from volttools.rehearse.rules import ids_of_map, rules_of_map
from volttools.replay import replaying, values
from volttools.replay.driver import Replay
from volttools.replay.plan import group_of
from volttools.replay.report import Report
from volttools.replay.safety import OPTIONS, is_of_library
from volttools.words import counted

OLD, OLD_AGAIN, NEW = "old server", "old server, second time", "new server"

Before = Callable[[str, str], None]
"""Is called before each run, with its name and the addresses of its server; may raise ClientError."""

OnTick = Callable[[str, Replay], None]
"""Is told the name of the run, and how far it is."""


class InterruptedRehearsal(ClientError):
    """It was stopped; the text says where what was recorded so far is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted.

    replay     how calls are made, and which; where they are recorded to is said by `directory`
    settings   how answers are compared
    directory  of the evidence; None: a new one called rehearsal
    allow_recorded_old, allow_recorded_new   that server may be the one that was recorded
    """

    replay: replaying.Wishes = field(default_factory=replaying.Wishes)
    settings: Settings = field(default_factory=lambda: Settings(examples=5))
    directory: str | None = None
    allow_recorded_old: bool = False
    allow_recorded_new: bool = False


@dataclass(slots=True)
class Rehearsal:
    """What came out.

    capture     its name
    replays     the reports of the runs, by name: OLD, OLD_AGAIN, NEW
    comparison  of what the old server answered, or was recorded, with what the new one answered
    learned     what differs by itself, and the groups that it comes from
    ids         what the replay has put values in the place of; None: nothing
    missing     calls of procedures that the new server does not have, by procedure
    copies      how often each connection was made
    capture_count  how many files were read as one
    """

    capture: str
    coverage: Coverage
    replays: dict[str, Report]
    comparison: Comparison
    learned: dict[Rule, list[Group]]
    ids: values.Rules | None
    missing: Mapping[str, int]
    evidence: Evidence
    settings: Settings
    copies: int = 1
    capture_count: int = 1

    @property
    def has_old(self) -> bool:
        """Whether an old server was asked; otherwise the capture is what the new one is compared with."""
        return OLD in self.replays

    @property
    def has_other_answers(self) -> bool:
        """Whether the new server does something else, apart from how fast."""
        found = self.comparison
        differs = found.groups or found.other_differences or self.missing or self.coverage.changed
        return bool(differs) or self.replays[NEW].why_ended is not None

    @property
    def is_same(self) -> bool:
        """Whether the new server gives the same answers as fast."""
        return not self.has_other_answers and not self.comparison.slower

    @property
    def tested(self) -> int:
        """Calls of which the answers were compared."""
        return self.comparison.compared

    @property
    def share(self) -> float:
        """The part of the recorded calls that was tested, from 0 to 1."""
        calls = self.coverage.calls * self.copies
        return self.tested / calls if calls else 0.0


@dataclass(slots=True)
class Prepared:
    """A rehearsal that can begin: both servers have told what their procedures do."""

    capture: Capture
    old: replaying.Prepared | None
    new: replaying.Prepared
    coverage: Coverage
    wishes: Wishes
    _running: replaying.Prepared | None = None
    _is_stopped: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self.old, self.new):
            if one is not None:
                one.plan.close()

    def run(
        self,
        *,
        before: Before | None = None,
        on_tick: OnTick | None = None,
        on_trouble: Callable[[str], None] = lambda text: None,
    ) -> Rehearsal:
        """Make the calls on all servers, and compare. Leaves the evidence.

        Raises UsageError, CannotConnect or LoginRefused before anything was sent, ClientError for a run that
        says nothing as it or its recording was cut short, InterruptedRehearsal, CaptureError if there is nothing
        to compare, OSError for a full disk.
        """
        if not self.coverage.made:
            raise UsageError(_why_nothing(self.coverage))
        files = Evidence.make(self.wishes.directory)
        replays: dict[str, Report] = {}
        runs = [(NEW, self.new, files.new)]
        if self.old is not None:
            runs = [(OLD, self.old, files.old), (OLD_AGAIN, self.old, files.old_again), *runs]
        try:
            for name, prepared, output in runs:
                try:
                    if before is not None and not self._is_stopped:
                        before(name, ",".join(str(address) for address in prepared.settings.addresses))
                        self._go_on(files)
                    replays[name] = self._replay(name, prepared, output, on_tick, on_trouble)
                except ClientError as error:
                    self._go_on(files)  # what a signal ends may fail because of it, such as a command
                    if not replays:
                        raise
                    raise ClientError(
                        f"the replay on the {name} could not begin: {error}; {_kept(files)}"
                    ) from None
                self._check(name, replays[name], files)
            return self._compared(replays, files)
        finally:
            files.remove_if_empty()

    def stop(self) -> None:
        """End it soon; may be called by a signal handler."""
        self._is_stopped = True
        if self._running is not None:
            self._running.stop()

    # ------------------------------------------------------------ replays

    def _replay(
        self,
        name: str,
        prepared: replaying.Prepared,
        output: str,
        on_tick: OnTick | None,
        on_trouble: Callable[[str], None],
    ) -> Report:
        run = replace(prepared, wishes=replace(prepared.wishes, output=output), replay=None)
        self._running = run
        if self._is_stopped:
            run.stop()
        return run.run(
            on_tick=None if on_tick is None else lambda replay: on_tick(name, replay), on_trouble=on_trouble
        )

    def _check(self, name: str, report: Report, files: Evidence) -> None:
        """ClientError if a run says nothing about the new server."""
        self._go_on(files)
        kept = _kept(files)
        if report.why_ended is not None and (name != NEW or not report.measures.answered):
            raise ClientError(f"the replay on the {name} ended early: {report.why_ended}; {kept}")
        if report.not_recorded is not None:
            raise ClientError(
                f"the answers of the {name} are not all recorded, so they can't be compared; {kept}"
            )

    def _go_on(self, files: Evidence) -> None:
        """InterruptedRehearsal if it is to end."""
        if self._is_stopped:
            raise InterruptedRehearsal(f"the rehearsal was interrupted; {_kept(files)}")

    # ------------------------------------------------------------ comparison

    @property
    def _ids(self) -> values.Rules | None:
        """The map, if it has a rule."""
        found = self.new.wishes.rules
        return None if found is None or not found.rules else found

    def _events(self, capture: Capture, files: Evidence) -> Iterator[Event]:
        """The events of a capture; a comparison may take long, and be ended."""
        for event in capture.events():
            self._go_on(files)
            yield event

    def _compared(self, replays: dict[str, Report], files: Evidence) -> Rehearsal:
        ids = self._ids
        mapped = () if ids is None else rules_of_map(ids)
        settings = self.wishes.settings
        settings = replace(
            settings,
            rules=settings.rules.and_then(mapped),
            mapped=() if ids is None else ids_of_map(ids),
        )
        learned: dict[Rule, list[Group]] = {}
        spread: dict[str, float] = {}
        missing = Counter({group.procedure: group.calls for group in self.coverage.gone})
        wants: Wants | None = None
        names = (files.old, files.new)
        if self.old is None:
            names = (self.new.name, files.new)
            wants = _Tested(self.coverage, self.new, missing).wants
        else:
            with open_capture(files.old) as old, open_capture(files.old_again) as again:
                noise = _compare(self._events(old, files), self._events(again, files), settings)
            _check_obstacle(noise, files.old, files.old_again)
            learned, spread = learned_rules(noise), noise.spread
            settings = replace(settings, rules=settings.rules.and_then(tuple(learned)))
        recorded = nullcontext(self.capture) if self.old is None else open_capture(files.old)
        with recorded as first, open_capture(files.new) as new:
            events = self._events(first, files), self._events(new, files)
            found = _compare(*events, settings, wants, spread)
        _check_obstacle(found, *names)
        found.unused_rules = [
            rule for rule in found.unused_rules if rule not in learned and rule not in mapped
        ]
        self._write(files, names, found, learned)
        return Rehearsal(
            self.new.name,
            self.coverage,
            replays,
            found,
            learned,
            ids,
            missing,
            files,
            self.wishes.settings,
            self.new.wishes.schedule.scale,
            len(self.capture.names),
        )

    def _write(
        self,
        files: Evidence,
        names: tuple[str, str],
        found: Comparison,
        learned: dict[Rule, list[Group]],
    ) -> None:
        noise = [noise_line(rule, groups) for rule, groups in learned.items()]
        files.write_comparison([*noise, *comparison_lines(found, names)])
        if learned:
            told = {rule: evidence_of(groups) for rule, groups in learned.items()}
            title = "What did not count in a rehearsal: learned from two runs of the old server."
            files.write_rules(rules_text(told.items(), title=title))
        if self._ids is not None:
            values.write_rules(files.ids, self._ids)


def prepare(
    capture: Capture,
    old: ConnectionSettings | None,
    new: ConnectionSettings,
    wishes: Wishes | None = None,
) -> Prepared:
    """Read the capture, and ask the servers what their procedures do; nothing else is sent to them.

    old   None: the new server is compared with the capture itself
    Raises CaptureError, UsageError, CannotConnect, LoginRefused, CallFailed.
    """
    wishes = wishes or Wishes()
    capture.make_repeatable()
    prepared: list[replaying.Prepared] = []
    try:
        for settings, is_allowed, option in (
            (old, wishes.allow_recorded_old, "--allow-recorded-old"),
            (new, wishes.allow_recorded_new, "--allow-recorded-new"),
        ):
            if settings is not None:
                told = replace(wishes.replay, recorded_target=is_allowed, recorded_target_option=option)
                prepared.append(replaying.prepare(capture, settings, told))
        on_old, on_new = prepared[0] if old is not None else None, prepared[-1]
        coverage = coverage_of(None if on_old is None else on_old.verdict, on_new.verdict)
        for one in prepared:
            one.plan.keep(coverage.keeps)
    except BaseException:
        for one in prepared:
            one.plan.close()
        raise
    return Prepared(capture, on_old, on_new, coverage, wishes)


class _Tested:
    """Which exchanges of the capture the new server was asked; and counts what was answered when it was
    recorded, and the new server does not have."""

    def __init__(self, coverage: Coverage, new: replaying.Prepared, missing: Counter[str]) -> None:
        self._coverage = coverage
        self._verdict = new.verdict
        self._wishes = new.wishes
        self._made = _made(new)
        self._missing = missing

    def wants(self, event: Event) -> bool:
        """Whether an event is an exchange that was tested."""
        if not isinstance(event, Exchange) or event.invocation is None:
            return False
        if self._wishes.wants is not None and not self._wishes.wants(event):
            return False
        if is_of_library(event) and not self._wishes.discovery:
            return False
        key = group_of(event)
        group = self._verdict.groups.get(key)
        if group is not None and not group.is_known and not group.is_made and event.status == SUCCESS:
            self._missing[group.procedure] += 1
        if key not in self._coverage.kept:
            return False
        return self._made is None or event.number in self._made


def _made(prepared: replaying.Prepared) -> NumberSet | None:
    """The exchanges that are made, where there is a limit; None: all."""
    schedule = prepared.wishes.schedule
    if schedule.most_calls is None and schedule.until_ns is None:
        return None
    made = NumberSet()
    for planned in schedule.calls(prepared.plan):
        made.add(planned.recorded.exchange)
    return made


def _compare(
    a: Iterable[Event],
    b: Iterable[Event],
    settings: Settings,
    wants: Wants | None = None,
    noise: Mapping[str, float] | None = None,
) -> Comparison:
    with tempfile.TemporaryFile(prefix="volttools-rehearse-") as file:
        return compare(a, b, settings, spool=Spool(file), wants=(wants, None), noise=noise)


def _kept(files: Evidence) -> str:
    if not os.listdir(files.directory):
        return "nothing was recorded"
    return f"what was recorded so far is in {files.directory}"


def _check_obstacle(found: Comparison, a: str, b: str) -> None:
    """Raise CaptureError if nothing could be compared."""
    obstacle = "there are log-ins and no calls" if found.has_only_logins else found.obstacle(a, b)
    if obstacle is not None:
        raise CaptureError(f"nothing to compare: {obstacle}")


def _why_nothing(coverage: Coverage) -> str:
    if coverage.gone:
        lacks = ", ".join(group.procedure for group in coverage.gone[:3])
        return f"nothing was sent: the new server does not have {lacks}, and there is nothing else that both may be asked"
    groups = [*coverage.held_back, *coverage.changed]
    options = [option for nature, option in OPTIONS.items() if any(g.nature is nature for g in groups)]
    calls = counted(sum(group.calls for group in groups), "call")
    return (
        f"nothing was sent: as far as the servers tell, {calls} of {counted(len(groups), 'procedure')} do more than"
        f" read, and there are no others; {', '.join(options)} would let them through"
    )
