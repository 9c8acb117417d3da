"""What lies around the bytes of a TCP connection: link layers, IPv4, IPv6, TCP.

Only headers, and of those only what leads to the bytes. Checksums are not checked: captures
on the sending machine have wrong ones, because the network card writes them.

Each layer is declared with its payload as all that follows, because where the payload ends
is said twice: by the layer's own length, and by how much of the packet was captured.

Sources: IEEE 802.3, 802.1Q; tcpdump.org/linktypes for LINKTYPE_LINUX_SLL, _SLL2, _NULL, _LOOP;
RFC 791 (IPv4), RFC 8200 (IPv6), RFC 4302 (authentication header), RFC 9293 (TCP).
"""

from __future__ import annotations

from construct import Bytes, GreedyBytes, Int8ub, Int16ub, Int32ub, Int32ul, this

from volttools.formats.notation import Record, field, record

# fmt: off
# The link types that can be read; numbers as in pcap and pcapng files.
BSD_NULL, ETHERNET, BSD_LOOP = 0, 1, 108
LINUX_COOKED, LINUX_COOKED_2 = 113, 276
RAW_IP, RAW_IP_BSD, RAW_IP_OPENBSD, RAW_IPV4, RAW_IPV6 = 101, 12, 14, 228, 229

LINK_TYPES = {
    BSD_NULL:       "BSD loopback",
    ETHERNET:       "Ethernet",
    RAW_IP_BSD:     "raw IP",
    RAW_IP_OPENBSD: "raw IP",
    RAW_IP:         "raw IP",
    BSD_LOOP:       "OpenBSD loopback",
    LINUX_COOKED:   "Linux cooked v1",
    RAW_IPV4:       "raw IPv4",
    RAW_IPV6:       "raw IPv6",
    LINUX_COOKED_2: "Linux cooked v2",
}

ETHER_IPV4, ETHER_IPV6 = 0x0800, 0x86DD
ETHER_VLAN = frozenset({0x8100, 0x88A8, 0x9100})  # 802.1Q, 802.1ad (QinQ), and before that
ETHER_LENGTH = 0x0600  # below: the length of an 802.3 frame, and no type
ETHER_TYPES = {
    ETHER_IPV4: "IPv4",
    ETHER_IPV6: "IPv6",
    0x0806:     "ARP",
    0x8847:     "MPLS",
    0x8863:     "PPPoE",
    0x8864:     "PPPoE",
    0x88CC:     "LLDP",
}

# Address families of the BSD loopback header; each system has its own number for IPv6.
FAMILY_IPV4 = 2
FAMILIES_IPV6 = frozenset({10, 24, 28, 30})
FAMILIES = FAMILIES_IPV6 | {FAMILY_IPV4}

HOP_BY_HOP, TCP, ROUTING, FRAGMENT, AUTHENTICATION, NO_NEXT, DESTINATION = 0, 6, 43, 44, 51, 59, 60
IPV6_EXTENSIONS = frozenset({HOP_BY_HOP, ROUTING, DESTINATION})
PROTOCOLS = {
    1:       "ICMP",
    2:       "IGMP",
    4:       "IP in IP",
    TCP:     "TCP",
    17:      "UDP",
    41:      "IPv6 in IP",
    47:      "GRE",
    50:      "ESP (encrypted)",
    58:      "ICMPv6",
    NO_NEXT: "IPv6 without content",
    132:     "SCTP",
}
# fmt: on

IPV4_ADDRESS_BYTES = 4
IPV4_HEADER_BYTES = 20
IPV4_FRAGMENT = 0x3FFF
"""Bits of flags_and_fragment_offset that only a piece of a packet has: "more", and the offset."""
TCP_HEADER_BYTES = 20


# --------------------------------------------------------------------------- link layers


@record
class Ethernet(Record):
    """LINKTYPE_ETHERNET 1: a frame, without preamble; with padding if it was short."""

    destination: bytes = field(Bytes(6), "MAC address")
    source: bytes = field(Bytes(6), "MAC address")
    ether_type: int = field(Int16ub, "of the payload; 8100: a VLAN tag; below 0600: a length")
    payload: bytes = field(GreedyBytes, "the packet, and padding up to 60 bytes of frame")


@record
class VlanTag(Record):
    """What stands behind an ether type 8100 or 88A8; there may be several in a row."""

    tag_control: int = field(Int16ub, "priority, drop eligible, 12 bits of VLAN number")
    ether_type: int = field(Int16ub, "of the payload")
    payload: bytes = field(GreedyBytes, "the packet")


