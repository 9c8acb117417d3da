"""What becomes of which value: rules of a TOML file, and what is done without one.

    [default]
    action = "replace"        # or keep, null, blank, order
    names = false             # names of procedures, tables and columns are kept

    [[rule]]
    procedure = "Vote*"       # each selector may be absent; all that are there must match
    parameter = 0
    action = "keep"

The first rule that matches a value decides. docs/redaction.md is the reference.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from fnmatch import translate
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from volttools.errors import UsageError
from volttools.formats.types import TYPES
from volttools.words import nearest


class Action(Enum):
    """What is done with a value."""

    REPLACE = "replace"
    KEEP = "keep"
    NULL = "null"
    BLANK = "blank"
    ORDER = "order"


class Place(NamedTuple):
    """Where a value stands: a parameter, a column of a result, or a column of a table that is a parameter."""

    parameter: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [] if self.parameter is None else [f"parameter {self.parameter}"]
        return ", ".join(parts if self.column is None else [*parts, f"column {self.column or '(unnamed)'}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; a selector that is None matches everything.

    procedures, columns   patterns with * and ?, of which one must match; case doesn't matter
    parameters            positions from 0; an empty tuple: every parameter
    types                 names of wire types; those of its elements for an array
    """

    action: Action
    procedures: tuple[str, ...] | None = None
    parameters: tuple[int, ...] | None = None
    columns: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None

    def matches(self, procedure: str | None, place: Place, type_name: str) -> bool:
        """Whether it decides about the values of a place."""
        return (
            self._matches_procedure(procedure)
            and self._matches_place(place)
            and (self.types is None or type_name in self.types)
        )

    def _matches_procedure(self, procedure: str | None) -> bool:
        if self.procedures is None:
            return True
        return procedure is not None and _any_matches(self.procedures, procedure)

    def _matches_place(self, place: Place) -> bool:
        if self.parameters is not None and (
            place.parameter is None or (self.parameters and place.parameter not in self.parameters)
        ):
            return False
        return self.columns is None or (place.column is not None and _any_matches(self.columns, place.column))

    @property
    def is_for_system(self) -> bool:
        """Whether it speaks of system procedures: one of its patterns begins with @."""
        return any(pattern.startswith("@") for pattern in self.procedures or ())

    def __str__(self) -> str:
        parts = []
        if self.procedures is not None:
            parts.append(f"procedure {' or '.join(self.procedures)}")
        if self.parameters is not None:
            parts.append(f"parameter {', '.join(map(str, self.parameters)) or '*'}")
        if self.columns is not None:
            parts.append(f"column {' or '.join(self.columns)}")
        if self.types is not None:
            parts.append(f"type {' or '.join(self.types)}")
        return f"{', '.join(parts) or 'everything'}: {self.action.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """What is done where no rule matches; and with what is no value of a column or parameter.

    action     with values
    names      whether names of procedures, tables, columns ... are replaced
    addresses  whether addresses, host names and paths are
    users      whether names of users are
    texts      whether texts of errors are, but for the server's own words
    sql        whether literals in SQL are
    """

    action: Action = Action.REPLACE
    names: bool = False
    addresses: bool = True
    users: bool = True
    texts: bool = True
    sql: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules; without any, every value is replaced."""

    rules: tuple[Rule, ...] = ()
    default: Default = field(default_factory=Default)

    def decide(
        self, procedure: str | None, place: Place, type_name: str, *, is_system: bool = False
    ) -> tuple[Action, int | None] | None:
        """The action and the index of the rule that says so, None for the default.

        is_system  ask only the rules that speak of system procedures; gives None if none decides
        """
        for index, rule in enumerate(self.rules):
            if (rule.is_for_system or not is_system) and rule.matches(procedure, place, type_name):
                return rule.action, index
        return None if is_system else (self.default.action, None)

    @classmethod
    def from_text(cls, text: str, *, file: str | None = None) -> Rules:
        """The rules of a TOML text. Raises UsageError that names the key that is wrong."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"no TOML: {error}", file=file) from None
        return _Reader(file).rules(document)


def read_rules(path: str | Path) -> Rules:
    """The rules of a file. Raises UsageError that names the file and the key that is wrong."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"no UTF-8, as TOML must be: {error.reason}", file=str(path)) from None
    return Rules.from_text(text, file=str(path))


