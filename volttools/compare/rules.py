"""What does not count in a comparison: rules of a TOML file.

    [default]
    order = "auto"              # or strict, ignore
    tolerance = 1e-9            # of FLOAT, as a part of the value
    within = "0 s"              # of TIMESTAMP

    [[rule]]
    procedure = "GetOrder*"     # each selector may be absent; all that are there must match
    column = "UPDATED"
    action = "ignore"

The first rule with an action that matches decides whether a difference counts; the first that matches and
has a tolerance, a window or an order decides about that. docs/compare.md is the reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from volttools.compare.kinds import Kind
from volttools.filters.units import NS_PER, read_duration
from volttools.kept import Kept
from volttools.redaction.rules import TYPE_NAMES
from volttools.rule_files import RuleReader, matches_any, read_rule_text, read_toml

Order = Literal["auto", "strict", "ignore"]
Action = Literal["ignore", "compare"]

FLOAT_TOLERANCE = 1e-9
"""Without a rule: sums over partitions are added up in any order, which costs the last digits."""


class Subject(NamedTuple):
    """What a rule is asked about.

    statement  the SQL of an @AdHoc without its literals
    kind       None: whether the procedure counts at all
    columns    the names in A and in B
    types      as columns
    """

    procedure: str
    statement: str | None = None
    kind: Kind | None = None
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    parameter: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; a selector that is None matches everything.

    procedures, statements, columns   patterns with * and ?, of which one must match; case doesn't matter
    kinds       which differences
    types       names of wire types
    parameters  positions from 0; an empty tuple: every parameter
    action      whether a difference counts
    tolerance   of FLOAT, as a part of the value
    within_us   of TIMESTAMP
    pattern     what it matches within texts doesn't count
    order       whether the order of rows counts
    """

    procedures: tuple[str, ...] | None = None
    statements: tuple[str, ...] | None = None
    kinds: tuple[Kind, ...] | None = None
    columns: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    parameters: tuple[int, ...] | None = None
    action: Action | None = None
    tolerance: float | None = None
    within_us: int | None = None
    pattern: re.Pattern[str] | None = None
    order: Order | None = None

    def matches(self, subject: Subject) -> bool:
        """Whether it speaks of a subject."""
        return (
            (self.procedures is None or matches_any(self.procedures, subject.procedure))
            and (self.statements is None or _matches(self.statements, subject.statement))
            and (self.kinds is None or subject.kind in self.kinds)
            and (self.columns is None or any(matches_any(self.columns, name) for name in subject.columns))
            and (self.types is None or any(name in self.types for name in subject.types))
            and (self.parameters is None or self._has(subject.parameter))
        )

    def _has(self, parameter: int | None) -> bool:
        return parameter is not None and (not self.parameters or parameter in self.parameters)


