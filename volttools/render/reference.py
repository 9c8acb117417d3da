"""The reference of the formats, printed from their declarations.

A concept is a module of `volttools.formats`; an entry is a record, an enumeration, or the
registry of wire types in it. Names are looked up without regard to case.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

import volttools.formats
from volttools.errors import EncodeError, UsageError
from volttools.formats.notation import Record, RecordFormat
from volttools.formats.types import TypeRegistry, WireType
from volttools.render.layout import Row, layout_of, records_within, shape_of, strip_lazy, width_of
from volttools.render.styles import style

_NO_CONCEPT = ("notation", "primitives")

Entry = type[Record] | dict[Any, Any] | tuple[Any, ...] | TypeRegistry


@cache
def concepts() -> dict[str, ModuleType]:
    """The modules of volttools.formats that describe something on the wire, by name."""
    names = [found.name for found in pkgutil.iter_modules(volttools.formats.__path__)]
    modules = {name: importlib.import_module(f"volttools.formats.{name}") for name in names}
    return {name: module for name, module in modules.items() if name not in _NO_CONCEPT and entries(module)}


def entries(module: ModuleType) -> dict[str, Entry]:
    """What a module declares, in its own order: records, enumerations, a registry."""
    source = inspect.getsource(module)
    found: dict[str, Entry] = {}
    for name, value in vars(module).items():
        if inspect.isclass(value):
            if issubclass(value, Record) and value is not Record and value.__module__ == module.__name__:
                found[name] = value
        elif isinstance(value, TypeRegistry) or (name.isupper() and _is_enumeration(value)):
            said = re.search(rf"^{name}\b[^=\n]*= *(.*)", source, re.MULTILINE)
            if said and " for " not in said[1]:  # not imported, and not made of another one
                found[name] = value
    return found


def _is_enumeration(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(isinstance(key, int) for key in value)
    return isinstance(value, tuple) and bool(value) and all(hasattr(item, "_fields") for item in value)


def all_names() -> list[str]:
    """Every name that `find` knows."""
    names = [name for module in concepts().values() for name in entries(module)]
    return [*concepts(), *names, *(kind.name for kind in _registry())]


def find(name: str) -> list[tuple[str, Entry | WireType, ModuleType]]:
    """The entries of that name, or all of a concept; UsageError with the nearest names if unknown."""
    wanted = name.lower()
    if name.isupper() and any(kind.name == name for kind in _registry()):
        return [(name, _registry().by_name(name), concepts()["types"])]  # GEOGRAPHY, not geography
    if wanted in concepts():
        module = concepts()[wanted]
        return [(title, entry, module) for title, entry in entries(module).items()]
    for module in concepts().values():
        for title, entry in entries(module).items():
            if title.lower() == wanted:
                return [(title, entry, module)]
    for kind in _registry():
        if kind.name.lower() == wanted:
            return [(kind.name, kind, concepts()["types"])]
    known = {known.lower(): known for known in all_names()}
    nearest = [known[match] for match in difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)]
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else "`volttools formats` lists what there is"
    raise UsageError(f"no format is called {name!r}; {hint}")


def _registry() -> TypeRegistry:
    from volttools.formats.types import TYPES

    return TYPES


# ---------------------------------------------------------------- for people


def print_list(console: Console) -> None:
    """All concepts, each with its sentence and its entries."""
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style=style("header"))
    grid.add_column("concept", style=style("procedure"), no_wrap=True)
    grid.add_column("what it is")
    for name, module in concepts().items():
        text = Text(_first_sentence(module), style=style("plain"))
        text.append(f"\n{', '.join(entries(module))}", style=style("muted"))
        grid.add_row(name, text)
    console.print(grid)


def print_reference(name: str, console: Console) -> None:
    """The reference of a concept, a record, an enumeration or a wire type."""
    found = find(name)
    if not isinstance(found[0][1], WireType):
        console.print(Text((found[0][2].__doc__ or "").strip(), style=style("plain")))
        console.print()
    printed: set[int] = set()
    for title, entry, _ in found:
        for part_title, part in _with_parts(title, entry):
            if id(part) not in printed:
                printed.add(id(part))
                _print_entry(part_title, part, console)


def _with_parts(title: str, entry: Entry | WireType) -> Iterator[tuple[str, Entry | WireType]]:
    """An entry, and the records within it."""
    yield title, entry
    if inspect.isclass(entry):
        for part in records_within(entry.declaration):
            yield from _with_parts(part.__name__, part)


def _print_entry(title: str, entry: Any, console: Console) -> None:
    console.print(Text(title, style=style("summary.title")))
    if inspect.isclass(entry) and issubclass(entry, Record):
        console.print(Text(inspect.cleandoc(entry.__doc__ or ""), style=style("muted")))
        console.print(_layout_grid(layout_of(entry.declaration)))
    elif isinstance(entry, TypeRegistry):
        console.print(_types_grid(list(entry)))
    elif isinstance(entry, WireType):
        console.print(_types_grid([entry]))
        if isinstance(getattr(entry.format, "subcon", None), RecordFormat):
            inner = entry.format.subcon.cls  # type: ignore[union-attr]
            console.print()
            _print_entry(inner.__name__, inner, console)
            return
    else:
        console.print(_enumeration_grid(entry))
    console.print()


def _layout_grid(rows: list[Row]) -> Grid:
    grid = _grid("offset", "field", "on the wire", "only if", "what it is")
    for row in rows:
        doc = Text(row.doc)
        if row.is_secret:
            doc.append("  secret", style=style("secret"))
        grid.add_row(
            "" if row.offset is None else str(row.offset),
            Text(row.name, style=style("muted" if row.is_kept else "tree.name")),
            Text(row.shape, style=style("muted" if row.is_kept else "type")),
            row.condition or "",
            doc,
        )
    return grid


def _types_grid(kinds: list[WireType]) -> Grid:
    grid = _grid("code", "hex", "type", "on the wire", "bytes", "NULL", "array count", "Python", "what it is")
    for kind in kinds:
        grid.add_row(*(str(cell) for cell in _type_cells(kind).values()))
    return grid


def _type_cells(kind: WireType) -> dict[str, str]:
    format = kind.format
    return {
        "code": str(kind.code),
        "hex": f"{kind.code & 0xFF:02x}",
        "type": kind.name,
        "wire": "-" if format is None else shape_of(format) or "nothing",
        "bytes": "-" if format is None else _width_text(format),
        "null": "-" if format is None else _null_text(kind),
        "array_count": "-" if kind.array_count is None else shape_of(kind.array_count),
        "python": kind.python.__name__,
        "doc": kind.doc,
    }


def _width_text(format: Any) -> str:
    width = width_of(format)
    if width is not None:
        return str(width)
    prefix = getattr(strip_lazy(format), "prefix", None)
    return "varies" if prefix is None else f"{width_of(prefix)} + n"


def _null_text(kind: WireType) -> str:
    try:
        data = bytes(kind.format.build(None))  # type: ignore[union-attr]
    except (EncodeError, AttributeError, TypeError):
        return "-"
    return data.hex() or "the type itself"


def _enumeration_grid(entry: Any) -> Grid:
    if isinstance(entry, dict):
        grid = _grid("value", "hex", "name")
        for key, value in entry.items():
            grid.add_row(str(key), _hex_of(key), str(value))
        return grid
    names = entry[0]._fields
    grid = _grid(*names)
    for item in entry:
        grid.add_row(*(shape_of(cell) if hasattr(cell, "_parse") else str(cell) for cell in item))
    return grid


def _hex_of(number: int) -> str:
    width = 2 if -(2**7) <= number < 2**8 else 4 if -(2**15) <= number < 2**16 else 16
    return f"{number & (1 << 4 * width) - 1:0{width}x}"


def _grid(*heads: str) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style=style("header"))
    for head in heads:
        is_number = head in ("offset", "code", "value", "bytes")
        grid.add_column(
            head, justify="right" if is_number else "left", overflow="fold", no_wrap=head in ("field", "type")
        )
    return grid


def _first_sentence(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


# ---------------------------------------------------------------- for programs


def as_json(name: str | None = None) -> dict[str, Any]:
    """The reference as data: of one name, or of everything."""
    if name is None:
        return {title: as_json(title) for title in concepts()}
    found = find(name)
    module = found[0][2]
    return {
        "source": inspect.cleandoc(module.__doc__ or ""),
        "entries": {title: _entry_json(entry) for title, entry, _ in found},
    }


def _entry_json(entry: Any) -> Any:
    if isinstance(entry, WireType):
        return _type_cells(entry)
    if isinstance(entry, TypeRegistry):
        return [_type_cells(kind) for kind in entry]
    if inspect.isclass(entry) and issubclass(entry, Record):
        fields = [
            {
                "offset": row.offset,
                "name": row.name,
                "wire": None if row.is_kept else row.shape,
                "only_if": row.condition,
                "doc": row.doc,
                "secret": row.is_secret,
            }
            for row in layout_of(entry.declaration)
        ]
        return {"doc": inspect.cleandoc(entry.__doc__ or ""), "fields": fields}
    if isinstance(entry, dict):
        return {str(key): str(value) for key, value in entry.items()}
    return [
        {name: shape_of(cell) if hasattr(cell, "_parse") else cell for name, cell in item._asdict().items()}
        for item in entry
    ]
