"""Hellos as OpenSSL writes them."""

import pytest

from tests.protocol.tls.peers import TLS_1_2, TLS_1_3, Peers
from tests.protocol.wire import CLIENT, SERVER
from volttools.codec import build, parse
from volttools.errors import EncodeError
from volttools.formats.tls import TLS_HEADER_BYTES
from volttools.formats.tls_handshake import (
    HANDSHAKE_HEADER_BYTES,
    HELLO_RETRY_RANDOM,
    ClientHello,
    Extension,
    Extensions,
    HandshakeHeader,
    ServerHello,
)


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize(("side", "kind", "code"), [(CLIENT, ClientHello, 1), (SERVER, ServerHello, 2)])
def test_hellos_of_openssl(version, side, kind, code):
    talk = Peers(version).shakes_hands()
    sent = talk.bytes_of(side)[TLS_HEADER_BYTES:]
    header = parse(HandshakeHeader, sent[:HANDSHAKE_HEADER_BYTES])
    assert header.type == code
    body = sent[HANDSHAKE_HEADER_BYTES:][: header.length]
    hello = parse(kind, body)
    assert hello.legacy_version == 0x0303
    assert build(hello) == body
    block = parse(Extensions, hello.extensions).extensions
    kinds = []
    while block:
        extension = parse(Extension, block)
        kinds.append(extension.type)
        block = extension.rest
    assert (43 in kinds) == (version is TLS_1_3)
    if kind is ClientHello:
        assert hello.random.hex().encode() in talk.key_log


def test_a_request_for_another_hello_has_a_random_of_its_own():
    hello = ServerHello(legacy_version=0x0303, random=HELLO_RETRY_RANDOM, cipher_suite=0x1301)
    assert hello.is_retry
    assert not hello.replace(random=bytes(32)).is_retry


def test_lengths_have_three_bytes():
    header = HandshakeHeader(type=11, length=0x012345)
    assert build(header).hex() == "0b012345"
    assert parse(HandshakeHeader, bytes.fromhex("0bffffff")).length == 2**24 - 1
    with pytest.raises(EncodeError, match="expected u24"):
        build(header.replace(length=2**24))
