"""A comparison as JSON lines.

    {"kind": "noise", ...}     a rule that was learned
    {"kind": "group", ...}     differences of one kind in one place
    {"kind": "latency", ...}   one procedure
    {"kind": "summary", ...}   the last line

`difference` is one of the kinds of docs/compare.md. Values are as in the JSON of captures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from volttools.compare.comparison import Comparison, Side
from volttools.compare.groups import Example, Group
from volttools.compare.kinds import Row, Shown
from volttools.compare.latency import CONFIDENCE, Latency
from volttools.compare.noise import evidence
from volttools.compare.rules import Rule
from volttools.histogram import Histogram
from volttools.jsonlines.values import Fidelity, column_to_json, parameter_to_json

Json = Any

_LONG = 10_000  # characters; of longer values the beginning is enough to find the call


def noise_line(rule: Rule, groups: Sequence[Group]) -> dict[str, Json]:
    """A rule that was learned."""
    return {
        "kind": "noise",
        "procedure": groups[0].place.procedure,
        "statement": groups[0].place.statement,
        "differences": [kind.value for kind in rule.kinds or ()],
        "columns": groups[0].place.columns,
        "evidence": evidence(groups),
    }


def comparison_lines(found: Comparison, files: Sequence[str]) -> Iterator[dict[str, Json]]:
    """The lines of a comparison; `files` are A and B."""
    for group in found.groups:
        yield _group(group)
    for latency in found.latencies:
        yield _latency(latency)
    yield {
        "kind": "summary",
        "files": list(files),
        "same": found.is_same,
        "verdict": found.verdict,
        "a": _side(found.a),
        "b": _side(found.b),
        "pairs": found.pairs,
        "equal": found.same,
        "different": found.different,
        "ignored": found.ignored,
        "unknown": {answer.name.lower(): times for answer, times in found.unknown.items()},
        "only_a": found.only_a,
        "only_b": found.only_b,
        "logins": found.logins,
        "slower": [latency.procedure for latency in found.slower],
        "unjudged_latencies": found.unjudged,
        "other_differences": found.other_differences,
        "unused_rules": len(found.unused_rules),
    }


def _side(side: Side) -> dict[str, Json]:
    return {
        "calls": side.calls,
        "unknown": side.unknown,
        "connections": len(side.connections),
        "pushes": dict(side.pushes),
        "damage": dict(+side.damage),
        "builds": side.builds,
        "skipped": {reason.name.lower(): times for reason, times in side.skipped.items()},
    }


def _group(group: Group) -> dict[str, Json]:
    place = group.place
    return {
        "kind": "group",
        "difference": place.kind.value,
        "procedure": place.procedure,
        "statement": place.statement,
        "table": place.table,
        "columns": place.columns,
        "parameter": place.parameter,
        "detail": list(place.detail) if any(place.detail) else None,
        "pairs": group.pairs,
        "times": group.times,
        "of": group.of,
        "examples": [_example(example) for example in group.examples],
    }


def _example(example: Example) -> dict[str, Json]:
    return {
        "a_exchange": example.a_number,
        "b_exchange": example.b_number,
        "params": [_cut(parameter_to_json(one, Fidelity())) for one in example.parameters],
        "a": _shown(example.a),
        "b": _shown(example.b),
    }


def _shown(shown: Shown | None) -> Json:
    if shown is None:
        return None
    if isinstance(shown.value, Row):
        row = shown.value
        return [_value(code, value) for code, value in zip(row.codes, row.values, strict=False)]
    return _cut(shown.value) if shown.code is None else _value(shown.code, shown.value)


def _value(code: int, value: Any) -> Json:
    return _cut(column_to_json(code, (value,), Fidelity())[0])


def _cut(value: Json) -> Json:
    if isinstance(value, str) and len(value) > _LONG:
        return f"{value[:_LONG]}..."
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
        return [value[0], _cut(value[1])]
    return value


def _latency(latency: Latency) -> dict[str, Json]:
    ratio = latency.ratio
    return {
        "kind": "latency",
        "procedure": latency.procedure,
        "verdict": None if latency.verdict is None else latency.verdict.value,
        "ratio": None if ratio is None else [ratio.low, ratio.estimate, ratio.high],
        "confidence": CONFIDENCE,
        "a": _histogram(latency.a),
        "b": _histogram(latency.b),
    }


def _histogram(histogram: Histogram) -> dict[str, Json]:
    p50, p95, p99 = histogram.percentiles(50, 95, 99)
    return {
        "calls": histogram.count,
        "p50_ns": p50,
        "p95_ns": p95,
        "p99_ns": p99,
        "max_ns": histogram.maximum,
    }
