"""Lines that are drawn anew in place, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Group
from rich.live import Live
from rich.text import Text

from volttools.render.cells import Line
from volttools.render.styles import style

if TYPE_CHECKING:
    from rich.console import Console


class LiveLines:
    """Draws lines until it is left, which wipes them.

    whole_screen   on a screen of its own, behind which the terminal keeps what it showed
    """

    def __init__(self, console: Console, *, whole_screen: bool = False) -> None:
        self.console = console
        self._whole_screen = whole_screen
        self._live = self._new()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, also after a stop."""
        self._live = self._new()
        self._live.start()

    def stop(self) -> None:
        """Wipe what is drawn, and give the terminal back."""
        self._live.stop()

    def draw(self, lines: Sequence[Line]) -> None:
        """Show these lines instead of the last ones."""
        self._live.update(Group(*map(_text, lines)), refresh=True)

    def _new(self) -> Live:
        return Live(
            console=self.console,
            auto_refresh=False,
            transient=not self._whole_screen,
            screen=self._whole_screen,
            vertical_overflow="crop",
        )


def _text(line: Line) -> Text:
    text = Text(no_wrap=True)
    for piece, name in line:
        text.append(piece, style(name))
    return text
