"""SQL that differs only in its values, made one text.

    literals         a number, text or bytes becomes ?, as does a NULL that is a value
    lists            of values only: one text for any length, (?, ...)
    white space      one blank where there is any; comments are gone
    letters          keywords and functions in capitals, other names in small letters: SQL doesn't
                     tell them apart; a name in quotes stays

>>> fingerprint("select Name from T where id in (1,2, 3) and x='it''s' -- why")
'SELECT name FROM t WHERE id IN (?, ...) AND x = ?'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from volttools.sql import FUNCTIONS, is_builtin, is_keyword, tokens

MAX_LENGTH: Final = 1_000
"""A longer fingerprint is cut, and ends with a digest of the whole."""

_VALUE: Final = "?"
_LITERALS: Final = frozenset({"hex", "string", "number"})
_CONSTANTS: Final = frozenset({"NULL", "TRUE", "FALSE"})
_NOT_BEFORE_CONSTANTS: Final = frozenset({"IS", "NOT", "DEFAULT"})  # IS NOT NULL is no value
_SIGNS: Final = frozenset({"<=", ">=", "<>", "!=", "||"})
_WITH_BRACKETS: Final = FUNCTIONS | {"CAST", "VARCHAR", "VARBINARY", "DECIMAL"}
_NAMED_BEHIND: Final = frozenset({"INTO", "TABLE", "VIEW", "ON", "JOIN", "FROM"})
# One or more lists of values.
_LISTS: Final = re.compile(r"\b(IN|VALUES) \(\?(?:, \?)*\)(?:,? \(\?(?:, \?)*\))*")


@lru_cache(maxsize=256)
def fingerprint(sql: str) -> str:
    """What statements have in common that differ only in their values."""
    text = _LISTS.sub(r"\1 (?, ...)", "".join(_spaced(_values(_words(sql)))))
    if len(text) <= MAX_LENGTH:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{text[:MAX_LENGTH]}... {digest}"


def _words(sql: str) -> Iterator[str]:
    """The pieces in their common form, without blanks and comments."""
    held = ""  # the first character of what may be a sign of two
    for kind, text, _ in tokens(sql):
        if held:
            if kind == "other" and held + text in _SIGNS:
                yield held + text
                held = ""
                continue
            yield held
            held = ""
        if kind == "comment" or text.isspace():
            continue
        if kind in _LITERALS:
            yield _VALUE
        elif kind == "name":
            yield text.upper() if is_builtin(text) else text.lower()
        elif kind == "other" and text in "<>!|":
            held = text
        else:
            yield text
    if held:
        yield held


def _values(words: Iterable[str]) -> Iterator[str]:
    """The same, where a sign before a number is a part of it, and constants are values."""
    before, held = "", ""
    for word in words:
        if held:
            if word != _VALUE:
                yield held
            before, held = held, ""
        if word in ("-", "+") and (not before or before in "(,=<>*/" or _begins_value(before)):
            held = word
            continue
        if word in _CONSTANTS and before not in _NOT_BEFORE_CONSTANTS:
            word = _VALUE
        yield word
        before = word
    if held:
        yield held


def _begins_value(word: str) -> bool:
    return word in _SIGNS or (is_keyword(word) and word not in _CONSTANTS)


def _spaced(words: Iterable[str]) -> Iterator[str]:
    """The pieces with blanks between them, wherever those stood before; no semicolon at the end."""
    before = before_that = ""
    semicolon = ""
    for word in words:
        if word == ";":
            semicolon = ";"
            continue
        if before and not _is_close(before_that, semicolon or before, word):
            yield f"{semicolon} " if semicolon else " "
        elif semicolon:
            yield semicolon
        yield word
        before_that, before, semicolon = before, word, ""


def _is_close(before_that: str, before: str, word: str) -> bool:
    """Whether there is no blank between two pieces."""
    if word in (",", ")", ".") or before in ("(", "."):
        return True
    if word != "(" or before == ";":
        return False
    if before_that in _NAMED_BEHIND:
        return False
    return before in _WITH_BRACKETS or (before[:1].isalpha() and not is_keyword(before))
