"""Capture files: pcap and pcapng.

A pcap file is a header, then packets, each behind a header of its own. A pcapng file is a
row of blocks; every block tells its type and, at both ends, its length. Both formats have
the byte order of the machine that wrote them: big-endian is declared here, and
`little_endian` gives the twin of a declaration.

Sources: draft-ietf-opsawg-pcap-07, draft-ietf-opsawg-pcapng-05; field names are theirs.
Not here: the packets' own bytes (see `network`), the blocks of single vendors, and the pcap
variants with other packet headers ("modified" A1B2CD34 and its kin).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeVar

from construct import (
    Bytes,
    GreedyBytes,
    Int8ub,
    Int16ub,
    Int16ul,
    Int32sb,
    Int32sl,
    Int32ub,
    Int32ul,
    Int64sb,
    Int64sl,
    this,
)

from volttools.formats.notation import Record, field, record

ByteOrder = Literal["big", "little"]


class PcapMagic(NamedTuple):
    """What the first four bytes of a pcap file say."""

    order: ByteOrder
    ticks_per_s: int


# fmt: off
PCAP_MAGICS = {
    bytes.fromhex("A1B2C3D4"): PcapMagic("big",    10**6),
    bytes.fromhex("D4C3B2A1"): PcapMagic("little", 10**6),
    bytes.fromhex("A1B23C4D"): PcapMagic("big",    10**9),
    bytes.fromhex("4D3CB2A1"): PcapMagic("little", 10**9),
}

SECTION_HEADER        = 0x0A0D0D0A  # reads the same in both byte orders
INTERFACE_DESCRIPTION = 0x00000001
OBSOLETE_PACKET       = 0x00000002
SIMPLE_PACKET         = 0x00000003
NAME_RESOLUTION       = 0x00000004
INTERFACE_STATISTICS  = 0x00000005
ENHANCED_PACKET       = 0x00000006
DECRYPTION_SECRETS    = 0x0000000A
CUSTOM                = 0x00000BAD
CUSTOM_DO_NOT_COPY    = 0x40000BAD

# Options of any block, of a section header, of an interface description.
OPT_END_OF_OPTIONS = 0
OPT_COMMENT        = 1
SECTION_APPLICATION = 4
IF_NAME            = 2
IF_TIMESTAMP_RESOLUTION = 9
IF_TIMESTAMP_OFFSET     = 14
# fmt: on

SECTION_MAGIC = SECTION_HEADER.to_bytes(4, "big")
BYTE_ORDERS: dict[bytes, ByteOrder] = {
    bytes.fromhex("1A2B3C4D"): "big",
    bytes.fromhex("4D3C2B1A"): "little",
}
GZIP_MAGIC = bytes.fromhex("1F8B")

TLS_KEY_LOG = 0x544C534B
"""Secrets type "TLSK": the text that TLS libraries write to SSLKEYLOGFILE."""

BLOCK_HEAD_BYTES = 8
BLOCK_TRAILER_BYTES = 4
ALIGNMENT = 4
"""Blocks, options and records take a multiple of so many bytes."""
SECTION_ORDER_OFFSET = 8
"""Where the byte order magic stands in a section header block."""


# ---------------------------------------------------------------------------------- pcap


@record
class PcapHeader(Record):
    """The header of a pcap file: 24 bytes."""

    magic: int = field(Int32ub, "A1B2C3D4: fractions are microseconds; A1B23C4D: nanoseconds")
    version_major: int = field(Int16ub, "2", default=2)
    version_minor: int = field(Int16ub, "4", default=4)
    reserved1: int = field(Int32sb, "was: offset of local time from UTC; 0", default=0)
    reserved2: int = field(Int32ub, "was: accuracy of the times; 0", default=0)
    snap_length: int = field(Int32ub, "how many bytes of a packet are kept at most", default=262_144)
    link_type_and_fcs: int = field(Int32ub, "bits 0 - 15: link type; above: length of a checksum")

    @property
    def link_type(self) -> int:
        """What the packets begin with; see `network.LINK_TYPES`."""
        return self.link_type_and_fcs & 0xFFFF


PCAP_HEADER_BYTES = 24


@record
class PcapPacketHeader(Record):
    """What stands before each packet of a pcap file: 16 bytes."""

    seconds: int = field(Int32ub, "since 1970 UTC")
    fraction: int = field(Int32ub, "micro- or nanoseconds, by the file's magic")
    captured_length: int = field(Int32ub, "bytes that follow")
    original_length: int = field(Int32ub, "bytes that were on the wire")


PCAP_PACKET_HEADER_BYTES = 16


# -------------------------------------------------------------------------------- pcapng


@record
class BlockHead(Record):
    """The first 8 bytes of any block."""

    type: int = field(Int32ub, "SECTION_HEADER and so on; the top bit is set for private use")
    total_length: int = field(Int32ub, "of the block with head and trailer; a multiple of 4")


@record
class BlockTrailer(Record):
    """The last 4 bytes of any block."""

    total_length: int = field(Int32ub, "as in the head, so that one can read backwards")


@record
class Block(Record):
    """A whole block, whatever its type."""

    type: int = field(Int32ub, "what the body is")
    total_length: int = field(Int32ub, "of the block with both lengths; a multiple of 4")
    body: bytes = field(Bytes(this.total_length - 12), "by type: one of the records below")
    trailing_length: int = field(Int32ub, "as total_length")


@record
class Option(Record):
    """The first of the options behind the fixed part of a block. Each begins on 4 bytes."""

    code: int = field(Int16ub, "0 ends the options; 1 comment; others by block type")
    length: int = field(Int16ub, "of the value, without padding")
    value: bytes = field(Bytes(this.length), "text is UTF-8")
    padding: bytes = field(Bytes(-this.length % ALIGNMENT), "up to a multiple of 4 bytes", default=b"")
    rest: bytes = field(GreedyBytes, "the options after it", default=b"")


@record
class SectionHeader(Record):
    """0A0D0D0A: begins a section, which has a byte order and interfaces of its own."""

    byte_order_magic: int = field(Int32ub, "1A2B3C4D", default=0x1A2B3C4D)
    version_major: int = field(Int16ub, "1", default=1)
    version_minor: int = field(Int16ub, "0", default=0)
    section_length: int = field(Int64sb, "of all its other blocks; -1: not known", default=-1)
    options: bytes = field(GreedyBytes, "hardware, operating system, application", default=b"")


@record
class InterfaceDescription(Record):
    """1: an interface; the first in a section has the number 0."""

    link_type: int = field(Int16ub, "what its packets begin with; see `network.LINK_TYPES`")
    reserved: int = field(Int16ub, "0", default=0)
    snap_length: int = field(Int32ub, "how many bytes of a packet are kept; 0: all", default=0)
    options: bytes = field(GreedyBytes, "name, resolution and offset of times ...", default=b"")


@record
class TimestampResolution(Record):
    """Value of option 9 of an interface: how long a tick of its times is. Default: 10**-6 s."""

    exponent: int = field(Int8ub, "bit 7 clear: 10**-n s; set: 2**-(n & 127) s")

    @property
    def ticks_per_s(self) -> int:
        """How many ticks a second has."""
        ticks: int = 2 ** (self.exponent & 0x7F) if self.exponent & 0x80 else 10**self.exponent
        return ticks


@record
class TimestampOffset(Record):
    """Value of option 14 of an interface: what to add to its times."""

    seconds: int = field(Int64sb, "seconds")


TICKS_OF_HIGH = 2**32
"""So many ticks is one of the upper half of a packet's time."""