def _matches(patterns: tuple[str, ...], text: str | None) -> bool:
    return text is not None and matches_any(patterns, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """What holds where no rule says otherwise."""

    order: Order = "auto"
    tolerance: float = FLOAT_TOLERANCE
    within_us: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules; without any, every difference counts."""

    rules: tuple[Rule, ...] = ()
    default: Default = field(default_factory=Default)

    @classmethod
    def from_text(cls, text: str, *, file: str | None = None) -> Rules:
        """The rules of a TOML text. Raises UsageError that names the key that is wrong."""
        return _Reader(file).rules(read_toml(text, file=file))

    def and_then(self, rules: tuple[Rule, ...]) -> Rules:
        """These, and others behind them."""
        return Rules((*self.rules, *rules), self.default)


def read_rules(path: str | Path) -> Rules:
    """The rules of a file. Raises UsageError that names the file and the key that is wrong; OSError."""
    return Rules.from_text(read_rule_text(path), file=str(path))


class Judge:
    """Asks rules, remembers what they said, and which of them mattered."""

    MOST_REMEMBERED = 20_000

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.used: set[int] = set()
        self._known = Kept[tuple[str, Subject], Any](self.MOST_REMEMBERED)

    def ignores(self, subject: Subject) -> bool:
        """Whether a difference doesn't count."""
        return bool(self._find("action", subject) == "ignore")

    def counts(self, subject: Subject) -> bool:
        """Whether a rule says that something counts which otherwise would not."""
        return bool(self._find("action", subject) == "compare")

    @property
    def knows_parameters(self) -> bool:
        """Whether a rule says of parameters by their position that they don't count."""
        return any(rule.action == "ignore" and rule.parameters is not None for rule in self.rules.rules)

    def ignores_parameter(self, procedure: str, statement: str | None, position: int, type_name: str) -> bool:
        """Whether calls that differ in this parameter are the same call."""
        return self.ignores(
            Subject(procedure, statement, Kind.PARAMETERS, types=(type_name,), parameter=position)
        )

    def order(self, subject: Subject) -> Order:
        """Whether the order of rows counts."""
        found: Order | None = self._find("order", subject)
        return found or self.rules.default.order

    def tolerance(self, subject: Subject) -> float:
        """Of FLOAT values, as a part of the greater one."""
        found: float | None = self._find("tolerance", subject)
        return self.rules.default.tolerance if found is None else found

    def within_us(self, subject: Subject) -> int:
        """How far TIMESTAMPs may be apart."""
        found: int | None = self._find("within_us", subject)
        return self.rules.default.within_us if found is None else found

    def patterns(self, subject: Subject) -> tuple[re.Pattern[str], ...]:
        """What doesn't count within texts: of all rules that match."""
        key = ("pattern", subject)
        if key not in self._known:
            found = []
            for index, rule in enumerate(self.rules.rules):
                if rule.pattern is not None and rule.matches(subject):
                    self.used.add(index)
                    found.append(rule.pattern)
            self._known.keep(key, tuple(found))
        patterns: tuple[re.Pattern[str], ...] = self._known[key]
        return patterns

    @property
    def unused(self) -> list[int]:
        """Rules, from 0, that never mattered."""
        return [index for index in range(len(self.rules.rules)) if index not in self.used]

    def _find(self, what: str, subject: Subject) -> Any:
        key = (what, subject)
        if key in self._known:
            return self._known[key]
        for index, rule in enumerate(self.rules.rules):
            value = getattr(rule, what)
            if value is not None and rule.matches(subject):
                self.used.add(index)
                return self._known.keep(key, value)
        return self._known.keep(key, None)


_SELECTORS = ("procedure", "statement", "kind", "column", "type", "parameter")
_EFFECTS = ("action", "tolerance", "within", "pattern", "order")


class _Reader(RuleReader):
    """Reads a document, and knows what to say about what is wrong in it."""

    def rules(self, document: Mapping[str, Any]) -> Rules:
        default, rules = self.default_and_rules(document)
        self.check_keys(default, ("order", "tolerance", "within"), "default")
        given = {
            "order": self.choice(default, "order", get_args(Order), "default"),
            "tolerance": self._tolerance(default, "default"),
            "within_us": self._within_us(default, "default"),
        }
        return Rules(
            tuple(self._rule(rule, f"rule {number}") for number, rule in enumerate(rules, 1)),
            Default(**{key: value for key, value in given.items() if value is not None}),  # type: ignore[arg-type]
        )

    def _rule(self, table: Mapping[str, Any], where: str) -> Rule:
        self.check_keys(table, (*_SELECTORS, *_EFFECTS), where)
        if not table:
            self.fail(where, "it says nothing, and so everything would be left out; write what it is about")
        action = self.choice(table, "action", get_args(Action), where)
        if action is None and not any(key in table for key in _EFFECTS):
            action = "ignore"
        return Rule(
            procedures=self.texts(table, "procedure", where),
            statements=self.texts(table, "statement", where),
            kinds=self._kinds(table, where),
            columns=self.texts(table, "column", where),
            types=self.type_names(table, where, TYPE_NAMES),
            parameters=self.positions(table, where),
            action=action,  # type: ignore[arg-type]
            tolerance=self._tolerance(table, where),
            within_us=self._within_us(table, where),
            pattern=self._pattern(table, where),
            order=self.choice(table, "order", get_args(Order), where),  # type: ignore[arg-type]
        )

    def _kinds(self, table: Mapping[str, Any], where: str) -> tuple[Kind, ...] | None:
        names = self.texts(table, "kind", where)
        words = [kind.value for kind in Kind]
        for name in names or ():
            self.choice({"kind": name}, "kind", words, where)
        return None if names is None else tuple(map(Kind, names))

    def _tolerance(self, table: Mapping[str, Any], where: str) -> float | None:
        value = table.get("tolerance")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
            self.fail(f"{where}: tolerance", f"expected a part of the value, such as 1e-6, got {value!r}")
        return float(value)

    def _within_us(self, table: Mapping[str, Any], where: str) -> int | None:
        value = table.get("within")
        if value is None:
            return None
        ns = read_duration(value) if isinstance(value, str) else None
        if ns is None or ns < 0:
            self.fail(f"{where}: within", f'expected a time such as "5 s", got {value!r}')
        return ns // NS_PER["us"]

    def _pattern(self, table: Mapping[str, Any], where: str) -> re.Pattern[str] | None:
        value = table.get("pattern")
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail(f"{where}: pattern", f"expected a regular expression, got {value!r}")
        try:
            return re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            self.fail(f"{where}: pattern", f"the regular expression is wrong: {error}")
