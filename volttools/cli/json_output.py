"""JSON lines on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from typing import Any

import click

from volttools.jsonlines.lines import line_bytes


def print_json(data: dict[str, Any]) -> None:
    """Print an object in a line; names in it may be no UTF-8."""
    click.echo(json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace"))


class JsonOutput:
    """Writes lines to standard output; at once where somebody waits for them: a terminal, or behind a pipe."""

    def __init__(self, files: Collection[str]) -> None:
        self._stream = sys.stdout.buffer
        self._is_immediate = "-" in files or sys.stdout.isatty()

    def write(self, line: dict[str, Any]) -> None:
        """Write a line."""
        self._stream.write(line_bytes(line))
        if self._is_immediate:
            self._stream.flush()

    def flush(self) -> None:
        """Let everything be seen that was written."""
        self._stream.flush()
