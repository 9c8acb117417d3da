"""What two sides agree on, and why it can't be read."""

import pytest

from tests.protocol.tls.forged import extensions
from tests.protocol.wire import CLIENT, SERVER
from volttools.codec import build
from volttools.formats import tls
from volttools.formats.tls_handshake import HELLO_RETRY_RANDOM, ClientHello, ServerHello
from volttools.protocol.tls.epochs import Allowance, Epoch, SideKeys
from volttools.protocol.tls.keylog import KeyLog
from volttools.protocol.tls.session import Session

RANDOM = bytes(range(32))
VERSION_1_3 = extensions({43: b"\3\4"})


def session(log=b"", *, hello=True):
    made = Session(KeyLog(log), (SideKeys(Allowance()), SideKeys(Allowance())))
    if hello:
        made.client_hello(CLIENT, build(ClientHello(legacy_version=0x0303, random=RANDOM, cipher_suites=b"")))
    return made


def answered(made, suite, *, version=0x0303, found=b"", compression=0, server_random=bytes(32)):
    hello = ServerHello(
        legacy_version=version,
        random=server_random,
        cipher_suite=suite,
        compression_method=compression,
        extensions=found,
    )
    made.server_hello(SERVER, build(hello))
    return made


def lines(*labels, size=48):
    return b"".join(f"{label} {RANDOM.hex()} {bytes(size).hex()}\n".encode() for label in labels)


@pytest.mark.parametrize(
    ("suite", "settings", "text", "failure"),
    [
        (0xC030, {}, "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", None),
        (0x1301, {"found": VERSION_1_3}, "TLS 1.3, TLS_AES_128_GCM_SHA256", None),
        (
            0x002F,
            {},
            "TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA",
            "only AEAD suites are read (AES-GCM, AES-CCM, ChaCha20-Poly1305)",
        ),
        (
            0x1301,
            {},
            "TLS 1.2, TLS_AES_128_GCM_SHA256",
            "only AEAD suites are read (AES-GCM, AES-CCM, ChaCha20-Poly1305)",
        ),
        (
            0x002F,
            {"version": 0x0301},
            "TLS 1.0, TLS_RSA_WITH_AES_128_CBC_SHA",
            "only TLS 1.2 and 1.3 are read",
        ),
        (
            0xC07A,
            {"found": extensions({43: b"\x7f\x1c"})},
            "version 7f1c, suite C07A",
            "only TLS 1.2 and 1.3 are read",
        ),
        (
            0xC030,
            {"compression": 1},
            "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "compressed content is not read",
        ),
    ],
)
def test_what_was_chosen_is_named(suite, settings, text, failure):
    made = answered(session(), suite, **settings)
    assert (made.text, made.failure) == (text, failure)


def test_the_sides_are_named_once_they_are_known():
    made = session(hello=False)
    assert (made.name(0), made.name(1), made.text) == ("side 1", "side 2", None)
    made = session()
    assert (made.name(0), made.name(1)) == ("client", "server")


def test_a_request_for_another_hello_chooses_nothing():
    made = answered(session(), 0x1301, found=VERSION_1_3, server_random=HELLO_RETRY_RANDOM)
    assert made.version is None
    assert made.failure is None


def test_without_the_clients_hello_keys_cannot_be_found():
    made = answered(session(hello=False), 0xC030)
    assert made.failure == "the client's hello, by which its keys are found, is not in the capture"


def test_hellos_that_cannot_be_read():
    made = session(hello=False)
    made.client_hello(CLIENT, b"\3\3short")
    assert made.failure.startswith("the client's hello can't be read: ")
    made = session()
    made.server_hello(SERVER, b"")
    assert made.failure.startswith("the server's hello can't be read: ")


def test_keys_of_tls_1_2_are_for_both_sides():
    made = answered(session(lines("CLIENT_RANDOM")), 0xC030)
    assert made.load_keys(CLIENT)
    assert made.load_keys(SERVER)


def test_keys_of_tls_1_3_are_each_sides_own():
    made = answered(session(lines("SERVER_HANDSHAKE_TRAFFIC_SECRET")), 0x1302, found=VERSION_1_3)
    assert made.load_keys(SERVER)
    assert not made.load_keys(CLIENT)
    assert made.missing_key(CLIENT) == (
        "the key log has no usable CLIENT_HANDSHAKE_TRAFFIC_SECRET for this connection"
        " (client random 00010203...), only SERVER_HANDSHAKE_TRAFFIC_SECRET"
    )


@pytest.mark.parametrize(
    ("log", "suite", "found"),
    [
        (lines("CLIENT_RANDOM", size=32), 0xC030, b""),  # a master secret has 48 bytes
        (lines("SERVER_HANDSHAKE_TRAFFIC_SECRET", size=48), 0x1301, VERSION_1_3),  # its hash has 32
    ],
)
def test_a_secret_of_the_wrong_length_is_none(log, suite, found):
    made = answered(session(log), suite, found=found)
    assert not made.load_keys(SERVER)
    assert made.missing_key(SERVER).startswith("the key log has no usable ")


def test_why_there_is_no_key():
    assert answered(session(), 0xC030).missing_key(CLIENT) == "no key log was given"
    other = lines("CLIENT_RANDOM").replace(b"00010203", b"ff010203")
    assert answered(session(other), 0xC030).missing_key(CLIENT) == (
        "the key log has no secret for this connection (client random 00010203...)"
    )


def test_early_data_is_the_clients_before_its_handshake_keys():
    made = session(hello=False)
    hello = ClientHello(
        legacy_version=0x0303, random=RANDOM, cipher_suites=b"", extensions=extensions({42: b""})
    )
    made.client_hello(SERVER, build(hello))
    assert made.is_early(SERVER)
    assert not made.is_early(CLIENT)
    made._sides[SERVER].begin(Epoch.HANDSHAKE)
    assert not made.is_early(SERVER)


def test_without_cryptography_it_fails_with_what_to_install(monkeypatch):
    from volttools.errors import UsageError
    from volttools.protocol.tls import aead, keys

    def missing(*_):
        raise UsageError(aead.MISSING)

    monkeypatch.setattr(keys, "decryption", missing)
    made = answered(session(lines("CLIENT_RANDOM")), 0xC030)
    assert not made.load_keys(CLIENT)
    assert made.failure == aead.MISSING
    assert made.version == tls.TLS_1_2
