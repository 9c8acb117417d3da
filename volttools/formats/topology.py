"""The payloads of @Statistics TOPO: the hash ring in its three forms.

Raw in a push and for interval 0, JSON in gzip for interval 1, "cooked" (zlib) inside the
server and in snapshots. A ring maps tokens to partitions: the owner of a hash is the
entry with the greatest token that is not greater; the first token is -2^31.

Sources: ElasticHashinator.java of the 11.4 server; recordings cluster-*.pcap.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import NamedTuple

from construct import Bytes, GreedyBytes, Int32sb, Int64sl, Int64ul, this

from volttools.errors import DecodeError
from volttools.formats.notation import Counted, Packed, Record, Repeated, count_of, field, record

MULTI_PARTITION = 16383
"""The row of TOPO that names the multi-partition initiator instead of a partition."""

MAX_RING_BYTES = 4 * 1024 * 1024
"""What a compressed ring may unpack to; the 16,384 tokens of a server take 131 kB, as JSON 220 kB."""

PARTITION_INTEGER = Int64sl
"""An integer as the bytes that are hashed to its partition, and as @LoadSinglepartitionTable wants them."""

PARTITION_BYTES = Int32sb
"""The number of a VARBINARY key that @GetPartitionKeys gives."""

HASH_WORD = Int64ul
"""What the hash of a key is made of: MurmurHash3 takes two such words at a time."""


class Token(NamedTuple):
    """From this token up to the next one, hashes belong to this partition."""

    token: int
    partition: int


_TOKEN = Packed("ii", decode=Token, encode=tuple, label="i32 token, i32 partition")


@record
class HashRing(Record):
    """A ring in its raw form: column HASHCONFIG of TOPO."""

    tokens: list[Token] = field(Counted(Int32sb, _TOKEN), "ascending by token")
    trailing: bytes = field(GreedyBytes, "nothing", default=b"")


@record
class CookedRing(Record):
    """A ring behind zlib: the tokens' bytes stand in four planes, most significant first."""

    count: int = count_of(Int32sb, "partitions", "of tokens")
    plane_0: bytes = field(Bytes(this.count), "bits 31..24 of each token")
    plane_1: bytes = field(Bytes(this.count), "bits 23..16")
    plane_2: bytes = field(Bytes(this.count), "bits 15..8")
    plane_3: bytes = field(Bytes(this.count), "bits 7..0")
    partitions: tuple[int, ...] = field(Repeated(this.count, Int32sb), "the partition of each token")

    def ring(self) -> HashRing:
        """The same ring, raw."""
        planes = zip(self.plane_0, self.plane_1, self.plane_2, self.plane_3, strict=True)
        tokens = [int.from_bytes(bytes(plane), "big", signed=True) for plane in planes]
        pairs = zip(tokens, self.partitions, strict=True)
        return HashRing(tokens=[Token(token, partition) for token, partition in pairs])


def inflate(data: bytes, *, wbits: int = zlib.MAX_WBITS | 32) -> bytes:
    """Unpack zlib or gzip data; DecodeError for what is neither, is cut, or gets too large."""
    unpacker = zlib.decompressobj(wbits)
    try:
        plain = unpacker.decompress(data, MAX_RING_BYTES)
    except zlib.error as error:
        raise DecodeError(f"not a compressed ring: {error}") from None
    if not unpacker.eof:
        raise DecodeError(f"the compressed ring is cut, or unpacks to more than {MAX_RING_BYTES >> 20} MiB")
    return plain


def ring_of_json(data: bytes) -> HashRing:
    """The ring of gzip'd JSON {"token": partition, ...}."""
    try:
        pairs = json.loads(inflate(data))
        tokens = [Token(int(token), int(partition)) for token, partition in pairs.items()]
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError) as error:
        raise DecodeError(f"not a ring in JSON: {error}") from None
    return HashRing(tokens=tokens)


def json_of_ring(ring: HashRing) -> bytes:
    """The inverse of ring_of_json, as compressed by Python."""
    text = json.dumps({str(token): partition for token, partition in ring.tokens}, separators=(",", ":"))
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packer:
        packer.write(text.encode())
    return out.getvalue()