@record
class LinuxCooked(Record):
    """LINKTYPE_LINUX_SLL 113: in place of the link layer, by `tcpdump -i any`."""

    packet_type: int = field(Int16ub, "0 to us, 1 broadcast, 2 multicast, 3 others', 4 by us")
    arphrd_type: int = field(Int16ub, "kind of the interface; 1 Ethernet, 772 loopback")
    address_length: int = field(Int16ub, "how much of the address counts")
    address: bytes = field(Bytes(8), "the sender's")
    protocol: int = field(Int16ub, "ether type of the payload")
    payload: bytes = field(GreedyBytes, "the packet")


@record
class LinuxCooked2(Record):
    """LINKTYPE_LINUX_SLL2 276: the same with the interface; what newer tcpdumps write."""

    protocol: int = field(Int16ub, "ether type of the payload")
    reserved: int = field(Int16ub, "0", default=0)
    interface_index: int = field(Int32ub, "which interface, as the kernel counts")
    arphrd_type: int = field(Int16ub, "kind of the interface; 1 Ethernet, 772 loopback")
    packet_type: int = field(Int8ub, "0 to us, 1 broadcast, 2 multicast, 3 others', 4 by us")
    address_length: int = field(Int8ub, "how much of the address counts")
    address: bytes = field(Bytes(8), "the sender's")
    payload: bytes = field(GreedyBytes, "the packet")


@record
class BsdLoop(Record):
    """LINKTYPE_LOOP 108 and, on big-endian machines, LINKTYPE_NULL 0."""

    family: int = field(Int32ub, "2 IPv4; 24, 28 or 30 IPv6")
    payload: bytes = field(GreedyBytes, "the packet")


@record
class BsdNullLittle(Record):
    """LINKTYPE_NULL 0, on little-endian machines: the file doesn't say which it was."""

    family: int = field(Int32ul, "2 IPv4; 24, 28 or 30 IPv6")
    payload: bytes = field(GreedyBytes, "the packet")


# ------------------------------------------------------------------------------------ IP


@record
class Ipv4(Record):
    """RFC 791, 3.1."""

    version_and_header_length: int = field(Int8ub, "4 bits: 4; 4 bits: words of 4 bytes", default=0x45)
    type_of_service: int = field(Int8ub, "DSCP and ECN", default=0)
    total_length: int = field(Int16ub, "of header and payload; 0: the network card was to write it")
    identification: int = field(Int16ub, "of the packet, for its fragments", default=0)
    flags_and_fragment_offset: int = field(Int16ub, "3 bits: flags; 13 bits: units of 8", default=0)
    time_to_live: int = field(Int8ub, "routers that may follow", default=64)
    protocol: int = field(Int8ub, "of the payload; 6 is TCP", default=TCP)
    checksum: int = field(Int16ub, "of the header; not checked", default=0)
    source: bytes = field(Bytes(IPV4_ADDRESS_BYTES), "address")
    destination: bytes = field(Bytes(IPV4_ADDRESS_BYTES), "address")
    options_and_payload: bytes = field(GreedyBytes, "header_length - 20 bytes of options; payload")

    @property
    def version(self) -> int:
        """4, in a packet that really is IPv4."""
        return self.version_and_header_length >> 4

    @property
    def header_length(self) -> int:
        """In bytes, with options; less than 20 in a damaged packet."""
        return (self.version_and_header_length & 15) * 4


@record
class Ipv6(Record):
    """RFC 8200, 3."""

    version_class_flow: int = field(Int32ub, "4 bits: 6; 8: traffic class; 20: flow", default=0x60000000)
    payload_length: int = field(Int16ub, "of all that follows; 0: in an option, or left out")
    next_header: int = field(Int8ub, "of the payload; 6 is TCP, others are extensions", default=TCP)
    hop_limit: int = field(Int8ub, "routers that may follow", default=64)
    source: bytes = field(Bytes(16), "address")
    destination: bytes = field(Bytes(16), "address")
    payload: bytes = field(GreedyBytes, "extension headers and what they are for")

    @property
    def version(self) -> int:
        """6, in a packet that really is IPv6."""
        return self.version_class_flow >> 28


