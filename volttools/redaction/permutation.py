"""Secret permutations: the root of pseudonyms that stay distinct where values are.

A hash would do for long texts. But a column of a million account numbers of six digits has no
room for two of them to become one, and a key must stay a key: so numbers and short texts are
permuted within their class.
"""

from __future__ import annotations

import hashlib
import hmac
from math import isqrt
from typing import Final

from volttools.kept import Kept

_TABLE: Final = 1024  # up to this size the whole permutation is drawn at once
_MARGIN: Final = 8  # bytes of a round's number beyond the half's own: less bias than 2^-64


class Key:
    """A user's key; everything else is derived from it, each purpose with its own."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("a key has at least one byte")
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose: HMAC-SHA-256."""
        return hmac.digest(self._secret, purpose.encode("utf-8", "surrogatepass"), "sha256")

    def number(self, purpose: str, below: int) -> int:
        """A number that depends on the key and the purpose only."""
        return int(self.derive(purpose).hex(), 16) % below


class Permutation:
    """A secret permutation of 0 .. size - 1 that leaves no number as it is (if there are two).

    Small ones are one cycle, drawn with the key. Large ones are a Feistel network over two nearly
    equal halves (FE1 of Black and Rogaway, with cycle walking), a step of secret length, and the
    network backwards: the step is what makes sure that nothing stays.
    """

    __slots__ = ("_left", "_right", "_rounds", "_shift", "_table", "size")

    def __init__(self, key: bytes, size: int) -> None:
        self.size = size
        self._table: list[int] | None = None
        self._left = isqrt(size - 1) + 1 if size > 1 else 1
        self._right = -(-size // self._left)
        width = min((self._left.bit_length() + 7) // 8 + _MARGIN, hashlib.blake2s.MAX_DIGEST_SIZE)
        self._rounds = [
            hashlib.blake2s(key=key, digest_size=width, person=b"round %d" % number) for number in range(4)
        ]
        if size <= _TABLE:
            self._table = self._drawn()
        self._shift = 1 + self._random(3, 0) % (size - 1) if size > 1 else 0

    def __call__(self, number: int) -> int:
        """What stands in the place of a number of 0 .. size - 1."""
        if self._table is not None:
            return self._table[number]
        return self._backward((self._forward(number) + self._shift) % self.size)

    def _drawn(self) -> list[int]:
        """One cycle through all numbers (Sattolo's shuffle)."""
        table = list(range(self.size))
        for last in range(self.size - 1, 0, -1):
            other = self._random(0, last) % last
            table[last], table[other] = table[other], table[last]
        return table

    def _random(self, round_number: int, about: int) -> int:
        hashed = self._rounds[round_number].copy()
        hashed.update(b"%d" % about)
        return int(hashed.hexdigest(), 16)

    def _forward(self, number: int) -> int:
        first, second, third, _ = self._rounds
        a, b = self._left, self._right
        while True:
            left, right = divmod(number, b)
            # three times `_random`, which would cost half as much again as a call
            hashed = first.copy()
            hashed.update(b"%d" % right)
            left = (left + int(hashed.hexdigest(), 16)) % a
            hashed = second.copy()
            hashed.update(b"%d" % left)
            right = (right + int(hashed.hexdigest(), 16)) % b
            hashed = third.copy()
            hashed.update(b"%d" % right)
            number = (left + int(hashed.hexdigest(), 16)) % a * b + right
            if number < self.size:
                return number

    def _backward(self, number: int) -> int:
        first, second, third, _ = self._rounds
        a, b = self._left, self._right
        while True:
            left, right = divmod(number, b)
            hashed = third.copy()
            hashed.update(b"%d" % right)
            left = (left - int(hashed.hexdigest(), 16)) % a
            hashed = second.copy()
            hashed.update(b"%d" % left)
            right = (right - int(hashed.hexdigest(), 16)) % b
            hashed = first.copy()
            hashed.update(b"%d" % right)
            number = (left - int(hashed.hexdigest(), 16)) % a * b + right
            if number < self.size:
                return number


class Permutations(Kept[tuple[str, int], Permutation]):
    """Permutations by purpose and size, made when they are first needed."""

    def __init__(self, key: Key) -> None:
        super().__init__(_MOST)
        self._key = key

    def __missing__(self, purpose_and_size: tuple[str, int]) -> Permutation:
        purpose, size = purpose_and_size
        return self.keep(purpose_and_size, Permutation(self._key.derive(f"{purpose} of {size}"), size))


_MOST: Final = 4096  # kept at a time; they can be made again
