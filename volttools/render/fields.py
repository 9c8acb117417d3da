"""The list of what filters can ask for, on a screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from volttools.filters.catalog import LITERALS, RULES, SIGNS, Entry, Sign, entries, find
from volttools.filters.fields import EVENT_KINDS
from volttools.render.styles import style


def print_fields(console: Console, name: str | None = None) -> None:
    """All fields and the language; or one field, and those within it."""
    found = entries() if name is None else find(name)
    console.print(_fields_grid(found, with_examples=name is not None))
    if name is not None:
        for entry in found:
            if entry.names:
                _print_title(f"names of {entry.name}", console)
                console.print(Text(", ".join(entry.names), style=style("plain")))
        return
    for title, signs in (("comparisons", SIGNS), ("values", LITERALS)):
        _print_title(title, console)
        console.print(_signs_grid(signs))
    _print_title("rules", console)
    for rule in RULES:
        console.print(Text(rule, style=style("plain")))


def _print_title(title: str, console: Console) -> None:
    console.print()
    console.print(Text(title, style=style("summary.title")))


def _grid(*heads: str) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style=style("header"))
    for head in heads:
        grid.add_column(head, overflow="fold", no_wrap=head in ("field", "type"))
    return grid


def _fields_grid(found: Iterable[Entry], *, with_examples: bool) -> Grid:
    """Fields within another stand indented below it, without its name: a screen is narrow."""
    grid = _grid("field", "type", "of", "what it is", *(["example"] if with_examples else []))
    outer = ""
    for entry in found:
        is_inner = bool(outer) and entry.name.startswith((f"{outer}.", f"{outer}["))
        if not is_inner:
            outer = entry.name if entry.type in ("group", "list") else ""
        name = f"  {entry.name.removeprefix(outer)}" if is_inner else entry.name
        cells = [
            Text(name, style=style("tree.name")),
            Text(entry.type, style=style("type")),
            Text("all" if entry.events == EVENT_KINDS else "\n".join(entry.events)),
            Text(entry.doc),
        ]
        if with_examples:
            cells.append(Text(entry.example, style=style("command")))
        grid.add_row(*cells)
    return grid


def _signs_grid(signs: Iterable[Sign]) -> Grid:
    grid = _grid("written", "what it is", "example")
    for sign in signs:
        grid.add_row(
            Text(sign.sign, style=style("tree.name")),
            Text(sign.doc),
            Text(sign.example, style=style("command")),
        )
    return grid
