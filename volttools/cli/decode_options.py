"""The options of `decode`, those that `capture` has as well among them, and what doesn't go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from volttools.cli.exports import ExportOptions
from volttools.cli.options import Number, option, together
from volttools.cli.selecting import filters_text, selection_options

if TYPE_CHECKING:
    from volttools.filters.filter import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as click gives them; see the help for what they mean."""

    verbose: int
    hex: bool
    json: bool
    rows: int
    time: str
    errors: bool
    slow: int | None
    since: str | None
    until: str | None
    connection: tuple[int, ...]
    procedure: tuple[str, ...]
    exchange: int | None
    frame: int | None
    where: tuple[Filter, ...]
    context: int
    ports: tuple[int, ...]
    follow: bool
    idle: int | None
    keylog: tuple[str, ...]
    keep_login_hashes: bool
    progress: bool
    summary: bool | None
    summary_only: bool
    color: str
    width: int | None
    rows_given: bool = False
    exports: ExportOptions = field(default_factory=ExportOptions)
    given: Mapping[str, Any]  # the same by name, for what is shared with other commands

    @property
    def level(self) -> int:
        """0 lines, 1 details, 2 trees. Who asks for one exchange or frame wants to look into it."""
        if self.verbose or self.hex:
            return 2 if self.hex else min(self.verbose, 2)
        return 2 if self.frame is not None else 1 if self.exchange is not None else 0

    @property
    def filters_text(self) -> str:
        """The filters as they were written: "--connection 99 --errors"."""
        numbers = {"exchange": self.exchange, "frame": self.frame}
        found = [f"--{name} {number}" for name, number in numbers.items() if number is not None]
        return " ".join(filter(None, [filters_text(self.given), *found]))

    @property
    def wants_summary(self) -> bool:
        """Whether a summary is to be printed; by default not for a single exchange or frame."""
        is_usual = self.summary_only or not (self.exchange or self.frame or self.exports.is_wanted)
        return is_usual if self.summary is None else self.summary

    def check(self) -> None:
        """Refuse what doesn't go together."""
        if self.json and (self.verbose or self.hex):
            raise click.UsageError("--json and -v, --hex don't go together: JSON lines hold everything")
        if self.json and self.rows_given:
            raise click.UsageError("--json and --rows don't go together: JSON lines hold all rows")
        others = {"--json": self.json, "-v": self.verbose > 0, "--hex": self.hex}
        summaries = {"--summary": self.summary is True, "--summary-only": self.summary_only}
        self.exports.check(others | {"--rows": self.rows_given} | summaries)
        if self.summary_only:
            mine = {"-v": self.verbose, "--hex": self.hex, "--rows": self.rows_given}
            mine |= {"--context": self.context, "--no-summary": self.summary is False}
            if given := [name for name, is_given in mine.items() if is_given]:
                raise click.UsageError(
                    f"--summary-only and {given[0]} don't go together: no exchange is shown"
                )
        if self.context and not self.filters_text:
            raise click.UsageError(
                "--context is what stands around a hit; give a filter too, such as --where 'latency > 5ms'"
            )


hits_options = together(
    selection_options,
    option("Filters", "--context", type=Number(min=0), default=0, metavar="N", help="Show N exchanges before and after each hit as well: hits are marked with >, and only they are opened by -v; in JSON lines the others have \"context\". They are of the same --connection, --since and --until."),
    option("Filters", "--exchange", type=Number(min=1), metavar="N", help="One exchange by its number (the first column), opened as by -v."),
    option("Filters", "--frame", type=Number(min=1), metavar="N", help="One frame by its number (-v shows it), opened as by -vv."),
)  # fmt: skip

view_options = together(
    option("View", "-v", "--verbose", count=True, help="All parameters and result tables; -vv the tree of fields."),
    option("View", "--hex", is_flag=True, help="The tree, and the bytes in the colours of their fields: beside it from 120 columns on, else below it."),
    option("View", "--rows", type=Number(min=0), default=20, show_default=True, metavar="N", help="Rows of a table that are shown, and elements of a list; 0: all."),
    option("View", "--time", type=click.Choice(["relative", "utc", "local", "delta"]), default="relative", show_default=True, help="When calls began: seconds since the start, or clock times; delta: seconds between the end of a call and the end of the one in the line before."),
    option("View", "--json", is_flag=True, help="JSON lines that lose nothing; `pydoc volttools.jsonlines.lines` describes them."),
    option("View", "--summary/--no-summary", default=None, help="The summary at the end."),
    option("View", "--summary-only", is_flag=True, help="Nothing but the summary, of what matches the filters; with --json one object."),
)  # fmt: skip
