"""Pseudonyms of values by their wire type: keyed, equal for equal values, distinct for distinct ones.

NULL stays NULL, empty stays empty, NaN and infinities stay. Under another key everything is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from volttools.errors import UsageError
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    TYPES,
    VARBINARY,
)
from volttools.kept import Kept
from volttools.redaction.names import Names
from volttools.redaction.numbers import Numbers
from volttools.redaction.permutation import Key, Permutations
from volttools.redaction.positions import Positions
from volttools.redaction.texts import Texts
from volttools.redaction.times import Times

Change = Callable[[Any], Any]

INTEGERS: Final = (TINYINT, SMALLINT, INTEGER, BIGINT)
MOST_REMEMBERED: Final = 131_072  # values of one kind
_LONG: Final = 256  # longer texts and binaries are not remembered


class Remembered(Kept[Any, Any]):
    """A function of a value that remembers what it gave; a dict, so that known values cost nothing."""

    def __init__(self, change: Change) -> None:
        super().__init__(MOST_REMEMBERED)
        self._change = change

    def __missing__(self, value: Any) -> Any:
        if value is None:
            return None
        made = self._change(value)
        if (isinstance(value, (str, bytes)) and len(value) > _LONG) or value != value:
            return made
        return self.keep(value, made)


class Pseudonyms:
    """All pseudonyms under one key.

    Raises UsageError for a key of less than 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise UsageError(f"a key of {len(key)} bytes can be guessed; it needs at least {MIN_KEY_BYTES}")
        self.key = Key(key)
        permutations = Permutations(self.key)
        self.numbers = Numbers(permutations)
        self.times = Times(permutations, self.numbers)
        self.positions = Positions(self.key)
        self.texts = Texts(self.key, permutations, self.numbers, self.times, self.positions)
        self.names = Names(self.key, self.texts)
        self._flips = bool(self.key.number("boolean", 2))
        self._odd_flags = permutations["flag above 1", BOOLEAN_NULL - 2], permutations["flag below 0", 128]
        integer = Remembered(self.numbers.integer)
        changes: dict[int, Remembered] = {kind.code: integer for kind in INTEGERS}
        changes |= {
            FLOAT.code: Remembered(self.numbers.float),
            DECIMAL.code: Remembered(self.numbers.decimal),
            TIMESTAMP.code: Remembered(self.times.timestamp),
            DATE.code: Remembered(self.times.date),
            STRING.code: Remembered(self.texts.text),
            VARBINARY.code: Remembered(self.texts.binary),
        }
        self._changes: dict[int, Change] = {code: known.__getitem__ for code, known in changes.items()}
        self._changes[BOOLEAN.code] = self._unless_null(self.boolean)
        self._changes[GEOGRAPHY_POINT.code] = self._unless_null(self.positions.point)
        self._changes[GEOGRAPHY.code] = self._unless_null(self.positions.polygon)
        self._changes[NULL.code] = self._unless_null(lambda value: None)

    def change(self, code: int) -> Change:
        """The function for values of a wire type; it takes None as well."""
        return self._changes[code]

    def value(self, code: int, value: Any) -> Any:
        """The pseudonym of one value."""
        return self._changes[code](value)

    def integer(self, number: int) -> int:
        """Of an integer of any type."""
        found: int = self._changes[BIGINT.code](number)
        return found

    def text(self, text: str) -> str:
        """Of a STRING."""
        found: str = self._changes[STRING.code](text)
        return found

    def binary(self, data: bytes) -> bytes:
        """Of a VARBINARY."""
        found: bytes = self._changes[VARBINARY.code](data)
        return found

    def bytes_of_array(self, values: Iterable[int | None]) -> list[int | None]:
        """Of an array of TINYINT: bytes, in which equal ones must not show. NULLs stay in their places."""
        given = list(values)
        base = repr(given).encode()
        stream = self.texts.binary(base + bytes(max(0, 2 * len(given) - len(base))))
        return [
            None if value is None else (stream[2 * i] << 8 | stream[2 * i + 1]) % 255 - 127
            for i, value in enumerate(given)
        ]

    def boolean(self, value: bool | int) -> bool | int:
        """True and False change places, or not, as the key wants it; other numbers stay such."""
        if isinstance(value, bool):
            return value ^ self._flips
        above, below = self._odd_flags
        return 2 + above(value - 2) if value > 1 else below(value + 128) - 128

    @staticmethod
    def _unless_null(change: Change) -> Change:
        return lambda value: None if value is None else change(value)


MIN_KEY_BYTES: Final = 16
BOOLEAN_NULL: Final[int] = TYPES.by_name("BOOLEAN").format.null[0]  # type: ignore[union-attr]
