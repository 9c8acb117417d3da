"""What the viewer has chosen, and what keys change: no terminal, no clock."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from volttools.monitor.columns import DEFAULT_SORT, VIEWS, Column, View

INTERVALS_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_PAGE: Final = 10

HELP: Final = (
    ("1 2 3, Tab", "procedures, tables, clients"),
    ("a letter", "sort by the column that has it underlined; r: the other way"),
    ("Up Down PgUp PgDn", "scroll"),
    ("/", "show names with what is typed; Enter keeps it, Esc drops it"),
    ("p, Space", "pause, and go on"),
    ("+ -", "a longer or shorter interval"),
    ("?", "this help"),
    ("q, Ctrl-C", "quit"),
)


@dataclass(slots=True)
class Choices:
    """What is shown, and how.

    pattern     only names that contain it, in any case
    is_typing   keys are the pattern's
    first       rows that are scrolled away
    has_keys    whether keys can come
    """

    view: str = "procedures"
    sort: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_SORT))
    is_reversed: bool = False
    interval_s: float = 2.0
    is_paused: bool = False
    pattern: str = ""
    is_typing: bool = False
    shows_help: bool = False
    is_over: bool = False
    first: int = 0
    has_keys: bool = True

    @property
    def shown(self) -> View:
        """The view that is shown."""
        return VIEWS[self.view]

    @property
    def column(self) -> Column:
        """The column that it is sorted by."""
        column = self.shown.column(self.sort[self.view])
        assert column is not None
        return column

    def wanted(self) -> Collection[str]:
        """What must be asked for."""
        selector = self.shown.selector
        return () if selector is None else (selector,)

    def rows(self, rows: list[Any]) -> list[Any]:
        """Those that are shown, in order; where a figure is missing, last."""
        column = self.column
        pattern = self.pattern.casefold()
        found = [row for row in rows if pattern in str(self.shown.columns[0].value(row)).casefold()]
        found.sort(key=lambda row: str(self.shown.columns[0].value(row)))
        told = [row for row in found if column.value(row) is not None]
        upwards = column.is_text is not self.is_reversed
        told.sort(key=column.value, reverse=not upwards)
        return told + [row for row in found if column.value(row) is None]

    def press(self, key: str) -> None:
        """Do what a key means; nothing if it means nothing."""
        if self.is_typing:
            self._type(key)
        elif self.shows_help and key != "q":
            self.shows_help = False
        elif key in _VIEW_KEYS:
            self.show(_VIEW_KEYS[key])
        elif key in _ACTIONS:
            _ACTIONS[key](self)
        else:
            self._sort(key)

    def _type(self, key: str) -> None:
        if key == "enter":
            self.is_typing = False
        elif key == "escape":
            self.is_typing, self.pattern = False, ""
        elif key == "backspace":
            self.pattern = self.pattern[:-1]
        elif len(key) == 1 and key.isprintable():
            self.pattern += key
        self.first = 0

    def _sort(self, key: str) -> None:
        for column in self.shown.columns:
            if column.key == key:
                self.is_reversed = not self.is_reversed if column is self.column else False
                self.sort[self.view] = column.name
                self.first = 0

    def show(self, view: str) -> None:
        """Show another view."""
        if view != self.view:
            self.view, self.is_reversed, self.first = view, False, 0

    def next_view(self) -> None:
        """Show the view behind this one."""
        names = list(VIEWS)
        self.show(names[(names.index(self.view) + 1) % len(names)])

    def other_interval(self, *, longer: bool) -> None:
        """The next interval of the list."""
        if longer:
            self.interval_s = min(
                (each for each in INTERVALS_S if each > self.interval_s), default=self.interval_s
            )
        else:
            self.interval_s = max(
                (each for each in INTERVALS_S if each < self.interval_s), default=self.interval_s
            )

    def scroll(self, rows: int) -> None:
        """Scroll down by so many rows; the screen keeps it within what there is."""
        self.first = max(0, self.first + rows)

    def reverse(self) -> None:
        """Sort the other way."""
        self.is_reversed = not self.is_reversed

    def pause(self) -> None:
        """Keep the figures that are shown, or go on."""
        self.is_paused = not self.is_paused

    def help(self) -> None:
        """Show what keys do."""
        self.shows_help = True

    def type(self) -> None:
        """Take the next keys as what names must contain."""
        self.is_typing, self.pattern, self.first = True, "", 0

    def drop_pattern(self) -> None:
        """Show all names."""
        self.pattern, self.first = "", 0

    def end(self) -> None:
        """Quit."""
        self.is_over = True


_VIEW_KEYS: Final = {str(number): name for number, name in enumerate(VIEWS, 1)}

_ACTIONS: Final[dict[str, Callable[[Choices], None]]] = {
    "tab": Choices.next_view,
    "r": Choices.reverse,
    "p": Choices.pause,
    " ": Choices.pause,
    "/": Choices.type,
    "?": Choices.help,
    "q": Choices.end,
    "escape": Choices.drop_pattern,
    "+": lambda choices: choices.other_interval(longer=True),
    "=": lambda choices: choices.other_interval(longer=True),
    "-": lambda choices: choices.other_interval(longer=False),
    "down": lambda choices: choices.scroll(1),
    "up": lambda choices: choices.scroll(-1),
    "page down": lambda choices: choices.scroll(_PAGE),
    "page up": lambda choices: choices.scroll(-_PAGE),
    "home": lambda choices: choices.scroll(-choices.first),
}
