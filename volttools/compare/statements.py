"""What the SQL of an @AdHoc says of its answer: whether rows come in an order.

>>> [ordering.columns for ordering in orderings_of("select A, B from T order by B desc limit 3; select 1 from T")]
[('B',), None]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from volttools.sql import Token, tokens

_ENDS_ORDER = frozenset({"LIMIT", "OFFSET", "FETCH", "FOR", "UNION", "EXCEPT", "INTERSECT"})
_DIRECTIONS = frozenset({"ASC", "DESC", "NULLS", "FIRST", "LAST"})
_UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Ordering:
    """Whether a statement orders its rows.

    columns  by which: names in capitals, or positions from 1 as text; "" for an expression.
             None: it does not order them
    """

    columns: tuple[str, ...] | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether the order of rows counts."""
        return self.columns is not None


@lru_cache(maxsize=512)
def orderings_of(sql: str) -> tuple[Ordering, ...]:
    """The ordering of each statement of a text."""
    found, statement = [], list[Token]()
    for token in tokens(sql + "\n;"):
        if token.kind == "comment" or token.text.isspace():
            continue
        if token.kind == "other" and token.text == ";":
            if statement:
                found.append(_ordering(statement))
            statement = []
        else:
            statement.append(token)
    return tuple(found)


def _ordering(statement: list[Token]) -> Ordering:
    """By the last ORDER BY outside of parentheses."""
    depth, start = 0, None
    for index, token in enumerate(statement):
        if token.kind == "other":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        elif depth == 0 and _is_word(token, "BY") and index and _is_word(statement[index - 1], "ORDER"):
            start = index + 1
    return Ordering() if start is None else Ordering(_items(statement[start:]))


def _items(behind: list[Token]) -> tuple[str, ...]:
    """The items behind ORDER BY."""
    items, item, depth = [], list[Token](), 0
    for token in behind:
        if depth == 0 and token.kind == "name" and token.text.upper() in _ENDS_ORDER:
            break
        if token.kind == "other":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0 and token.text == ",":
                items.append(_column(item))
                item = []
                continue
        item.append(token)
    return (*items, _column(item))


def _column(item: list[Token]) -> str:
    """A name, also behind its table, or a position; "" for anything else."""
    words = [token for token in item if not (token.kind == "name" and token.text.upper() in _DIRECTIONS)]
    kinds = [token.kind for token in words]
    if kinds == ["name"] or kinds == ["number"]:
        return words[0].text.upper()
    if kinds == ["quoted"]:
        return words[0].text[1:-1].upper()
    if kinds == ["name", "other", "name"] and words[1].text == ".":
        return words[2].text.upper()
    return _UNKNOWN


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "name" and token.text.upper() == word
