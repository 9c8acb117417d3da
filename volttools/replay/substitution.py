"""Puts values of the new server in the place of those that the recorded one made.

When a call whose answer made values is answered, the new answer is compared with what was recorded: the value
in the same column of the same row takes the place of the recorded one in later calls. A call that uses a value
whose answer is still to come waits for it. What the new answer doesn't have is not confirmed, and calls keep
the recorded value.
"""

from __future__ import annotations

import contextlib
import reprlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from volttools.client.signatures import Encode
from volttools.codec import build, parse
from volttools.errors import DecodeError, UsageError
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import SUCCESS, Response
from volttools.protocol.frame_buffer import framed
from volttools.replay.finding import elements
from volttools.replay.journal import Journal
from volttools.replay.schedule import Planned
from volttools.replay.values import Rule, RuleOfUse, Rules, Use
from volttools.text_values import Places, places_of

MOST_VALUES: Final = 200_000
"""So many are known at a time; of more the oldest are forgotten."""

_TRACEABLE: Final = (int, str, bytes, Decimal)

Copy = tuple[int, int]
_Key = tuple[int, Copy, Any]  # number of the source, copy of the traffic, recorded value
_Sources = list[tuple[int, Rule]]  # from which one value may come


@dataclass(slots=True)
class Figures:
    """What became of a rule: parameters replaced, those that were the same, and those of which nothing is known."""

    replaced: int = 0
    same: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Substitution:
    """A `changer.Changer`.

    confirmed    recorded values for which the new answer had one in their place
    unconfirmed  those for which it had none
    """

    rules: Rules
    journal: Journal | None = None
    confirmed: int = 0
    unconfirmed: int = 0
    figures: dict[Rule, Figures] = field(default_factory=dict)
    _new: OrderedDict[_Key, Any] = field(default_factory=OrderedDict)
    _awaited: dict[_Key, int] = field(default_factory=dict)
    _parsed: dict[int, tuple[Invocation | None, list[RuleOfUse]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules.rules:
            self.figures[rule] = Figures()

    def remember(self, values: Iterable[Mapping[str, Any]]) -> None:
        """What the journal of the replay before tells. Raises UsageError for what no replay has written."""
        for value in values:
            try:
                source, copy, old, new = (value[name] for name in ("source", "copy", "old", "new"))
                self._put((source, (copy[0], copy[1]), _of_json(old)), _of_json(new))
            except (ArithmeticError, LookupError, TypeError, ValueError):
                told = reprlib.repr(value)
                raise UsageError(f"the journal is damaged: of a value of the server it says {told}") from None

    def begins(self, planned: Planned) -> None:
        """Note which values will be known when it is answered."""
        for source, _, value in planned.recorded.made:
            self._awaited.setdefault((source, planned.copy, value), planned.number)

    def waits_for(self, planned: Planned) -> Iterable[int]:
        """Calls whose answers make what it uses."""
        if not self._awaited or not self.rules.may_apply(planned.recorded.procedure):
            return
        invocation, uses = self._read(planned)
        for index, source, rule in uses:
            for value in _values(invocation, index, rule):
                number = self._awaited.get((source, planned.copy, value))
                if number is not None and number < planned.number:
                    yield number

    def encoder(self, planned: Planned, encode: Encode) -> Encode:
        """The call with the new values, or as it is where there are none."""
        if not self.rules.may_apply(planned.recorded.procedure):
            return encode
        invocation, uses = self._read(planned)
        self._parsed.pop(planned.number, None)
        if invocation is None or not isinstance(invocation.parameters, list):
            return encode
        parameters, is_changed = list(invocation.parameters), False
        for (index, use), sources in _by_place(uses).items():
            changed = self._changed(parameters[index], use, sources, planned.copy)
            is_changed = is_changed or changed is not parameters[index]
            parameters[index] = changed
        if not is_changed:
            return encode
        return lambda handle: framed(build(invocation.replace(client_handle=handle, parameters=parameters)))

    def answered(self, planned: Planned, status: int, body: bytes) -> None:
        """Learn the new values."""
        made = planned.recorded.made
        if not made:
            return
        there: dict[tuple[int, int], Any] = {}
        if status == SUCCESS:
            try:
                found = self.rules.made_in(planned.recorded.procedure, parse(Response, body))
                there = {(source, row): value for source, row, value in found}
            except DecodeError:
                pass  # none of them is confirmed
        for source, row, old in made:
            key = (source, planned.copy, old)
            if self._awaited.get(key) == planned.number:
                del self._awaited[key]
            new = there.get((source, row))
            if new is None:
                self.unconfirmed += 1
                continue
            self.confirmed += 1
            self._put(key, new)
            if self.journal is not None:
                what = {"source": source, "copy": planned.copy, "old": _as_json(old), "new": _as_json(new)}
                with contextlib.suppress(
                    OSError
                ):  # that the journal can't be written on is told when it sends
                    self.journal.value(what)

    def failed(self, planned: Planned) -> None:
        """None of its values will come."""
        self._parsed.pop(planned.number, None)
        for source, _, old in planned.recorded.made:
            self.unconfirmed += 1
            if self._awaited.get((source, planned.copy, old)) == planned.number:
                del self._awaited[source, planned.copy, old]

    def _changed(self, parameter: Parameter, use: Use, sources: _Sources, copy: Copy) -> Parameter:
        """The parameter with new values; itself, if there are none."""
        if use.form is not None:
            return self._changed_text(parameter, use, sources, copy)
        values, is_changed = [], False
        for old in elements(parameter):
            new = self._new_of((old,), sources, copy)
            values.append(old if new is None else new)
            is_changed = is_changed or (new is not None and new != old)
        if not is_changed:
            return parameter
        return parameter.replace(value=values if isinstance(parameter.value, list) else values[0])

    def _changed_text(self, parameter: Parameter, use: Use, sources: _Sources, copy: Copy) -> Parameter:
        """The same of a text in which the value is."""
        places = _places(parameter, use)
        if places is None:
            return parameter
        olds = places.values[use.value]
        new = self._new_of(olds, sources, copy)
        if new is None or new in olds:
            return parameter
        return parameter.replace(value=places.replaced({use.value: new}))

    def _new_of(self, olds: tuple[Any, ...], sources: _Sources, copy: Copy) -> Any:
        """What takes the place of a value, whatever it may be; None where no source knows. Counted."""
        for source, rule in sources:
            figures = self.figures[rule]
            for old in olds:
                new = self._new.get((source, copy, old)) if isinstance(old, _TRACEABLE) else None
                if new is not None and type(new) is type(old):
                    figures.same += new == old
                    figures.replaced += new != old
                    return new
        for _, rule in sources:
            self.figures[rule].unknown += 1
        return None

    def _read(self, planned: Planned) -> tuple[Invocation | None, list[RuleOfUse]]:
        """The call as it was recorded, and the rules for it; None if it can't be read."""
        found = self._parsed.get(planned.number)
        if found is None:
            found = (None, [])
            with contextlib.suppress(DecodeError):
                invocation = parse(Invocation, planned.recorded.bytes_for(0)[PREFIX_BYTES:])
                if isinstance(invocation.parameters, list):
                    uses = self.rules.of_call(planned.recorded.procedure, invocation.parameters)
                    found = (invocation, uses)
            self._parsed[planned.number] = found
        return found

    def _put(self, key: _Key, new: Any) -> None:
        self._new[key] = new
        if len(self._new) > MOST_VALUES:
            self._new.popitem(last=False)


def _by_place(uses: Iterable[RuleOfUse]) -> dict[tuple[int, Use], _Sources]:
    """The sources of each place: what one has put there is new, and no other may take it for a recorded value."""
    found: dict[tuple[int, Use], _Sources] = {}
    for index, source, rule in uses:
        found.setdefault((index, rule.use), []).append((source, rule))
    return found


def _values(invocation: Invocation | None, index: int, rule: Rule) -> list[Any]:
    """The values of a parameter for which there is a rule, whatever they may be."""
    if invocation is None or not isinstance(invocation.parameters, list):
        return []
    parameter = invocation.parameters[index]
    if rule.use.form is None:
        return [value for value in elements(parameter) if isinstance(value, _TRACEABLE)]
    places = _places(parameter, rule.use)
    return [] if places is None else list(places.values[rule.use.value])


def _places(parameter: Parameter, use: Use) -> Places | None:
    """The values of a text, if it is of that form."""
    places = places_of(parameter.value) if isinstance(parameter.value, str) else None
    if places is None or places.form != use.form or use.value >= len(places.values):
        return None
    return places


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _of_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return Decimal(value["decimal"]) if "decimal" in value else bytes.fromhex(value["hex"])
