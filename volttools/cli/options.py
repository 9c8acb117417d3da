"""What commands share: options with one spelling, their types, and help in groups."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, TypeVar

import click

from volttools.cli import forget_stdout
from volttools.filters.units import read_duration, read_size, read_time

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = re.compile(r"\d+(?:\.\d*)?")

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from volttools.filters.filter import Filter
    from volttools.render.cells import Line

if TYPE_CHECKING:  # generic for the type checker, from click 8.2 on
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType


class Duration(_ParamType):
    """A time such as 10ms, as integer ns; a number alone is seconds."""

    name = "duration"
    needs_unit = False

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        is_number = _SECONDS.fullmatch(value) and not self.needs_unit
        found = read_duration(f"{value}s" if is_number else value)
        if found is None or found < 0:
            self.fail(
                f"{value!r} is no duration; write a number and its unit, such as 10ms or 1.5s", param, ctx
            )
        return found


class DurationWithUnit(Duration):
    """The same where a number alone could as well be ms."""

    needs_unit = True


class Moment(_ParamType):
    """A time of day, an ISO time, or a distance from the capture's start; gives the text if it is one."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment_ns(value, start_ns=0, local=False)
        except ValueError:
            self.fail(
                f"{value!r} is no time; write '2026-01-02 03:04:05', 03:04:05, or 1.5s for 1.5 s after the start",
                param,
                ctx,
            )
        return str(value)


