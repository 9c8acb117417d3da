"""Keys from secrets, by published vectors; records by their keys."""

import pytest

from volttools.codec import parse
from volttools.formats.tls import TLS_HEADER_BYTES, TlsRecordHeader
from volttools.formats.tls_suites import CIPHER_SUITES, IV_LABEL, KEY_LABEL
from volttools.protocol.tls.keys import (
    expand_label,
    explicit_nonce,
    keys_1_2,
    keys_1_3,
    next_secret,
    pseudorandom,
)

# RFC 8448, 3: the server's handshake traffic secret of the simple handshake, and what follows from it.
SECRET = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
KEY = bytes.fromhex("3fce516009c21727d0f2e4e86ee403bc")
IV = bytes.fromhex("5d313eb2671276ee13000b30")


def test_keys_of_tls_1_3_are_those_of_rfc_8448():
    assert expand_label("sha256", SECRET, KEY_LABEL, 16) == KEY
    assert expand_label("sha256", SECRET, IV_LABEL, 12) == IV
    keys = keys_1_3(CIPHER_SUITES[0x1301], SECRET)
    assert keys.iv == IV
    assert keys.overhead == 5 + 1 + 16


def test_the_prf_of_tls_1_2_gives_the_published_vector():
    # From the mailing list of the IETF's TLS group, for SHA-256.
    secret = bytes.fromhex("9bbe436ba940f017b17652849a71db35")
    seed = b"test label" + bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    found = pseudorandom("sha256", secret, seed, 100)
    assert found.hex().startswith("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a")
    assert len(found) == 100


def test_a_secret_is_followed_by_another_of_its_length():
    assert len(next_secret(CIPHER_SUITES[0x1301], SECRET)) == 32
    assert len(next_secret(CIPHER_SUITES[0x1302], bytes(48))) == 48
    assert next_secret(CIPHER_SUITES[0x1301], SECRET) != SECRET


@pytest.mark.parametrize("size", [0, 1, 15, 23, 2**14 + 17 + 1, 2**16 - 1])
def test_a_record_of_an_impossible_size_is_none(size):
    header = TlsRecordHeader(content_type=23, length=size)
    for keys in (
        keys_1_3(CIPHER_SUITES[0x1301], SECRET),
        keys_1_2(CIPHER_SUITES[0x009C], *[bytes(48)] * 3)[0],
    ):
        assert keys.content_of(header, bytes(size), 0) is None


def test_a_wrong_number_or_a_changed_byte_fails():
    from tests.protocol.tls.forged import Forged

    forged = Forged(0x1303).says(0, b"secret words")
    keys = keys_1_3(CIPHER_SUITES[0x1303], forged.secrets[0])
    _, sent = forged.chunks[-1]
    header, body = parse(TlsRecordHeader, sent[:TLS_HEADER_BYTES]), sent[TLS_HEADER_BYTES:]
    assert keys.content_of(header, body, 0) == (23, b"secret words")
    assert keys.content_of(header, body, 1) is None
    assert keys.content_of(header.replace(version=0x0301), body, 0) is None
    assert keys.content_of(header, body[:-1] + bytes([body[-1] ^ 1]), 0) is None


def test_only_gcm_and_ccm_of_tls_1_2_have_a_nonce_in_the_record():
    gcm, chacha = (keys_1_2(CIPHER_SUITES[code], *[bytes(48)] * 3)[0] for code in (0x009C, 0xCCA8))
    body = bytes.fromhex("0000000000000107") + bytes(20)
    assert explicit_nonce(gcm, body) == 263
    assert explicit_nonce(gcm, body[:7]) is None
    assert explicit_nonce(chacha, body) is None


def test_no_key_is_in_a_repr():
    shown = repr(keys_1_3(CIPHER_SUITES[0x1301], SECRET))
    assert KEY.hex() not in shown
    assert IV.hex() not in shown
    assert str(IV) not in shown
