"""A digest that was saved, and what is different now.

What is compared are shares and percentiles, not totals, so that two captures need not be equally
long. A difference counts only if it is larger than the tolerance and than chance explains: the parts of
the calls that fail, or that are slower than a limit, are compared by a test of two proportions.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from volttools.errors import UsageError
from volttools.histogram import Histogram
from volttools.render.values import duration
from volttools.stats.digest import Digest
from volttools.words import counted

KINDS: Final = ("new", "slower", "more errors", "more frequent", "gone")
TOLERANCE: Final = 0.2

_KIND: Final = "volttools stats baseline"
_VERSION: Final = 1
_MOST_BYTES: Final = 200_000_000
_SURE: Final = 3.0  # standard deviations
_COMPARED: Final = (50, 95)  # percentiles


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept of a group."""

    calls: int
    errors: int
    latencies: Histogram


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is kept of a digest.

    is_complete  whether it has all groups; if not, what seems to be new may have been among the others
    """

    by: str
    calls: int
    groups: Mapping[str, Saved]
    is_complete: bool = True


class Change(NamedTuple):
    """What is different now.

    kind   one of KINDS
    group  which
    text   how it was and how it is, for people
    """

    kind: str
    group: str
    text: str


def baseline_of(digest: Digest) -> Baseline:
    """What is compared of a digest."""
    groups = {
        name: Saved(group.calls, group.errors, group.latencies) for name, group in digest.groups.items()
    }
    return Baseline(digest.key.by, digest.whole.calls, groups, digest.others is None)


def save(path: str | Path, baseline: Baseline) -> None:
    """Write a baseline, or nothing: UsageError if that fails."""
    lines = [
        {
            "group": name,
            "calls": saved.calls,
            "errors": saved.errors,
            "latencies": saved.latencies.as_json(),
        }
        for name, saved in sorted(baseline.groups.items())
    ]
    head = {
        "kind": _KIND,
        "version": _VERSION,
        "by": baseline.by,
        "calls": baseline.calls,
        "is_complete": baseline.is_complete,
    }
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [head, *lines])
    beside = Path(f"{path}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = (error.strerror or "").lower()
        raise UsageError(f"{path}: {reason}: the baseline can't be saved there") from None


def load(path: str | Path) -> Baseline:
    """Read a baseline; UsageError for a file that is none, OSError if it can't be read."""
    if Path(path).stat().st_size > _MOST_BYTES:
        raise UsageError(f"{path} is no baseline: it is larger than any")
    try:
        lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
        head, *groups = lines
        if head["kind"] != _KIND:
            raise ValueError("something else")
        if head["version"] != _VERSION:
            raise UsageError(f"{path} is a baseline of another version of volttools; save it anew")
        calls = int(head["calls"])
        saved = {str(line["group"]): _saved(line, calls) for line in groups}
        return Baseline(str(head["by"]), calls, saved, bool(head["is_complete"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise UsageError(
            f"{path} is no baseline that `volttools stats --baseline` saved; name another file"
        ) from None


def _saved(line: Mapping[str, Any], most: int) -> Saved:
    """A group; ValueError for shares that can't be."""
    saved = Saved(int(line["calls"]), int(line["errors"]), Histogram.from_json(line["latencies"]))
    if not 0 <= saved.errors <= saved.calls <= most:
        raise ValueError("parts are larger than the whole")
    return saved


def changes(before: Baseline, now: Baseline, *, tolerance: float = TOLERANCE) -> list[Change]:
    """What is new, slower, fails more, is more frequent, or gone; in that order, by name.

    tolerance   a percentile, or a share of calls, may grow by so much: 0.2 is 20 %
    Raises UsageError where the two were counted by something else.
    """
    if before.by != now.by:
        raise UsageError(
            f"the baseline was counted by {before.by}, and this is counted by {now.by}: nothing to compare"
        )
    found = [
        change
        for name in sorted(before.groups.keys() | now.groups.keys())
        for change in _changes_of(name, before, now, tolerance)
    ]
    return sorted(found, key=lambda change: KINDS.index(change.kind))


def _changes_of(name: str, before: Baseline, now: Baseline, tolerance: float) -> Iterator[Change]:
    old, new = before.groups.get(name), now.groups.get(name)
    if old is None and new is not None:
        doubt = "" if before.is_complete else "; it may have been among the others of the baseline"
        yield Change("new", name, f"{counted(new.calls, 'call')}{doubt}")
    elif new is None and old is not None:
        doubt = "" if now.is_complete else "; it may be among the others"
        yield Change("gone", name, f"{counted(old.calls, 'call')} in the baseline{doubt}")
    elif old is not None and new is not None:
        yield from _slower(name, old.latencies, new.latencies, tolerance)
        if _is_more(new.errors, new.calls, old.errors, old.calls, tolerance):
            text = f"{_percent(old.errors, old.calls)} failed, now {_percent(new.errors, new.calls)}"
            yield Change("more errors", name, text)
        if _is_more(new.calls, now.calls, old.calls, before.calls, tolerance):
            text = f"{_percent(old.calls, before.calls)} of the calls, now {_percent(new.calls, now.calls)}"
            yield Change("more frequent", name, text)


def _slower(name: str, old: Histogram, new: Histogram, tolerance: float) -> Iterator[Change]:
    """One change: of the percentiles that grew, in one sentence."""
    grown = []
    for percent in _COMPARED:
        was, is_now = old.percentile(percent), new.percentile(percent)
        if was is None or is_now is None or is_now <= was * (1 + tolerance):
            continue
        limit = math.ceil(was * (1 + tolerance))
        if _sureness(_above(new, limit), new.count, _above(old, limit), old.count) > _SURE:
            grown.append(
                f"p{percent} {duration(was)}, now {duration(is_now)} (+{is_now / max(was, 1) - 1:,.0%})"
            )
    if grown:
        yield Change("slower", name, "; ".join(grown).replace("%", " %"))


def _is_more(some: int, of: int, others: int, of_others: int, tolerance: float) -> bool:
    """Whether a share grew by more than the tolerance, and than chance explains."""
    if not of or not of_others or some / of <= others / of_others * (1 + tolerance):
        return False
    return _sureness(some, of, others, of_others) > _SURE


def _above(latencies: Histogram, limit: int) -> int:
    """How many are above a limit, as far as buckets tell."""
    return sum(bucket.times for bucket in latencies.buckets() if bucket.greatest > limit)


def _sureness(some: int, of: int, others: int, of_others: int) -> float:
    """By how many standard deviations one proportion is above the other, were both the same in truth."""
    common = (some + others) / (of + of_others)
    deviation = math.sqrt(common * (1 - common) * (1 / of + 1 / of_others))
    return (some / of - others / of_others) / deviation if deviation else 0.0


def _percent(some: int, of: int) -> str:
    return f"{100 * some / of:.3g} %"
