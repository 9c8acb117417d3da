"""Values that the server made - ids, times, numbers of a sequence - and where later calls use them.

A rule says: what stands in this column of that procedure's answer is a parameter of those calls. On another
server the answer has another value, which is to take the place of the recorded one. Rules are kept in a file
of TOML, to be looked at and edited:

    [[value]]
    from = "NewOrder"
    table = 1
    column = "ID"
    to = "Pay"
    parameter = 1
    seen = 120          # how often that was so in the capture, and of how many calls
    of = 120

A value inside of a text - SQL, JSON - has the form of the text besides, and which of its values it is:

    to = "@AdHoc"
    parameter = 1
    text = "select * from orders where id = ?"
    value = 1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from volttools.errors import UsageError
from volttools.formats.parameters import Parameter
from volttools.formats.response import SUCCESS, Response
from volttools.protocol.events import Exchange
from volttools.replay.plan import MadeValue
from volttools.rule_files import read_rule_text, read_toml, toml_string
from volttools.text_values import places_of

MOST_ROWS: Final = 1_000
"""Of a table so many rows are looked at."""


class Source(NamedTuple):
    """A column of an answer; tables are counted from 0."""

    procedure: str
    table: int
    column: str


class Use(NamedTuple):
    """A parameter of a call, counted from 0; or, in texts of a form, one of their values: see `text_values`."""

    procedure: str
    parameter: int
    form: str | None = None
    value: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """What comes from a source is used there.

    seen, of   how often a value that was used there came from the source, and how many were used
    """

    source: Source
    use: Use
    seen: int = 0
    of: int = 0

    def __str__(self) -> str:
        source, use = self.source, self.use
        inside = "" if use.form is None else f", value {use.value + 1} of {use.form!r}"
        return (
            f"{source.procedure}, table {source.table + 1}, {source.column}"
            f" → {use.procedure}, parameter {use.parameter + 1}{inside}"
        )


RuleOfUse = tuple[int, int, Rule]
"""The parameter, the number of the source, the rule."""


@dataclass(slots=True)
class Rules:
    """All rules of a replay. Sources are numbered.

    by_use    of a procedure: the parameter, the number of the source, the rule
    by_form   the same of texts, by procedure, parameter and form
    text_parameters   of a procedure: those in which there are texts
    """

    rules: Sequence[Rule] = ()
    sources: list[Source] = field(default_factory=list)
    by_use: dict[str, list[RuleOfUse]] = field(default_factory=dict)
    by_form: dict[tuple[str, int, str], list[RuleOfUse]] = field(default_factory=dict)
    text_parameters: dict[str, set[int]] = field(default_factory=dict)
    _by_source: dict[str, list[tuple[int, Source]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            if rule.source not in self.sources:
                number = len(self.sources)
                self.sources.append(rule.source)
                self._by_source.setdefault(rule.source.procedure, []).append((number, rule.source))
            number = self.sources.index(rule.source)
            use = rule.use
            if use.form is None:
                self.by_use.setdefault(use.procedure, []).append((use.parameter, number, rule))
            else:
                key = (use.procedure, use.parameter, use.form)
                self.by_form.setdefault(key, []).append((use.parameter, number, rule))
                self.text_parameters.setdefault(use.procedure, set()).add(use.parameter)

    def may_apply(self, procedure: str) -> bool:
        """Whether there are rules for parameters of a procedure."""
        return procedure in self.by_use or procedure in self.text_parameters

    def of_call(self, procedure: str, parameters: Sequence[Parameter]) -> list[RuleOfUse]:
        """The rules for a call: of its parameters, and of the texts among them."""
        found = [use for use in self.by_use.get(procedure, ()) if use[0] < len(parameters)]
        for index in self.text_parameters.get(procedure, ()):
            value = parameters[index].value if index < len(parameters) else None
            places = places_of(value) if isinstance(value, str) else None
            if places is not None:
                rules = self.by_form.get((procedure, index, places.form), ())
                found += [rule for rule in rules if rule[2].use.value < len(places.values)]
        return found

    def made_by(self, exchange: Exchange) -> tuple[MadeValue, ...]:
        """The values of an answer that may be used later: number of the source, row, value."""
        sources = self._by_source.get(exchange.procedure or "")
        response = exchange.response if sources and exchange.status == SUCCESS else None
        if not sources or response is None:
            return ()
        return tuple(self.made_in(exchange.procedure or "", response))

    def made_in(self, procedure: str, response: Response) -> list[MadeValue]:
        """The same of an answer to a procedure."""
        found: list[MadeValue] = []
        for number, source in self._by_source.get(procedure, ()):
            for row, value in enumerate(column_of(response, source)):
                if is_traceable(value):
                    found.append((number, row, value))
        return found


def column_of(response: Response, source: Source) -> list[Any]:
    """The values of a column; none if the answer has no such column."""
    if source.table >= len(response.tables):
        return []
    table = response.tables[source.table]
    for index, column in enumerate(table.columns):
        if column.name == source.column:
            return [row[index] for row in table.rows[:MOST_ROWS]]
    return []


def is_traceable(value: object) -> bool:
    """Whether a value can be told from others: a number, a text or bytes, and not NULL or empty."""
    if isinstance(value, str | bytes):
        return bool(value)
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


# ------------------------------------------------------------------------------ files


def write_rules(path: str, rules: Rules) -> None:
    """Write a file. UsageError if that can't be."""
    lines = [
        "# Values that the server made, and the parameters in which later calls use them: what `volttools replay",
        "# --map` has found, and uses from now on. Delete what is not so, and add what is missing.",
    ]
    for rule in rules.rules:
        lines += [
            "",
            "[[value]]",
            f"from = {toml_string(rule.source.procedure)}",
            f"table = {rule.source.table + 1}",
            f"column = {toml_string(rule.source.column)}",
            f"to = {toml_string(rule.use.procedure)}",
            f"parameter = {rule.use.parameter + 1}",
        ]
        if rule.use.form is not None:
            lines += [f"text = {toml_string(rule.use.form)}", f"value = {rule.use.value + 1}"]
        lines += [f"seen = {rule.seen}", f"of = {rule.of}"]
    try:
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or '').lower()}: the rules can't be written") from None


