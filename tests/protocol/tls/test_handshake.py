"""Messages of a handshake, however they are cut; extensions and versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.tls.forged import extensions, message, record
from volttools.codec import build, parse
from volttools.formats import tls
from volttools.formats.tls_handshake import MAX_HELLO_BYTES, ServerHello
from volttools.protocol.tls.handshake import (
    MAX_EXTENSIONS,
    HandshakeReader,
    Message,
    extensions_of,
    looks_plain,
    version_of,
)
from volttools.protocol.tls.records import TlsRecord

FLIGHT = message(2, b"hello") + message(11, bytes(700)) + message(14) + message(1, b"again")
MESSAGES = [Message(2, b"hello"), Message(11, b""), Message(14, b""), Message(1, b"again")]


def test_hellos_are_kept_and_others_are_noted():
    assert HandshakeReader().feed(FLIGHT) == MESSAGES


@given(st.lists(st.integers(1, 100)))
def test_messages_and_records_are_cut_independently(sizes):
    reader, rest, found = HandshakeReader(), FLIGHT, []
    for size in sizes:
        found += reader.feed(rest[:size])
        rest = rest[size:]
    assert found + reader.feed(rest) == MESSAGES


def test_a_hello_that_is_too_long_is_passed_over():
    reader = HandshakeReader()
    assert reader.feed(message(1, bytes(MAX_HELLO_BYTES + 1)) + message(14)) == [
        Message(1, b""),
        Message(14, b""),
    ]


def test_a_message_of_16_mb_takes_no_memory():
    reader = HandshakeReader()
    assert reader.feed(bytes.fromhex("0bffffff")) == []
    for _ in range(100):
        assert reader.feed(bytes(2**14)) == []
        assert len(reader._buffer) < 2**14


def test_after_a_hole_it_begins_anew():
    reader = HandshakeReader()
    reader.feed(FLIGHT[:50])
    reader.reset()
    assert reader.feed(message(14)) == [Message(14, b"")]


def test_extensions_are_read_as_far_as_they_can_be():
    assert extensions_of(b"") == {}
    assert extensions_of(extensions({43: b"\3\4", 0: b""})) == {43: b"\3\4", 0: b""}
    assert extensions_of(extensions({43: b"\3\4", 0: b"abc"})[:-1]) == {}
    inner = bytes.fromhex("002b00020304 0000ffff")
    assert extensions_of(len(inner).to_bytes(2, "big") + inner) == {43: b"\3\4"}
    assert len(extensions_of(extensions({n: b"" for n in range(1000)}))) == MAX_EXTENSIONS


@pytest.mark.parametrize(
    ("legacy", "found", "version"),
    [
        (0x0303, {}, tls.TLS_1_2),
        (0x0301, {}, 0x0301),
        (0x0303, {43: b"\3\4"}, tls.TLS_1_3),
        (0x0303, {43: b"\3"}, tls.TLS_1_2),
    ],
)
def test_the_version_is_what_the_server_says(legacy, found, version):
    hello = ServerHello(legacy_version=legacy, random=bytes(32), cipher_suite=1, extensions=extensions(found))
    assert version_of(parse(ServerHello, build(hello))) == version


@pytest.mark.parametrize(
    ("kind", "body", "is_plain"),
    [
        (tls.HANDSHAKE, message(11), True),
        (tls.HANDSHAKE, b"\xaa\0\0\0", False),
        (tls.HANDSHAKE, b"\1", False),
        (tls.ALERT, b"\2\x28", True),
        (tls.ALERT, b"\2\xfe", False),
        (tls.ALERT, bytes(30), False),
        (tls.CHANGE_CIPHER_SPEC, b"\1", True),
        (tls.CHANGE_CIPHER_SPEC, b"\2", False),
        (tls.APPLICATION_DATA, b"\1", False),
    ],
)
def test_what_looks_plain(kind, body, is_plain):
    header = parse(tls.TlsRecordHeader, record(kind, body)[: tls.TLS_HEADER_BYTES])
    assert looks_plain(TlsRecord(header, body, None)) is is_plain
