"""`volttools compare`: do two captures hold the same answers, as fast?"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import click

from volttools.cli.comparing import latency_options, rules_of_files, rules_option
from volttools.cli.options import (
    Command,
    DurationWithUnit,
    Part,
    console_options,
    examples,
    keylog_option,
    option,
    ports_option,
    print_lines,
    progress_option,
    settled,
    together,
)
from volttools.cli.selecting import selection_options, wants_of
from volttools.cli.sides import Side, side_of

if TYPE_CHECKING:
    from volttools.capture.reader import Capture, Summary
    from volttools.compare import Comparison, Group, MappedId, Rule, Rules, Settings
    from volttools.render.cells import Line

_HELP = """Say whether two captures hold the same answers, and whether those took as long.

Calls of A and B are matched by connection and order; the same procedure with the same parameters on the
same connection, whatever was called besides. Answers are compared as typed data: status, texts, tables,
columns, rows. Rows count as ordered where SQL orders them. FLOAT may differ in its last digits.

What differs is told in groups - one procedure, one kind of difference, one place - with the smallest
example of each, and the numbers of its exchanges in A and B. Latencies are compared by procedure, with the
interval in which the truth lies.

A, B and the second run may be patterns in quotes, such as 'old-*.pcapng': the files that match are read as
one capture, by name. --also-a and --also-b add others.

What differs by itself, such as times, is learned from another run of the same server (--noise), and can
be saved, edited and given as rules; docs/compare.md has all of them.

Exit status: 0 the same; 1 different, also where the captures have no call in common; 2 could not compare;
130 interrupted.
"""

_SHOWN_WITH_DETAILS = 5


@click.command(
    cls=Command,
    help=_HELP,
    epilog=examples(
        "volttools compare captures/demo.pcap captures/demo.pcap",
        "volttools compare -v --procedure 'TYPES*' captures/demo.pcap captures/types-all.pcap",
        "volttools compare --noise captures/demo.pcap captures/demo.pcap captures/demo.pcap",
        more="`--noise old-again.pcapng --save-rules noise.toml`, then `--rules noise.toml`. docs/compare.md has the kinds of differences, and how rules are written.",
    ),
)
@click.argument("a", type=click.Path(allow_dash=True))
@click.argument("b", type=click.Path(allow_dash=True))
@together(
    option("Captures", "--also-a", multiple=True, type=click.Path(), metavar="FILE", help="Read A and this file as one capture; may be repeated."),
    option("Captures", "--also-b", multiple=True, type=click.Path(), metavar="FILE", help="The same for B."),
    option("Matching", "--match", "mode", type=click.Choice(["connection", "call"]), default="connection", help="Which call of A is which of B: the same call on the same connection, or on any."),
    option("Matching", "--key", "keys", multiple=True, metavar="FIELD", help="Match by fields instead, such as procedure or params[0], in order among equals; may be repeated. `volttools fields` lists them."),
    option("What counts", "--noise", multiple=True, type=click.Path(), metavar="CAPTURE", help="A second run of the server of A: what differs there doesn't count. May be repeated."),
    rules_option,
    option("What counts", "--save-rules", metavar="FILE", help="Write what was learned from noise as rules, in a new file."),
    option("What counts", "--map", "maps", multiple=True, type=click.Path(), metavar="FILE", help="The map of `volttools replay --map`: ids that each server made for itself don't count, in answers, as parameters, and inside of texts such as SQL. May be repeated."),
    option("What counts", "--order", type=click.Choice(["auto", "strict", "ignore"]), help="Whether the order of rows counts. auto: where the SQL of an @AdHoc has an ORDER BY; of other procedures nobody knows, so it doesn't."),
    option("What counts", "--tolerance", type=Part(), metavar="PART", help="How far FLOATs may be apart, as a part of the value; 1e-9 by default."),
    option("What counts", "--within", type=DurationWithUnit(), metavar="TIME", help="How far TIMESTAMPs may be apart, such as 5s; by default not at all."),
    option("What counts", "--ignore-procedure", multiple=True, metavar="PATTERN", help="Leave out procedures; * and ? stand for anything; may be repeated."),
    option("What counts", "--ignore-column", multiple=True, metavar="PATTERN", help="Leave out the values of columns; may be repeated."),
    option("What counts", "--ignore-kind", multiple=True, metavar="KIND", help="Leave out a kind of difference, such as status-text; may be repeated."),
    latency_options,
    option("View", "-v", "--verbose", "details", is_flag=True, help="More examples, with their calls and how to look at them; the latencies of all procedures."),
    option("View", "--quiet", is_flag=True, help="Print nothing; the exit status says it."),
    option("Output", "--json", "as_data", is_flag=True, help="JSON lines: one for each group and procedure, then the summary."),
    option("Output", "--junit", metavar="FILE", help="Write JUnit XML as well: a test case for each procedure."),
    progress_option,
)  # fmt: skip
@selection_options
@ports_option
@keylog_option
@console_options
def command(a: str, b: str, also_a: tuple[str, ...], also_b: tuple[str, ...], **options: Any) -> int:
    from volttools.compare import learned_rules
    from volttools.errors import CaptureError

    side_a, side_b = side_of(a, also_a), side_of(b, also_b)
    runs_of_noise = [side_of(run) for run in options["noise"]]
    _check([side_a, side_b, *runs_of_noise], options)
    mapped, ids = _read_maps(options["maps"])
    settings = replace(_settings(options, mapped), mapped=ids)
    learned: dict[Rule, list[Group]] = {}
    with _Runs(options) as runs:
        capture_a = runs.open(side_a, is_read_again=bool(runs_of_noise))
        spread: dict[str, float] = {}
        for run in runs_of_noise:
            noise = runs.compare((capture_a, runs.open(run)), settings)
            runs.check(noise, side_a, run)
            if not noise.pairs:
                raise CaptureError(
                    f"nothing to learn: it has no call in common with {side_a.name}", file=run.name
                )
            for rule, groups in learned_rules(noise).items():
                learned.setdefault(rule, groups)
            spread |= {name: max(ratio, spread.get(name, 1.0)) for name, ratio in noise.spread.items()}
            settings = replace(settings, rules=_rules(options).and_then((*mapped, *learned)))
        found = runs.compare((capture_a, runs.open(side_b)), settings, spread)
        runs.check(found, side_a, side_b)
    found.unused_rules = [rule for rule in found.unused_rules if rule not in learned and rule not in mapped]
    if options["save_rules"] is not None:
        _save_rules(options["save_rules"], learned, [side.name for side in (side_a, *runs_of_noise)])
    if options["junit"] is not None:
        _write_junit(options["junit"], found, (side_a.name, side_b.name))
    status = settled(0 if found.is_same else 1)
    _print(found, learned, (side_a, side_b), options)
    return status


def _check(sides: Sequence[Side], options: dict[str, Any]) -> None:
    """Raise UsageError for what doesn't go together."""
    captures = [path for side in sides for path in side.paths]
    if captures.count("-") > 1:
        raise click.UsageError("standard input can be only one of the captures")
    if options["keys"] and options["mode"] == "call":
        raise click.UsageError("--key and --match call don't go together: a key says how calls are matched")
    if options["quiet"] and (options["as_data"] or options["details"]):
        raise click.UsageError("--quiet and --json, -v don't go together: it prints nothing")
    saved = options["save_rules"]
    if saved is not None and not options["noise"]:
        raise click.UsageError("--save-rules needs --noise: rules are learned from it")
    if saved is not None and os.path.exists(saved):
        raise click.UsageError(f"--save-rules {saved}: that file is there already; name a new one")
    read = [*captures, *options["rules_files"], *options["maps"]]
    if options["junit"] is not None and os.path.realpath(options["junit"]) in map(os.path.realpath, read):
        raise click.UsageError(f"--junit {options['junit']}: that file is read")


