"""Pseudonyms of texts and bytes: as long, of the same kinds of characters.

    alice.smith@example.com  ->  qzmxt.owplv@gwnrodk.hrt

Letters become letters, digits digits, and what is not ASCII keeps its number of bytes, so that the text
fits where it fitted. Up to two separators in a row stay, longer runs don't. Texts that mean something
stay such: numbers, dates, times, bytes in hex and positions have the pseudonyms of what they mean.
"""

from __future__ import annotations

import hashlib
import re
import string
from typing import Final

from volttools.formats.geography import Geography, Point
from volttools.kept import Kept
from volttools.redaction.numbers import Numbers
from volttools.redaction.permutation import Key, Permutation, Permutations
from volttools.redaction.positions import Positions
from volttools.redaction.times import Times

_PERMUTED: Final = 2**48
"""Up to so many possible texts of a pattern are permuted; beyond it a hash makes two texts one in none
of a million columns."""

_SEPARATORS = r"[ @.\-_/:,+%\n\t]"
_KEPT: Final = re.compile(rf"(?<!{_SEPARATORS})(?:{_SEPARATORS}{{1,2}}| +)(?!{_SEPARATORS})")


def _range(first: int, last: int, without: str = "") -> str:
    return "".join(chr(code) for code in range(first, last + 1) if chr(code) not in without)


# One letter a kind of character: its alphabet. The kind of a character goes by its bytes in UTF-8.
_ALPHABETS: Final = {
    "a": string.ascii_lowercase,
    "A": string.ascii_uppercase,
    "0": string.digits,
    "!": string.punctuation,
    "2": _range(0xC0, 0x24F, "\xd7\xf7"),
    "3": _range(0x4E00, 0x9FFF),
    "4": _range(0x1F300, 0x1F5FF),
    "?": _range(0xDC80, 0xDCBF),  # no UTF-8: bytes that stay none, whatever stands beside them
}
_KINDS_OF_ASCII: Final = {
    code: next((kind for kind in "aA0" if chr(code) in _ALPHABETS[kind]), "!") for code in range(128)
}
_INDEX: Final = {kind: {char: i for i, char in enumerate(text)} for kind, text in _ALPHABETS.items()}

_MOST_PATTERNS: Final = 4096
_LONG: Final = 256  # characters; longer patterns hardly come twice
_CHUNK: Final = 65_536  # characters; longer texts are worked on piece by piece
_HEX: Final = re.compile(
    r"""(?=\d*[a-fA-F])(?=[a-fA-F]*\d)
    (?:(?:[0-9a-f]{2}){4,}|(?:[0-9A-F]{2}){4,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})""",
    re.VERBOSE | re.ASCII,
)


