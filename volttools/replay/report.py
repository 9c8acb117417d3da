"""What came of a replay: for people, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from volttools.formats.response import status_name
from volttools.histogram import Histogram
from volttools.render.cells import Line, fit, folded, left, right
from volttools.render.values import duration, visible
from volttools.replay.gaps import Missing, left_out_lines
from volttools.replay.labels import labelled
from volttools.replay.measures import LAG_OF_CONCERN_NS, Example, Measures, OfProcedure, percentiles
from volttools.replay.safety import OPTIONS, Group, Verdict
from volttools.replay.schedule import Order
from volttools.words import counted

if TYPE_CHECKING:
    from volttools.replay.driver import Replay
    from volttools.replay.replaying import Prepared
    from volttools.replay.substitution import Substitution

_PROCEDURES: Final = 10
_HELD_BACK: Final = 10
_NAME: Final = 28
_LEAST_NAME: Final = 12
_TITLES = ("calls", "failed", "p50", "p95", "p99", "max")


@dataclass(slots=True)
class Report:
    """The whole of it.

    planned   how many calls there were to be made; None: no end to them
    skipped   calls that the replay before had sent
    dropped   calls that were due, and had not left when it was ended
    files     what was written
    not_recorded  why not all that passed is in the recording; None: it is
    """

    capture: str
    targets: list[str]
    build: str
    connections: int
    order: Order
    planned: int | None
    recorded_ns: int
    elapsed_ns: int
    why_ended: str | None
    skipped: int
    dropped: int
    unknown_before: int
    measures: Measures
    verdict: Verdict
    left_out: dict[str, int]
    missing: list[Missing]
    first_ns: int | None
    files: list[str]
    substitution: Substitution | None = None
    not_recorded: str | None = None

    @classmethod
    def of(
        cls,
        prepared: Prepared,
        replay: Replay,
        files: list[str],
        substitution: Substitution | None,
        not_recorded: str | None,
    ) -> Report:
        """What a replay came to."""
        return cls(
            capture=prepared.name,
            targets=[str(address) for address in prepared.settings.addresses],
            build=prepared.build,
            connections=prepared.wishes.schedule.connection_count(prepared.plan),
            order=prepared.order,
            planned=prepared.total,
            recorded_ns=prepared.plan.duration_ns,
            elapsed_ns=replay.elapsed_ns,
            why_ended=replay.why_ended,
            skipped=replay.skipped,
            dropped=replay.dropped,
            unknown_before=replay.unknown_before,
            measures=replay.measures,
            verdict=prepared.verdict,
            left_out=dict(prepared.plan.left_out),
            missing=prepared.plan.missing,
            first_ns=prepared.plan.first_ns,
            files=files,
            substitution=substitution,
            not_recorded=not_recorded,
        )

    @property
    def exit_status(self) -> int:
        """0: all calls were answered, as they were when they were recorded or better; 1: some were not."""
        is_all_answered = not self.measures.failed and not self.unknown_before
        return 0 if is_all_answered and self.why_ended is None else 1

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.measures.sent / (self.elapsed_ns / 1e9) if self.elapsed_ns else 0.0

    def as_json(self) -> dict[str, Any]:
        """All of it; times in ns."""
        measures = self.measures
        return {
            "kind": "replay",
            "capture": self.capture,
            "targets": self.targets,
            "build": self.build,
            "connections": self.connections,
            "order": self.order.value,
            "planned": self.planned,
            "sent": measures.sent,
            "answered": measures.answered,
            "failed": measures.failed,
            "failed_as_recorded": measures.as_recorded,
            "succeeded_unlike_recorded": measures.healed,
            "statuses": {status_name(status): times for status, times in measures.statuses.most_common()},
            "failures": dict(measures.failures.most_common()),
            "examples": [
                {"exchange": one.exchange, "procedure": one.procedure, "what": one.what, "text": one.text}
                for one in measures.examples.values()
            ],
            "elapsed_ns": self.elapsed_ns,
            "recorded_ns": self.recorded_ns,
            "calls_per_s": round(self.rate, 1),
            "latency_from_intended": percentiles(measures.from_intended),
            "latency_from_sent": percentiles(measures.from_sent),
            "lag": percentiles(measures.lag),
            "is_late": measures.is_late,
            "on_time": None if measures.on_time is None else round(measures.on_time, 4),
            "waited": measures.waited,
            "connections_lost": measures.losses,
            "procedures": {
                name: {"calls": one.calls, "failed": one.failed, "latency": percentiles(one.latency)}
                for name, one in sorted(measures.procedures.items())
            },
            "values": _values_json(self.substitution),
            "held_back": [_group_json(group) for group in self.verdict.held_back],
            "left_out": self.left_out,
            "missing": [one.as_json() for one in self.missing],
            "sent_before": self.skipped,
            "sent_before_unanswered": self.unknown_before,
            "dropped": self.dropped,
            "interrupted": self.why_ended,
            "files": self.files,
            "not_recorded": self.not_recorded,
        }

    def lines(self, width: int | None = None, *, is_long: bool = False) -> Iterator[Line]:
        """For people; all of what is missing from the capture if `is_long`.

        width   of the screen; None: lines as long as they are
        """
        for line in self._lines(width, is_long=is_long):
            yield from folded(line, width)

    def _lines(self, width: int | None, *, is_long: bool) -> Iterator[Line]:
        measures = self.measures
        yield labelled("capture", visible(self.capture))
        yield labelled("target", f"{', '.join(self.targets)}, {visible(self.build)}")
        yield self._sent_line()
        if self.why_ended is not None:
            yield labelled("ended early", visible(self.why_ended), "status.error")
        if self.dropped:
            yield labelled("", f"{counted(self.dropped, 'call was', 'calls were')} due and had not left yet")
        if self.skipped:
            unknown = f"; of {self.unknown_before:,} the answer isn't known" if self.unknown_before else ""
            yield labelled("sent before", f"{counted(self.skipped, 'call')}{unknown}")
        yield from self._answer_lines()
        if measures.from_intended.count:
            yield labelled("since due", _figures(measures.from_intended))
        if measures.from_sent.count:
            yield labelled("since sent", _figures(measures.from_sent))
            unanswered = measures.sent - measures.answered
            if unanswered:
                told = f"of {counted(measures.answered, 'answer')}; {counted(unanswered, 'call')} had none"
                yield labelled("", told, "status.error")
        yield from self._lag_lines()
        if self.substitution is not None:
            yield from _value_lines(self.substitution)
        yield from _procedure_lines(measures.procedures, name_width(width, 10 * len(_TITLES)))
        yield from _held_back_lines(self.verdict)
        yield from left_out_lines(self.left_out, self.missing, self.first_ns, is_long=is_long)
        for name in self.files:
            if self.not_recorded is None:
                yield labelled("written", visible(name))
            else:
                yield labelled("written", f"a part: {visible(self.not_recorded)}", "status.error")

    def _sent_line(self) -> Line:
        planned = "" if self.planned is None else f" of {self.planned:,}"
        text = f"{self.measures.sent:,}{planned} calls on {counted(self.connections, 'connection')}"
        return labelled("sent", f"{text} in {duration(self.elapsed_ns)}, {self.rate:,.0f} a second")

    def _answer_lines(self) -> Iterator[Line]:
        measures = self.measures
        statuses = ", ".join(f"{status_name(s)} {times:,}" for s, times in measures.statuses.most_common())
        yield labelled("answered", statuses or "none", "plain" if statuses else "status.error")
        if measures.as_recorded:
            yield labelled("", f"{counted(measures.as_recorded, 'call')} failed as recorded")
        if measures.healed:
            yield labelled("", f"{counted(measures.healed, 'call')} succeeded that had failed when recorded")
        if measures.losses:
            yield labelled(
                "connections",
                f"{counted(measures.losses, 'time was one', 'times one was')} lost",
                "status.error",
            )
        for what, times in measures.failures.most_common():
            yield labelled("failed", f"{times:,}: {what}", "status.error")
        for one in measures.examples.values():
            yield labelled("", f"exchange {one.exchange}, {_example_text(one)}", "muted")

    def _lag_lines(self) -> Iterator[Line]:
        measures = self.measures
        if not measures.lag.count:
            return
        yield labelled("own lag", _figures(measures.lag))
        p99 = _time(measures.lag.percentile(99))
        if not measures.is_late:
            yield labelled("on time", f"99 % of calls left within {p99} of their time")
            return
        within = f"within {duration(LAG_OF_CONCERN_NS)}"
        text = f"only {_percent(measures.on_time)} of calls left {within} of their time, 99 % within {p99}: "
        text += "the load was not the one asked for, as this machine could not keep up"
        yield labelled("late", text, "status.error")


def progress_text(replay: Replay, total: int | None, rate: float) -> str:
    """How far it is, in one line, which may be cut: calls sent, their rate of late, what failed, lag, latency."""
    measures = replay.measures
    of_total = "" if total is None else f"/{total:,}"
    lag_ns = measures.lag.percentile(99)
    p50, p99 = map(_time, measures.from_sent.percentiles(50, 99))
    parts = [
        f"{duration(replay.elapsed_ns)}: {measures.sent:,}{of_total} sent",
        f"{rate:,.0f}/s",
        f"{measures.failed:,} failed",
        *([] if lag_ns is None else [f"lag {_time(lag_ns)}"]),
        f"p99 {p99}",
        f"p50 {p50}",
        f"{replay.in_flight:,} open",
    ]
    return ", ".join(parts)


def held_back_text(group: Group) -> str:
    """Calls that are not made, and why."""
    unknown = "" if group.is_known else ", which the target does not have"
    return f"{group.calls:,} {visible(group.procedure)}: {group.nature.value}{unknown}"


def _held_back_lines(verdict: Verdict) -> Iterator[Line]:
    held = verdict.held_back
    for index, group in enumerate(held[:_HELD_BACK]):
        yield labelled(
            "" if index else "held back", f"{held_back_text(group)} ({OPTIONS[group.nature]} sends it)"
        )
    if len(held) > _HELD_BACK:
        yield labelled("", f"and {len(held) - _HELD_BACK:,} more procedures; --json lists all")


def _value_lines(substitution: Substitution) -> Iterator[Line]:
    """Values that the server made."""
    text = f"{substitution.confirmed:,} confirmed by new answers"
    if substitution.unconfirmed:
        text += f", {substitution.unconfirmed:,} not"
    yield labelled("values", text, "status.error" if substitution.unconfirmed else "plain")
    for rule, found in substitution.figures.items():
        unknown = f", {found.unknown:,} not known and kept" if found.unknown else ""
        yield labelled(
            "", f"{visible(str(rule))}: {found.replaced:,} replaced, {found.same:,} the same{unknown}"
        )


def _values_json(substitution: Substitution | None) -> dict[str, Any] | None:
    if substitution is None:
        return None
    return {
        "confirmed": substitution.confirmed,
        "unconfirmed": substitution.unconfirmed,
        "rules": [
            {
                "from": rule.source.procedure,
                "table": rule.source.table + 1,
                "column": rule.source.column,
                "to": rule.use.procedure,
                "parameter": rule.use.parameter + 1,
                "text": rule.use.form,
                "value": None if rule.use.form is None else rule.use.value + 1,
                "replaced": found.replaced,
                "same": found.same,
                "unknown": found.unknown,
            }
            for rule, found in substitution.figures.items()
        ],
    }


def name_width(width: int | None, others: int) -> int:
    """How wide names are in a table on a screen, whose other columns take so much."""
    return _NAME if width is None else max(_LEAST_NAME, min(_NAME, width - 2 - others))


def shown_name(name: str, width: int, style: str = "plain") -> Line:
    """A name in its column."""
    return [("  ", "plain"), *fit([(visible(name), style)], width, "...")]


def _procedure_lines(procedures: dict[str, OfProcedure], width: int) -> Iterator[Line]:
    if not procedures:
        return
    yield [(f"  {left('procedure', width)}{''.join(right(title, 10) for title in _TITLES)}", "header")]
    ranked = sorted(procedures.items(), key=lambda item: -item[1].latency.total)
    for name, one in ranked[:_PROCEDURES]:
        figures = [_time(ns) for ns in (*one.latency.percentiles(50, 95, 99), one.latency.maximum)]
        cells = [f"{one.calls:,}", f"{one.failed:,}" if one.failed else "-", *figures]
        style = "status.error" if one.failed else "plain"
        yield [*shown_name(name, width, style), ("".join(right(cell, 10) for cell in cells), style)]
    if len(ranked) > _PROCEDURES:
        yield [(f"  and {len(ranked) - _PROCEDURES:,} more procedures", "muted")]


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "procedure": group.procedure,
        "calls": group.calls,
        "does": group.nature.value,
        "is_known": group.is_known,
        "option": OPTIONS[group.nature],
    }


def _figures(histogram: Histogram) -> str:
    named = zip(("p50", "p95", "p99", "p99.9"), histogram.percentiles(50, 95, 99, 99.9), strict=True)
    return "  ".join([*(f"{name} {_time(ns)}" for name, ns in named), f"max {_time(histogram.maximum)}"])


def _example_text(example: Example) -> str:
    """A call that failed, and how; an error tells both by itself."""
    name = visible(example.procedure)
    if example.text.startswith(f"{example.procedure}: "):
        return visible(example.text)
    return f"{name}: {example.what}{f': {visible(example.text)}' if example.text else ''}"


def _time(ns: int | None) -> str:
    return "-" if ns is None else duration(ns)


def _percent(share: float | None) -> str:
    return f"{math.floor(1000 * (share or 0)) / 10:g} %"  # what is nearly all doesn't look like it
