"""What commands that write files share: how it goes on, and what was written in the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from volttools.cli import say
from volttools.cli.progress import Progress
from volttools.render.values import size
from volttools.words import counted

if TYPE_CHECKING:
    from volttools.capture.reader import Capture
    from volttools.capture.rewriting import Rewriter
    from volttools.capture.target import Converted
    from volttools.protocol.events import Event


class Writing:
    """One run of a command that writes, with the options of `output_options`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._output: str = options["output"]
        self._as_data: bool = options["as_data"]
        if self._as_data and self._output == "-":
            raise click.UsageError("--json and -o - don't go together: both want standard output")
        self._target = {
            "to": options["to"],
            "overwrite": options["overwrite"],
            **(options["split"] or {}),
        }
        self.progress = Progress(is_wanted=options["progress"], shares_screen=self._output == "-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.clear()
        if kind is KeyboardInterrupt:
            say("interrupted: the rest was neither read nor written")

    def convert(
        self,
        capture: Capture,
        *,
        wants: Callable[[Event], bool] | None = None,
        rewriter: Rewriter | None = None,
        keep_login_hashes: bool = False,
    ) -> Converted:
        """Write a capture."""
        from volttools.capture.conversion import convert

        return convert(
            capture,
            self._output,
            wants=wants,
            rewriter=rewriter,
            keep_login_hashes=keep_login_hashes,
            **self._target,
        )

    def encode(self, lines: str) -> Converted:
        """Build lines."""
        from volttools.capture.conversion import encode

        return encode(lines, self._output, **self._target)

    def tell(self, converted: Converted, *, losses: int = 0, is_narrow: bool = False) -> int:
        """Say what was written, and what was lost; gives the exit status.

        losses     places of the source that could not be read
        is_narrow  only a part was wanted
        """
        self.progress.clear()
        if self._as_data:
            click.echo(json.dumps(asdict(converted), ensure_ascii=False))
        else:
            self._tell_people(converted)
        if not converted.frames:
            reason = "nothing matched" if is_narrow else "no messages were found"
            say(f"{reason}, so there is nothing in it")
        if converted.left_out:
            say(
                f"left out {counted(converted.left_out, 'frame')} that are not whole, which this format can't hold;"
                " pcapng and JSON lines can"
            )
        if losses:
            say(f"{counted(losses, 'place')} of the source could not be read: volttools check tells where")
        return 1 if losses or converted.left_out else 0

    def _tell_people(self, converted: Converted) -> None:
        """One line on what was written."""
        if self._output == "-":
            return
        first, *others = converted.files or [self._output]
        more = f" and {counted(len(others), 'other file')}" if others else ""
        say(
            f"wrote {first}{more}: {counted(converted.frames, 'frame')} of"
            f" {counted(converted.connections, 'connection')}, {size(converted.bytes)}"
        )
