"""The lines of plan, report and a rehearsal's verdict: a label in a column of its own, and what it is about."""

from __future__ import annotations

from typing import Final

from volttools.render.cells import Line, left

_WIDTH: Final = 12


def labelled(label: str, text: str, style: str = "plain") -> Line:
    """One of them; without a label it goes on with the one above."""
    return [(f"  {left(label, _WIDTH)}", "header"), (text, style)]
