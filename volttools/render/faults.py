"""The list of kinds of faults, on a screen."""

from __future__ import annotations

from collections.abc import Iterator

from volttools.errors import UsageError
from volttools.faults.catalog import KINDS
from volttools.faults.kinds import PLACES, Kind, Place
from volttools.faults.parameters import Parameter
from volttools.faults.rules import SELECTORS
from volttools.render.cells import Line, left, wrap
from volttools.words import counted, nearest

_MOST_LINES = 10
_LEAST_TEXT = 30


def kind_of(name: str) -> Kind:
    """A kind by its name. Raises UsageError with the nearest."""
    kind = KINDS.get(name)
    if kind is None:
        like = nearest(name, KINDS)
        hint = f"did you mean {like}?" if like else "`volttools faults` lists all"
        raise UsageError(f"no fault is called {name!r}; {hint}")
    return kind


def list_lines(*, width: int | None) -> Iterator[Line]:
    """All kinds by place, with a line each, and the keys that say when."""
    column = max(map(len, KINDS)) + 2
    for place in Place:
        yield [(f"{place.value}: ", "summary.title"), (PLACES[place], "muted")]
        for kind in KINDS.values():
            if kind.place is place:
                yield from _described(kind.name, kind.doc, column, width)
        yield []
    yield [("when, in every rule:", "summary.title")]
    for selector in SELECTORS:
        yield from _described(selector.parameter.name, selector.parameter.doc, column, width)
    yield []
    yield [(f"{counted(len(KINDS), 'kind')}", "header")]


def kind_lines(kind: Kind, *, width: int | None) -> Iterator[Line]:
    """One kind, with what it takes and a rule that could be written."""
    yield [(kind.name, "summary.title"), (f", at {kind.place.value}", "muted")]
    names = [parameter.name for parameter in kind.parameters]
    selectors = [selector for selector in SELECTORS if kind.place in selector.places]
    column = max(map(len, [*names, *(selector.parameter.name for selector in selectors), "a client"])) + 2
    yield from _described("does", kind.doc, column, width)
    yield from _described("a client", f"sees: {kind.sees}", column, width)
    if kind.parameters:
        yield []
        yield [("takes:", "summary.title")]
    for parameter in kind.parameters:
        yield from _described(parameter.name, described(parameter), column, width)
    yield []
    yield [("when:", "summary.title")]
    for selector in selectors:
        yield from _described(selector.parameter.name, selector.parameter.doc, column, width)
    yield []
    yield [("[[fault]]", "command")]
    yield [(f'kind = "{kind.name}"', "command")]
    for parameter in kind.parameters:
        if parameter.is_required:
            yield [(f"{parameter.name} = {example_of(parameter)}", "command")]


def described(parameter: Parameter) -> str:
    """What a parameter is, how it is written, and its default."""
    end = (
        ""
        if parameter.default in (None, "") or parameter.is_required
        else f"; by default {parameter.default}"
    )
    return f"{parameter.doc} ({parameter.written}{end})"


def example_of(parameter: Parameter) -> str:
    """A value that could be written."""
    for example in ('"20ms"', "10", '"status"', '"RESPONSE_UNKNOWN"'):
        try:
            if parameter.read(example.strip('"') if example.startswith('"') else int(example)) is not None:
                return example
        except ValueError:
            continue
    return '"..."'


def _described(name: str, doc: str, column: int, width: int | None) -> Iterator[Line]:
    room = None if width is None else max(_LEAST_TEXT, width - column - 2)
    for index, part in enumerate(wrap(doc, room, _MOST_LINES)):
        yield [("  " + left("" if index else name, column), "header"), (part, "plain")]
