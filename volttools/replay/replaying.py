"""A replay from the capture to the report.

wishes = Wishes(schedule=Schedule(pace=Speed(2)), allowed={Nature.WRITE}, output="replayed.pcapng")
with prepare(volttools.open("x.pcapng"), ConnectionSettings.of("db1"), wishes) as prepared:
    report = prepared.run()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from volttools.capture.reader import Capture
from volttools.capture.target import is_same_file
from volttools.client.connection_settings import ConnectionSettings
from volttools.client.requests import DEFAULT_IN_FLIGHT, DEFAULT_TIMEOUT
from volttools.errors import UsageError
from volttools.protocol.events import Event
from volttools.replay.changer import Changer
from volttools.replay.connections import Target
from volttools.replay.driver import Replay
from volttools.replay.journal import SUFFIX, Journal, Past
from volttools.replay.plan import Plan, read_plan
from volttools.replay.punctual import punctual_loop
from volttools.replay.recording import PcapngRecording, Recording, check_is_new, recording_to
from volttools.replay.report import Report
from volttools.replay.safety import OPTIONS, Nature, Verdict, judge
from volttools.replay.schedule import Order, Schedule
from volttools.replay.substitution import Substitution
from volttools.replay.target import check_target, fetch_catalog
from volttools.replay.values import Rules
from volttools.words import counted

_PORTS: Final = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted.

    allowed       what calls may do besides reading
    wants         which exchanges; None: all
    discovery     also what client libraries ask for themselves
    recorded_target   the target may be the server that was recorded
    recorded_target_option   what the option is called that says so
    output        where to write what happens; its name tells the format
    rules         values that the server made, whose places new ones are to take; None: they stay
    resume        go on with the replay that wrote `output` before
    reconnect_s   give a connection up after so long
    without_answers   also of a capture in which there is no answer
    """

    schedule: Schedule = field(default_factory=Schedule)
    allowed: Collection[Nature] = ()
    wants: Callable[[Event], bool] | None = None
    discovery: bool = False
    recorded_target: bool = False
    recorded_target_option: str = "--allow-recorded-target"
    rules: Rules | None = None
    output: str | None = None
    overwrite: bool = False
    resume: bool = False
    reconnect_s: float = 30.0
    without_answers: bool = False
    most_in_flight: int = DEFAULT_IN_FLIGHT


def _ignore(text: str) -> None:
    """Nobody is told."""


@dataclass(slots=True)
class Prepared:
    """A replay that can begin: the plan is read, and the target has told what its procedures do."""

    name: str
    plan: Plan
    verdict: Verdict
    build: str
    settings: ConnectionSettings
    wishes: Wishes
    replay: Replay | None = None
    _is_stopped: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.plan.close()

    @property
    def order(self) -> Order:
        """The order that is kept: without times one call is made after the other."""
        return self.wishes.schedule.order if self.plan.has_times else Order.TOTAL

    @property
    def total(self) -> int | None:
        """How many calls are to be made; None: no end to them."""
        return self.wishes.schedule.total(self.plan)

    def run(
        self,
        *,
        recordings: Collection[Recording] = (),
        changers: tuple[Changer, ...] = (),
        on_tick: Callable[[Replay], None] | None = None,
        on_trouble: Callable[[str], None] = _ignore,
    ) -> Report:
        """Make the calls. Raises UsageError, CannotConnect or LoginRefused before any was made.

        recordings  besides that of `output`
        changers    change calls on their way, behind what replaces values
        on_tick     is called some times a second
        """
        check_something_is_made(self.verdict)
        outputs = _Outputs(self, on_trouble)
        substitution = None
        if self.wishes.rules is not None:
            substitution = Substitution(self.wishes.rules, outputs.journal)
            substitution.remember(() if outputs.past is None else outputs.past.values)
            changers = (substitution, *changers)
        replay = self.replay = self._replay(outputs, recordings, changers, on_tick, on_trouble)
        if self._is_stopped:
            self.stop()
        is_complete = False
        try:
            with asyncio.Runner(loop_factory=punctual_loop) as runner:
                runner.run(replay.run())
            is_complete = replay.why_ended is None and not replay.dropped
        finally:
            is_untouched = not self.wishes.resume and not replay.measures.sent
            outputs.close(is_complete=is_complete or is_untouched)
        return Report.of(self, replay, outputs.names, substitution, outputs.trouble)

    def stop(self, why: str = "it was interrupted") -> None:
        """End it soon; may be called by a signal handler."""
        self._is_stopped = True
        if self.replay is not None:
            self.replay.stop(why)

    def _replay(
        self,
        outputs: _Outputs,
        recordings: Collection[Recording],
        changers: tuple[Changer, ...],
        on_tick: Callable[[Replay], None] | None,
        on_trouble: Callable[[str], None],
    ) -> Replay:
        schedule, settings = self.wishes.schedule, self.settings

        def tick() -> None:
            outputs.flush()
            if on_tick is not None:
                on_tick(replay)

        target = Target(
            settings.addresses,
            settings.login,
            settings.ssl_context(),
            settings.connect_timeout,
            self.wishes.reconnect_s,
            self.wishes.most_in_flight,
            (*outputs.recordings, *recordings),
        )
        replay = Replay(
            schedule.calls(self.plan),
            schedule.connection_count(self.plan),
            target,
            order=self.order,
            timeout=settings.value("timeout", DEFAULT_TIMEOUT),
            most_ns=schedule.until_ns,
            journal=outputs.journal,
            past=outputs.past,
            changers=changers,
            on_tick=tick,
            on_idle=outputs.work,
            on_trouble=on_trouble,
        )
        return replay


