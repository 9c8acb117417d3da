"""--follow: captures that grow, for as long as somebody looks.

Ctrl-C, SIGTERM or SIGHUP ends following and not the program: what is in flight is shown, then the
summary. A second one ends at once. Where nobody reads stdout any more, it ends as well.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from volttools.cli import say
from volttools.cli.ending import ended_by_signals
from volttools.cli.options import Duration, option, together

if TYPE_CHECKING:
    from volttools.capture.following import Following

follow_options = together(
    option("Input", "-f", "--follow", is_flag=True, help="Wait for more where a file ends, and go on when it is rotated, until Ctrl-C. FILE may be a pattern in quotes, such as 'ring_*.pcapng', or not be there yet."),
    option("Input", "--idle", type=Duration(), metavar="TIME", help="With --follow: end when nothing came for so long, such as 5, 1.5s or 500ms."),
)  # fmt: skip


def following(is_wanted: bool, idle_ns: int | None, flush: Callable[[], None]) -> Following | None:
    """How captures are to be followed, if they are.

    flush   called when all that came is shown, and more is waited for
    """
    if not is_wanted:
        if idle_ns is not None:
            raise click.UsageError("--idle says when to end following, so it needs --follow")
        return None
    from volttools.capture.following import Following

    def on_wait() -> None:
        flush()
        if not _is_read(sys.stdout.fileno if hasattr(sys.stdout, "fileno") else None):
            raise BrokenPipeError

    return Following(
        idle_s=None if idle_ns is None else idle_ns / 10**9,
        on_wait=on_wait,
        on_missing=say,
    )


@dataclass(slots=True)
class Stop:
    """Whether a signal asked to stop."""

    is_asked: bool = False


@contextmanager
def stopping(end: Callable[[], None], *, is_following: bool) -> Iterator[Stop]:
    """While following, let SIGINT, SIGTERM and SIGHUP call `end`; the second one does what it always does."""
    stop = Stop()

    def on_signal() -> None:
        stop.is_asked = True
        end()
        if sys.stderr.isatty():
            os.write(sys.stderr.fileno(), b"\r\x1b[K")  # the terminal's ^C

    if not is_following:
        yield stop
        return
    with ended_by_signals(on_signal):
        yield stop


def _is_read(fileno: Callable[[], int] | None) -> bool:
    """Whether somebody may still read what is written there."""
    if fileno is None or not hasattr(select, "poll"):
        return True
    poll = select.poll()
    try:
        poll.register(fileno(), 0)
    except (OSError, ValueError):  # no file behind it
        return True
    return not any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
