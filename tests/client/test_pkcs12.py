"""PKCS12 stores: what keytool and others write."""

import contextlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.made import PASSWORD, STORES, authority, client, identity, p12_store
from tests.requirements import require_tool
from volttools.client.pkcs12 import encrypted_pem, read
from volttools.errors import UsageError

CLIENT = (STORES / "client.p12").read_bytes()
CA = (STORES / "ca.der").read_bytes()


def test_a_trust_store_of_keytool_holds_the_certificate():
    assert read((STORES / "trust.p12").read_bytes(), PASSWORD) == (None, (), (CA,))


def test_a_key_store_of_keytool_holds_a_key_that_works_and_its_chain():
    key, chain, trusted = read(CLIENT, PASSWORD)
    assert (len(chain), chain[1], trusted) == (2, CA, chain)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in encrypted_pem(key, b"x")


def test_a_chain_has_only_those_who_vouch():
    other = identity("somebody else", ca=True)
    _, chain, trusted = read(p12_store(client(), other, authority()), PASSWORD)
    assert chain == (client().der, authority().der)
    assert set(trusted) == {client().der, authority().der, other.der}


def test_a_store_without_password_reads_with_and_without_one():
    data = p12_store(client(), password=None)
    assert read(data, None)[0] == client().pkcs8


@pytest.mark.parametrize("password", ["", "changei", "\udc80", "\0"])
def test_a_wrong_password_is_said(password):
    with pytest.raises(UsageError) as raised:
        read(CLIENT, password)
    assert str(raised.value) == "the password of the store is wrong, or the file is damaged"


def test_a_password_that_is_needed_is_asked_for():
    with pytest.raises(UsageError) as raised:
        read(CLIENT, None)
    assert str(raised.value) == "the store is encrypted, and no password of it was given"


def test_a_store_that_was_cut_is_said():
    with pytest.raises(UsageError, match="a damaged PKCS12 store"):
        read(CLIENT[:300], PASSWORD)


def test_a_key_that_is_none_is_said():
    with pytest.raises(UsageError, match="a private key that can't be used: "):
        encrypted_pem(b"no key", b"x")


def test_without_cryptography_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(UsageError) as raised:
        read(CLIENT, PASSWORD)
    assert str(raised.value) == (
        'reading PKCS12 stores takes the package cryptography: pip install "volttools[tls]"'
    )
    with pytest.raises(UsageError, match=r"using the private key of a JKS store takes .*volttools\[tls\]"):
        encrypted_pem(b"", b"")


@given(st.data())
def test_changed_bytes_are_an_error_or_a_store(data):
    changed = bytearray((STORES / "trust.p12").read_bytes())
    # The count of rounds of a key derivation may be any: not changed, as it is time.
    for at in data.draw(st.lists(st.integers(0, 60), min_size=1, max_size=3)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UsageError):
        read(bytes(changed), PASSWORD)


@pytest.mark.interop
@pytest.mark.parametrize("options", [(), ("-J-Dkeystore.pkcs12.legacy",)], ids=["now", "before Java 8u301"])
def test_stores_that_keytool_writes_can_be_read(tmp_path, options):
    keytool = require_tool("keytool")
    store = tmp_path / "new.jks"  # PKCS12 by another name
    command = [keytool, *options, "-genkeypair", "-alias", "me", "-dname", "CN=x", "-keyalg", "RSA"]
    command += ["-keystore", str(store), "-storepass", PASSWORD]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    key, chain, _ = read(store.read_bytes(), PASSWORD)
    assert key is not None
    assert len(chain) == 1
