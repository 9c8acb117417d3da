"""`volttools stats`: what costs time, what fails, how it is spread, and what changed since."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import forget_stdout, say
from volttools.cli.digest_page import EVERY_NS, DigestPage, Look
from volttools.cli.following import follow_options, following, stopping
from volttools.cli.options import (
    Command,
    DurationWithUnit,
    Number,
    console_options,
    examples,
    files_argument,
    keylog_option,
    option,
    ports_option,
    progress_option,
    settled,
    together,
)
from volttools.cli.selecting import filters_text, selection_options, wants_of

if TYPE_CHECKING:
    from volttools.capture.reader import Capture
    from volttools.cli.progress import Progress
    from volttools.stats.baseline import Change
    from volttools.stats.digest import Digest

CHANGES = ("new", "slower", "more errors", "more frequent", "gone")
"""As stats.baseline has them; said here so that --help needs no import. A test holds both equal."""

EXAMPLES = (
    "volttools stats captures/demo.pcap",
    "volttools stats --where 'procedure == \"Fail\"' --by param:1 captures/demo.pcap",
    "volttools stats --by status --csv captures/demo.pcap",
    "volttools stats --baseline demo.baseline captures/demo.pcap",
    "tcpdump -i any --immediate-mode -U -w - port 21212 | volttools stats --follow -",
)

_HELP = """Digest captures: what costs time, what fails, how it is spread.

Calls are counted together by procedure, and calls of @AdHoc and its kin by their SQL without its
values; groups are ranked by the time that was waited for them. For the first ones there is more: how
latencies are spread, where the time went, which values parameters had, and the command that shows the
slowest call. Reads what `volttools decode` reads; several files are read as one capture. docs/stats.md
says what the numbers mean.

With --baseline, the digest is compared with one that was saved; the file is made if it isn't there.
With --follow it goes on as captures grow, such as that of `volttools record`: on a terminal the page is
drawn anew every second, and with --json a line is printed, of all that came so far; elsewhere it is printed
at the end.

Exit status: 0 it was told, and nothing changed since the baseline; 1 something did; 2 could not run, or
there was no call, or no answer was captured; 130 interrupted.
"""

_ONE_DIRECTION = "only what clients sent was captured, so nobody knows what was answered, what failed, and how long it took"


class Share(click.ParamType):  # type: ignore[type-arg]
    """A share such as 20%, as 0.2."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*%", value, re.ASCII)
        if match is None:
            self.fail(f"{value!r} is no percentage; write one such as 20%", param, ctx)
        return float(match[1]) / 100


