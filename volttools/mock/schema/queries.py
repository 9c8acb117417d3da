"""What queries say without being run: tables that they read, columns that they give, types of their `?`.

By their words, not by a parser of SQL: what is usual is found, and what isn't is None. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from volttools.formats.types import BIGINT, STRING, WireType
from volttools.mock.schema.model import Column, Schema, Table
from volttools.mock.schema.sql_types import BY_NAME
from volttools.sql import is_keyword, tokens

_COMPARISONS = frozenset(("=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/"))
_ENDS_OF_FROM = frozenset(
    ("WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT", "SET", "VALUES")
)
_AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "APPROX_COUNT_DISTINCT"))


class Word(NamedTuple):
    """A piece of SQL that is no blank: names in upper case, signs of two characters together."""

    text: str
    is_name: bool
    end: int


def words(sql: str) -> list[Word]:
    """The pieces of a query."""
    found: list[Word] = []
    for token in tokens(sql):
        if token.kind == "comment" or token.text.isspace():
            continue
        is_name = token.kind == "name"
        text = token.text.upper() if is_name else token.text
        if found and text in ("=", ">", "|") and found[-1].text in ("<", ">", "!", "|"):
            found[-1] = Word(found[-1].text + text, False, token.end)
        else:
            found.append(Word(text, is_name, token.end))
    return found


def is_read_only(sql: str) -> bool:
    """Whether a statement only reads."""
    first = next((word.text for word in words(sql) if word.text != "("), "")
    return first in ("SELECT", "WITH")


def tables_named(sql: str) -> list[str]:
    """The names that stand where tables do, each once, in upper case. Those of WITH are none."""
    found: dict[str, None] = {}
    own: set[str] = set()
    is_query = [True]  # of each open bracket: whether a query is in it
    expects = False
    in_from = [False]
    pieces = words(sql)
    for number, word in enumerate(pieces):
        following = pieces[number + 1].text if number + 1 < len(pieces) else ""
        if word.text == "(":
            is_query.append(following in ("SELECT", "(", "WITH"))
            in_from.append(False)
            expects = False
        elif word.text == ")" and len(is_query) > 1:
            is_query.pop()
            in_from.pop()
            expects = False
        elif word.text in ("FROM", "JOIN", "INTO", "UPDATE", "TABLE") and is_query[-1]:
            expects, in_from[-1] = True, True
        elif word.text == "," and in_from[-1]:
            expects = True
        elif (
            word.is_name and following == "AS" and number + 2 < len(pieces) and pieces[number + 2].text == "("
        ):
            own.add(word.text)
        elif expects and word.is_name:
            found[word.text] = None
            expects = False
        elif word.text in _ENDS_OF_FROM:
            in_from[-1] = False
    return [name for name in found if name not in own]


class Given(NamedTuple):
    """A column that a query gives.

    column    one of the type that it has; None where that isn't known
    function  the function that it is the value of; "" if it is none's
    """

    name: str
    column: Column | None
    function: str = ""

    @property
    def is_aggregate(self) -> bool:
        """Whether it is what a view may have beside the columns that it groups by."""
        return self.function in _AGGREGATES


def columns_given(select: str, schema: Schema) -> list[Given]:
    """The columns of a query's result."""
    tables = [table for table in map(schema.table, tables_named(select)) if table is not None]
    found = []
    for position, item in enumerate(_select_items(words(select))):
        if item[-1].text == "*":
            qualifier = item[0].text if len(item) == 3 else None
            for table in tables:
                if qualifier is None or len(tables) == 1 or table.name == qualifier:
                    found += [Given(column.name, column) for column in table.columns]
            continue
        name, item = _name_and_expression(item, position)
        column = _column_of(item, tables)
        is_function = len(item) > 1 and item[0].is_name and item[1].text == "("
        found.append(Given(name, column, item[0].text if is_function else ""))
    return found


def _select_items(pieces: Sequence[Word]) -> Iterator[list[Word]]:
    depth = 0
    item: list[Word] = []
    is_inside = False
    for word in pieces:
        if not is_inside:
            is_inside = word.text == "SELECT"
            continue
        if not item and not depth and word.text in ("DISTINCT", "ALL"):
            continue
        if word.text == "FROM" and not depth:
            break
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if word.text == "," and not depth:
            yield item
            item = []
        else:
            item.append(word)
    if item:
        yield item


def _name_and_expression(item: list[Word], position: int) -> tuple[str, list[Word]]:
    if len(item) > 2 and item[-2].text == "AS":
        return item[-1].text.strip('"'), item[:-2]
    plain = _plain_name(item)
    if plain is not None:
        return plain, item
    if (
        len(item) > 1
        and item[-1].is_name
        and item[-1].text != "END"
        and item[-2].text not in (".", *_COMPARISONS)
    ):
        return item[-1].text, item[:-1]
    return f"C{position + 1}", item


