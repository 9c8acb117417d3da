"""Values inside of texts - SQL, JSON, messages: whole numbers, decimals and quoted strings, and what is around them.

    >>> found = places_of("select * from t where id = 5001 and name = 'ann'")
    >>> found.form
    'select * from t where id = ? and name = ?'
    >>> found.values
    [(5001,), ('ann',)]
    >>> found.replaced({0: 7000})
    "select * from t where id = 7000 and name = 'ann'"

Two texts are of the same form if they differ in nothing else. Keys of JSON belong to the form, and so does what is
part of a word, of a version or of a date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

MOST_CHARACTERS: Final = 4_000
"""Longer texts are not looked into."""
MOST_PLACES: Final = 100
"""Nor those with more values."""

# After a quote that nothing closes come only escaped ones; those begin nothing, so the time is linear.
_VALUE: Final = re.compile(
    r"""(?P<single>'(?:[^']|'')*')"""
    r"""|(?<!\\)"(?:[^"\\]++|\\.)*+"(?:\s*+:|(?P<double>))"""  # a key of JSON, or a value
    r"""|(?<![\w.:/-])(?P<number>\d+(?:\.\d+)?)(?![\w/-]|[.:]\d)""",
    re.DOTALL,
)
_INTEGER: Final = re.compile(r"0|[1-9]\d{0,18}")
_DECIMAL: Final = re.compile(r"\d{1,26}\.\d{1,12}")


@dataclass(slots=True)
class Places:
    """Where the values of a text are.

    form     the text with ? in their place
    values   for each of them what it may be: a number, a text, or a text that is a number
    """

    form: str = ""
    values: list[tuple[Any, ...]] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)  # between them
    _kinds: list[str] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)

    def replaced(self, new: Mapping[int, Any]) -> str:
        """The text with other values in some of the places, written as those that were there."""
        parts = [self._pieces[0]]
        for index, piece in enumerate(self._pieces[1:]):
            text = self._texts[index] if index not in new else _written(new[index], self._kinds[index])
            parts += (text, piece)
        return "".join(parts)


def places_of(text: str) -> Places | None:
    """The values of a text; None if there are none, or too many."""
    if len(text) > MOST_CHARACTERS:
        return None
    found, after = Places(), 0
    for match in _VALUE.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        if len(found.values) == MOST_PLACES:
            return None
        found._pieces.append(text[after : match.start()])
        found._kinds.append(kind)
        found._texts.append(match[0])
        found.values.append(_meant(match[0], kind))
        after = match.end()
    if not found.values:
        return None
    found._pieces.append(text[after:])
    found.form = "?".join(found._pieces)
    return found


def _meant(text: str, kind: str) -> tuple[Any, ...]:
    """What a value may be."""
    if kind == "number":
        return _numbers(text)
    if kind == "single":
        content = text[1:-1].replace("''", "'")
    else:
        try:
            content = json.loads(text, strict=False)
        except ValueError:  # an escape that JSON doesn't have
            content = text[1:-1]
    return (content, *_numbers(content)) if content else ()


def _numbers(text: str) -> tuple[Any, ...]:
    """The number that a text is; a long one, or one with zeros in front, is none."""
    if _INTEGER.fullmatch(text):
        return (int(text),)
    return (Decimal(text),) if _DECIMAL.fullmatch(text) else ()


def _written(value: Any, kind: str) -> str:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if kind == "single":
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False) if kind == "double" else text
