"""Rules on damage: what is missing from the capture, and what can't be read in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState
from volttools.protocol.events import Damage
from volttools.protocol.frames import CLOSED
from volttools.protocol.framing import FOLLOWED_TOO_SOON, NO_LENGTH

DAMAGE, VIOLATION, NOTE = Severity.DAMAGE, Severity.VIOLATION, Severity.NOTE

_SENDERS_FAULT: Final = (NO_LENGTH, FOLLOWED_TOO_SOON)


def _kind(what: str) -> Callable[[Damage, ConnectionState], Iterable[Found]]:
    """Damage of one kind, as it is."""

    def find(damage: Damage, state: ConnectionState) -> Iterator[Found]:
        if damage.what == what:
            yield Found(damage.message)

    return find


def _cut_frame(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    if damage.what == "incomplete frame" and damage.closed_by not in CLOSED:
        yield Found(damage.message)


def _closed_in_frame(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    if damage.what == "incomplete frame" and damage.closed_by in CLOSED:
        closed_by = damage.connection.closed_by if damage.connection is not None else None
        yield Found(damage.message, side=closed_by)


def _midstream(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    if damage.what == "midstream" and not damage.length:
        yield Found(damage.message)


def _midstream_cut(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    if damage.what == "midstream" and damage.length:
        yield Found(damage.message)


def _is_sent_so(damage: Damage, state: ConnectionState) -> bool:
    """Whether bytes that can't be read were sent as they are: nothing is missing around them."""
    return damage.direction is not None and damage.direction not in state.damaged


def _is_broken_framing(damage: Damage, state: ConnectionState) -> bool:
    return (
        damage.what == "unreadable"
        and _is_sent_so(damage, state)
        and any(text in damage.message for text in _SENDERS_FAULT)
    )


def _broken_framing(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    if _is_broken_framing(damage, state) and damage.direction is not None:
        message = (
            f"{damage.message}, or it begins with a version that nobody knows; nothing is missing before it"
        )
        yield Found(message, side=damage.direction.value)


def _malformed(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    if damage.what == "malformed" and damage.direction is not None and _is_sent_so(damage, state):
        yield Found(damage.message, side=damage.direction.value)


def _unreadable(damage: Damage, state: ConnectionState) -> Iterator[Found]:
    is_loss = damage.what == "unreadable" and not _is_broken_framing(damage, state)
    if is_loss or (damage.what == "malformed" and not _is_sent_so(damage, state)):
        yield Found(damage.message)


# fmt: off
DAMAGE_RULES: tuple[Rule[Damage], ...] = (
    Rule("gap",               DAMAGE,    None,     "bytes that were sent are missing from the capture", "TCP sequence numbers", _kind("gap")),
    Rule("snap-length",       DAMAGE,    None,     "packets were cut when they were captured: capture with tcpdump -s 0", "lengths in the packet headers", _kind("snap length")),
    Rule("cut-frame",         DAMAGE,    None,     "the capture or file ends inside a frame, or the client stopped to read in one", "VoltProtocolHandler.java: i32 length, then so many bytes", _cut_frame),
    Rule("unreadable",        DAMAGE,    None,     "bytes that can't be read, where others are missing", "VoltProtocolHandler.java: i32 length, then so many bytes", _unreadable),
    Rule("midstream-cut",     DAMAGE,    None,     "the capture begins inside a frame: so many bytes passed over", "VoltProtocolHandler.java: i32 length, then so many bytes", _midstream_cut),
    Rule("one-direction",     DAMAGE,    None,     "only what one side sent was captured", "TCP acknowledgment numbers", _kind("one direction")),
    Rule("file-cut",          DAMAGE,    None,     "the file ends in the middle of a packet or record", "pcap, pcapng, dump_file", _kind("file cut")),
    Rule("encrypted",         DAMAGE,    None,     "TLS that can't be decrypted: nothing of it can be checked", "TLS records", _kind("tls")),
    Rule("midstream",         NOTE,      None,     "the connection began before the capture; its log-in is not in it", "TCP handshake", _midstream),
    Rule("tls-alert",         NOTE,      None,     "TLS ended with a fatal alert, as for a certificate that the client doesn't trust", "RFC 8446, 6", _kind("tls alert")),
    Rule("tls-to-plain-port", VIOLATION, "client", "a TLS hello to a port that speaks plainly", "VoltPort.java reads the hello as a length of 369 MB", _kind("tls to plain port")),
    Rule("plain-to-tls-port", VIOLATION, "client", "a plain log-in to a port that wants TLS", "recording tls-plain-client", _kind("plain to tls port")),
    Rule("closed-in-frame",   VIOLATION, None,     "the connection ended inside a frame", "VoltProtocolHandler.java: i32 length, then so many bytes", _closed_in_frame),
    Rule("broken-framing",    VIOLATION, None,     "a length that can't be one, or a version that nobody knows", "VoltPort.java: 1 .. 50 MiB; StoredProcedureInvocation.java: version 0 .. 2", _broken_framing),
    Rule("malformed-frame",   VIOLATION, None,     "a whole frame that is no message of its sender", "ClientInterface.java, AuthSystem.java, ClientResponseImpl.java", _malformed),
)
# fmt: on
