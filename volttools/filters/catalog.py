"""What can be asked, as data: the fields with their documentation, the signs, the literals.

Lists and help are made of this; nothing here says anything that `fields`, `shapes` and
`grammar` don't know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from volttools.errors import UsageError
from volttools.filters.fields import FIELDS, OTHER_NAMES, PARAMETER_TYPE, TABLE_FIELDS
from volttools.filters.paths import COUNT
from volttools.filters.shapes import (
    Dynamic,
    Field,
    Group,
    Kind,
    Many,
    ParameterShape,
    RowShape,
    Scalar,
    Shape,
)
from volttools.filters.units import BYTES_PER, NS_PER
from volttools.words import nearest


class Entry(NamedTuple):
    """One field that can be asked.

    name     as it is written, N for a position: "tables[N].row_count"
    type     in words
    events   the kinds of events that have it
    doc      what it is
    names    what its values are called, if they have names
    example  a condition that can be pasted
    """

    name: str
    type: str
    events: tuple[str, ...]
    doc: str
    names: tuple[str, ...]
    example: str


class Sign(NamedTuple):
    """A way to compare or to combine."""

    sign: str
    doc: str
    example: str


# fmt: off
SIGNS = (
    Sign("== !=",       "equal, not equal",                                          "status != SUCCESS"),
    Sign("< <= > >=",   "order: of numbers, durations, sizes, times, texts",          "latency > 5ms"),
    Sign("~ !~",        "a regular expression (Python's) is found in a text, or not; (?i) ignores case", 'procedure ~ "^Vote"'),
    Sign("contains",    "a text has a part, or bytes have",                           'sql contains "ORDERS"'),
    Sign("in [...]",    "equal to one of several",                                    "status in [USER_ABORT, GRACEFUL_FAILURE]"),
    Sign("exists",      "it is there, whatever its value",                            "exists params[3]"),
    Sign("and or not",  "not binds closest, or least; brackets as usual",             "late or error and not partial"),
)
LITERALS = (
    Sign("number",      "also 0x1f, 1_000, 1.5e3, -2",                                "params[0] == 42"),
    Sign("duration",    f"a number and {', '.join(NS_PER)}",                          "latency >= 1.5s"),
    Sign("size",        f"a number and {', '.join(BYTES_PER)}; plain numbers are bytes", "bytes > 10kB"),
    Sign("text",        'in either quotes; \\n \\t \\\\ \\" \\x41 \\u00e4 stand for characters, but not behind ~', "procedure == 'Vote'"),
    Sign("time",        "a text: an ISO date, or date and time; UTC unless it says otherwise", 'time >= "2026-11-23 15:48:10"'),
    Sign("bytes",       "hex",                                                        'params[8] == x"00ff"'),
    Sign("true false",  "a field that is one of them can also stand alone",           "late == true"),
    Sign("null",        "NULL in a parameter or a cell",                              "params[1] == null"),
    Sign("name",        "of a status, a type, a kind: without quotes, whatever the case", "kind == login"),
)
RULES = (
    "A field that an event does not have is absent, and no comparison with it holds, != neither.",
    "The same goes for values that don't compare: NULL with 42, a text with a number.",
    "With not before it that turns round: `not params[0] == 42` also holds where there is no params[0].",
    "[0] is the first of a list, [-1] the last, [*] any one: `params[*] != 42` holds if any differs.",
    "Any list has a length: `params.count > 2`, `tables[0].rows.count == 1`.",
    "A field stands on the right as well: `cluster_rtt > latency`.",
)
# fmt: on


def entries() -> list[Entry]:
    """All fields, those within others behind them."""
    return [entry for field in FIELDS.values() for entry in _entries(field.name, field, field.events)]


def find(name: str) -> list[Entry]:
    """A field and those within it, by its name with or without positions; UsageError if there is none."""
    wanted = _bare(name)
    known = entries()
    found = [entry for entry in known if _is_within(_bare(entry.name), wanted)]
    if not found:
        like = OTHER_NAMES.get(wanted.casefold()) or nearest(name, [_bare(entry.name) for entry in known])
        hint = f"did you mean {like}?" if like else "`volttools fields` lists what there is"
        raise UsageError(f"no field is called {name!r}; {hint}")
    return found


def as_json(name: str | None = None) -> dict[str, Any]:
    """The same for programs."""
    found = entries() if name is None else find(name)
    return {
        "fields": [entry._asdict() for entry in found],
        "signs": [sign._asdict() for sign in SIGNS],
        "literals": [literal._asdict() for literal in LITERALS],
        "rules": list(RULES),
    }


def _entries(name: str, field: Field, events: tuple[str, ...]) -> Iterator[Entry]:
    shape, place, is_list = field.shape, name, False
    while isinstance(shape, Many):
        place += "[*]" if shape.is_whole else "[N]"
        is_list, shape = True, shape.element
    if isinstance(shape, RowShape):
        place, shape = f"{place}.NAME", Dynamic()
    if isinstance(shape, Group) and not is_list:
        yield Entry(name, "group", events, field.doc, (), f"exists {name}")
    elif isinstance(shape, Group):
        yield Entry(name, "list", events, field.doc, (), f"{name}.{COUNT} > 1")
    else:
        names = tuple(shape.names) if isinstance(shape, Scalar) and shape.names else ()
        yield Entry(place, _type_of(shape), events, field.doc, names, _example(place, shape))
    if isinstance(shape, Group):
        for inner in shape.fields.values():
            yield from _entries(f"{place}.{inner.name}", inner, events)
    if isinstance(shape, ParameterShape):
        yield from _entries(f"{place}.{PARAMETER_TYPE.name}", PARAMETER_TYPE, events)
        doc = f"an element of an array; of a table: .{', .'.join(TABLE_FIELDS.fields)}"
        yield Entry(f"{place}[N]", _type_of(Dynamic()), events, doc, (), "params[0][*] == 42")


def _type_of(shape: Shape) -> str:
    if isinstance(shape, Scalar):
        if shape.names is not None:
            return "name" if shape.kind is Kind.TEXT else "number, name"
        return {Kind.TRUTH: "true/false"}.get(shape.kind, shape.kind.name.lower())
    return "value"


def _example_of(place: str) -> str:
    return place.replace("[N]", "[0]")


def _example(place: str, shape: Shape) -> str:
    path = _example_of(place)
    if not isinstance(shape, Scalar):
        return f"{path} == 42"
    if shape.kind is Kind.TRUTH:
        return path
    if shape.names is not None:
        first = next(iter(shape.names))
        return f"{path} == {first}" if first.isidentifier() else f'{path} == "{first}"'
    sign = {Kind.TEXT: "~", Kind.NUMBER: "=="}.get(shape.kind, ">")
    return f"{path} {sign} {shape.kind.value.example}"


def _bare(name: str) -> str:
    """A name without positions."""
    return "".join(part.split("]")[-1] for part in name.split("["))


def _is_within(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}.")