def _plain_name(item: Sequence[Word]) -> str | None:
    """The column that an expression is; None if it is more than that."""
    if len(item) == 1 and item[0].is_name and not is_keyword(item[0].text):
        return item[0].text
    if len(item) == 3 and item[1].text == "." and item[2].is_name:
        return item[2].text
    return None


def _column_of(item: Sequence[Word], tables: Sequence[Table]) -> Column | None:
    """A column of the type that an expression has."""
    first = item[0].text
    if first in ("COUNT", "APPROX_COUNT_DISTINCT"):
        return Column(name="", type=BY_NAME["BIGINT"])
    if first == "CAST":
        kind = BY_NAME.get(item[-2].text if len(item) > 2 else "")
        return None if kind is None else Column(name="", type=kind)
    inner = next((found for word in item if word.is_name and (found := _find(word.text, tables))), None)
    is_number = inner is not None and inner.type.name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
    if is_number and (first == "SUM" or (first not in _AGGREGATES and any(w.text in "+-*/" for w in item))):
        return Column(name="", type=BY_NAME["BIGINT"])
    return inner


def _find(name: str, tables: Sequence[Table]) -> Column | None:
    return next((found for table in tables if (found := table.column(name))), None)


class Placeholder(NamedTuple):
    """A `?`: its type, if that is known, and whether it stands for a list of that type."""

    type: WireType | None
    is_array: bool = False


def placeholders(sql: str, schema: Schema) -> list[Placeholder]:
    """The `?` of a statement, by the columns that they are compared with or become."""
    pieces = words(sql)
    tables = [table for table in map(schema.table, tables_named(sql)) if table is not None]
    inserted = _inserted_columns(pieces, tables)
    found = []
    for number, word in enumerate(pieces):
        if word.text != "?":
            continue
        if number in inserted:
            found.append(Placeholder(inserted[number].type.wire))
        else:
            found.append(_by_neighbours(pieces, number, tables))
    return found


def _inserted_columns(pieces: Sequence[Word], tables: Sequence[Table]) -> dict[int, Column]:
    """By the number of a `?` that is all of a value in VALUES: the column that it becomes."""
    texts = [word.text for word in pieces]
    if not texts or texts[0] not in ("INSERT", "UPSERT") or "VALUES" not in texts or not tables:
        return {}
    start = texts.index("VALUES")
    named = [word.text for word in pieces[3:start] if word.is_name]
    columns = [column for name in named if (column := tables[0].column(name))] or list(tables[0].columns)
    found, depth, position = {}, 0, 0
    for number in range(start + 1, len(pieces)):
        text = texts[number]
        depth += {"(": 1, ")": -1}.get(text, 0)
        if text == "," and depth == 1:
            position += 1
        is_alone = texts[number - 1] in ("(", ",") and texts[number + 1 : number + 2] in ([","], [")"])
        if text == "?" and depth == 1 and is_alone and position < len(columns):
            found[number] = columns[position]
    return found


def _by_neighbours(pieces: Sequence[Word], number: int, tables: Sequence[Table]) -> Placeholder:
    def text(at: int) -> str:
        return pieces[at].text if 0 <= at < len(pieces) else ""

    before, behind = text(number - 1), text(number + 1)
    if before in ("LIMIT", "OFFSET", "TOP"):
        return Placeholder(BIGINT)
    if before in ("LIKE", "||") or behind == "||" or (before == "WITH" and text(number - 2) == "STARTS"):
        return Placeholder(STRING)
    column = None
    if before in _COMPARISONS:
        column = _find(text(number - 2), tables)
    if column is None and behind in _COMPARISONS:
        name = number + 4 if text(number + 3) == "." else number + 2
        column = _find(text(name), tables)
    if column is None and before == "BETWEEN":
        column = _find(text(number - 2), tables)
    if column is None and before == "AND" and text(number - 3) == "BETWEEN":
        column = _find(text(number - 4), tables)
    if column is None and before == "IN":
        column = _find(text(number - 2), tables)
        return Placeholder(None if column is None else column.type.wire, is_array=True)
    if column is None and before in ("(", ","):
        column = _in_list(pieces, number, tables)
    return Placeholder(None if column is None else column.type.wire)


def _in_list(pieces: Sequence[Word], number: int, tables: Sequence[Table]) -> Column | None:
    """The column in front of IN (?, ?)."""
    while number > 0 and pieces[number].text != "(":
        number -= 1
    if number > 1 and pieces[number - 1].text == "IN":
        return _find(pieces[number - 2].text, tables)
    return None


def group_columns(select: str) -> list[str]:
    """What a query groups by, as it is written, in upper case."""
    match = re.search(r"\bGROUP\s+BY\b(.*?)(?:\bHAVING\b|\bORDER\b|\bLIMIT\b|\Z)", select, re.I | re.S)
    return [] if match is None else [item.strip().upper() for item in match[1].split(",")]
