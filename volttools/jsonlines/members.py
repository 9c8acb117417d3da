"""A JSON object whose members are asked for by name; whatever is wrong with one is told with its path.

Lines may have been written by hand: nothing about them is taken for granted, and a member that
nobody knows is most likely a slip.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, TypeVar

from volttools.errors import EncodeError
from volttools.formats.notation import shown
from volttools.jsonlines.values import Json
from volttools.protocol.endpoints import read_endpoint
from volttools.words import nearest

MOST: Final = 2**53
"""Up to which every program reads whole numbers in JSON as they are."""
FIRST_NS: Final = -(2**63)
LAST_NS: Final = 2**64 - 1

_T = TypeVar("_T")


class Members:
    """The members of an object. Every method raises EncodeError with the member's path."""

    def __init__(self, found: Json, path: str = "") -> None:
        if not isinstance(found, dict):
            raise EncodeError(f"expected an object, got {shown(found)}", path=path or None)
        self.found = found
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def place(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def error(self, name: str, expected: str) -> EncodeError:
        """What to raise for a member that isn't what was expected."""
        got = f"got {shown(self.found[name])}" if name in self.found else "it is missing"
        return EncodeError(f"expected {expected}, {got}", path=self.place(name))

    def only(self, *known: str) -> None:
        """Refuse members of other names."""
        for name in self.found:
            if name not in known:
                hint = _meant(name, known) or f"there are {', '.join(known)}"
                raise EncodeError(f"no member is called {name!r}; {hint}", path=self.path or None)

    def only_or_within(self, inner: str, names: Collection[str], *known: str) -> None:
        """The same; members of the object `inner` that stand beside it are sent there."""
        for name in self.found:
            if name not in known and name in names:
                raise EncodeError(f'{name!r} stands within {inner!r}: {{"{inner}": {{"{name}": ...}}}}')
        self.only(*known)

    def value(self, name: str) -> Json:
        """A member as it is; None if it is not there."""
        return self.found.get(name)

    def text(self, name: str, default: str | None = None) -> str | None:
        """Text or null."""
        value = self.found.get(name, default)
        if value is not None and not isinstance(value, str):
            raise self.error(name, "text or null")
        return value

    def number(self, name: str, default: int | None = None) -> int | None:
        """A whole number or null."""
        value = self.found.get(name, default)
        if value is not None and type(value) is not int:
            raise self.error(name, "a whole number")
        return value

    def required_number(self, name: str, default: int) -> int:
        """A whole number; null counts as not there."""
        value = self.number(name, default)
        return default if value is None else value

    def ordinal(self, name: str) -> int:
        """The number that something has, from 1; 0 if the member is not there."""
        value = self.required_number(name, 0)
        if not 0 <= value <= MOST:
            raise self.error(name, f"a number of 0 .. {MOST:,}")
        return value

    def time(self, name: str) -> int | None:
        """A time in nanoseconds since 1970, or null."""
        value = self.number(name)
        if value is not None and not FIRST_NS <= value <= LAST_NS:
            raise self.error(name, "nanoseconds since 1970, before the year 2554")
        return value

    def endpoint(self, name: str) -> str | None:
        """An address with a port, or null."""
        text = self.text(name)
        if text is not None:
            try:
                read_endpoint(text)
            except ValueError:
                raise self.error(name, '"10.0.0.1:21212", "[::1]:21212" or null') from None
        return text

    def flag(self, name: str) -> bool:
        """Whether a member is there and true."""
        value = self.found.get(name, False)
        if not isinstance(value, bool):
            raise self.error(name, "true or false")
        return value

    def items(self, name: str) -> list[Json] | None:
        """A list or null."""
        value = self.found.get(name)
        if value is not None and not isinstance(value, list):
            raise self.error(name, "a list")
        return value

    def object(self, name: str) -> Members | None:
        """An object or null."""
        value = self.found.get(name)
        return None if value is None else Members(value, self.place(name))

    def objects(self, name: str) -> Iterator[Members]:
        """The objects of a list."""
        for index, value in enumerate(self.items(name) or []):
            yield Members(value, f"{self.place(name)}[{index}]")

    def bytes(self, name: str) -> bytes | None:
        """Bytes in hex, or null."""
        text = self.text(name)
        try:
            return None if text is None else bytes.fromhex(text)
        except ValueError:
            raise self.error(name, "bytes in hex, two digits each") from None

    def choice(self, name: str, choices: dict[str, _T], default: str | None = None) -> _T:
        """One of several words."""
        text = self.text(name, default)
        if text not in choices:
            hint = _meant(text or "", tuple(choices))
            if hint is not None:
                raise EncodeError(f"there is no {shown(text)}; {hint}", path=self.place(name))
            raise self.error(name, f"one of {', '.join(choices)}")
        return choices[text]


def _meant(name: str, known: Collection[str]) -> str | None:
    like = nearest(name, known)
    return f"did you mean {like!r}?" if like else None
