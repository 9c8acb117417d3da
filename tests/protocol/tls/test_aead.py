"""The ciphers, by vectors of their own specifications; and what is said without them."""

import builtins

import pytest

from volttools.errors import UsageError
from volttools.formats.tls_suites import CCM8_128, CHACHA, GCM_128
from volttools.protocol.tls.aead import MISSING, decryption, require

# (cipher, key, nonce, additional, ciphertext and tag, plaintext, source)
VECTORS = [
    (
        GCM_128,
        "feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b"
        "396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
        "f5aa0de657ba637b39",
        "the GCM specification, test case 4",
    ),
    (
        CHACHA,
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
        "070000004041424344454647",
        "50515253c0c1c2c3c4c5c6c7",
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de"
        "0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b"
        "7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
        "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c"
        "64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20"
        "776f756c642062652069742e",
        "RFC 8439, 2.8.2",
    ),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[-1])
def test_published_vectors(vector):
    cipher, *texts, _ = vector
    key, nonce, additional, ciphertext, plaintext = map(bytes.fromhex, texts)
    decrypt = decryption(cipher, key)
    assert decrypt(nonce, ciphertext, additional) == plaintext
    assert decrypt(nonce, ciphertext, additional + b"x") is None
    assert decrypt(nonce, ciphertext[:-1], additional) is None


def test_ccm_8_has_a_tag_of_eight_bytes():
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM

    sealed = AESCCM(bytes(16), tag_length=8).encrypt(bytes(12), b"content", b"head")
    assert len(sealed) == 7 + 8
    assert decryption(CCM8_128, bytes(16))(bytes(12), sealed, b"head") == b"content"


@pytest.fixture
def without_cryptography(monkeypatch):
    import_module = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return import_module(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)


def test_without_the_package_it_is_said_what_to_install(without_cryptography):
    with pytest.raises(UsageError) as caught:
        require()
    assert str(caught.value) == MISSING
    assert 'pip install "volttools[tls]"' in MISSING
    with pytest.raises(UsageError):
        decryption(GCM_128, bytes(16))
