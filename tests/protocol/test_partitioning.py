"""Hashes and keys of a real server: its tokens, and what it answered to @GetPartitionKeys."""

import pytest

from volttools.codec import build, builder, parse
from volttools.formats.topology import PARTITION_INTEGER, HashRing, Token
from volttools.formats.types import INTEGER, STRING, VARBINARY
from volttools.protocol.partitioning import owner, partition_keys, server_ring, token_of

integer = builder(PARTITION_INTEGER)


@pytest.mark.parametrize(
    ("key", "token"),
    [
        (integer(0), 685728695),
        (integer(1), 4457399),
        (integer(42), -1230191719),
        (integer(-1), -1595624838),
        (b"abc", -1265221825),
        (b"", 0),
    ],
)
def test_tokens_are_those_of_the_server(key, token):
    assert token_of(key) == token


def real_ring(*runs):
    """Tokens as a new cluster has them, 262,143 apart, with runs of (partition, count)."""
    owners = [partition for partition, count in runs for _ in range(count)]
    return HashRing(tokens=[Token(-(2**31) + k * 262143, partition) for k, partition in enumerate(owners)])


FOUR_SITES = real_ring((3, 1365), (2, 1366), (3, 1365), (1, 4096), (2, 2730), (3, 1366), (0, 4096))


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (INTEGER, [(2, 0), (1, 2), (0, 3), (3, 4)]),
        (STRING, [(3, "0"), (0, "1"), (1, "3"), (2, "5")]),
        (VARBINARY, [(1, bytes(4)), (0, b"\0\0\0\3"), (2, b"\0\0\0\5"), (3, b"\0\0\0\x09")]),
    ],
)
def test_partition_keys_are_those_that_a_server_of_four_sites_gave(kind, keys):
    assert partition_keys(FOUR_SITES, kind) == keys


@pytest.mark.parametrize("partitions", [1, 2, 3, 8, 100])
def test_a_ring_begins_at_the_least_token_and_has_every_partition(partitions):
    ring = server_ring(partitions)
    assert ring.tokens[0].token == -(2**31)
    assert parse(HashRing, build(ring)) == ring
    keys = partition_keys(ring, INTEGER)
    assert sorted(partition for partition, _ in keys) == list(range(partitions))
    assert all(owner(ring, integer(key)) == partition for partition, key in keys)