def _settings(options: dict[str, Any], mapped: tuple[Rule, ...]) -> Settings:
    from volttools.compare import Settings

    return Settings(
        match="key" if options["keys"] else options["mode"],
        key=options["keys"],
        rules=_rules(options).and_then(mapped),
        latency=options["latency"],
        slower=options["slower"] / 100,
        examples=_SHOWN_WITH_DETAILS if options["details"] else 1,
    )


def _rules(options: dict[str, Any]) -> Rules:
    """Those of the options, then those of the files; options say the default."""
    from volttools.compare import Kind, Rule, Rules
    from volttools.rule_files import instead

    rules = [Rule(procedures=(name,), action="ignore") for name in options["ignore_procedure"]]
    rules += [
        Rule(columns=(name,), kinds=(Kind.VALUE,), action="ignore") for name in options["ignore_column"]
    ]
    for word in options["ignore_kind"]:
        words = [kind.value for kind in Kind]
        if word not in words:
            raise click.UsageError(f"--ignore-kind: there is no {word!r}{instead(word, words)}")
        rules.append(Rule(kinds=(Kind(word),), action="ignore"))
    read = rules_of_files(options["rules_files"])
    given = {
        "order": options["order"],
        "tolerance": options["tolerance"],
        "within_us": None if options["within"] is None else options["within"] // 1_000,
    }
    return Rules(
        (*rules, *read.rules),
        replace(read.default, **{name: value for name, value in given.items() if value is not None}),
    )


def _read_maps(files: Sequence[str]) -> tuple[tuple[Rule, ...], tuple[MappedId, ...]]:
    """What the maps of a replay say: where ids may differ, and what must become what."""
    if not files:
        return (), ()
    from volttools.rehearse.rules import ids_of_map, rules_of_map
    from volttools.replay import values

    whole = values.Rules([rule for file in files for rule in values.read_rules(file).rules])
    return rules_of_map(whole), ids_of_map(whole)


