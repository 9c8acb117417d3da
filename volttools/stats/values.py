"""What a parameter was: how many different values it had, and which were frequent."""

from __future__ import annotations

from typing import Final, NamedTuple

from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, INTEGER, SMALLINT, STRING, TINYINT
from volttools.render.values import LIMIT, show_parameter, show_value
from volttools.stats.sketches import Distinct, HotKey, HotKeys

_MOST_NOTED: Final = 512
_LONGEST_NOTED: Final = LIMIT
_INTEGERS: Final = frozenset(kind.code for kind in (TINYINT, SMALLINT, INTEGER, BIGINT))


class Shown(NamedTuple):
    """A value as it is shown, which stands for it: of other types than integers and short texts."""

    text: str


_Key = int | str | Shown


class _Frequent:
    """The frequent ones among the values of one slot.

    Values that come again are counted in a plain dict first, up to `_MOST_NOTED` different ones: to put
    one into the sketches costs ten times as much.
    """

    __slots__ = ("hot", "noted")

    def __init__(self) -> None:
        self.hot: HotKeys[_Key] = HotKeys()
        self.noted: dict[_Key, int] = {}


class Values:
    """Counts values of a parameter in fixed memory; can be merged.

    Which values are kept as frequent ones depends on the order in which they come. So each slot of
    connections (see `capture.parts`) has its own, and those are put together in one order: then the
    values of some slots and those of the others, merged, are exactly those of all.
    """

    __slots__ = ("_distinct", "_frequent")

    def __init__(self) -> None:
        self._distinct = Distinct()
        self._frequent: dict[int, _Frequent] = {}

    def add(self, parameter: Parameter, slot: int = 0) -> None:
        """Count a value. Long ones that have start, end and length in common are one among the frequent."""
        value = parameter.value
        kind = type(value)
        key: _Key
        if (kind is int and parameter.type in _INTEGERS) or (kind is str and len(value) <= _LONGEST_NOTED):
            key = value
        else:
            key = Shown(show_parameter(parameter)[0])
            if kind is str:
                self._distinct.add([value])
                self._of(slot).hot.add({key: 1})
                return
        frequent = self._frequent.get(slot) or self._of(slot)
        noted = frequent.noted
        noted[key] = noted.get(key, 0) + 1
        if len(noted) > _MOST_NOTED:
            self._settle(frequent)

    def _of(self, slot: int) -> _Frequent:
        return self._frequent.setdefault(slot, _Frequent())

    def _settle(self, frequent: _Frequent) -> None:
        """Put what was noted into the sketches."""
        noted, frequent.noted = frequent.noted, {}
        frequent.hot.add(noted)
        self._distinct.add(key.text if type(key) is Shown else str(key) for key in noted)

    def _settle_all(self) -> None:
        for frequent in self._frequent.values():
            if frequent.noted:
                self._settle(frequent)

    @property
    def total(self) -> int:
        """How many values there were."""
        self._settle_all()
        return sum(frequent.hot.total for frequent in self._frequent.values())

    @property
    def distinct(self) -> Distinct:
        """How many different values there were."""
        self._settle_all()
        return self._distinct

    def most(self, number: int) -> list[HotKey]:
        """The most frequent ones, as they are shown, the first first."""
        self._settle_all()
        found: HotKeys[_Key] = HotKeys()
        for _, frequent in sorted(self._frequent.items()):
            found.merge(frequent.hot)
        return found.most(number, _text)

    def merge(self, other: Values) -> None:
        """Count those of another."""
        self._settle_all()
        other._settle_all()
        self._distinct.merge(other._distinct)
        for slot, frequent in other._frequent.items():
            self._of(slot).hot.merge(frequent.hot)


def _text(key: _Key) -> str:
    if type(key) is Shown:
        return key.text
    return show_value(STRING.code if type(key) is str else BIGINT.code, key)
