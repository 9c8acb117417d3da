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

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from volttools.formats.types import TYPES
from volttools.rule_files import RuleReader, instead, matches_any, read_rule_text, read_toml


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
        return procedure is not None and matches_any(self.procedures, procedure)

    def _matches_place(self, place: Place) -> bool:
        if self.parameters is not None and (
            place.parameter is None or (self.parameters and place.parameter not in self.parameters)
        ):
            return False
        return self.columns is None or (place.column is not None and matches_any(self.columns, place.column))

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
        return _Reader(file).rules(read_toml(text, file=file))


def read_rules(path: str | Path) -> Rules:
    """The rules of a file. Raises UsageError that names the file and the key that is wrong."""
    return Rules.from_text(read_rule_text(path), file=str(path))


_SELECTORS = ("procedure", "parameter", "column", "type")
TYPE_NAMES = {kind.name: kind.name for kind in TYPES if kind.format is not None} | {"VARCHAR": "STRING"}
"""What a rule may call a type, and what it is called here."""


class _Reader(RuleReader):
    """Reads a document, and knows what to say about what is wrong in it."""

    def rules(self, document: Mapping[str, Any]) -> Rules:
        default, rules = self.default_and_rules(document)
        return Rules(
            tuple(self._rule(rule, f"rule {number}") for number, rule in enumerate(rules, 1)),
            self._default(default),
        )

    def _default(self, table: Mapping[str, Any]) -> Default:
        self.check_keys(table, [part.name for part in fields(Default)], "default")
        given = dict(table)
        action = self._action(given.pop("action"), "default") if "action" in given else Action.REPLACE
        for key, value in given.items():
            if not isinstance(value, bool):
                self.fail(f"default: {key}", f"expected true or false, got {value!r}")
        return Default(action=action, **given)

    def _rule(self, table: Mapping[str, Any], where: str) -> Rule:
        self.check_keys(table, (*_SELECTORS, "action"), where)
        return Rule(
            action=self._action(table.get("action", "replace"), where),
            procedures=self.texts(table, "procedure", where),
            parameters=self.positions(table, where),
            columns=self.texts(table, "column", where),
            types=self.type_names(table, where, TYPE_NAMES),
        )

    def _action(self, value: Any, where: str) -> Action:
        names = [action.value for action in Action]
        if value not in names:
            self.fail(f"{where}: action", f"there is no {value!r}{instead(value, names)}")
        return Action(value)