class Texts:
    """The pseudonyms of texts and bytes under one key."""

    def __init__(
        self, key: Key, permutations: Permutations, numbers: Numbers, times: Times, positions: Positions
    ) -> None:
        self._permutations = permutations
        self._numbers = numbers
        self._times = times
        self._positions = positions
        self._text_key = key.derive("text")
        self._bytes_key = key.derive("bytes")
        self._patterns = Kept[tuple[str, str], _Pattern](_MOST_PATTERNS)

    def text(self, text: str) -> str:
        """A text with as many characters and bytes; of a position as text (WKT) only the meaning is kept."""
        first = text[:1]
        try:
            if first.isdecimal() or first == "-" or first == ".":
                return self._number_or_time(text)
            if first in ("P", "p"):
                return self._position(text)
        except ValueError:
            pass
        if len(text) >= 8 and _HEX.fullmatch(text):
            return self._hex(text)
        return self.by_pattern(text)

    def binary(self, data: bytes) -> bytes:
        """As many bytes."""
        size = 256 ** len(data)
        if data and size <= _PERMUTED:
            permuted = self._permutations[f"bytes {len(data)}", size](int(data.hex(), 16))
            return bytes.fromhex(f"{permuted:0{2 * len(data)}x}")
        return hashlib.shake_256(self._bytes_key + data).digest(len(data))

    def by_pattern(self, text: str, purpose: str = "") -> str:
        """A text by its characters only, whatever it means.

        purpose  goes into the pseudonym: a name and a value have different ones
        """
        if len(text) > _CHUNK:
            return self._long(text, purpose)
        kinds = _kinds(text)
        known = self._patterns.get((purpose, kinds))
        if known is None:
            known = self._pattern(purpose, kinds)
        if known.permutation is not None:
            number = known.number_of(text)
            if number is not None:
                return known.text_of(known.permutation(number))
        return self._hashed(text, kinds, purpose)

    def _pattern(self, purpose: str, kinds: str) -> _Pattern:
        found = _Pattern(kinds)
        if found.size <= _PERMUTED:
            found.permutation = self._permutations[f"text {purpose}{kinds}", found.size]
        if len(kinds) < _LONG:
            self._patterns.keep((purpose, kinds), found)
        return found

    def _long(self, text: str, purpose: str) -> str:
        whole = hashlib.blake2s(text.encode("utf-8", "surrogatepass"), key=self._text_key).hexdigest()
        pieces = (text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK))
        return "".join(
            self._hashed(piece, _kinds(piece), f"{purpose} {whole} {number} ")
            for number, piece in enumerate(pieces)
        )

    def _hashed(self, text: str, kinds: str, purpose: str) -> str:
        data = purpose.encode() + text.encode("utf-8", "surrogatepass")
        stream = hashlib.shake_256(self._text_key + data).digest(2 * len(text))
        made = []
        for char, kind, high, low in zip(text, kinds, stream[::2], stream[1::2], strict=True):
            alphabet = _ALPHABETS.get(kind)
            made.append(char if alphabet is None else alphabet[(high << 8 | low) % len(alphabet)])
        return "".join(made)

    def _number_or_time(self, text: str) -> str:
        if len(text) > 60:
            raise ValueError("too long")
        try:
            return self._numbers.text(text)
        except ValueError:
            return self._times.text(text)

    def _position(self, text: str) -> str:
        upper = text[:8].upper()
        if upper.startswith("POINT"):
            return self._positions.point(Point.from_wkt(text)).wkt
        if upper.startswith("POLYGON"):
            return self._positions.polygon(Geography.from_wkt(text)).wkt
        raise ValueError("no position")

    def _hex(self, text: str) -> str:
        digits = text.replace("-", "")
        made = self.binary(bytes.fromhex(digits)).hex()
        if "-" in text:
            return "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:]))
        return made.upper() if text.upper() == text else made


class _Pattern:
    """The texts with the same kinds of characters in the same places, numbered."""

    __slots__ = ("_alphabets", "_indices", "permutation", "size")

    def __init__(self, kinds: str) -> None:
        self.permutation: Permutation | None = None
        self.size = 1
        self._alphabets: list[str] = []
        self._indices: list[dict[str, int]] = []
        for kind in kinds:
            self._alphabets.append(_ALPHABETS.get(kind, kind))
            self._indices.append(_INDEX.get(kind) or {kind: 0})
            self.size *= len(self._alphabets[-1])
            if self.size > _PERMUTED:
                break

    def number_of(self, text: str) -> int | None:
        """The number of a text; None for one with a character that is in no alphabet."""
        number = 0
        for char, alphabet, index in zip(text, self._alphabets, self._indices, strict=True):
            position = index.get(char)
            if position is None:
                return None
            number = number * len(alphabet) + position
        return number

    def text_of(self, number: int) -> str:
        """The text with a number."""
        made = []
        for alphabet in reversed(self._alphabets):
            number, position = divmod(number, len(alphabet))
            made.append(alphabet[position])
        return "".join(reversed(made))


def _kinds(text: str) -> str:
    """The kind of each character: a key of the alphabets, or the character itself if it stays."""
    if text.isascii():
        found = text.translate(_KINDS_OF_ASCII)
        if text.isalnum():
            return found
        kinds = list(found)
    else:
        kinds = [_KINDS_OF_ASCII.get(ord(char)) or _kind_of_other(ord(char)) for char in text]
    letters = len(text)
    for match in _KEPT.finditer(text):
        start, end = match.span()
        kinds[start:end] = text[start:end]
        letters -= end - start
    if not letters and text.strip(" "):  # nothing but separators
        return "!" * len(text)
    return "".join(kinds)


def _kind_of_other(code: int) -> str:
    if 0xD800 <= code < 0xE000:
        return "?"
    return "2" if code < 0x800 else "3" if code < 0x10000 else "4"
