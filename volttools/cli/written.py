"""What commands that write files share: how it goes on, and what was written in the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from volttools.cli.progress import Progress
from volttools.render.values import counted, size

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

    def convert(
        self,
        capture: Capture,
        *,
        wants: Callable[[Event], bool] | None = None,
        rewriter: Rewriter | None = None,
        keep_login_hashes: bool = False,
    ) -> int:
        """Write a capture; gives the exit status."""
        from volttools.capture.conversion import convert

        converted = convert(
            capture,
            self._output,
            wants=wants,
            rewriter=rewriter,
            keep_login_hashes=keep_login_hashes,
            **self._target,
        )
        self._tell(converted)
        losses = capture.summary.losses
        if losses:
            _say(f"{counted(losses, 'place')} of the source could not be read: volttools check tells where")
        return 1 if losses or converted.left_out else 0

    def encode(self, lines: str) -> int:
        """Build lines; gives the exit status."""
        from volttools.capture.conversion import encode

        converted = encode(lines, self._output, **self._target)
        self._tell(converted)
        return 1 if converted.left_out else 0

    def _tell(self, converted: Converted) -> None:
        self.progress.clear()
        if self._as_data:
            click.echo(json.dumps(asdict(converted), ensure_ascii=False))
        elif self._output != "-":
            first, *others = converted.files or [self._output]
            more = f" and {counted(len(others), 'other file')}" if others else ""
            _say(
                f"wrote {first}{more}: {counted(converted.frames, 'frame')} of"
                f" {counted(converted.connections, 'connection')}, {size(converted.bytes)}"
            )
        if not converted.frames:
            _say("nothing matched, so there is nothing in it")
        if converted.left_out:
            _say(
                f"left out {counted(converted.left_out, 'frame')} that are not whole, which this format can't hold;"
                " pcapng and JSON lines can"
            )


def _say(text: str) -> None:
    click.echo(f"volttools: {text}", err=True)
