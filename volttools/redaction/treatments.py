"""From rules and kinds to functions: what is done with the values of a place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    INTEGER,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    TYPES,
    VARBINARY,
    WireType,
)
from volttools.kept import Kept
from volttools.redaction.blanks import blank
from volttools.redaction.messages import Messages
from volttools.redaction.ordered import Ordered
from volttools.redaction.pseudonyms import Change, Pseudonyms, Remembered
from volttools.redaction.rules import Action, Place, Rules
from volttools.redaction.statements import Statements
from volttools.redaction.system import WORDS, Kind

_NUMBERS: Final = frozenset(
    kind.code for kind in (TINYINT, SMALLINT, INTEGER, BIGINT, FLOAT, BOOLEAN, TIMESTAMP)
)
_REMARKS: Final = frozenset({"PARTITION_COLUMN"})
_JSON_PATHS: Final = frozenset({"uripath", "nonce", "path"})
_DONE: Final = {
    Action.REPLACE: "replaced",
    Action.KEEP: "kept",
    Action.NULL: "made NULL",
    Action.BLANK: "blanked",
    Action.ORDER: "replaced in order",
}
_MOST: Final = 10_000  # places that are remembered


class Treatment(NamedTuple):
    """What is done with values.

    done    in a word, for the report
    change  None: they stay
    rule    index of the rule that says so, if one does
    action  that of the rules, if they were asked
    """

    done: str
    change: Change | None
    rule: int | None = None
    action: Action | None = None


KEPT: Final = Treatment("kept", None)


class Treatments:
    """The treatments of values under rules and a key.

    counts  called with what was changed besides values: "names", "users" ...
    """

    def __init__(self, rules: Rules, key: bytes, count: Callable[[str], None]) -> None:
        self.rules = rules
        self.pseudonyms = Pseudonyms(key)
        self._ordered = Ordered(self.pseudonyms.key)
        self._count = count
        self.statements = Statements(self.pseudonyms, self.name)
        self.messages = Messages(self.pseudonyms, self.statements, self.name, self.user)
        self._known = Kept[tuple[str | None, Place, int], Treatment](_MOST)
        self._by_action: dict[tuple[Action, int], Change] = {}

    # ------------------------------------------------------------ names and texts

    def name(self, name: str) -> str:
        """A name of a procedure, table or class, if names are replaced."""
        return self._counted("names", name, self.pseudonyms.names.name(name), self.rules.default.names)

    def column(self, name: str) -> str:
        """A name of a column, if names are replaced."""
        return self._counted("names", name, self.pseudonyms.names.column(name), self.rules.default.names)

    def user(self, name: str) -> str:
        """A name of a user, if they are replaced."""
        return self._counted("users", name, self.pseudonyms.names.user(name), self.rules.default.users)

    def address(self, address: str) -> str:
        """An address, host name or path, if they are replaced."""
        default = self.rules.default
        return self._counted("addresses", address, self.pseudonyms.names.address(address), default.addresses)

    def message(self, text: str) -> str:
        """A text of an error, if they are replaced."""
        if not self.rules.default.texts:
            return text
        return self._counted("texts", text, self.messages.redacted(text), True)

    def application_text(self, text: str) -> str:
        """A text that a procedure gave, if texts are replaced."""
        return self._counted("texts", text, self.pseudonyms.text(text), self.rules.default.texts)

    def sql(self, text: str) -> str:
        """SQL with other literals, if they are replaced."""
        if not self.rules.default.sql:
            return text
        return self._counted("statements", text, self.statements.redacted(text), True)

    def _counted(self, what: str, old: str, new: str, is_wanted: bool) -> str:
        if not is_wanted:
            return old
        if old != new:
            self._count(what)
        return new

    # ------------------------------------------------------------ values

    def of_values(self, procedure: str | None, place: Place, code: int) -> Treatment:
        """For a user's values in a place."""
        found = self._known.get((procedure, place, code))
        if found is None:
            decided = self.rules.decide(procedure, place, TYPES.name_of(code))
            assert decided is not None
            found = self._known.keep((procedure, place, code), self._of(*decided, code))
        return found

    def of_system(self, procedure: str, place: Place, code: int) -> Treatment | None:
        """For values of a system procedure, if a rule speaks of it."""
        decided = self.rules.decide(procedure, place, TYPES.name_of(code), is_system=True)
        return None if decided is None else self._of(*decided, code)

    def _of(self, action: Action, rule: int | None, code: int) -> Treatment:
        return Treatment(_DONE[action], self._action_change(action, code), rule, action)

    def _action_change(self, action: Action, code: int) -> Change | None:
        match action:
            case Action.KEEP:
                return None
            case Action.NULL:
                return lambda value: None
            case Action.BLANK:
                return blank
            case Action.ORDER:
                return self._order_change(code)
        return self.pseudonyms.change(code)

    def _order_change(self, code: int) -> Change:
        """The order-preserving function of a type; that of other pseudonyms where there is no order."""
        found = self._by_action.get((Action.ORDER, code))
        if found is None:
            ordered, kind = self._ordered, TYPES.by_code(code)
            assert kind is not None
            typed: dict[int, Callable[[Any, WireType], Any]] = {
                TIMESTAMP.code: ordered.timestamp,
                DATE.code: ordered.date,
            }
            typed |= {number.code: ordered.integer for number in (TINYINT, SMALLINT, INTEGER, BIGINT)}
            plain: dict[int, Change] = {
                FLOAT.code: ordered.float,
                DECIMAL.code: ordered.decimal,
                STRING.code: ordered.text,
            }
            if code in typed:
                change = typed[code]
                found = Remembered(lambda value: change(value, kind)).__getitem__
            elif code in plain:
                found = Remembered(plain[code]).__getitem__
            else:
                found = self.pseudonyms.change(code)
            self._by_action[Action.ORDER, code] = found
        return found

    # ------------------------------------------------------------ kinds

    def of_kind(self, kind: Kind, procedure: str | None, place: Place, code: int) -> Treatment:
        """For values of which the procedure tells what they are."""
        if kind is Kind.KEPT or (kind is Kind.NUMBER and code in _NUMBERS):
            return KEPT
        if kind is Kind.SECRET and code in (STRING.code, VARBINARY.code):
            return Treatment("blanked", blank)
        if kind in (Kind.VALUE, Kind.NUMBER) or code != STRING.code:
            return self.of_values(procedure, place, code)
        return Treatment(self._done(kind), self._text_change(kind, procedure, place))

    def _done(self, kind: Kind) -> str:
        """What is done with a kind, for the report."""
        default = self.rules.default
        is_changed = {
            Kind.NAME: default.names,
            Kind.ADDRESS: default.addresses,
            Kind.USER: default.users,
            Kind.TEXT: default.texts,
            Kind.SQL: default.sql,
            Kind.PLAN: default.sql,
        }
        if kind not in is_changed:
            return "kept if VoltDB knows the word" if kind is Kind.WORD else f"redacted as {kind.value}"
        return f"{'redacted' if is_changed[kind] else 'kept'} as {kind.value}"

    def _text_change(self, kind: Kind, procedure: str | None, place: Place) -> Change:
        changes: dict[Kind, Callable[[str], str]] = {
            Kind.NAME: self.name,
            Kind.ADDRESS: self.address,
            Kind.USER: self._users,
            Kind.TEXT: self.message,
            Kind.SQL: self.sql,
            Kind.PLAN: self._plan,
            Kind.JSON: self._json,
        }
        change = changes.get(kind)
        if change is None:
            otherwise = self.of_values(procedure, place, STRING.code).change or (lambda value: value)

            def change_unless_word(value: str) -> Any:
                return value if value.upper() in WORDS else otherwise(value)

            return lambda value: None if value is None else change_unless_word(value)
        return lambda value: None if value is None else change(value)

    def _plan(self, text: str) -> str:
        return self.statements.plan(text) if self.rules.default.sql else text

    def _users(self, text: str) -> str:
        """A user, or users with their roles: "admin:administrator;"."""
        if text.upper() in WORDS:
            return text
        if ":" not in text:
            return self.user(text)
        pairs = [pair.split(":") for pair in text.split(";")]
        return ";".join(":".join(map(self.user, pair)) for pair in pairs)

    def _json(self, text: str) -> str:
        """A JSON object whose texts are names, or paths; other text is taken for a path."""
        if text in _REMARKS:
            return text
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.address(text)
        if not isinstance(value, dict):
            return self.address(text)
        made = {key: self._json_value(key, part) for key, part in value.items()}
        return json.dumps(made, separators=(",", ":"), ensure_ascii=False)

    def _json_value(self, key: str, value: Any) -> Any:
        if value is None or isinstance(value, (bool, int)):
            return value
        if isinstance(value, str):
            if value.upper() in WORDS:
                return value
            return self.address(value) if key in _JSON_PATHS else self.name(value)
        return self.pseudonyms.text(json.dumps(value))