def read_rules(path: str) -> Rules:
    """Read a file. UsageError, with what is wrong, for one that holds no rules."""
    try:
        found = read_toml(read_rule_text(path), file=path)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or '').lower()}") from None
    for name in found:
        if name != "value":
            raise UsageError(f"{path}: {name!r} is unknown; rules are called [[value]]")
    values = found.get("value", [])
    if not isinstance(values, list):
        raise UsageError(f"{path}: rules are called [[value]], with two brackets")
    return Rules([_rule(path, number, value) for number, value in enumerate(values, 1)])


_MEMBERS: Final[Mapping[str, type]] = {
    "from": str, "table": int, "column": str, "to": str, "parameter": int, "text": str, "value": int,
    "seen": int, "of": int,
}  # fmt: skip
_OPTIONAL: Final = ("table", "text", "value", "seen", "of")


def _rule(path: str, number: int, value: Mapping[str, Any]) -> Rule:
    for name, kind in _MEMBERS.items():
        if name not in value and name not in _OPTIONAL:
            raise UsageError(f"{path}: rule {number} has no {name!r}")
        given = value.get(name, 1)
        if name in value and (not isinstance(given, kind) or isinstance(given, bool)):
            raise UsageError(
                f"{path}: rule {number}: {name} = {given!r} is no {'text' if kind is str else 'number'}"
            )
        if name in ("table", "parameter", "value") and given < 1:
            raise UsageError(f"{path}: rule {number}: {name} = {given}; they are counted from 1")
    for name in value:
        if name not in _MEMBERS:
            raise UsageError(f"{path}: rule {number}: {name!r} is unknown; there are {', '.join(_MEMBERS)}")
    return Rule(
        Source(value["from"], value.get("table", 1) - 1, value["column"]),
        Use(value["to"], value["parameter"] - 1, value.get("text"), value.get("value", 1) - 1),
        value.get("seen", 0),
        value.get("of", 0),
    )
