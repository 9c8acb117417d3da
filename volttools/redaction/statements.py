"""SQL with other literals: strings, numbers and bytes become the pseudonyms that they have as values.

What is not a value stays: keywords, functions, lengths of types, LIMIT and OFFSET, ordinals behind
ORDER BY and GROUP BY. Comments lose their text. A text that begins like no statement may be
anything, so its names go as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from volttools.redaction.pseudonyms import Pseudonyms
from volttools.sql import Token, is_builtin, tokens

_STATEMENTS_TEXT = """
    SELECT INSERT UPSERT UPDATE DELETE CREATE ALTER DROP PARTITION REPLICATE TRUNCATE EXPORT IMPORT DR
    MIGRATE WITH EXPLAIN EXEC EXECUTE SET BEGIN END
    """
_STATEMENTS: Final = frozenset(_STATEMENTS_TEXT.split())
_BEFORE_COUNTS: Final = frozenset({"LIMIT", "OFFSET", "PARAMETER", "TTL", "BATCH_SIZE", "MAX_FREQUENCY"})
_TYPES_WITH_LENGTH: Final = frozenset(
    {"VARCHAR", "VARBINARY", "DECIMAL", "NUMERIC", "CHAR", "CHARACTER", "FLOAT", "GEOGRAPHY"}
)
_IN_ORDER: Final = frozenset({"ASC", "DESC", "NULLS", "FIRST", "LAST"})
_ORDINAL: Final = re.compile(r"\d{1,2}", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*")

Rename = Callable[[str], str]


class Statements:
    """Redacts SQL.

    rename     what becomes of the name of a table, column, procedure ...
    literals   how many literals were replaced so far
    """

    def __init__(self, pseudonyms: Pseudonyms, rename: Rename) -> None:
        self._pseudonyms = pseudonyms
        self._rename = rename
        self.literals = 0

    def redacted(self, sql: str) -> str:
        """The statements of a text, each with other literals."""
        return _Run(self, self._pseudonyms, self._rename).text(sql)

    def plan(self, text: str) -> str:
        """A text with expressions of SQL among words: an execution plan."""
        run = _Run(self, self._pseudonyms, self._rename)
        run.is_plan = True
        return run.text(text)


class _Run:
    """One way through a text."""

    def __init__(self, owner: Statements, pseudonyms: Pseudonyms, rename: Rename) -> None:
        self._owner = owner
        self._pseudonyms = pseudonyms
        self._rename = rename
        self._made: list[str] = []
        self._before: list[str] = []  # the last two pieces that are not blank, in upper case
        self._is_statement: bool | None = None
        self._in_type = False
        self._in_order = False
        self.is_plan = False

    def text(self, sql: str) -> str:
        """The redacted text."""
        for token in tokens(sql):
            self._made.append(self._piece(token))
            if token.kind != "comment" and not token.text.isspace():
                self._note(token)
        return "".join(self._made)

    def _note(self, token: Token) -> None:
        """Remember what matters for the pieces behind."""
        upper = token.text.upper()
        if token.kind == "other":
            if upper == ";":
                self._is_statement = None
            elif self._is_statement is None and upper != "(":
                self._is_statement = False
            if upper == "(":
                self._in_type = bool(self._before) and self._before[-1] in _TYPES_WITH_LENGTH
            elif upper == ")":
                self._in_type = False
            self._in_order = self._in_order and upper in (",", ".")
        elif token.kind == "name":
            if self._is_statement is None:
                self._is_statement = upper in _STATEMENTS
            is_word = is_builtin(upper) and upper not in _IN_ORDER
            self._in_order = upper == "BY" or (self._in_order and not is_word)
        elif self._is_statement is None:
            self._is_statement = False
        self._before = [*self._before[-1:], upper]

    def _piece(self, token: Token) -> str:
        text = token.text
        match token.kind:
            case "comment":
                if text.startswith("--"):
                    return "--"
                return "/**/" if len(text) > 3 and text.endswith("*/") else "/*"
            case "string":
                return self._quoted(text, "'")
            case "quoted":
                if self.is_plan:
                    return f'"{self._name(text.strip(chr(34)))}"'
                return self._quoted(text, '"')
            case "hex":
                return self._hex(text)
            case "number":
                return self._number(text)
            case "name":
                return self._name(text)
        return text if text.isascii() else "?" * len(text)

    def _quoted(self, text: str, quote: str) -> str:
        is_closed = len(text) > 1 and text.endswith(quote)
        content = (text[1:-1] if is_closed else text[1:]).replace(quote * 2, quote)
        self._owner.literals += 1
        made = self._pseudonyms.text(content).replace(quote, quote * 2)
        return f"{quote}{made}{quote if is_closed else ''}"

    def _hex(self, text: str) -> str:
        self._owner.literals += 1
        content = text[2:].rstrip("'")
        data = bytes.fromhex(content) if _HEX.fullmatch(content) else content.encode("utf-8", "replace")
        made = self._pseudonyms.binary(data).hex()[: len(content)]
        return f"{text[:2]}{made}{text[2 + len(content) :]}"

    def _number(self, text: str) -> str:
        if self._is_count(text):
            return text
        self._owner.literals += 1
        mantissa, mark, exponent = text.upper().partition("E")
        digits = mantissa.removesuffix(".")
        minus = "-" if self._is_negative() else ""
        try:
            made = self._pseudonyms.numbers.text(minus + digits).removeprefix("-")
        except ValueError:  # too many digits for a number
            made = self._pseudonyms.texts.by_pattern(digits)
        return made + mantissa[len(digits) :] + mark + exponent

    def _is_count(self, text: str) -> bool:
        """Whether a number is no value but a count, a length or an ordinal."""
        if not text.isdigit() or not self._before or not self._is_statement:
            return False
        if self._before[-1] in _BEFORE_COUNTS or self._in_type:
            return True
        return self._in_order and self._before[-1] in ("BY", ",") and bool(_ORDINAL.fullmatch(text))

    def _is_negative(self) -> bool:
        """Whether a minus before a number is its sign."""
        if not self._before or self._before[-1] != "-":
            return False
        if len(self._before) < 2:
            return True
        before = self._before[-2]
        is_value = before[-1].isalnum() or before[-1] in "_$)'\"?"
        return not is_value or is_builtin(before)

    def _name(self, text: str) -> str:
        if is_builtin(text):
            return text
        if self._is_statement or self.is_plan:
            return self._rename(text)
        if self._is_statement is None and text.upper() in _STATEMENTS:
            return text
        self._owner.literals += 1
        return self._pseudonyms.text(text)
