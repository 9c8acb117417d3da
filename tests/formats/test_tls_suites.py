"""Suites and labels, against other lists of them."""

import ssl

import pytest

from tests.protocol.tls.peers import SUITES_1_2
from volttools.codec import build
from volttools.formats.tls import TLS_1_2, TLS_1_3
from volttools.formats.tls_suites import (
    CIPHER_SUITES,
    GCM_128_12,
    KEY_LOG_LABELS,
    OTHER_SUITES,
    HkdfLabel,
    key_block,
    key_block_bytes,
    suite_name,
    suite_of,
)


def test_openssl_knows_the_same_codes_and_sizes():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    compared = 0
    for found in context.get_ciphers():
        suite = CIPHER_SUITES.get(found["id"] & 0xFFFF)
        if suite is None:
            assert not found["aead"] or "ARIA" in found["name"] or "CAMELLIA" in found["name"], found["name"]
            continue
        assert found["aead"]
        assert found["alg_bits"] == 8 * suite.cipher.key
        if found["name"] in SUITES_1_2:
            assert SUITES_1_2[found["name"]] == suite.name
        if found["digest"]:
            assert found["digest"] == suite.hash
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("code", CIPHER_SUITES)
def test_a_name_tells_cipher_and_hash(code):
    suite = CIPHER_SUITES[code]
    cipher = suite.cipher
    assert ("AES_128" in suite.name) == (cipher.key == 16)
    assert ("CCM_8" in suite.name) == (cipher.tag == 8)
    assert ("GCM" in suite.name, "CCM" in suite.name, "CHACHA20" in suite.name) == tuple(
        cipher.algorithm == name for name in ("AES-GCM", "AES-CCM", "ChaCha20-Poly1305")
    )
    assert suite.name.endswith("SHA384") == (suite.hash == "sha384")
    assert cipher.iv + cipher.explicit == 12
    assert ("_WITH_" in suite.name) == (code >> 8 != 0x13)


def test_a_suite_is_of_one_version():
    assert suite_of(0x1301, TLS_1_3) is CIPHER_SUITES[0x1301]
    assert suite_of(0x1301, TLS_1_2) is None
    assert suite_of(0xC02F, TLS_1_3) is None
    assert suite_of(0x002F, TLS_1_2) is None


def test_no_suite_is_in_both_lists():
    assert not set(CIPHER_SUITES) & set(OTHER_SUITES)
    assert suite_name(0xC02F) == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


def test_a_key_block_has_the_parts_of_rfc_5246():
    data = bytes(range(40))
    assert key_block_bytes(GCM_128_12) == 40
    assert key_block(data, GCM_128_12) == (data[:16], data[16:32], data[32:36], data[36:])


def test_the_label_of_rfc_8448():
    assert build(HkdfLabel(length=16, label=b"tls13 key")).hex() == "001009746c733133206b657900"


def test_labels_of_a_key_log_are_told_apart():
    assert len({label.label for label in KEY_LOG_LABELS}) == len(KEY_LOG_LABELS)
