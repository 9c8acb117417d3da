"""Finds values that the server made: what stood in an answer before any client had sent it, and was then sent.

Each value is traced to the first answer in which it was seen. A parameter whose values mostly come from one
column gets a rule; of several columns the one from which most came. Memory is bounded: of values that lie too
far back nothing is known any more.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from volttools.capture.reader import Capture
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import SUCCESS
from volttools.protocol.events import Event, Exchange
from volttools.replay.values import MOST_ROWS, Rule, Rules, Source, Use, is_traceable
from volttools.text_values import places_of

MOST_VALUES: Final = 200_000
MOST_USES: Final = 20_000
"""So many places are looked at: there may be any number of forms of texts."""
SHARE: Final = 0.5
"""Of the values that are used in a place so many must come from the source."""
FEW: Final = 2
"""Of so many different values a rule is believed, or of one that nobody hits on by chance."""
LARGE: Final = 1_000
LONG: Final = 8

_Key = tuple[type, Any]


def find_rules(capture: Capture, wants: Callable[[Event], bool] | None = None) -> Rules:
    """The rules that a capture tells. Raises CaptureError for a file that is none."""
    finder = _Finder()
    for event in capture.events():
        if isinstance(event, Exchange) and (wants is None or wants(event)):
            finder.look_at(event)
    return Rules(finder.rules())


class _Finder:
    def __init__(self) -> None:
        self._made: OrderedDict[_Key, tuple[Source, int]] = OrderedDict()  # and the frame of the answer
        self._given: OrderedDict[_Key, None] = OrderedDict()
        self._uses: Counter[Use] = Counter()
        self._matches: Counter[tuple[Use, Source]] = Counter()
        self._different: dict[tuple[Use, Source], set[_Key]] = {}

    def look_at(self, exchange: Exchange) -> None:
        """Note what a call used, and what its answer made."""
        request, answer = exchange.request_frame, exchange.response_frame
        invocation = exchange.invocation
        if request is None or invocation is None or not invocation.procedure:
            return
        for use, values in _values_of(invocation):
            self._use(use, [(type(value), value) for value in values], request.number)
        response = exchange.response if exchange.status == SUCCESS else None
        if response is None or answer is None:
            return
        for number, table in enumerate(response.tables):
            for row in table.rows[:MOST_ROWS]:
                for column, value in zip(table.columns, row, strict=True):
                    key = (type(value), value)
                    if is_traceable(value) and key not in self._given and key not in self._made:
                        source = Source(invocation.procedure, number, column.name)
                        _put(self._made, key, (source, answer.number))

    def _use(self, use: Use, keys: list[_Key], request: int) -> None:
        """Note a value that was sent, whatever it may be."""
        if use not in self._uses and len(self._uses) >= MOST_USES:
            return
        self._uses[use] += 1
        for key in keys:
            made = self._made.get(key)
            if made is None or made[1] > request:
                _put(self._given, key, None)
                continue
            pair = (use, made[0])
            self._matches[pair] += 1
            different = self._different.setdefault(pair, set())
            if len(different) < FEW:
                different.add(key)
            break  # the first that it may be is what it is

    def rules(self) -> list[Rule]:
        """What is believed, the most frequent first."""
        found: dict[Use, Rule] = {}
        for (use, source), seen in self._matches.most_common():
            of = self._uses[use]
            is_told = use not in found and seen >= SHARE * of
            if is_told and self._is_no_chance(self._different[use, source]):
                found[use] = Rule(source, use, seen, of)
        return list(found.values())

    def _is_no_chance(self, values: set[_Key]) -> bool:
        return len(values) >= FEW or all(_is_rare(value) for _, value in values)


def _is_rare(value: Any) -> bool:
    """Whether nobody hits on a value by chance."""
    if isinstance(value, int | Decimal):
        return not -LARGE < value < LARGE
    return len(value) >= LONG


def _values_of(invocation: Invocation) -> Iterator[tuple[Use, tuple[Any, ...]]]:
    """The parameters that may be such values, the elements of arrays, and the values of texts, with what each may be."""
    if not isinstance(invocation.parameters, list):
        return
    procedure = invocation.procedure or ""
    for index, parameter in enumerate(invocation.parameters):
        for value in elements(parameter):
            if is_traceable(value):
                yield Use(procedure, index), (value,)
        places = places_of(parameter.value) if isinstance(parameter.value, str) else None
        if places is not None:
            for number, values in enumerate(places.values):
                yield Use(procedure, index, places.form, number), values


def elements(parameter: Parameter) -> list[Any]:
    """The values of a parameter: several of an array."""
    return parameter.value if isinstance(parameter.value, list) else [parameter.value]


def _put(values: OrderedDict[_Key, Any], key: _Key, value: Any) -> None:
    """Add a value; of more than can be kept the oldest go."""
    values[key] = value
    if len(values) > MOST_VALUES:
        values.popitem(last=False)
