"""A digest for people: what there was, the table of groups, the first ones opened, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console

from volttools.render.cells import Line, Piece, right, width_of, wrap
from volttools.render.labelled import NAMES, counts, flow, judged, named
from volttools.render.outcomes import damage_counts
from volttools.render.sparkline import sparkline
from volttools.render.styles import sign
from volttools.render.summary import decode_command
from volttools.render.times import clock_text
from volttools.render.values import duration, size, visible
from volttools.stats.baseline import Change
from volttools.stats.digest import OTHERS, Digest
from volttools.stats.group import GOOD, Group, Split
from volttools.stats.profile import Profile
from volttools.stats.spread import steps
from volttools.stats.values import Values
from volttools.words import counted

_HOTTEST = 5
_HOT_SHARE = 0.01  # a value that is rarer isn't hot
_SKEWED = 5  # one value of many that a fifth of the calls have is one too hot
_COARSE_NS = 10_000_000  # below this mean, that the cluster tells whole ms matters
_MANY = 10  # calls, from which on their rate or their spread means something
_STEP = 10  # columns of a step's name
_CHANGES = 40  # that are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be shown.

    files      as they were given
    inputs     options that are needed to read them: "--keylog", "keys.txt"
    top        groups in the table
    details    groups that are opened below it
    can_repeat whether the files, read again, give the same; else no command is told
    baseline   the file that `changes` were found with, if there is one
    """

    files: Sequence[str] = ()
    inputs: Sequence[str] = ()
    top: int = 10
    details: int = 3
    can_repeat: bool = True
    baseline: str | None = None
    changes: Sequence[Change] = ()


def report_lines(digest: Digest, console: Console, width: int, request: Request) -> list[Line]:
    """The whole page, at most `width` columns wide but for names and commands that are longer."""
    return list(_Report(digest, console, width, request).lines())


