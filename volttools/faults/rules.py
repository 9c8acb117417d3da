"""Rules: which fault, and when.

    rule("delay", time="20ms", procedure="Vote*", every=10)

Keys are those of the kind (`catalog.KINDS`), and the selectors below. What a selector counts are the
calls of one connection that the rule's other selectors match - or connections of a node, or pushes of
a connection, where the kind applies to those. So nothing that happens elsewhere changes what a rule does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from volttools.errors import UsageError
from volttools.faults.catalog import KINDS
from volttools.faults.content_kinds import Corrupt, message_fields
from volttools.faults.kinds import AT_CALLS, Kind, Place
from volttools.faults.parameters import (
    Parameter,
    Wrong,
    several,
    share,
    value_of,
    whole,
)
from volttools.words import nearest

if TYPE_CHECKING:
    from volttools.filters.filter import Filter

__all__ = ["SELECTORS", "Rule", "Selector", "When", "rule", "rule_of"]

CALL_FIELDS: Final = (
    "procedure",
    "params",
    "sql",
    "client_handle",
    "version",
    "extensions",
    "connection",
    "client",
    "user",
)
"""What is known of a call before it is answered, and so what `where` may ask."""


class Selector(NamedTuple):
    """A key that says when, and the places at which it means something."""

    parameter: Parameter
    places: tuple[Place, ...]


_EVERYWHERE = tuple(Place)
_LOGGED_IN = (Place.LOGIN, *AT_CALLS, Place.PUSH)
_COUNTED = (*AT_CALLS, Place.PUSH)


def _pattern(given: Any) -> str | None:
    return given if isinstance(given, str) and given else None


def _number_from(least: int) -> Any:
    return lambda given: given if type(given) is int and given >= least else None


# fmt: off
SELECTORS: Final = (
    Selector(several("procedure", "its name: a pattern with * and ?, or a list of which one matches; case doesn't matter", "a text or a list of texts", _pattern), AT_CALLS),
    Selector(Parameter("where", "a condition on the call, as for --where: params[0] == 42", "an expression", _pattern, None), AT_CALLS),
    Selector(several("user", "who logged in: a pattern, or a list", "a text or a list of texts", _pattern), _LOGGED_IN),
    Selector(several("node", "numbers of nodes, from 0: host id of a mock, position of --to of a proxy", "a whole number from 0 on, or a list of them", _number_from(0)), _EVERYWHERE),
    Selector(several("connection", "numbers of connections, from 1, in the order in which the node took them", "a whole number from 1 on, or a list of them", _number_from(1)), _EVERYWHERE),
    Selector(several("call", "only the n-th of what the rule matches on a connection, from 1; or a list", "a whole number from 1 on, or a list of them", _number_from(1)), _COUNTED),
    Selector(whole("every", "only each n-th of what the rule matches", None, least=1), _EVERYWHERE),
    Selector(whole("from", "only from the n-th on", None, least=1), _EVERYWHERE),
    Selector(whole("to", "only up to the n-th", None, least=1), _EVERYWHERE),
    Selector(whole("times", "not more often than that on a connection", None, least=1), _COUNTED),
    Selector(share("probability", "chance of each, drawn by the seed", None), _EVERYWHERE),
)
# fmt: on
_ATTRIBUTES = {"from": "first", "to": "last"}


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The selectors of a rule; None selects everything. `SELECTORS` says what each means."""

    procedure: tuple[str, ...] | None = None
    where: Filter | None = None
    user: tuple[str, ...] | None = None
    node: tuple[int, ...] | None = None
    connection: tuple[int, ...] | None = None
    call: tuple[int, ...] | None = None
    every: int | None = None
    first: int | None = None
    last: int | None = None
    times: int | None = None
    probability: float | None = None

    def is_on(self, node: int, connection: int) -> bool:
        """Whether anything of a connection can be meant."""
        return (self.node is None or node in self.node) and (
            self.connection is None or connection in self.connection
        )

    def is_for(self, procedure: str | None, user: str | None) -> bool:
        """Whether a call, log-in or push by these can be meant."""
        return _one_matches(self.procedure, procedure) and _one_matches(self.user, user)

    def counts(self, number: int) -> bool:
        """Whether the n-th of what matches is meant."""
        return (
            (self.call is None or number in self.call)
            and (self.first is None or number >= self.first)
            and (self.last is None or number <= self.last)
            and (self.every is None or number % self.every == 0)
        )

    def __str__(self) -> str:
        parts = []
        names = {attribute: name for name, attribute in _ATTRIBUTES.items()}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                shown = value.text if item.name == "where" else value
                shown = " or ".join(map(str, shown)) if isinstance(shown, tuple) else shown
                parts.append(f"{names.get(item.name, item.name)} {shown}")
        return ", ".join(parts) or "always"


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault and when; made by `rule`.

    given    what the kind takes, with defaults, read
    written  the keys as they were written, for who wants to show them: JSON, or TOML
    """

    kind: Kind
    given: Mapping[str, Any]
    when: When
    written: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        values = " ".join(
            f"{name}={_shown(self.written[name])}" for name in self.given if name in self.written
        )
        return f"{self.kind.name}{' ' if values else ''}{values}: {self.when}"


def _shown(written: Any) -> str:
    """A value as it was written; in quotation marks where it would not be seen as one."""
    is_plain = isinstance(written, str) and re.fullmatch(r"[^\s:=\"']+", written)
    return written if is_plain else repr(written)


def rule(kind: str, /, **keys: Any) -> Rule:
    """A rule of a kind and its keys, written as in a scenario; `from_` and `to` for `from` and `to`.

    >>> str(rule("delay", time="20ms", procedure="Vote*"))
    'delay time=20ms: procedure Vote*'

    Raises UsageError with the nearest word for what is wrong.
    """
    if "from_" in keys:
        keys["from"] = keys.pop("from_")
    return rule_of({"kind": kind, **keys})


def rule_of(table: Mapping[str, Any], *, where: str = "", file: str | None = None) -> Rule:
    """A rule of a table, as a scenario has it. `where` says which, "fault 2: ", in errors.

    Raises UsageError.
    """
    try:
        return _read(table)
    except _At as error:
        raise UsageError(f"{where}{error}", file=file) from None


class _At(ValueError):
    """What is wrong, with its key in front."""


def _read(table: Mapping[str, Any]) -> Rule:
    name = table.get("kind")
    if name is None:
        raise _At('kind: it is missing; write kind = "delay", or another one that `volttools faults` lists')
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        like = nearest(str(name), KINDS)
        hint = f"did you mean {like}?" if like else "`volttools faults` lists all"
        raise _At(f"kind: there is no {name!r}; {hint}")
    parameters = {parameter.name: parameter for parameter in kind.parameters}
    selectors = {selector.parameter.name: selector for selector in SELECTORS}
    given, when = dict[str, Any](), dict[str, Any]()
    for key, written in table.items():
        if key == "kind":
            continue
        if key in parameters:
            given[key] = _value(parameters[key], written)
        elif key in selectors:
            when[_ATTRIBUTES.get(key, key)] = _selected(selectors[key], kind, written)
        else:
            raise _At(_unknown(key, kind, [*parameters, *_selectors_at(kind)]))
    for parameter in kind.parameters:
        if parameter.name not in given:
            given[parameter.name] = _default(parameter, kind)
    _check(kind, given, when)
    return Rule(kind, given, When(**when), dict(table))


def _value(parameter: Parameter, written: Any) -> Any:
    try:
        return value_of(parameter, written)
    except Wrong as error:
        raise _At(f"{parameter.name}: {error}") from None


def _selected(selector: Selector, kind: Kind, written: Any) -> Any:
    key = selector.parameter.name
    if kind.place not in selector.places:
        usable = ", ".join(_selectors_at(kind))
        raise _At(
            f"{key}: {kind.name} applies at {kind.place.value}, where there is none; write one of {usable}"
        )
    value = _value(selector.parameter, written)
    return _filter(value) if key == "where" else value


def _default(parameter: Parameter, kind: Kind) -> Any:
    if parameter.is_required:
        raise _At(f"{parameter.name}: {kind.name} needs it: {parameter.written}")
    return parameter.read(parameter.default) if parameter.default != "" else ""


def _selectors_at(kind: Kind) -> list[str]:
    return [selector.parameter.name for selector in SELECTORS if kind.place in selector.places]


def _unknown(key: str, kind: Kind, known: Iterable[str]) -> str:
    known = list(known)
    like = nearest(key, known)
    hint = f"did you mean {like}?" if like else f"write one of {', '.join(known)}"
    return f"{key}: {kind.name} has no such key; {hint}"


def _check(kind: Kind, given: Mapping[str, Any], when: Mapping[str, Any]) -> None:
    first, last = when.get("first"), when.get("last")
    if first is not None and last is not None and first > last:
        raise _At(f"to: from = {first} is behind to = {last}, so the rule would never match")
    if isinstance(kind, Corrupt):
        outer = re.split(r"[.\[]", given["field"])[0]
        known = message_fields(kind.place)
        if outer not in known:
            like = nearest(outer, known)
            hint = f"did you mean {like}?" if like else f"write one of {', '.join(known)}"
            raise _At(f"field: the message has no {outer!r}; {hint}")


def _filter(expression: str) -> Filter:
    """The condition of a call. Only what is known before its answer may be asked."""
    from volttools.filters.errors import FilterError  # what few rules need takes a while to import
    from volttools.filters.fields import FIELDS
    from volttools.filters.filter import compile_filter
    from volttools.filters.grammar import parse_expression

    try:
        names = {path.name for path in _paths(parse_expression(expression))}
        found = compile_filter(expression)
    except FilterError as error:
        raise _At(f"where: {error}") from None
    for name in sorted(names):
        if name in FIELDS and name not in CALL_FIELDS:
            known = ", ".join(CALL_FIELDS)
            raise _At(f"where: {name} is not known of a call before it is answered; ask for {known}")
    return found


def _paths(node: Any) -> Iterable[Any]:
    """The paths in an expression's tree."""
    from volttools.filters.expressions import Path

    if isinstance(node, Path):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from _paths(item)
    elif hasattr(node, "__dataclass_fields__"):
        for item in fields(node):
            yield from _paths(getattr(node, item.name))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern), re.IGNORECASE)


def _one_matches(patterns: tuple[str, ...] | None, name: str | None) -> bool:
    return patterns is None or (name is not None and any(_compiled(p).match(name) for p in patterns))
