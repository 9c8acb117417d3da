"""A comparison on the screen: groups with their smallest examples, latencies, a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from volttools.compare import Comparison, Example, Group, Rule
from volttools.compare.comparison import Side
from volttools.compare.kinds import Kind, Row, Shown
from volttools.compare.latency import CONFIDENCE, Latency, Ratio
from volttools.compare.noise import evidence
from volttools.render.cells import Line, cut, left, right, width_of, wrap
from volttools.render.outcomes import damage_counts
from volttools.render.values import duration, quoted, show_parameter, show_value, value_style, visible
from volttools.words import counted

NUMBER = "{number}"
"""What stands for the number of an exchange in a command."""

_MOST_NAME = 40
_MOST_LINES = 20
_MOST_GROUPS = 50  # that are shown without -v
_TEXT = 200  # characters of one value
_MOST_PROCEDURES = 10  # of which the latencies are shown without -v
_VERDICTS: dict[Kind | None, str] = {Kind.SLOWER: "status.error", Kind.FASTER: "status.success"}
_BEFORE = 20  # of these, those before the first difference of two long texts


class ComparisonPage:
    """Draws a comparison.

    files    A and B, as they were given
    commands   what shows an exchange of A, and of B, with {number} in the place of its number; None: nothing does
    width    of the screen; None: lines as long as they are
    details  the parameters of examples, and how to look at them; procedures that are as fast as before
    """

    def __init__(
        self,
        files: tuple[str, str],
        *,
        commands: tuple[str | None, str | None],
        width: int | None,
        details: bool,
    ) -> None:
        self._files = files
        self._commands = commands
        self._width = width
        self._details = details

    def lines(
        self, found: Comparison, learned: Sequence[tuple[Rule, Sequence[Group]]] = ()
    ) -> Iterator[Line]:
        """Everything; `learned` are the rules that noise gave."""
        for name, file, side in zip("AB", self._files, (found.a, found.b), strict=True):
            yield from self._side(name, file, side)
        yield from self._builds(found)
        yield []
        if learned:
            yield [("noise", "header"), (": what differs by itself, and was not compared", "muted")]
            for _, groups in learned:
                place = groups[0].place
                yield self._cut(
                    [
                        (f"  {visible(place.procedure)}", "procedure"),
                        (f"  {visible(place.sentence)}; {evidence(groups)}", "plain"),
                    ]
                )
                yield from self._statement(place.statement)
            yield []
        if found.groups:
            yield [("differences", "header")]
            yield from self._groups(found.groups)
            yield []
        yield from self._latencies(found.latencies)
        for rule in found.unused_rules:
            yield self._cut([(f"a rule mattered nowhere: {visible(rule_text(rule))}", "note")])
        style = "summary.good" if found.is_same else "summary.bad"
        yield from ([(part, style)] for part in wrap(found.verdict, self._width, _MOST_LINES))

    def _side(self, name: str, file: str, side: Side) -> Iterator[Line]:
        """What was read of one capture; in lines of its own where that is long."""
        told = [f"{counted(side.calls, 'call')} on {counted(len(side.connections), 'connection')}"]
        told += [f"{counted(times, 'notification')} ({visible(name)})" for name, times in side.pushes.items()]
        told += [f"not counted: {times:,}, {reason.value}" for reason, times in side.skipped.items()]
        told += [f"damaged: {text}" for text in damage_counts(side.damage)]
        begin: Line = [(f"{name} ", "connection"), (visible(file), "header")]
        behind = f"  {'; '.join(told)}"
        if self._width is None or width_of(f"{name} {visible(file)}{behind}") <= self._width:
            yield [*begin, (behind, "plain")]
            return
        yield self._cut(begin)
        for text in told:
            yield self._cut([(f"  {text}", "plain")])

    def _builds(self, found: Comparison) -> Iterator[Line]:
        """What servers call themselves, where that differs."""
        a, b = found.a.builds, found.b.builds
        if a and b and set(a) != set(b):
            for name, builds in zip("AB", (a, b), strict=True):
                yield self._cut([(f"server in {name}: {visible(', '.join(builds))}", "muted")])

    # ------------------------------------------------------------ groups

    def _groups(self, groups: Sequence[Group]) -> Iterator[Line]:
        hidden = 0 if self._details else max(0, len(groups) - _MOST_GROUPS)
        groups = groups[: len(groups) - hidden]
        counts = [_count(group) for group in groups]
        widest = max(map(width_of, counts))
        names = [visible(group.place.procedure) for group in groups]
        name_width = min(_MOST_NAME, max(map(width_of, names)))
        for group, count, name in zip(groups, counts, names, strict=True):
            times = f" ({group.times:,} times)" if group.times > group.pairs else ""
            yield self._cut(
                [
                    (f"  {right(count, widest)}  ", "number"),
                    (left(name, name_width), "procedure"),
                    (f"  {visible(group.place.sentence)}{times}", "status.error"),
                ]
            )
            yield from self._statement(group.place.statement)
            for example in group.examples:
                yield from self._example(group, example)
        if hidden:
            yield [
                (f"  {counted(hidden, 'group')} more; -v shows all, --json gives them to programs", "muted")
            ]

    def _statement(self, statement: str | None) -> Iterator[Line]:
        if statement:
            yield self._cut([(f"      {visible(statement)}", "muted")])

    def _example(self, group: Group, example: Example) -> Iterator[Line]:
        texts = [_text(shown) for shown in _beside(example.a, example.b)]
        numbers = (example.a_number, example.b_number)
        if group.place.kind is Kind.LOGIN:
            yield from (
                self._cut([(f"      {name}  ", "connection"), (text, "plain")])
                for name, text in zip("AB", texts, strict=True)
            )
        if numbers == (None, None):
            return
        width = max(len(f"{number:,}") for number in numbers if number is not None)
        call = visible(call_text(group.place.procedure, example))
        instead = "nothing" if any(texts) else call
        if self._details and any(texts):
            yield self._cut([(f"      {call}", "plain")])
        shown_of = zip("AB", numbers, texts, (example.a, example.b), strict=True)
        for name, number, text, shown in shown_of:
            if number is not None:
                place = f"      {name} {right(f'{number:,}', width)}  "
                yield self._cut(
                    [(place, "connection"), (text, _style(shown)) if text else (instead, "muted")]
                )
        if self._details:
            for command, number in zip(self._commands, numbers, strict=True):
                if number is not None and command is not None:
                    yield [(f"      {command.replace(NUMBER, str(number))}", "command")]

    # ------------------------------------------------------------ latencies

    def _latencies(self, latencies: Sequence[Latency]) -> Iterator[Line]:
        if not latencies:
            return
        told = [one for one in latencies if can_tell(one.ratio)]
        first = told[:_MOST_PROCEDURES]
        shown = (
            latencies if self._details else [one for one in told if one.verdict is not None or one in first]
        )
        others = len(latencies) - len(shown)
        if not shown:
            yield [
                ("latency", "header"),
                (f": too few calls to tell, of {counted(others, 'procedure')}", "muted"),
            ]
            yield []
            return
        sure = f"B takes, {CONFIDENCE:.0%} sure".replace("%", " %")
        is_judged = any(one.verdict is not None for one in shown)
        head = ["latency", "calls", "p50 in A", "in B", "p95 in A", "in B", "B is" if is_judged else "", sure]
        rows = [head, *(_latency_cells(one) for one in shown)]
        widths = [max(width_of(row[column]) for row in rows) for column in range(len(head))]
        is_wide = self._width is None or sum(widths) + 2 * len(widths) <= self._width
        figures = slice(1, 6 if is_wide else 4)  # p95 is what can be missed most
        for index, row in enumerate(rows):
            name = left(row[0] if index == 0 else f"  {row[0]}", widths[0] + 2)
            numbers = "".join(
                f"  {right(text, width)}" for text, width in zip(row[figures], widths[figures], strict=True)
            )
            judged = shown[index - 1].verdict if index else None
            style = _VERDICTS.get(judged, "plain")
            verdict = f"  {left(row[6], widths[6])}" if is_judged else ""
            yield self._cut(
                [
                    (name, "procedure" if index else "header"),
                    (numbers, "plain" if index else "muted"),
                    (f"{verdict}  {row[7]}", style if index else "muted"),
                ]
            )
        if others:
            yield [
                (
                    f"  {counted(others, 'procedure')} more, no slower, or with too few calls to tell; -v shows them",
                    "muted",
                )
            ]
        yield []

    def _cut(self, line: Line) -> Line:
        return cut(line, self._width)


def _count(group: Group) -> str:
    if group.place.kind in (Kind.MISSING, Kind.EXTRA):
        return counted(group.pairs, "call")
    return f"{group.pairs:,} of {group.of:,}" if group.of else f"{group.pairs:,}"


def rule_text(rule: Rule) -> str:
    """A rule in one line."""
    selectors: dict[str, Sequence[object] | None] = {
        "procedure": rule.procedures,
        "statement": rule.statements,
        "kind": None if rule.kinds is None else [kind.value for kind in rule.kinds],
        "column": rule.columns,
        "type": rule.types,
        "parameter": rule.parameters,
    }
    parts = [f"{name} {' or '.join(map(str, values))}" for name, values in selectors.items() if values]
    return ", ".join(parts) or "one for everything"


def call_text(procedure: str, example: Example) -> str:
    """A call as one would write it."""
    inside = ", ".join(show_parameter(parameter)[0] for parameter in example.parameters)
    return f"{procedure}({inside})"


def _beside(a: Shown | None, b: Shown | None) -> tuple[Shown | None, Shown | None]:
    """Two long texts from where they begin to differ."""
    if a is None or b is None or not isinstance(a.value, str) or not isinstance(b.value, str):
        return a, b
    at = next((i for i, (x, y) in enumerate(zip(a.value, b.value, strict=False)) if x != y), 0)
    if at <= 2 * _BEFORE:
        return a, b
    start = at - _BEFORE
    return a._replace(value=f"...{a.value[start:]}"), b._replace(value=f"...{b.value[start:]}")


def shown_texts(example: Example) -> tuple[str, str]:
    """What there is to see of A and B; "" for nothing."""
    a, b = _beside(example.a, example.b)
    return _text(a), _text(b)


def _text(shown: Shown | None) -> str:
    if shown is None:
        return ""
    value: Any = shown.value
    if isinstance(value, Row):
        cells = (show_value(code, cell) for code, cell in zip(value.codes, value.values, strict=False))
        return f"({', '.join(cells)})"
    if shown.code is None:
        return visible(str(value))
    if isinstance(value, str):
        return quoted(value, _TEXT)
    return show_value(shown.code, value, _TEXT)


def _style(shown: Shown | None) -> str:
    if shown is None or shown.code is None:
        return "plain"
    return value_style(shown.code, shown.value)


def _latency_cells(latency: Latency) -> list[str]:
    cells = [visible(latency.procedure), f"{latency.a.count:,}"]
    ones, others = (histogram.percentiles(50, 95) for histogram in (latency.a, latency.b))
    for pair in zip(ones, others, strict=True):
        cells += ["-" if ns is None else duration(ns) for ns in pair]
    verdict = "" if latency.verdict is None else latency.verdict.value
    return [*cells, verdict, ratio_text(latency.ratio)]


def can_tell(ratio: Ratio | None) -> bool:
    """Whether the calls say more than that it may be half as long or twice as long."""
    return ratio is not None and not (ratio.low <= 1 <= ratio.high and (ratio.low < 0.5 or ratio.high > 2))


def ratio_text(ratio: Ratio | None) -> str:
    """How long B takes, in words.

    >>> ratio_text(Ratio(1.18, 1.2, 1.22)), ratio_text(Ratio(0.97, 1.01, 1.04)), ratio_text(Ratio(2.1, 2.3, 2.6))
    ('20 % longer (18 to 22 %)', 'as long (-3 to 4 %)', '2.3 times as long (2.1 to 2.6)')
    """
    if ratio is None or not can_tell(ratio):
        return "too few calls to tell"
    low, estimate, high = (round(100 * (part - 1)) for part in (ratio.low, ratio.estimate, ratio.high))
    if ratio.low <= 1 <= ratio.high:
        return f"as long ({low} to {high} %)"
    if ratio.estimate >= 2:
        return f"{_times(ratio.estimate)} times as long ({_times(ratio.low)} to {_times(ratio.high)})"
    if ratio.estimate >= 1:
        return f"{estimate} % longer ({low} to {high} %)"
    return f"{-estimate} % shorter ({-high} to {-low} %)"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