class _Report:
    def __init__(self, digest: Digest, console: Console, width: int, request: Request) -> None:
        self._digest = digest
        self._console = console
        self._width = width
        self._request = request
        self._rule = sign(console, "rule")
        self._bars = sign(console, "sparkline")

    def lines(self) -> Iterator[Line]:
        digest, request = self._digest, self._request
        groups = digest.ranked()
        shown = groups[: request.top]
        yield self._title(f"digest by {digest.key.by}")
        yield from self._overview()
        yield []
        yield from Profile(digest, self._console, self._width).lines(shown, digest.others)
        if len(groups) > len(shown):
            more = counted(len(groups) - len(shown), "more group")
            yield [(f"  and {more}: --top {len(groups)}", "muted")]
        if digest.others is not None:
            says = f"  {OTHERS}: groups that were small when there were too many, {digest.others_merged:,} of them"
            yield [(says, "muted")]
        for rank, group in enumerate(shown[: request.details], 1):
            yield []
            yield from self._details(rank, group)
        if request.baseline is not None:
            yield []
            yield from self._changes(request.baseline)

    def _title(self, text: str) -> Line:
        start = f"{self._rule * 2} {text} "
        return [(start + self._rule * (min(self._width, 160) - len(start)), "header.rule")]

    # ------------------------------------------------------------- all of it

    def _overview(self) -> Iterator[Line]:
        digest, whole = self._digest, self._digest.whole
        yield from flow("capture", _plain(self._capture_parts()), self._width)
        calls = f"{whole.calls:,}" + ("" if digest.read == whole.calls else f" of {digest.read:,}")
        yield from flow("calls", [(f"{calls}:", "header"), *judged(whole.statuses, GOOD)], self._width)
        if whole.latencies.count:
            p50, p99, most = whole.latencies.percentiles(50, 99, 100)
            parts = [f"{duration(whole.latencies.total)} waited for"]
            parts += [f"p50 {duration(p50 or 0)}", f"p99 {duration(p99 or 0)}", f"max {duration(most or 0)}"]
            if whole.latencies.count < whole.calls:
                parts.append(f"of {counted(whole.latencies.count, 'call')} with times")
            yield from flow("latency", _plain(parts), self._width)
        else:
            why = "the capture has no times" if digest.first_ns is None else "no call has its answer"
            by = "the cluster's own" if whole.told_cluster_ns else "calls"
            yield named("latency", [(f"{why}: ranked by {by}", "summary.warning")])
        yield from self._split(whole.split, whole.calls)
        yield from self._over_time()
        yield from flow("log-ins", judged(digest.logins, "accepted"), self._width)
        yield from flow("pushes", counts(digest.pushes), self._width)
        if digest.damage:
            yield from flow(
                "not decoded", [(text, "summary.bad") for text in damage_counts(digest.damage)], self._width
            )
            yield named("", [("calls may be missing: volttools check tells what", "muted")])

    def _capture_parts(self) -> list[str]:
        digest, files = self._digest, self._request.files
        only = "standard input" if list(files) == ["-"] else files[0] if len(files) == 1 else None
        parts = [visible(only)] if only is not None else [counted(len(files), "file")] if files else []
        parts.append(counted(digest.connections, "connection"))
        if digest.first_ns is not None:
            span = f"{duration(digest.span_ns)} " if digest.span_ns else ""
            parts.append(f"{span}from {clock_text(digest.first_ns)[:19]} UTC")
        return parts

    def _split(self, split: Split, calls: int) -> list[Line]:
        if not split.total:
            return []
        shares = {"in the cluster": split.cluster, "elsewhere": split.elsewhere}
        if split.transfer:
            shares["while answers arrived"] = split.transfer
        parts = [
            f"{_percent(ns, split.total)} {name}"
            for name, ns in shares.items()
            if ns or name != "while answers arrived"
        ]
        if split.total < _COARSE_NS * calls:
            parts[0] += " (told in whole ms)"
        if split.behind:
            parts[-1] += ";"
            parts.append(f"{_percent(split.behind, split.total)} behind other calls")
        return flow("time", _plain(parts), self._width)

    def _over_time(self) -> Iterator[Line]:
        digest, whole = self._digest, self._digest.whole
        if not digest.span_ns:
            return
        room = 64 if self._width >= 120 else 32
        times = whole.times.widened(room)
        calls = times.values()
        told = _rate(digest.calls_per_s or 0)
        if max(calls) >= _MANY:
            told += f", at most {_rate(max(calls) * 1e9 / times.width_ns)}"
        yield from self._bar_lines("calls/s", calls, f"{told}; a bar is {duration(times.width_ns)}")
        flying = digest.in_flight.averages(times)
        if any(flying):
            average = whole.latencies.total / digest.span_ns
            told = f"{average:.3g} on average, at most {max(digest.in_flight.most(times)):,} at once"
            yield from self._bar_lines("in flight", flying, told)

    def _bar_lines(self, name: str, values: Sequence[float], told: str) -> Iterator[Line]:
        """Bars, and what they tell behind them, or below where that is too long."""
        bars = sparkline([value or None for value in values], self._bars)
        if NAMES + 4 + len(bars) + width_of(told) <= self._width:
            yield named(name, [(bars, "sparkline"), (f"  {told}", "plain")])
            return
        yield named(name, [(bars, "sparkline")])
        yield named("", [(told, "plain")])

    # ------------------------------------------------------------- one group

    def _details(self, rank: int, group: Group) -> Iterator[Line]:
        digest, width = self._digest, self._width
        first, *more = wrap(visible(group.name), max(40, width - 5), 4)
        yield [(right(str(rank), 3), "number"), ("  ", "plain"), (first, "procedure")]
        yield from ([("     " + text, "procedure")] for text in more)
        rate = f", {_rate(group.calls * 1e9 / digest.span_ns)}/s" if digest.span_ns else ""
        head = (f"{group.calls:,} ({_percent(group.calls, digest.whole.calls)}){rate}:", "header")
        yield from flow("calls", [head, *judged(group.statuses, GOOD)], width)
        latencies = group.latencies
        if latencies.count:
            found = latencies.percentiles(50, 95, 99, 99.9, 100)
            names = ("p50", "p95", "p99", "p99.9", "max")
            parts = [f"{name} {duration(ns or 0)}" for name, ns in zip(names, found, strict=True)]
            parts.append(f"mean {duration(round(latencies.mean or 0))}")
            if latencies.count == 1:
                parts = [duration(latencies.total)]
            yield from flow("latency", _plain(parts), width)
            if latencies.count >= _MANY:
                yield from self._steps(group)
        yield from self._split(group.split, 0)
        yield from flow("size", _plain(_sizes(group)), width)
        for position, values in sorted(group.values.items()):
            yield from flow(f"params[{position}]", _values(values), width)
        yield from self._examples(group)

    def _steps(self, group: Group) -> Iterator[Line]:
        found = steps(group.latencies)
        most = max((times for _, times in found), default=0)
        room = min(60, self._width - NAMES - _STEP - 16)
        for start_ns, times in found:
            length = round(room * times / most)
            bar = sign(self._console, "bar") * length if length else ""
            bar = bar or (sign(self._console, "bar.least") if times else "")
            line = [(right(_step_text(start_ns), _STEP), "muted")]
            if times:
                line += [(f" {bar}", "sparkline"), (f" {times:,}", "plain")]
            yield named("", line)

    def _examples(self, group: Group) -> Iterator[Line]:
        can_repeat = self._request.can_repeat and bool(self._request.files) and "-" not in self._request.files
        numbers = {
            "slowest": None if group.slowest is None else group.slowest[1],
            "failed": group.failed,
        }
        if numbers["failed"] == numbers["slowest"]:
            del numbers["failed"]
        for name, number in numbers.items():
            if number is None:
                continue
            pieces: Line = [(f"exchange {number:,}", "number")]
            if can_repeat:
                pieces = [(decode_command(number, self._request.files, self._request.inputs), "command")]
            if name == "slowest" and group.slowest is not None:
                pieces = [(f"{duration(group.slowest[0])}  ", "latency.slow"), *pieces]
            yield named(name, pieces)

    # ------------------------------------------------------------- since the baseline

    def _changes(self, baseline: str) -> Iterator[Line]:
        found = self._request.changes
        yield self._title(f"since {visible(baseline)}")
        if not found:
            yield [("  nothing is new, slower, more frequent, gone, or fails more", "summary.good")]
        for change in found[:_CHANGES]:
            style = "summary.warning" if change.kind in ("new", "gone") else "summary.bad"
            room = max(20, self._width - NAMES - 2)
            lines = wrap(visible(f"{change.group}: {change.text}"), room, 4)
            yield from (
                [("  " + f"{'' if index else change.kind:<{NAMES}}", style), (text, "plain")]
                for index, text in enumerate(lines)
            )
        if len(found) > _CHANGES:
            yield [(f"  and {len(found) - _CHANGES:,} more: --json", "muted")]