@record
class Ipv6Extension(Record):
    """RFC 8200, 4.3, 4.4, 4.6: hop-by-hop options, routing, destination options."""

    next_header: int = field(Int8ub, "of the payload")
    length: int = field(Int8ub, "in units of 8 bytes, without the first")
    content: bytes = field(Bytes(this.length * 8 + 6), "options; not looked at")
    payload: bytes = field(GreedyBytes, "what follows")


@record
class Ipv6Fragment(Record):
    """RFC 8200, 4.5: the packet is one of several pieces."""

    next_header: int = field(Int8ub, "of the whole packet's payload")
    reserved: int = field(Int8ub, "0", default=0)
    offset_and_more: int = field(Int16ub, "13 bits: units of 8; last bit: more follow")
    identification: int = field(Int32ub, "of the packet")
    payload: bytes = field(GreedyBytes, "the piece")

    @property
    def is_fragment(self) -> bool:
        """False for the "atomic" fragment that is a whole packet (RFC 6946)."""
        return self.offset_and_more & 0xFFF9 != 0


@record
class Authentication(Record):
    """RFC 4302, 2: signs what follows, and doesn't encrypt it."""

    next_header: int = field(Int8ub, "of the payload")
    length: int = field(Int8ub, "in units of 4 bytes, less 2")
    content: bytes = field(Bytes(this.length * 4 + 6), "index, sequence, check value")
    payload: bytes = field(GreedyBytes, "what follows")


@record
class Ipv4PseudoHeader(Record):
    """RFC 9293, 3.1: what a TCP checksum covers of the packet around it."""

    source: bytes = field(Bytes(IPV4_ADDRESS_BYTES), "address")
    destination: bytes = field(Bytes(IPV4_ADDRESS_BYTES), "address")
    zero: int = field(Int8ub, "0", default=0)
    protocol: int = field(Int8ub, "6", default=TCP)
    length: int = field(Int16ub, "of the TCP header and its payload")


@record
class Ipv6PseudoHeader(Record):
    """RFC 8200, 8.1: the same for IPv6."""

    source: bytes = field(Bytes(16), "address")
    destination: bytes = field(Bytes(16), "address")
    length: int = field(Int32ub, "of the TCP header and its payload")
    next_header: int = field(Int32ub, "24 bits: 0; 8 bits: 6", default=TCP)


CHECKSUM_MODULUS = 2**16 - 1


def internet_checksum(data: bytes) -> int:
    """RFC 1071: the complement of the one's complement sum of all words of 16 bits."""
    return checksum_of_sum(internet_sum(data))


def internet_sum(data: bytes) -> int:
    """What leaves the same remainder as the sum of the words modulo 2**16 - 1: the bytes as one number.

    Sums of parts can be added, if all but the last are whole words.
    """
    total = int.from_bytes(data, "big") % CHECKSUM_MODULUS
    return total << 8 if len(data) % 2 else total


def checksum_of_sum(total: int) -> int:
    """The checksum of what has this sum."""
    total %= CHECKSUM_MODULUS
    return CHECKSUM_MODULUS - total if total else 0  # of zeros alone it would be FFFF; there are none here


# ----------------------------------------------------------------------------------- TCP


FIN = 0x01
SYN = 0x02
RST = 0x04
PSH = 0x08
ACK = 0x10
"""Control bits: `Tcp.flags`."""

SEQUENCE_MASK = 2**32 - 1
"""Sequence numbers count modulo 2**32 (RFC 9293, 3.4)."""


@record
class Tcp(Record):
    """RFC 9293, 3.1."""

    source_port: int = field(Int16ub, "of the sender")
    destination_port: int = field(Int16ub, "of the receiver")
    sequence: int = field(Int32ub, "of the first byte; of the SYN itself, if that is set")
    acknowledgment: int = field(Int32ub, "the next byte expected of the other side", default=0)
    data_offset: int = field(Int8ub, "4 bits: length of the header in words of 4", default=0x50)
    flags: int = field(Int8ub, "from bit 0: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR", default=0x10)
    window: int = field(Int16ub, "how many bytes the sender can take", default=65535)
    checksum: int = field(Int16ub, "not checked", default=0)
    urgent_pointer: int = field(Int16ub, "with URG", default=0)
    options_and_payload: bytes = field(GreedyBytes, "header_length - 20 bytes of options; payload")

    @property
    def header_length(self) -> int:
        """In bytes, with options; less than 20 in a damaged packet."""
        return (self.data_offset >> 4) * 4
