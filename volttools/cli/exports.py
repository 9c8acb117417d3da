"""The options of `decode` that write result tables out: --csv, and --tables with its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from volttools.cli import say
from volttools.cli.options import Number, option, together

if TYPE_CHECKING:
    from volttools.protocol.events import Event
    from volttools.render.export import CsvStream, TableFiles

_FORMATS = ("csv", "parquet", "arrow")

export_options = together(
    option("Tables", "--csv", is_flag=True, help="Print the rows of the result tables as CSV, and nothing else. The first column is the number of the exchange, unless --exchange asks for one; `pydoc volttools.render.csv_text` has the form of each type."),
    option("Tables", "--tables", type=click.Path(file_okay=False), metavar="DIR", help="Write each result table to a file of its own in that directory, and index.json, which lists them."),
    option("Tables", "--format", type=click.Choice(_FORMATS), help="Of the files of --tables; csv if not given. The others need the extra volttools[arrow]."),
    option("Tables", "--overwrite", is_flag=True, help="Let --tables write to a directory that has files in it."),
    option("Tables", "--table", type=Number(min=1), metavar="N", help="With --csv or --tables: only the Nth table of each result, as counted by -v."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The options above as click gives them."""

    csv: bool = False
    tables: str | None = None
    format: str | None = None
    overwrite: bool = False
    table: int | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether tables are to be written rather than shown."""
        return self.csv or self.tables is not None

    def check(self, others: dict[str, bool]) -> None:
        """Refuse what doesn't go together; `others` are options of other views, and whether they are given."""
        if self.csv and self.tables is not None:
            raise click.UsageError(
                "--csv and --tables don't go together: --tables DIR writes CSV files already"
            )
        for name, is_given in {"--format": self.format, "--overwrite": self.overwrite}.items():
            if is_given and self.tables is None:
                raise click.UsageError(f"{name} is for --tables DIR")
        if self.table is not None and not self.is_wanted:
            raise click.UsageError("--table is for --csv and --tables DIR")
        if self.is_wanted:
            mine = "--csv" if self.csv else "--tables"
            for name, is_given in others.items():
                if is_given:
                    raise click.UsageError(
                        f"{mine} and {name} don't go together: {mine} writes whole tables only"
                    )


class Export:
    """Writes the results of exchanges as they come, and says at the end what became of them."""

    def __init__(self, options: ExportOptions, *, with_exchange: bool, immediate: bool) -> None:
        from volttools.render.csv_text import VisibleLines
        from volttools.render.export import CsvStream, TableFiles

        self._options = options
        self._immediate = immediate
        self._has_exchanges = False
        self._target: CsvStream | TableFiles
        if options.tables is None:
            out = sys.stdout.buffer
            lines = VisibleLines(out) if sys.stdout.isatty() else out
            self._target = CsvStream(lines, with_exchange=with_exchange, table=options.table)
        else:
            self._target = TableFiles(
                options.tables,
                format=options.format or "csv",
                overwrite=options.overwrite,
                table=options.table,
            )
            click.get_current_context().call_on_close(self._target.close)  # whatever ends the reading

    def event(self, event: Event) -> None:
        """Write the results of an exchange; other events have none."""
        from volttools.protocol.events import Exchange

        if isinstance(event, Exchange):
            self._has_exchanges = True
            self._target.add(event)
            if self._immediate and self._options.csv:
                sys.stdout.buffer.flush()

    def end(self) -> int:
        """Finish; gives the exit status: 1 if something had to be left out."""
        from volttools.render.export import TableFiles
        from volttools.words import counted

        if isinstance(self._target, TableFiles):
            self._target.close()
            click.echo(f"wrote {self._target.written} to {self._options.tables}")
        written = self._target.written
        if written.unlike:
            say(
                f"{counted(written.unlike, 'result table')} left out, with other columns than the first: "
                "--tables DIR writes each to a file; or narrow by --procedure, --exchange or --table"
            )
        if written.unreadable:
            say(
                f"{counted(written.unreadable, 'response')} left out, as they can't be read or were not "
                "captured as a whole: decode without --csv or --tables says why"
            )
        if self._has_exchanges and not written.tables and written.is_complete:
            number = "" if self._options.table is None else f" {self._options.table}"
            say(f"no result has a table{number}")
        return 0 if written.is_complete else 1