_views = together(
    option("View", "--by", default="procedure", show_default=True, metavar="KEY", help="What calls are counted together by: procedure, connection, minute, status, param:0, any field such as user or row_count, or a condition such as 'latency > 5ms'."),
    option("View", "--top", type=Number(min=1), metavar="N", help="So many groups.  [default: 10; all with --json and --csv]"),
    option("View", "--details", type=Number(min=0), default=3, show_default=True, metavar="N", help="So many groups are opened below the table."),
    option("View", "--json", "as_json", is_flag=True, help="One object of JSON; docs/stats.md has its members."),
    option("View", "--csv", "as_csv", is_flag=True, help="A line of CSV for each group."),
    option("Baseline", "--baseline", type=click.Path(dir_okay=False), metavar="FILE", help="Compare with the digest saved there; save it there if there is none."),
    option("Baseline", "--update", is_flag=True, help="Save it there anyway, after comparing."),
    option("Baseline", "--tolerance", type=Share(), default="20%", show_default=True, metavar="PERCENT", help="What may be slower, fail more or be more frequent by so much."),
    option("Baseline", "--fail-on", type=click.Choice(CHANGES), multiple=True, help="Only that is status 1; may be repeated.  [default: all]"),
    selection_options,
    follow_options,
    option("Input", "--every", type=DurationWithUnit(), metavar="TIME", help="With --follow: how often the page is drawn anew, or with --json a line is printed, if there is something new.  [default: 1s]"),
    option("Input", "--jobs", type=Number(min=1), default=1, show_default=True, metavar="N", help="Let up to 8 processes share the connections of a large capture. What is told is the same; what can't be divided, one process reads."),
    ports_option,
    keylog_option,
    progress_option,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as click gives them; see the help for what they mean."""

    by: str
    top: int | None
    details: int
    as_json: bool
    as_csv: bool
    baseline: str | None
    update: bool
    tolerance: float
    fail_on: tuple[str, ...]
    color: str
    width: int | None
    follow: bool
    every: int | None
    jobs: int


@click.command(cls=Command, help=_HELP, epilog=examples(*EXAMPLES))
@files_argument
@_views
@console_options
def command(files: tuple[str, ...], **given: Any) -> int:
    options = Options(**{name: given[name] for name in Options.__slots__})
    if options.as_json and options.as_csv:
        raise click.UsageError("--json and --csv don't go together")
    if options.baseline is None and (options.update or options.fail_on):
        raise click.UsageError("--update and --fail-on are about a baseline; give --baseline FILE")
    if options.every is not None and not options.follow:
        raise click.UsageError("--every is how often to tell what grows, so it needs --follow")
    if options.jobs > 1 and options.follow:
        raise click.UsageError("--jobs and --follow don't go together: what grows, one process reads")
    return stats(list(files), options, given)


def stats(files: list[str], options: Options, given: dict[str, Any]) -> int:
    """Read, count, show, and say with which status to exit.

    given   all options by name, for what is shared with other commands
    """
    from volttools.capture.reader import open as open_capture
    from volttools.cli.progress import Progress
    from volttools.stats.baseline import load
    from volttools.stats.digest import Digest
    from volttools.stats.keys import key_of

    digest = Digest(key_of(options.by))
    before = load(options.baseline) if options.baseline and os.path.exists(options.baseline) else None
    is_following = options.follow
    progress = Progress(is_wanted=given["progress"] and not is_following, shares_screen=sys.stdout.isatty())
    look = _look(files, options, given)
    page = DigestPage(digest, look, every_ns=options.every or EVERY_NS if is_following else None)
    capture = open_capture(
        *files,
        ports=given["ports"],
        keylog=given["keylog"],
        on_progress=progress.update,
        follow=following(is_following, given["idle"], flush=page.draw) or False,
    )
    with stopping(capture.stop, is_following=is_following) as stop:
        try:
            _count(capture, digest, given, page, progress)
        except KeyboardInterrupt:
            if stop.is_asked:  # for the second time: nobody waits for what follows
                forget_stdout()
                return 130
            page.is_interrupted = True
        finally:
            page.close()
            progress.clear()
    if page.is_interrupted:
        settled(130)
        if digest.events:
            page.print(None)
        say("interrupted: the rest was not read")
        return 130
    if not digest.whole.calls:
        say(_nothing(digest, capture, given))
        return 130 if stop.is_asked else 2
    changes = _compared(digest, before, options)
    fails = options.fail_on or CHANGES
    has_changed = any(change.kind in fails for change in changes or ())
    lacks_answers = bool(digest.damage["one direction"]) and not digest.whole.response_bytes
    status = settled(130 if stop.is_asked else 2 if lacks_answers else 1 if has_changed else 0)
    page.print(changes)
    if lacks_answers:
        say(f"{', '.join(capture.names[:3])}: {_ONE_DIRECTION}")
    return status


def _look(files: list[str], options: Options, given: dict[str, Any]) -> Look:
    inputs = [word for name in given["keylog"] for word in ("--keylog", name)]
    inputs += [word for port in given["ports"] for word in ("--port", str(port))]
    return Look(
        files=files,
        inputs=inputs,
        top=options.top,
        details=options.details,
        as_json=options.as_json,
        as_csv=options.as_csv,
        baseline=options.baseline,
        can_repeat=not options.follow,
        color=options.color,
        width=options.width,
    )


def _count(
    capture: Capture, digest: Digest, given: dict[str, Any], page: DigestPage, progress: Progress
) -> None:
    wants = wants_of(given, capture)
    if given["jobs"] > 1 and _count_in_parts(
        capture, digest, given, has_filter=wants is not None, on_progress=progress.update
    ):
        return
    if not given["follow"]:
        digest.add_all(capture.events(), wants)
        return
    for event in capture.events():
        digest.add(event, is_wanted=wants is None or wants(event))
        page.draw()


def _count_in_parts(
    capture: Capture,
    digest: Digest,
    given: dict[str, Any],
    *,
    has_filter: bool,
    on_progress: Callable[[int, int | None], None],
) -> bool:
    """Let several processes count; whether that went well. If not, it is said why, and nothing is counted."""
    from volttools.capture.parts import NotDivisibleError
    from volttools.stats.parts import Task, digest_of_parts

    task = Task(files=capture.paths, by=digest.key.by, ports=given["ports"], keylog=given["keylog"])
    try:
        if has_filter:
            raise NotDivisibleError("filters may ask for numbers in the capture")
        found = digest_of_parts(task, given["jobs"], on_progress)
    except NotDivisibleError as why:
        say(f"one process reads it all: {why}")
        return False
    if found.read:
        digest.merge(found)
    return found.read > 0


def _nothing(digest: Digest, capture: Capture, given: dict[str, Any]) -> str:
    """Why there is nothing to tell."""
    from volttools.render.outcomes import what_else

    names = ", ".join(capture.names[:3])
    if digest.read:
        return f"{names}: none of {digest.read:,} calls matches {filters_text(given)}"
    logins = {f"log-ins {answer}": number for answer, number in digest.logins.items()}
    others = what_else(digest.damage, {**capture.summary.foreign, **logins})
    return f"{names}: there is no call of VoltDB in it" + (
        f", but {others}; volttools decode tells more" if others else ""
    )


def _compared(digest: Digest, before: Any, options: Options) -> list[Change] | None:
    """What changed since the baseline, which is saved if it is to be; None without one."""
    from volttools.stats.baseline import baseline_of, changes, save

    if options.baseline is None:
        return None
    now = baseline_of(digest)
    found = None if before is None else changes(before, now, tolerance=options.tolerance)
    if before is None or options.update:
        save(options.baseline, now)
        say(f"the baseline was saved to {options.baseline}")
    return found
