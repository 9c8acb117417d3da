"""What `volttools shell` prints: outcomes as tables, JSON or CSV, the long ones through a pager."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from volttools.cli import say, sentence_of
from volttools.cli.calling import Answers
from volttools.cli.options import make_console

if TYPE_CHECKING:
    from rich.console import Console

    from volttools.client.results import Result
    from volttools.formats.response import Response
    from volttools.formats.table import Table
    from volttools.render.cells import Line
    from volttools.shell.outcomes import Outcome
    from volttools.shell.session import Settings


class ShellOutput(Answers):
    """Prints outcomes.

    interactive   somebody reads along: notes stand between the answers, and what is long is paged
    """

    def __init__(self, options: dict[str, Any], settings: Settings, *, interactive: bool) -> None:
        super().__init__(options)
        self._settings = settings
        self._interactive = interactive

    def show(self, outcome: Outcome) -> None:
        """Print an outcome. DecodeError for an answer that can't be read."""
        from volttools.shell import outcomes

        self.options["as_data"] = self._settings.format == "json"
        self.options["csv"] = self._settings.format == "csv"
        if isinstance(outcome, outcomes.Answer):
            self(outcome.result)
        elif isinstance(outcome, outcomes.Listing):
            self._listing(outcome.table)
        elif isinstance(outcome, outcomes.Bytes):
            from volttools.render.frames import frame_views

            console, keep = self._console(), self.options["keep_login_hashes"]
            views = frame_views(outcome.exchange, console, with_hex=True, keep_login_hashes=keep)
            self._print(views, console)
        elif isinstance(outcome, outcomes.Failure):
            sys.stdout.flush()
            say(sentence_of(outcome.error))
        elif isinstance(outcome, outcomes.Note):
            self.note(outcome.text)

    def note(self, text: str) -> None:
        """Talk: among the answers where somebody reads along, else apart from them."""
        from volttools.render.values import visible

        if not text and not self._interactive:
            return
        shown = "\n".join(map(visible, text.split("\n")))
        is_data = not self._interactive and "\n" not in text
        click.echo(shown, err=is_data)

    def lines(self, result: Result, response: Response) -> None:
        """For people."""
        from volttools.render.answers import answer_lines, time_line

        console = self._console()
        lines = list(
            answer_lines(
                result.procedure,
                response,
                result.latency_ns,
                console,
                rows=self.options["rows"],
                as_records=self._settings.expanded,
            )
        )
        if self._settings.timing:
            lines.append(time_line(result.latency_ns))
        self._print(lines, console)

    def _listing(self, table: Table) -> None:
        """A table of the shell's own, as an answer would be shown."""
        from volttools.formats.response import Response

        if self.options["as_data"]:
            from volttools.jsonlines.lines import line_bytes
            from volttools.jsonlines.message_members import response_fields
            from volttools.jsonlines.values import Fidelity

            found = response_fields(Response(tables=[table]), Fidelity())
            sys.stdout.buffer.write(line_bytes({"tables": found["tables"]}))
            sys.stdout.buffer.flush()
        elif self.options["csv"]:
            self.csv([table])
        else:
            from volttools.render.answers import listing_lines

            console = self._console()
            self._print(listing_lines(table, console), console)

    def _console(self) -> Console:
        console: Console = make_console(self.options["color"], self.options["width"])
        return console

    def _print(self, lines: Iterable[Line], console: Console) -> None:
        """Print lines; through a pager if they are more than the screen has."""
        from volttools.render.cells import LineWriter

        found = list(lines)
        writer = LineWriter(console)
        if not (self._interactive and self._settings.pager and len(found) >= console.height):
            for line in found:
                writer.write(line)
            writer.flush()
            return
        with console.capture() as captured:
            for line in found:
                writer.write(line)
            writer.flush()
        os.environ.setdefault("LESS", "-RFX")  # colours; what is read stays on the screen
        click.echo_via_pager(captured.get(), color=console.color_system is not None)
