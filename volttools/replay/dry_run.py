"""What a replay would do, for `--dry-run`: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from volttools.render.cells import Line, folded, left, right
from volttools.render.values import duration, visible
from volttools.replay.gaps import left_out_lines
from volttools.replay.labels import labelled
from volttools.replay.replaying import Prepared
from volttools.replay.report import name_width, shown_name
from volttools.replay.safety import OPTIONS, Group
from volttools.replay.schedule import AsFastAsPossible, Rate, Speed
from volttools.words import counted

_OTHERS: Final = 60
"""What a procedure's line has besides its name."""
_GROUPS: Final = 40


def plan_json(prepared: Prepared) -> dict[str, Any]:
    """The plan as JSON."""
    return {
        "kind": "plan",
        "capture": prepared.name,
        "targets": [str(address) for address in prepared.settings.addresses],
        "build": prepared.build,
        "calls": prepared.plan.tally.total(),
        "made": prepared.verdict.made,
        "planned": prepared.total,
        "connections": prepared.wishes.schedule.connection_count(prepared.plan),
        "order": prepared.order.value,
        "has_times": prepared.plan.has_times,
        "duration_ns": _duration_ns(prepared),
        "groups": [
            {
                "procedure": group.procedure,
                "calls": group.calls,
                "does": group.nature.value,
                "is_known": group.is_known,
                "is_made": group.is_made,
            }
            for group in _ranked(prepared)
        ],
        "left_out": dict(prepared.plan.left_out),
        "missing": [one.as_json() for one in prepared.plan.missing],
    }


def plan_report(prepared: Prepared, width: int | None = None, *, is_long: bool = False) -> Iterator[Line]:
    """The plan for people; all of what is missing from the capture if `is_long`.

    width   of the screen; None: lines as long as they are
    """
    for line in _lines(prepared, name_width(width, _OTHERS), is_long=is_long):
        yield from folded(line, width)


def _lines(prepared: Prepared, name: int, *, is_long: bool) -> Iterator[Line]:
    plan, schedule = prepared.plan, prepared.wishes.schedule
    targets = ", ".join(str(address) for address in prepared.settings.addresses)
    yield labelled("capture", f"{visible(prepared.name)}: {counted(plan.tally.total(), 'call')}")
    yield labelled("target", f"{targets}, {visible(prepared.build)}; nothing was sent but for its catalog")
    total = "calls without end" if prepared.total is None else counted(prepared.total, "call")
    where = counted(schedule.connection_count(plan), "connection")
    how = f"{total} on {where}, {_times(prepared)}; order: {prepared.order.value}"
    yield labelled("would send", "nothing, as all calls are held back" if prepared.total == 0 else how)
    yield [(f"  {left('procedure', name)}{right('calls', 10)}  does", "header")]
    groups = _ranked(prepared)
    for group in groups[:_GROUPS]:
        held = "" if group.is_made else f"held back ({OPTIONS[group.nature]} sends it)"
        does = group.nature.value if group.is_known else f"{group.nature.value} (unknown)"
        yield [
            *shown_name(group.procedure, name),
            (f"{right(f'{group.calls:,}', 10)}  ", "plain"),
            (left(does, 16) if held else does, "plain" if group.is_known else "status.error"),
            (held, "status.error"),
        ]
    if len(groups) > _GROUPS:
        yield [(f"  and {len(groups) - _GROUPS:,} more; --json lists all", "muted")]
    if prepared.verdict.unknown:
        yield [("  unknown: the target does not have it", "muted")]
    yield from left_out_lines(plan.left_out, plan.missing, plan.first_ns, is_long=is_long)


def _ranked(prepared: Prepared) -> list[Group]:
    return sorted(prepared.verdict.groups.values(), key=lambda group: -group.calls)


def _duration_ns(prepared: Prepared) -> int | None:
    """How long it takes if the target keeps up; None where that isn't known."""
    schedule, plan, total = prepared.wishes.schedule, prepared.plan, prepared.total
    pace = schedule.pace
    if total is None or total == 0 or isinstance(pace, AsFastAsPossible):
        return schedule.until_ns
    found: int | None = None
    if isinstance(pace, Rate):
        found = pace.due_ns(total - 1, None)
    elif isinstance(pace, Speed) and plan.has_times and schedule.most_calls is None:
        found = round(plan.duration_ns * (schedule.loops or 1) / pace.factor)
    limits = [ns for ns in (found, schedule.until_ns) if ns is not None]
    return min(limits, default=None)


def _times(prepared: Prepared) -> str:
    if not prepared.plan.has_times and isinstance(prepared.wishes.schedule.pace, Speed):
        return "one after the other, as the capture tells no times"
    ns = _duration_ns(prepared)
    if ns is not None:
        return f"within {duration(ns)}"
    pace = prepared.wishes.schedule.pace
    if isinstance(pace, Speed):
        return "at the recorded times" if pace.factor == 1 else f"{pace.factor:g} times as fast as recorded"
    return "as fast as they can go" if isinstance(pace, AsFastAsPossible) else "at the rate asked for"