class _Runs:
    """Opens captures and compares them, with one line of progress for both."""

    def __init__(self, options: dict[str, Any]) -> None:
        from volttools.cli.progress import Progress

        self._options = options
        self._progress = Progress(is_wanted=options["progress"], shares_screen=sys.stdout.isatty())
        self._stack = ExitStack()
        self._compared: tuple[Capture, ...] = ()
        self._opened = 0
        self._read: dict[int, tuple[int, int | None]] = {}  # by capture, as both sides may be the same file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.clear()
        self._stack.close()

    def open(self, side: Side, *, is_read_again: bool = False) -> Capture:
        from volttools.capture.reader import open as open_capture

        self._opened += 1
        number = self._opened
        capture = self._stack.enter_context(
            open_capture(
                *side.paths,
                ports=self._options["ports"],
                keylog=self._options["keylog"],
                on_progress=lambda done, total: self._tell(number, done, total),
            )
        )
        if is_read_again:
            capture.make_repeatable()
        return capture

    def compare(
        self, captures: tuple[Capture, Capture], settings: Settings, noise: dict[str, float] | None = None
    ) -> Comparison:
        from volttools.compare import compare

        self._read.clear()
        a, b = self._compared = captures
        return compare(
            a.events(),
            b.events(),
            settings,
            wants=(wants_of(self._options, a), wants_of(self._options, b)),
            noise=noise,
        )

    def check(self, found: Comparison, a: Side, b: Side) -> None:
        """Raise CaptureError if nothing could be compared."""
        from volttools.errors import CaptureError

        obstacle = found.obstacle(a.name, b.name)
        if obstacle is not None:
            sides = zip((found.a, found.b), self._compared, strict=True)
            without = next((capture for side, capture in sides if not side.calls), None)
            more = "" if without is None else _what_else(without.summary)
            raise CaptureError(f"nothing to compare: {obstacle}{more}")

    def _tell(self, capture: int, done: int, total: int | None) -> None:
        self._read[capture] = done, total
        totals = [known for _, known in self._read.values() if known is not None]
        everything = sum(totals) if len(totals) == 2 else None
        self._progress.update(sum(read for read, _ in self._read.values()), everything)


def _what_else(summary: Summary) -> str:
    """What a capture without calls holds: "; it holds HTTP 3, log-ins 1: volttools decode tells more"."""
    from volttools.render.outcomes import what_else

    counts = {**summary.foreign, "log-ins": summary.logins, "notifications": summary.pushes}
    others = what_else(summary.damage, counts)
    return f"; it holds {others}: volttools decode tells more" if others else ""


def _write_junit(path: str, found: Comparison, names: tuple[str, str]) -> None:
    from volttools.errors import CaptureError
    from volttools.render.junit import junit_text

    try:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(junit_text(found, names))
    except OSError as error:
        raise CaptureError(f"can't be written: {error.strerror}", file=path) from None


def _save_rules(path: str, learned: dict[Rule, list[Group]], files: Sequence[str]) -> None:
    from volttools.compare import rules_text
    from volttools.compare.noise import evidence

    title = f"What differs by itself, learned by volttools compare from {', '.join(files)}."
    with open(path, "x", encoding="utf-8") as stream:
        stream.write(rules_text(((rule, evidence(groups)) for rule, groups in learned.items()), title=title))


def _print(
    found: Comparison, learned: dict[Rule, list[Group]], sides: tuple[Side, Side], options: dict[str, Any]
) -> None:
    if options["quiet"]:
        return
    names = (sides[0].name, sides[1].name)
    if options["as_data"]:
        from volttools.cli.json_output import JsonOutput
        from volttools.compare.lines import comparison_lines, noise_line

        out = JsonOutput([path for side in sides for path in side.paths])
        for rule, groups in learned.items():
            out.write(noise_line(rule, groups))
        for data in comparison_lines(found, names):
            out.write(data)
        out.flush()
        return
    from volttools.render.comparison import ComparisonPage

    commands = _look_at(sides[0], options), _look_at(sides[1], options)

    def lines(width: int | None) -> Iterator[Line]:
        page = ComparisonPage(names, commands=commands, width=width, details=options["details"])
        return page.lines(found, list(learned.items()))

    print_lines(lines, options["color"], options["width"])


def _look_at(side: Side, options: dict[str, Any]) -> str | None:
    """The command that shows an exchange; None for standard input, which is gone."""
    from volttools.render.comparison import NUMBER

    if "-" in side.paths:
        return None
    inputs = [word for name in options["keylog"] for word in ("--keylog", name)]
    inputs += [word for port in options["ports"] for word in ("--port", str(port))]
    return " ".join([f"volttools decode -v --exchange {NUMBER}", *map(shlex.quote, inputs), side.words])
