"""Screens as tests see them: consoles made from outside, and golden files.

    VOLTTOOLS_REWRITE_GOLDEN=1 .venv/bin/pytest tests/render tests/cli

rewrites the files of tests/golden/screens; review the difference like code.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from volttools.render.cells import Line, LineWriter

GOLDEN = Path(__file__).parent / "golden" / "screens"


def console(width: int = 80, *, colour: bool = False, terminal: bool = True, utf8: bool = True) -> Console:
    """A console that writes to memory and takes nothing from the environment."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8" if utf8 else "ascii", newline="\n")
    return Console(
        file=file,
        width=width,
        force_terminal=terminal,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def written(screen: Console) -> str:
    """What a console of `console` has written."""
    file = screen.file
    file.flush()
    assert isinstance(file, io.TextIOWrapper)
    buffer = file.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def drawn(lines: Iterable[Line], screen: Console) -> str:
    """What a console shows for lines."""
    writer = LineWriter(screen)
    for line in lines:
        writer.write(line)
    writer.flush()
    return written(screen)


def check_golden(name: str, text: str) -> None:
    """Compare a screen with its file, whole."""
    path = GOLDEN / name
    if os.environ.get("VOLTTOOLS_REWRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"no golden file {name}; see tests/screens.py"
    assert text == path.read_text(encoding="utf-8")
