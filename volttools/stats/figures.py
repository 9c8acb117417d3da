"""A digest for programs: one object of JSON, or a line of CSV a group. Times in ns, sizes in bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from volttools.stats.baseline import Change
from volttools.stats.digest import Digest
from volttools.stats.group import Group
from volttools.stats.timeline import Timeline

HOTTEST: Final = 10
"""Of a parameter's values so many are told."""

PERCENTILES: Final = {"p50_ns": 50, "p95_ns": 95, "p99_ns": 99, "p999_ns": 99.9}

CSV_COLUMNS: Final = (
    "group", "calls", "errors", "share", "timed", "total_ns", "mean_ns", "min_ns", *PERCENTILES, "max_ns",
    "cluster_ns", "transfer_ns", "elsewhere_ns", "behind_ns", "rows", "request_bytes", "response_bytes",
    "slowest", "failed",
)  # fmt: skip
"""What a line of CSV holds."""


def figures(
    digest: Digest,
    files: Sequence[str],
    *,
    top: int | None = None,
    changes: Sequence[Change] | None = None,
    is_interrupted: bool = False,
) -> dict[str, Any]:
    """The digest as JSON; docs/stats.md has its members.

    top      so many groups; all if not given
    changes  from a baseline, if there is one
    is_interrupted   whether it is the digest of a part
    """
    whole = digest.whole
    overall = _group(digest, whole, digest.whole.times)
    del overall["group"], overall["share"]
    return {
        "kind": "digest",
        "files": list(files),
        "by": digest.key.by,
        "interrupted": is_interrupted,
        "read": digest.read,
        "connections": digest.connections,
        "first_ns": digest.first_ns,
        "last_ns": digest.last_ns,
        "calls_per_s": digest.calls_per_s,
        "pushes": _ordered(digest.pushes),
        "logins": _ordered(digest.logins),
        "damage": _ordered(digest.damage),
        **overall,
        "slot_ns": whole.times.width_ns,
        "slots_from_ns": whole.times.start_ns,
        "in_flight": [round(calls, 3) for calls in digest.in_flight.averages(whole.times)],
        "in_flight_most": digest.in_flight.most(whole.times),
        "groups": [_group(digest, group, whole.times) for group in digest.ranked()[:top]],
        "others": None if digest.others is None else _group(digest, digest.others, whole.times),
        "others_merged": digest.others_merged,
    } | ({} if changes is None else {"changes": [change._asdict() for change in changes]})


def csv_rows(digest: Digest, *, top: int | None = None) -> Iterator[list[str]]:
    """The header, then the groups, the one that took the most time first; what isn't known is empty."""
    yield list(CSV_COLUMNS)
    groups = digest.ranked()[:top]
    if digest.others is not None:
        groups.append(digest.others)
    for group in groups:
        found = _group(digest, group, digest.whole.times)
        yield ["" if found[name] is None else str(found[name]) for name in CSV_COLUMNS]


def _group(digest: Digest, group: Group, whole: Timeline) -> dict[str, Any]:
    latencies, split = group.latencies, group.split
    has_times = latencies.count > 0
    is_split = split.total > 0
    return {
        "group": group.name,
        "calls": group.calls,
        "errors": group.errors,
        "statuses": _ordered(group.statuses),
        "share": round(digest.share_of(group), 6),
        "timed": latencies.count,
        "total_ns": latencies.total if has_times else None,
        "mean_ns": None if latencies.mean is None else round(latencies.mean),
        "min_ns": latencies.minimum,
        **dict(zip(PERCENTILES, latencies.percentiles(*PERCENTILES.values()), strict=True)),
        "max_ns": latencies.maximum,
        "cluster_ns": split.cluster if is_split else None,
        "transfer_ns": split.transfer if is_split else None,
        "elsewhere_ns": split.elsewhere if is_split else None,
        "behind_ns": split.behind if is_split else None,
        "rows": group.rows,
        "request_bytes": group.request_bytes,
        "response_bytes": group.response_bytes,
        "slowest": None if group.slowest is None else group.slowest[1],
        "failed": group.failed,
        "calls_over_time": [round(calls) for calls in group.times.values_within(whole)],
        "params": [
            {
                "position": position,
                "values": values.total,
                "distinct": values.distinct.count,
                "distinct_is_exact": values.distinct.is_exact,
                "hot": [key._asdict() for key in values.most(HOTTEST)],
            }
            for position, values in sorted(group.values.items())
        ],
    }


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first, whatever came first."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
