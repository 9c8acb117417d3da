"""Runs the rules over events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from volttools.checks.calls import CALL_RULES, UNASKED_RULES
from volttools.checks.damage import DAMAGE_RULES
from volttools.checks.finding import Finding, Found, Place, Rule, S
from volttools.checks.frames import FRAME_RULES
from volttools.checks.invocations import FAULT_RULES, INVOCATION_RULES, UNREADABLE_CALL
from volttools.checks.logins import LOGIN_RULES
from volttools.checks.parameter_faults import fault_of
from volttools.checks.registry import RULES
from volttools.checks.responses import END_RULES, PUSH_RULES, RESPONSE_RULES, UNREADABLE_RESPONSE
from volttools.checks.state import ConnectionState
from volttools.checks.tables import TABLE_RULES, Shown
from volttools.checks.values import PARAMETER_RULES, VALUES_RULES, Given, Values
from volttools.checks.verdict import Verdict
from volttools.codec.spans import column_label
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import ARRAY, VOLTTABLE
from volttools.protocol.events import Damage, Event, Exchange, Frame, Login

_UNREADABLE: Final = RULES["unreadable"]


def check(events: Iterable[Event], verdict: Verdict | None = None) -> Iterator[Finding]:
    """What is wrong with a capture, as it becomes known.

    verdict  counts what passes, and has the sentence at the end

    Every message is parsed. Memory is that of one event, and some numbers for each connection.
    """
    counted = verdict if verdict is not None else Verdict()
    states: dict[int, ConnectionState] = {}
    for event in events:
        counted.add_event(event)
        number = event.connection.number if event.connection is not None else None
        state = ConnectionState() if number is None else states.setdefault(number, ConnectionState())
        state.note(event)
        for finding in _Judge(event, state).findings():
            counted.add_finding(finding)
            yield finding
        if isinstance(event, Damage):
            for hurt in states.values() if number is None else (state,):
                hurt.note_damage(event)
    for state in states.values():
        for finding in _at_end(state):
            counted.add_finding(finding)
            yield finding


def _at_end(state: ConnectionState) -> Iterator[Finding]:
    for rule in END_RULES:
        for found in rule.find(state, state):
            if state.early_push is not None:
                yield _finding(rule, found, state.early_push, state.early_push_ns)


def _finding(
    rule: Rule[Any], found: Found, place: Place, time_ns: int | None, side: str | None = None
) -> Finding:
    return Finding(
        code=rule.code,
        severity=rule.severity,
        side=found.side or rule.side or side,
        message=found.message,
        place=place,
        time_ns=time_ns,
    )


@dataclass(slots=True)
class _Judge:
    """One event before the rules. `frame` is that of the message whose rules are asked."""

    event: Event
    state: ConnectionState
    frame: Frame | None = field(default=None)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with it, in the order of its frames."""
        event = self.event
        if isinstance(event, Damage):
            yield from self._ask(DAMAGE_RULES, event)
            if event.frame is not None and event.frame.was_never_sent:
                yield from self._frames()
            return
        yield from self._frames()
        if isinstance(event, Login):
            yield from self._ask(LOGIN_RULES, event)
        elif isinstance(event, Exchange):
            yield from self._ask(CALL_RULES, event)
            yield from self._request(event)
            yield from self._response(event.response_frame, event.read_response)
        else:
            yield from self._ask(UNASKED_RULES, event)
            if not event.notes:
                yield from self._ask(PUSH_RULES, event)
            yield from self._response(event.frame, event.read_response)

    def _ask(self, rules: Iterable[Rule[S]], subject: S) -> Iterator[Finding]:
        """What rules say of a subject."""
        for rule in rules:
            for found in rule.find(subject, self.state):
                frame = found.frame or self.frame
                place = Place.of(self.event, frame, found.path)
                time_ns = frame.seen_at_ns if frame is not None else self.event.time_ns
                # A message is its sender's; damage, calls and log-ins say whose fault they are.
                side = self.frame.direction.value if self.frame is not None else None
                yield _finding(rule, found, place, time_ns, side)

    def _frames(self) -> Iterator[Finding]:
        for frame in self.event.frames:
            for rule in FRAME_RULES:
                for found in rule.find(frame, self.state):
                    yield _finding(rule, found, Place.of(self.event, frame, found.path), frame.seen_at_ns)

    # -- messages -----------------------------------------------------------------------------

    def _request(self, exchange: Exchange) -> Iterator[Finding]:
        frame = self.frame = exchange.request_frame
        if frame is None or not frame.is_whole:
            return
        invocation = exchange.read_invocation()
        if isinstance(invocation, DecodeError):
            yield from self._unreadable(UNREADABLE_CALL, invocation)
        elif invocation is not None:
            yield from self._ask(INVOCATION_RULES, invocation)
            yield from self._parameters(invocation, frame)

    def _parameters(self, invocation: Invocation, frame: Frame) -> Iterator[Finding]:
        if isinstance(invocation.parameters, Opaque):
            yield from self._ask(FAULT_RULES, fault_of(bytes(invocation.parameters)))
            return
        for index, parameter in enumerate(invocation.parameters):
            path = f"invocation.parameters[{index}]"
            yield from self._ask(PARAMETER_RULES, Given(parameter, path, invocation.procedure))
            yield from self._values(_values_of(parameter, path), frame)

    def _response(self, frame: Frame | None, read: Any) -> Iterator[Finding]:
        self.frame = frame
        if frame is None or not frame.is_whole:
            return
        response = read()
        if isinstance(response, DecodeError):
            yield from self._unreadable(UNREADABLE_RESPONSE, response)
        elif isinstance(response, Response):
            yield from self._ask(RESPONSE_RULES, response)
            for index, table in enumerate(response.tables):
                yield from self._table(table, f"response.tables[{index}]", frame)

    def _unreadable(self, rule: Rule[DecodeError], error: DecodeError) -> Iterator[Finding]:
        """A message that can't be read; where bytes are missing, it may be none."""
        assert self.frame is not None
        is_doubtful = self.frame.after_gap or self.frame.direction in self.state.damaged
        for finding in self._ask((rule,), error):
            if not is_doubtful:
                yield finding
            else:
                found = Found(finding.message)
                yield _finding(_UNREADABLE, found, finding.place, finding.time_ns)

    # -- tables and values --------------------------------------------------------------------

    def _table(self, table: Table, path: str, frame: Frame) -> Iterator[Finding]:
        yield from self._ask(TABLE_RULES, Shown(table, path, frame.length))
        columns = zip(*table.rows, strict=True) if table.rows else ()
        for column, values in zip(table.columns, columns, strict=False):
            if values and not isinstance(values[0], Opaque):
                name = column.name

                def path_of(row: int, name: str = name) -> str:
                    return f"{path}.rows[{row}].{column_label(name)}"

                yield from self._values(Values(column.type, values, path_of), frame)

    def _values(self, values: Values, frame: Frame) -> Iterator[Finding]:
        yield from self._ask(VALUES_RULES, values)
        if values.type == VOLTTABLE.code:
            for index, table in enumerate(values.values):
                if isinstance(table, Table):
                    yield from self._table(table, values.path_of(index), frame)


def _values_of(parameter: Parameter, path: str) -> Values:
    """A parameter's value, or the elements of an array."""
    if parameter.type == ARRAY.code and parameter.element_type is not None:
        return Values(parameter.element_type, parameter.value, lambda index: f"{path}.value[{index}]")
    return Values(parameter.type, (parameter.value,), lambda index: f"{path}.value")