def ticks_of(high: int, low: int) -> int:
    """A packet's time in ticks of its interface, from its two halves."""
    return high * TICKS_OF_HIGH + low


def halves_of_ticks(ticks: int) -> tuple[int, int]:
    """The inverse of `ticks_of`.

    >>> ticks_of(*halves_of_ticks(2**40 + 7)) == 2**40 + 7
    True
    """
    return divmod(ticks, TICKS_OF_HIGH)


@record
class EnhancedPacket(Record):
    """6: a packet."""

    interface: int = field(Int32ub, "its number in the section")
    timestamp_high: int = field(Int32ub, "upper half of the time, in ticks of the interface")
    timestamp_low: int = field(Int32ub, "lower half")
    captured_length: int = field(Int32ub, "bytes that follow, without padding")
    original_length: int = field(Int32ub, "bytes that were on the wire")
    data: bytes = field(Bytes(this.captured_length), "the packet, from its link layer on")
    padding: bytes = field(Bytes(-this.captured_length % ALIGNMENT), "up to a multiple of 4", default=b"")
    options: bytes = field(GreedyBytes, "comment, flags ...", default=b"")


@record
class SimplePacket(Record):
    """3: a packet of the first interface, without a time."""

    original_length: int = field(Int32ub, "bytes on the wire; fewer follow if the snap length is less")
    data: bytes = field(GreedyBytes, "the packet and its padding")


