"""What `call` and `sql` share: arguments that may be negative, answers as tables, JSON or CSV, repeats."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from volttools.cli import say
from volttools.cli.connecting import Seconds, hosts_option, login_options, tap_options
from volttools.cli.options import Command, Number, console_options, make_console, option, together

if TYPE_CHECKING:
    from volttools.client.results import Result
    from volttools.formats.response import Response
    from volttools.formats.table import Table

F = TypeVar("F", bound=Any)

FAILED = 1
"""Exit status where the server answered that it did not work."""

STATUS_HELP = "Exit status: 0 success; 1 the server answered with an error; 2 could not call."

_NEGATIVE = re.compile(r"-(\d|\.\d|Infinity$|inf$)")


class CallCommand(Command):
    """A command whose arguments may be negative numbers; other words with a dash are options."""

    ignore_unknown_options = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before_dashes = args[: args.index("--")] if "--" in args else list(args)
        rest = super().parse_args(ctx, args)
        words = [value for value in ctx.params.values() if isinstance(value, str)]
        for word in [*words, *ctx.params.get("arguments", ())]:
            is_option = word.startswith("-") and word != "-" and not _NEGATIVE.match(word)
            if is_option and word in before_dashes:
                raise click.NoSuchOption(word, ctx=ctx)
        return rest


output_options = together(
    option("Output", "--json", "as_data", is_flag=True, help="One JSON object; values are those of `decode --json`."),
    option("Output", "--csv", is_flag=True, help="The rows as CSV, and nothing else; NULL is nothing between commas, an empty text is \"\"."),
    option("Output", "--table", type=Number(min=1), metavar="N", help="Only the Nth table of the answer."),
    option("Output", "--rows", type=Number(min=0), default=0, metavar="N", help="Show at most N rows of each table; 0 is all, which is the default."),
    console_options,
    option("Output", "--watch", type=Seconds(), metavar="TIME", help="Call again every 2, or 500ms, until Ctrl-C, on one connection."),
)  # fmt: skip

call_options = together(hosts_option, login_options, tap_options, output_options)


def check_output(options: dict[str, Any]) -> None:
    """Refuse what doesn't go together."""
    if options["as_data"] and options["csv"]:
        raise click.UsageError("--json and --csv don't go together")
    if options["rows"] and (options["as_data"] or options["csv"]):
        raise click.UsageError("--rows is for tables that people read")


def answer(options: dict[str, Any], call: Callable[[], Result]) -> int:
    """Call, and show the answer, again and again with --watch; gives the exit status.

    A watch that is ended by Ctrl-C has the status of its last answer.
    """
    show = Answers(options)
    status = show(call())
    interval = options["watch"]
    if interval is None:
        return status
    try:
        while True:
            sys.stdout.flush()
            pause(interval)
            status = show(call(), is_again=True)
    except KeyboardInterrupt:
        return status


def pause(seconds: float) -> None:
    """Wait for the next call."""
    time.sleep(seconds)


class Answers:
    """Shows answers, one after another."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self._header = b""

    def __call__(self, result: Result, *, is_again: bool = False) -> int:
        from volttools.formats.response import SUCCESS

        response = _response_of(result, self.options["table"])
        if self.options["as_data"]:
            self.json(result, response)
        elif self.options["csv"]:
            self.csv(response.tables)
        else:
            if is_again:
                click.echo()
            self.lines(result, response)
        if result.status == SUCCESS:
            return 0
        if self.options["csv"]:
            say(_error_text(result))
        return FAILED

    def json(self, result: Result, response: Response) -> None:
        """A line of JSON."""
        from volttools.jsonlines.lines import line_bytes
        from volttools.jsonlines.message_members import response_fields
        from volttools.jsonlines.values import Fidelity

        found = response_fields(response, Fidelity())
        line = {"procedure": result.procedure, "latency_ns": result.latency_ns, **found}
        sys.stdout.buffer.write(line_bytes(line))
        sys.stdout.buffer.flush()

    def csv(self, tables: list[Table]) -> None:
        """The rows alone."""
        from volttools.render.csv_text import VisibleLines, csv_line, csv_rows

        out = sys.stdout.buffer
        lines = VisibleLines(out) if sys.stdout.isatty() else out
        for table in tables:
            header = csv_line([column.name for column in table.columns])
            if header != self._header:  # once for a watch, and for tables that go on in one another
                if self._header:
                    lines.write(b"\n")
                lines.write(header)
                self._header = header
            lines.writelines(csv_rows(table))
        out.flush()

    def lines(self, result: Result, response: Response) -> None:
        """For people."""
        from volttools.render.cells import LineWriter
        from volttools.render.results import result_lines

        console = make_console(self.options["color"], self.options["width"])
        writer = LineWriter(console)
        rows = self.options["rows"]
        for line in result_lines(result.procedure, response, result.latency_ns, console, rows=rows):
            writer.write(line)
        writer.flush()


def _response_of(result: Result, number: int | None) -> Response:
    """The response, or that with one of its tables; DecodeError if it can't be read."""
    from volttools.errors import UsageError
    from volttools.formats.response import SUCCESS
    from volttools.words import counted

    response = result.response
    if number is None or result.status != SUCCESS:
        return response
    if number > len(response.tables):
        raise UsageError(
            f"{result.procedure} gave {counted(len(response.tables), 'table')}, so there is no --table {number}"
        )
    return response.replace(tables=[response.tables[number - 1]])


def _error_text(result: Result) -> str:
    from volttools.client.results import failure
    from volttools.render.values import visible

    return "\n".join(map(visible, str(failure(result)).split("\n")))