def prepare(capture: Capture, settings: ConnectionSettings, wishes: Wishes) -> Prepared:
    """Read the capture, and ask the target what its procedures do; nothing else is sent to it.

    Raises CaptureError, UsageError, CannotConnect, LoginRefused, CallFailed.
    """
    if wishes.resume and wishes.output is None:
        raise UsageError("to go on, it must be known with what: give the output of the replay that was cut")
    _check_output(capture, wishes)
    plan = read_plan(
        capture,
        wants=wishes.wants,
        with_discovery=wishes.discovery,
        made_by=None if wishes.rules is None else wishes.rules.made_by,
    )
    try:
        if not wishes.without_answers:
            _check_answers(capture, plan)
        _check_connections(wishes.schedule.connection_count(plan), len(settings.addresses))
        if not wishes.recorded_target:
            check_target(plan.servers, settings.addresses, wishes.recorded_target_option)
        catalog, build = fetch_catalog(settings)
        verdict = judge(plan.tally, catalog, wishes.allowed)
        plan.keep(lambda procedure, sql: verdict.of(procedure, sql).is_made)
    except BaseException:
        plan.close()
        raise
    return Prepared(", ".join(capture.names), plan, verdict, build, settings, wishes)


def _check_output(capture: Capture, wishes: Wishes) -> None:
    """UsageError for an output that must not be written over, before the whole capture is read."""
    output = wishes.output
    if output is None or wishes.resume:
        return
    if any(is_same_file(output, path) for path in capture.paths):
        raise UsageError(f"{output} is what is read: give the output another name")
    journal = output + SUFFIX
    if Path(journal).exists() and not wishes.overwrite:
        raise UsageError(
            f"{journal} tells of a replay that was cut: --resume goes on with it, --overwrite begins anew"
        )
    check_is_new(output, overwrite=wishes.overwrite)


def _check_answers(capture: Capture, plan: Plan) -> None:
    """UsageError for a capture of what clients sent, and nothing that servers did."""
    if capture.summary.damage["one direction"] and all(call.status is None for call in plan):
        raise UsageError(
            f"{', '.join(capture.names)}: only what clients sent was captured, so nobody knows what was answered, and"
            " what failed; --without-answers makes its calls all the same"
        )


def _check_connections(count: int, addresses: int) -> None:
    """UsageError for more connections than there can be."""
    most = _PORTS * addresses
    if count > most:
        raise UsageError(
            f"{count:,} connections would be needed, and one machine has ports for {most:,} at most: lower --scale, or"
            " put them together with --connections"
        )


def check_something_is_made(verdict: Verdict) -> None:
    """UsageError if all calls are held back."""
    if verdict.made:
        return
    held = verdict.held_back
    options = [OPTIONS[nature] for nature in Nature if any(group.nature is nature for group in held)]
    calls = counted(sum(group.calls for group in held), "call")
    raise UsageError(
        f"nothing was sent: as far as the target tells, {calls} of {counted(len(held), 'procedure')} do more than read, and"
        f" there are no others; {', '.join(options)} would let them through, --dry-run lists them"
    )


class _Outputs:
    """What a replay writes: the recording and the journal.

    trouble  why not all is recorded; None: it is
    """

    def __init__(self, prepared: Prepared, on_trouble: Callable[[str], None]) -> None:
        wishes = prepared.wishes
        self.trouble: str | None = None
        self.journal: Journal | None = None
        self.past: Past | None = None
        self.recordings: tuple[Recording, ...] = ()
        self.names: list[str] = []
        if wishes.output is None:
            return
        path, what = wishes.output + SUFFIX, _identity(prepared)
        output = wishes.output
        if wishes.resume:
            self.journal, self.past = Journal.go_on(path, what)
            output = _next_name(output)

        def stopped(text: str) -> None:
            self.trouble = text
            on_trouble(text)

        self.recordings = (recording_to(output, overwrite=wishes.overwrite, on_trouble=stopped),)
        self.names = [output]
        if self.journal is None:
            self.journal = Journal.begin(path, what)

    def work(self) -> bool:
        """Write a little of what was recorded; whether there is more."""
        found = [one.work() for one in self.recordings if isinstance(one, PcapngRecording)]
        return any(found)

    def flush(self) -> None:
        """Let the system have what was written."""
        for one in self.recordings:
            if isinstance(one, PcapngRecording):
                one.flush()

    def close(self, *, is_complete: bool) -> None:
        """Close all of it."""
        for one in self.recordings:
            one.close()
        if self.journal is not None:
            self.journal.close(is_complete=is_complete)


def _identity(prepared: Prepared) -> dict[str, Any]:
    """What makes a replay the same: then its calls have the same numbers."""
    schedule = prepared.wishes.schedule
    held = sorted(f"{group.procedure} ({group.nature.value})" for group in prepared.verdict.held_back)
    return {
        "calls": len(prepared.plan),
        "first call": prepared.plan.start_ns,
        "checksum of the calls": prepared.plan.checksum,
        "loops": schedule.loops,
        "scale": schedule.scale,
        "held back": held,
        "rules": [] if prepared.wishes.rules is None else [str(rule) for rule in prepared.wishes.rules.rules],
    }


def _next_name(path: str) -> str:
    """The next of x.pcapng, x-2.pcapng, x-3.pcapng ... that isn't there."""
    first, number = Path(path), 2
    while (found := first.with_name(f"{first.stem}-{number}{first.suffix}")).exists():
        number += 1
    return str(found)