@record
class ObsoletePacket(Record):
    """2: a packet, as written before there was block 6."""

    interface: int = field(Int16ub, "its number in the section")
    drops: int = field(Int16ub, "packets lost since the last one; FFFF: not known")
    timestamp_high: int = field(Int32ub, "upper half of the time, in ticks of the interface")
    timestamp_low: int = field(Int32ub, "lower half")
    captured_length: int = field(Int32ub, "bytes that follow, without padding")
    original_length: int = field(Int32ub, "bytes that were on the wire")
    data: bytes = field(Bytes(this.captured_length), "the packet, from its link layer on")
    padding: bytes = field(Bytes(-this.captured_length % ALIGNMENT), "up to a multiple of 4", default=b"")
    options: bytes = field(GreedyBytes, "comment, flags ...", default=b"")


@record
class NameRecord(Record):
    """The first of the names in block 4. The list ends with type 0."""

    type: int = field(Int16ub, "0 end; 1 IPv4; 2 IPv6")
    length: int = field(Int16ub, "of the value, without padding")
    value: bytes = field(Bytes(this.length), "an address, then its names, each ended by a zero")
    padding: bytes = field(Bytes(-this.length % ALIGNMENT), "up to a multiple of 4 bytes", default=b"")
    rest: bytes = field(GreedyBytes, "the records after it, then options", default=b"")


@record
class NameResolution(Record):
    """4: names of addresses."""

    records: bytes = field(GreedyBytes, "name records up to type 0, then options")


@record
class InterfaceStatistics(Record):
    """5: how many packets an interface saw, and dropped."""

    interface: int = field(Int32ub, "its number in the section")
    timestamp_high: int = field(Int32ub, "upper half of the time, in ticks of the interface")
    timestamp_low: int = field(Int32ub, "lower half")
    options: bytes = field(GreedyBytes, "start and end of the capture, counts", default=b"")


@record
class DecryptionSecrets(Record):
    """A: keys of the encrypted connections in the capture."""

    secrets_type: int = field(Int32ub, "544C534B: TLS key log", default=TLS_KEY_LOG)
    secrets_length: int = field(Int32ub, "without padding")
    secrets: bytes = field(Bytes(this.secrets_length), "the keys", secret=True)
    padding: bytes = field(Bytes(-this.secrets_length % ALIGNMENT), "up to a multiple of 4", default=b"")
    options: bytes = field(GreedyBytes, "comment", default=b"")


@record
class Custom(Record):
    """BAD and 40000BAD: what a vendor wants to add; a tool copies the first, not the second."""

    enterprise: int = field(Int32ub, "the vendor's IANA Private Enterprise Number")
    data: bytes = field(GreedyBytes, "the vendor's, and options")


BLOCKS: dict[int, type[Record]] = {
    SECTION_HEADER: SectionHeader,
    INTERFACE_DESCRIPTION: InterfaceDescription,
    OBSOLETE_PACKET: ObsoletePacket,
    SIMPLE_PACKET: SimplePacket,
    NAME_RESOLUTION: NameResolution,
    INTERFACE_STATISTICS: InterfaceStatistics,
    ENHANCED_PACKET: EnhancedPacket,
    DECRYPTION_SECRETS: DecryptionSecrets,
    CUSTOM: Custom,
    CUSTOM_DO_NOT_COPY: Custom,
}
"""What the body of a block is, by the block's type. Others are to be skipped."""


# ---------------------------------------------------------------------------- byte order

_LITTLE = {Int16ub: Int16ul, Int32ub: Int32ul, Int32sb: Int32sl, Int64sb: Int64sl}
_TWINS: dict[type[Record], type[Record]] = {}
_R = TypeVar("_R", bound=Record)


def little_endian(kind: type[_R]) -> type[_R]:
    """The record with all its numbers in the other byte order."""
    twin: Any = _TWINS.get(kind)
    if twin is None:
        names: dict[str, Any] = {"__doc__": kind.__doc__, "__module__": kind.__module__}
        names["__annotations__"] = {f.attribute: Any for f in kind.declaration.fields}
        for f in kind.declaration.fields:
            format = _LITTLE.get(f.format, f.format)
            names[f.attribute] = field(format, f.doc, default=f.default, secret=f.secret)
        for name, value in vars(kind).items():
            if isinstance(value, property):
                names[name] = value
        twin = _TWINS[kind] = record(type(kind.__name__, (Record,), names))
    return twin  # type: ignore[no-any-return]


def in_order(kind: type[_R], order: ByteOrder) -> type[_R]:
    """The record as it is declared, or its twin."""
    return kind if order == "big" else little_endian(kind)
