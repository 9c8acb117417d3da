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


class Values:
    """Counts values of a parameter in fixed memory; can be merged.

    Values that come again are counted in a plain dict first, up to `_MOST_NOTED` different ones: to put
    one into the sketches costs ten times as much.
    """

    __slots__ = ("_distinct", "_hot", "_noted")

    def __init__(self) -> None:
        self._distinct = Distinct()
        self._hot: HotKeys[int | str | Shown] = HotKeys()
        self._noted: dict[int | str | Shown, int] = {}

    def add(self, parameter: Parameter) -> None:
        """Count a value. Long ones that have start, end and length in common are one among the frequent."""
        value = parameter.value
        kind = type(value)
        key: int | str | Shown
        if (kind is int and parameter.type in _INTEGERS) or (kind is str and len(value) <= _LONGEST_NOTED):
            key = value
        else:
            key = Shown(show_parameter(parameter)[0])
            if kind is str:
                self._distinct.add([value])
                self._hot.add({key: 1})
                return
        noted = self._noted
        noted[key] = noted.get(key, 0) + 1
        if len(noted) > _MOST_NOTED:
            self._settle()

    def _settle(self) -> None:
        """Put what was noted into the sketches."""
        if self._noted:
            noted, self._noted = self._noted, {}
            self._hot.add(noted)
            self._distinct.add(key.text if type(key) is Shown else str(key) for key in noted)

    @property
    def total(self) -> int:
        """How many values there were."""
        self._settle()
        return self._hot.total

    @property
    def distinct(self) -> Distinct:
        """How many different values there were."""
        self._settle()
        return self._distinct

    def most(self, number: int) -> list[HotKey]:
        """The most frequent ones, as they are shown, the first first."""
        self._settle()
        return self._hot.most(number, _text)

    def merge(self, other: Values) -> None:
        """Count those of another."""
        self._settle()
        other._settle()
        self._distinct.merge(other._distinct)
        self._hot.merge(other._hot)


def _text(key: int | str | Shown) -> str:
    if type(key) is Shown:
        return key.text
    return show_value(STRING.code if type(key) is str else BIGINT.code, key)
