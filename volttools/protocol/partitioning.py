"""Which partition a key belongs to: MurmurHash3 and the ring.

Source: ElasticHashinator.java and MurmurHash3.java of the 11.4 server; the tokens of known
keys and what @GetPartitionKeys answered are in the tests.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from volttools.codec import builder, parser
from volttools.formats.topology import HASH_WORD, PARTITION_BYTES, PARTITION_INTEGER, HashRing, Token
from volttools.formats.types import INTEGER, STRING, VARBINARY, WireType

_MASK = 2**64 - 1
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
_WORD_BYTES: int = HASH_WORD.sizeof()
_word: Callable[[bytes], int] = parser(HASH_WORD)

_KEYS_TRIED = 500_000
"""How many numbers a server tries before it gives a partition up."""

_KEYS: dict[WireType, tuple[Callable[[int], Any], Callable[[int], bytes]]] = {
    INTEGER: (int, builder(PARTITION_INTEGER)),
    STRING: (str, lambda number: str(number).encode()),
    VARBINARY: (builder(PARTITION_BYTES), builder(PARTITION_BYTES)),
}


def token_of(key: bytes) -> int:
    """The hash of a key: the upper half of MurmurHash3's first 64 bits, as a signed number.

    >>> token_of(b"abc")
    -1265221825
    """
    first = second = 0
    for k1, k2, is_whole in _blocks(key):
        first ^= _rotated(k1 * _C1 & _MASK, 31) * _C2 & _MASK
        if is_whole:
            first = ((_rotated(first, 27) + second) * 5 + 0x52DCE729) & _MASK
        second ^= _rotated(k2 * _C2 & _MASK, 33) * _C1 & _MASK
        if is_whole:
            second = ((_rotated(second, 31) + first) * 5 + 0x38495AB5) & _MASK
    first ^= len(key)
    second ^= len(key)
    first = (first + second) & _MASK
    second = (second + first) & _MASK
    first = (_mixed(first) + _mixed(second)) & _MASK
    upper = first >> 32
    return upper - 2**32 if upper >= 2**31 else upper


def _blocks(key: bytes) -> Iterator[tuple[int, int, bool]]:
    """Two words at a time; what is left at the end is filled up, and marked as not whole."""
    for start in range(0, len(key), 2 * _WORD_BYTES):
        block = key[start : start + 2 * _WORD_BYTES]
        whole = block.ljust(2 * _WORD_BYTES, b"\0")
        yield _word(whole[:_WORD_BYTES]), _word(whole[_WORD_BYTES:]), len(block) == len(whole)


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (64 - bits)) & _MASK


def _mixed(word: int) -> int:
    word = (word ^ word >> 33) * 0xFF51AFD7ED558CCD & _MASK
    word = (word ^ word >> 33) * 0xC4CEB9FE1A85EC53 & _MASK
    return word ^ word >> 33


RING_TOKENS = 16_384
"""Tokens on the ring of a server; a property of the server can make them fewer."""


class ServerRing(NamedTuple):
    """The ring of a server with so many partitions, before anybody has asked for its tokens."""

    partitions: int
    tokens: int = RING_TOKENS

    def made(self) -> HashRing:
        """The ring; made once."""
        return server_ring(*self)


@lru_cache(maxsize=16)
def server_ring(partitions: int, tokens: int = RING_TOKENS) -> HashRing:
    """The ring of a server with so many partitions; every node of every such server has this one.

    Partition 0 has all tokens; each further one takes the same number, each time from the partition
    with most (of equals: the last), of that the first. Runs of 1, 2, 3, 4 partitions as recorded.
    """
    held = [list(range(tokens))]
    for new in range(1, partitions):
        left = [(-len(numbers), -partition) for partition, numbers in enumerate(held)]
        heapq.heapify(left)
        taken = Counter[int]()
        for _ in range(tokens // (new + 1)):
            load, partition = left[0]
            taken[-partition] += 1
            heapq.heapreplace(left, (load + 1, partition))
        held.append(sorted(chain.from_iterable(held[giver][:count] for giver, count in taken.items())))
        for giver, count in taken.items():
            del held[giver][:count]
    owners = {number: partition for partition, numbers in enumerate(held) for number in numbers}
    width = (2**32 - 1) // tokens
    return HashRing(tokens=[Token(-(2**31) + number * width, owners[number]) for number in range(tokens)])


def owner(ring: HashRing, key: bytes) -> int:
    """The partition of a key."""
    at = bisect_right(ring.tokens, token_of(key), key=lambda entry: entry.token) - 1
    return ring.tokens[at].partition


def partition_keys(ring: HashRing, kind: WireType) -> list[tuple[int, Any]]:
    """(partition, key): the first key of each partition, INTEGER, STRING or VARBINARY, as found.

    Keys are made of 0, 1, 2 ... as a server does for @GetPartitionKeys.
    """
    key, as_bytes = _KEYS[kind]
    missing = {entry.partition for entry in ring.tokens}
    found = []
    for number in range(_KEYS_TRIED):
        if not missing:
            break
        partition = owner(ring, as_bytes(number))
        if partition in missing:
            missing.discard(partition)
            found.append((partition, key(number)))
    return found