def _plain(texts: Sequence[str]) -> list[Piece]:
    return [(text, "plain") for text in texts]


def _rate(per_s: float) -> str:
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"


def _percent(some: int, of: int) -> str:
    share = 100 * some / max(1, of)
    return f"{share:.3g} %" if share >= 0.1 or not some else "under 0.1 %"


def _step_text(ns: int) -> str:
    """Such as "500 us": steps have one digit that is not 0."""
    for unit, name in ((10**9, "s"), (10**6, "ms"), (10**3, "us")):
        if ns >= unit:
            return f"{ns // unit:,} {name}"
    return f"{ns} ns"


def _sizes(group: Group) -> list[str]:
    def each(length: int) -> str:
        return f"{size(length)} ({size(round(length / group.calls))} each)"

    rows = f"{counted(group.rows, 'row')} ({_rate(group.rows / group.calls)} each)"
    return [f"calls {each(group.request_bytes)}", f"answers {each(group.response_bytes)}", rows]


def _values(values: Values) -> list[Piece]:
    """How many different values a parameter had, and those that many calls share."""
    distinct, about = values.distinct.count, ""
    if not values.distinct.is_exact:
        distinct, about = int(float(f"{distinct:.2g}")), "about "
    total = values.total
    least = max(2 if distinct <= _MANY else 5, _HOT_SHARE * total)
    most = values.most(_HOTTEST)
    if distinct == 1:
        return [(f"always {most[0].text}" if total > 1 else most[0].text, "plain")]
    hot = [key for key in most if key.times >= least]
    parts: list[Piece] = [(f"{about}{distinct:,} different{':' if hot else ''}", "plain")]
    for key in hot:
        upper = f" to {100 * (key.times + key.shortfall) / total:.3g}" if key.shortfall else ""
        is_skewed = distinct >= _MANY and key.times * _SKEWED >= total
        style = "summary.warning" if is_skewed else "plain"
        parts.append((f"{key.text} {100 * key.times / total:.3g}{upper} %", style))
    return parts
