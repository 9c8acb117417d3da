from __future__ import annotations

import gzip
import json
import zlib

import pytest

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.topology import (
    MAX_RING_BYTES,
    CookedRing,
    HashRing,
    Token,
    inflate,
    json_of_ring,
    ring_of_json,
)

# The ring of the protocol's reference: 4 tokens, 2 partitions.
RING = HashRing(tokens=[Token(-(2**31), 0), Token(-(2**30), 1), Token(0, 0), Token(2**30, 1)])
RAW = bytes.fromhex("00000004 80000000 00000000 c0000000 00000001 00000000 00000000 40000000 00000001")
COOKED = bytes.fromhex(
    "00000004 80c00040 00000000 00000000 00000000 00000000 00000001 00000000 00000001"
)  # fmt: skip
JSON = {"-2147483648": 0, "-1073741824": 1, "0": 0, "1073741824": 1}


def test_a_raw_ring() -> None:
    assert parse(HashRing, RAW) == RING
    assert build(RING) == RAW


def test_a_cooked_ring_is_the_same_ring() -> None:
    cooked = parse(CookedRing, inflate(zlib.compress(COOKED)))
    assert cooked.ring() == RING
    assert build(cooked) == COOKED


def test_a_ring_in_json_is_the_same_ring() -> None:
    assert ring_of_json(gzip.compress(json.dumps(JSON).encode())) == RING
    assert ring_of_json(json_of_ring(RING)) == RING
    assert json.loads(gzip.decompress(json_of_ring(RING))) == JSON
    assert json_of_ring(RING) == json_of_ring(RING), "no time inside"


def test_a_ring_of_a_real_size() -> None:
    tokens = [Token(-(2**31) + k * 262143, k % 3) for k in range(16_384)]
    ring = HashRing(tokens=tokens)
    assert len(build(ring)) == 131_076
    assert parse(HashRing, build(ring)) == ring
    assert ring_of_json(json_of_ring(ring)) == ring


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "the compressed ring is cut, or unpacks to more than 4 MiB"),
        (b"not packed", "not a compressed ring: Error -3 while decompressing data: incorrect header check"),
        (zlib.compress(RAW)[:-5], "the compressed ring is cut, or unpacks to more than 4 MiB"),
        (
            zlib.compress(bytes(MAX_RING_BYTES + 1)),
            "the compressed ring is cut, or unpacks to more than 4 MiB",
        ),
    ],
    ids=["empty", "plain", "cut", "a bomb"],
)
def test_what_does_not_unpack_is_an_error(data: bytes, text: str) -> None:
    with pytest.raises(DecodeError) as raised:
        inflate(data)
    assert str(raised.value) == text


@pytest.mark.parametrize(
    "text",
    ["", "5", "[1]", "null", '{"x": 1}', '{"1": null}', '{"1": "x"}', '{"1": Infinity}', '{"1": {}}', "{", "[" * 100_000, '{"' + "9" * 5000 + '": 1}', "\ud800"],
)  # fmt: skip
def test_what_is_no_ring_in_json_is_an_error(text: str) -> None:
    with pytest.raises(DecodeError, match=r"^not a ring in JSON: "):
        ring_of_json(gzip.compress(text.encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("count", [-1, 5, 2**31 - 1])
def test_a_ring_that_claims_more_than_is_there_is_an_error(count: int) -> None:
    claimed = (count % 2**32).to_bytes(4, "big")
    with pytest.raises(DecodeError):
        parse(HashRing, claimed + RAW[4:])
    with pytest.raises(DecodeError):
        parse(CookedRing, claimed + COOKED[4:])


def test_planes_of_different_length_cannot_be_written() -> None:
    cooked = parse(CookedRing, COOKED)
    with pytest.raises(ValueError, match=r"^cookedring\.plane_1: expected 4 bytes, got 1$"):
        build(cooked.replace(plane_1=b"x"))
