"""What commands that read events share: the filters of every day, and `--where`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from volttools.cli.options import (
    DurationWithUnit,
    F,
    Moment,
    Number,
    moment_ns,
    option,
    together,
    where_option,
)

if TYPE_CHECKING:
    from volttools.capture.reader import Capture
    from volttools.filters.selection import Selection
    from volttools.protocol.events import Event


def selection_options(function: F) -> F:
    """--where, --errors, --slow, --since, --until, --connection, --procedure."""
    return together(
        where_option,
        option("Filters", "--errors", is_flag=True, help="What went wrong: any status but SUCCESS, no answer, refused log-ins, damage."),
        option("Filters", "--slow", type=DurationWithUnit(), metavar="TIME", help="What took at least that long, such as 10ms."),
        option("Filters", "--since", type=Moment(), metavar="WHEN", help="What began at that time or later: \"2026-01-02 03:04:05.25\", 03:04:05, or 1.5s or 0.0022 (seconds) from the capture's start. Clock times are UTC."),
        option("Filters", "--until", type=Moment(), metavar="WHEN", help="What began at that time or earlier."),
        option("Filters", "--connection", type=Number(min=1), multiple=True, metavar="N", help="One connection, by its number; may be repeated."),
        option("Filters", "--procedure", multiple=True, metavar="PATTERN", help="Exchanges of procedures whose name matches; * and ? stand for anything, case doesn't matter; may be repeated."),
    )(function)  # fmt: skip


def selection_of(options: Mapping[str, Any]) -> Selection:
    """What the options ask for, but for times: those need to know when the capture starts."""
    from volttools.filters.selection import Selection

    return Selection(
        errors=options["errors"],
        slow_ns=options["slow"],
        connections=frozenset(options["connection"]),
        procedures=options["procedure"],
        where=options["where"],
    )


def filters_text(options: Mapping[str, Any]) -> str:
    """The filters as they were written: "--connection 99 --errors"."""
    found = ["--errors"] if options["errors"] else []
    found += [] if options["slow"] is None else [f"--slow {options['slow'] / 1e6:.15g}ms"]
    for name in ("since", "until"):
        found += [] if options[name] is None else [f"--{name} {shlex.quote(options[name])}"]
    found += [f"--connection {number}" for number in options["connection"]]
    found += [f"--procedure {shlex.quote(pattern)}" for pattern in options["procedure"]]
    return " ".join([*found, *(f"--where {shlex.quote(filter.text)}" for filter in options["where"])])


def resolve_times(
    selection: Selection, options: Mapping[str, Any], *, start_ns: int, local: bool = False
) -> None:
    """Let the selection know what --since and --until mean in a capture that starts at a time."""
    if options["since"] is not None:
        selection.since_ns = moment_ns(options["since"], start_ns=start_ns, local=local)
    if options["until"] is not None:
        selection.until_ns = moment_ns(options["until"], start_ns=start_ns, local=local)


def asks_for_times(options: Mapping[str, Any]) -> bool:
    """Whether --since or --until was given."""
    return options["since"] is not None or options["until"] is not None


def wants_of(options: Mapping[str, Any], capture: Capture) -> Callable[[Event], bool] | None:
    """Whether an event of the capture is asked for; None if all are."""
    selection = selection_of(options)
    waits_for_start = asks_for_times(options)
    if not waits_for_start:
        return selection.wants if selection.is_narrow else None

    def wants(event: Event) -> bool:
        nonlocal waits_for_start
        if waits_for_start:
            start_ns = capture.summary.first_ns
            if start_ns is None:
                return False  # it has no time, so it is not within any
            resolve_times(selection, options, start_ns=start_ns)
            waits_for_start = False
        return selection.wants(event)

    return wants