class Expression(_ParamType):
    """A filter expression, compiled; what is wrong with it is told with its place."""

    name = "expression"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Filter:
        from volttools.filters.filter import filter_of

        return filter_of(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Fields for the last word of what is written."""
        from click.shell_completion import CompletionItem

        from volttools.filters.fields import FIELDS

        start = incomplete.rstrip(ascii_letters + digits + "_")
        word = incomplete[len(start) :]
        return [CompletionItem(start + name) for name in FIELDS if word and name.startswith(word)]


def moment_ns(text: str, *, start_ns: int, local: bool) -> int:
    """What --since and --until mean in a capture that starts at `start_ns`; ValueError if nothing."""
    offset = read_duration(f"{text}s" if _SECONDS.fullmatch(text) else text)
    if offset is not None:
        return start_ns + offset
    return read_time(text.strip(), local=local, on_day_of=start_ns)


class Part(click.FloatRange):
    """A number from 0 to 1, without 1."""

    def __init__(self) -> None:
        super().__init__(0, 1, max_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if found != found:
            self.fail(f"{value!r} is not a number", param, ctx)
        return found


class Number(click.IntRange):
    """A whole number within limits."""

    name = "whole number"  # click's errors call it so


_STATUS = "volttools.status"


def settled(status: int) -> int:
    """An exit status that is known before the result is printed: it holds also where nobody reads that."""
    click.get_current_context().meta[_STATUS] = status
    return status


class Command(click.Command):
    """A command whose help shows its options in groups, and that ends quietly if nobody reads it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # the parser forgets it where a value is missing
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            found = super().invoke(ctx)
            sys.stdout.flush()
            return found
        except BrokenPipeError:  # before click sees it, which would make an error of it
            forget_stdout()
            return ctx.meta.get(_STATUS, 0)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and not isinstance(param, click.Argument):
                groups.setdefault(getattr(param, "group", None) or "General", []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records, col_max=26)


class GroupedOption(click.Option):
    """An option that knows under which title its help stands."""

    def __init__(self, *args: Any, group: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


def option(group: str, *names: str, **settings: Any) -> Callable[[F], F]:
    """A click option whose help stands under the title `group`."""
    return click.option(*names, cls=GroupedOption, group=group, **settings)


def together(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, in the order they are to be listed."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def examples(*lines: str, more: str = "") -> str:
    """An epilog of examples that can be pasted."""
    text = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
    return f"{text}\n\n{more}" if more else text


def console_options(function: F) -> F:
    """--color and --width."""
    return together(
        option(
            "Output",
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Colours; auto: on a terminal, unless NO_COLOR is set.",
        ),
        option(
            "Output",
            "--width",
            type=Number(min=40),
            metavar="COLUMNS",
            help="Lay out for a screen of that width, also in a pipe; by default that of the terminal, "
            "and 200 in a pipe.",
        ),
    )(function)


def make_console(color: str, width: int | None) -> Any:
    """The rich Console of a command's stdout."""
    from rich.console import Console

    from volttools.render.lines import PLAIN_WIDTH

    class PipeConsole(Console):
        def on_broken_pipe(self) -> None:  # rich would exit with status 1
            raise BrokenPipeError

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # an output in ASCII is no reason to fail
    is_terminal = sys.stdout.isatty()
    if width is None and not is_terminal:
        width = PLAIN_WIDTH
    return PipeConsole(
        file=sys.stdout,
        width=width,
        force_terminal=True if color == "always" else None,
        color_system="standard" if color == "always" else None if color == "never" else "auto",
        no_color={"always": False, "never": True}.get(color),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def folding_width(console: Any, width: int | None) -> int | None:
    """At which width lines are folded, of a console and a --width: None in a pipe, where they are as long as they are."""
    return None if width is None and not sys.stdout.isatty() else console.width


def print_lines(lines: Callable[[int | None], Iterable[Line]], color: str, width: int | None) -> None:
    """Print lines; `lines` makes them for a folding width."""
    from volttools.render.cells import LineWriter

    console = make_console(color, width)
    writer = LineWriter(console)
    for line in lines(folding_width(console, width)):
        writer.write(line)
    writer.flush()


progress_option = option(
    "Output",
    "--progress/--no-progress",
    default=True,
    help="How far it is, on stderr, if that is a terminal and it takes a while.",
)

keep_option = option(
    "Input",
    "--keep-login-hashes",
    is_flag=True,
    help="Show and write password hashes and Kerberos tokens; otherwise zeros stand for them. "
    "A hash is enough to log in.",
)


class Split(_ParamType):
    """ "connection", or a size such as 100MB; gives the arguments for the library."""

    name = "split"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        if value == "connection":
            return {"by_connection": True}
        size = read_size(value)
        if size is None or size <= 0:
            self.fail(f"{value!r} is neither 'connection' nor a size such as 100MB", param, ctx)
        return {"max_bytes": size}


def output_options(function: F, *, required: bool = True) -> F:
    """Where to, in which format, in how many files."""
    return together(
        option("Output", "-o", "--output", required=required, metavar="FILE", help="What is written; - is standard output."),
        option("Output", "--to", type=click.Choice(["pcapng", "dump", "json", "frames", "hex"]), help="The format, where the name of the output doesn't tell it."),
        option("Output", "--split", type=Split(), metavar="connection|SIZE", help="Several files, FILE-0001 and so on: one a connection, or one each 100MB."),
        option("Output", "--overwrite", is_flag=True, help="Write over files that are there."),
        option("Output", "--json", "as_data", is_flag=True, help="Report as JSON, on standard output."),
        progress_option,
    )(function)  # fmt: skip


def files_argument(function: F, *, required: bool = True) -> F:
    """FILE...; "-" is standard input."""
    return click.argument(
        "files",
        nargs=-1,
        required=required,
        metavar="FILE...",
        type=click.Path(allow_dash=True, dir_okay=True),
    )(function)


def where_option(function: F) -> F:
    """--where, as often as wanted; gives Filters, of which all must hold."""
    return option(
        "Filters",
        "--where",
        type=Expression(),
        multiple=True,
        metavar="EXPRESSION",
        help="What an expression holds for, such as 'latency > 5ms and status != SUCCESS'; may be repeated: "
        "all must hold. `volttools fields` lists what can be asked.",
    )(function)


def ports_option(function: F) -> F:
    """--port, as often as wanted."""
    return option(
        "Input",
        "--port",
        "ports",
        type=Number(1, 65535),
        multiple=True,
        metavar="N",
        help="A port that the server listens on, besides 21212 and 21211; may be repeated. "
        "Others are recognised by their traffic.",
    )(function)


def keylog_option(function: F) -> F:
    """--keylog, as often as wanted."""
    return option(
        "Input",
        "--keylog",
        "keylog",
        type=click.Path(),
        multiple=True,
        metavar="FILE",
        help="Decrypt TLS with the secrets in a key log (SSLKEYLOGFILE), which may grow meanwhile; may be repeated. "
        "Those in a pcapng file are used anyway.",
    )(function)