def _any_matches(patterns: tuple[str, ...], name: str) -> bool:
    return any(re.compile(translate(pattern), re.IGNORECASE).match(name) for pattern in patterns)


_SELECTORS = ("procedure", "parameter", "column", "type")
_TYPE_NAMES = {kind.name: kind.name for kind in TYPES if kind.format is not None} | {"VARCHAR": "STRING"}


class _Reader:
    """Reads a document, and knows what to say about what is wrong in it."""

    def __init__(self, file: str | None) -> None:
        self._file = file

    def rules(self, document: Mapping[str, Any]) -> Rules:
        self._check_keys(document, ("default", "rule"), "")
        default, rules = document.get("default", {}), document.get("rule", [])
        if not isinstance(default, dict):
            self._fail("default", "expected a table, written [default]")
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            self._fail("rule", "expected tables, each written [[rule]]")
        return Rules(
            tuple(self._rule(rule, f"rule {number}") for number, rule in enumerate(rules, 1)),
            self._default(default),
        )

    def _default(self, table: Mapping[str, Any]) -> Default:
        self._check_keys(table, [part.name for part in fields(Default)], "default")
        given = dict(table)
        action = self._action(given.pop("action"), "default") if "action" in given else Action.REPLACE
        for key, value in given.items():
            if not isinstance(value, bool):
                self._fail(f"default: {key}", f"expected true or false, got {value!r}")
        return Default(action=action, **given)

    def _rule(self, table: Mapping[str, Any], where: str) -> Rule:
        self._check_keys(table, (*_SELECTORS, "action"), where)
        return Rule(
            action=self._action(table.get("action", "replace"), where),
            procedures=self._texts(table, "procedure", where),
            parameters=self._positions(table, where),
            columns=self._texts(table, "column", where),
            types=self._types(table, where),
        )

    def _action(self, value: Any, where: str) -> Action:
        names = [action.value for action in Action]
        if value not in names:
            self._fail(f"{where}: action", f"there is no {value!r}{_instead(value, names)}")
        return Action(value)

    def _texts(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...] | None:
        value = table.get(key)
        if value is None:
            return None
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(item, str) for item in values):
            self._fail(f"{where}: {key}", f"expected a text or a list of texts, got {value!r}")
        return tuple(values)

    def _positions(self, table: Mapping[str, Any], where: str) -> tuple[int, ...] | None:
        value = table.get("parameter")
        if value is None or value == "*":
            return None if value is None else ()
        values = value if isinstance(value, list) else [value]
        if not values or not all(type(item) is int and item >= 0 for item in values):
            self._fail(
                f"{where}: parameter", f'expected a position from 0, a list of them, or "*", got {value!r}'
            )
        return tuple(values)

    def _types(self, table: Mapping[str, Any], where: str) -> tuple[str, ...] | None:
        names = self._texts(table, "type", where)
        if names is None:
            return None
        for name in names:
            if name.upper() not in _TYPE_NAMES:
                self._fail(f"{where}: type", f"there is no {name!r}{_instead(name, _TYPE_NAMES)}")
        return tuple(_TYPE_NAMES[name.upper()] for name in names)

    def _check_keys(self, table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        known = list(known)
        for key in table:
            if key not in known:
                prefix = f"{where}: " if where else ""
                self._fail(f"{prefix}{key}", f"there is no such key{_instead(key, known)}")

    def _fail(self, key: str, message: str) -> NoReturn:
        raise UsageError(f"{key}: {message}", file=self._file)


def _instead(word: Any, words: Iterable[str]) -> str:
    """What to write instead, as the end of a sentence."""
    words = list(words)
    like = nearest(str(word), words)
    return f"; did you mean {like}?" if like else f"; write one of {', '.join(words)}"
