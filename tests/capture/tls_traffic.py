"""Captures of conversations in TLS."""

from tests.capture.files import NOW, enhanced, interface, section
from tests.capture.files import block as pcapng_block
from tests.capture.files import made as built
from tests.capture.traffic import Traffic, pcap_of
from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, answer, call, framed
from volttools.formats import pcap
from volttools.formats.network import ACK, PSH

SEGMENT_BYTES = 1400


def spoken(talk, *, calls=3):
    """A log-in and calls, inside of TLS."""
    talk.says(CLIENT, framed(LOGIN)).says(SERVER, framed(ACCEPTED))
    for number in range(calls):
        talk.says(CLIENT, framed(call("Vote", number))).says(SERVER, framed(answer(number, rows=100)))
    return talk


def traffic_of(talk, **ports):
    """Packets of a conversation, a chunk every millisecond."""
    traffic = Traffic(**ports).opens(0)
    for number, (side, data) in enumerate(talk.chunks, 1):
        for at in range(0, len(data), SEGMENT_BYTES):
            traffic.packet(number / 1000, side, data[at : at + SEGMENT_BYTES], ACK | PSH)
    return traffic


def pcap_file(talk, **ports):
    return pcap_of(traffic_of(talk, **ports).closes(5))


def secrets(key_log):
    """A block of pcapng that holds a key log."""
    body = built(
        pcap.DecryptionSecrets,
        "little",
        secrets_length=len(key_log),
        secrets=key_log,
        padding=bytes(-len(key_log) % 4),
    )
    return pcapng_block(pcap.DECRYPTION_SECRETS, body)


def pcapng_file(talk, *, keys_after=0, key_log=None, **ports):
    """A pcapng file that holds the keys, behind so many packets."""
    packets = [
        enhanced(packet, (NOW * 10**6) + int(at * 10**6))
        for at, packet in traffic_of(talk, **ports).closes(5).packets
    ]
    packets.insert(keys_after, secrets(talk.key_log if key_log is None else key_log))
    return section() + interface() + b"".join(packets)
