"""JKS stores: what keytool writes, wrong passwords, damage."""

import contextlib
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.made import (
    PASSWORD,
    STORES,
    authority,
    client,
    jks_key,
    jks_store,
    jks_trusted,
)
from tests.requirements import require_tool
from volttools.client.jks import read
from volttools.client.pkcs12 import encrypted_pem
from volttools.errors import UsageError
from volttools.formats import jks

CLIENT = (STORES / "client.jks").read_bytes()


def test_a_trust_store_of_keytool_holds_the_certificate():
    found = read((STORES / "trust.jks").read_bytes(), PASSWORD)
    assert found.trusted == ((STORES / "ca.der").read_bytes(),)
    assert (found.chain, found.key, found.has_key) == ((), None, False)


def test_a_key_store_of_keytool_holds_a_key_that_works_and_its_chain():
    found = read(CLIENT, PASSWORD)
    assert found.has_key
    assert found.chain[1] == (STORES / "ca.der").read_bytes()
    assert found.trusted == found.chain[:1]
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in encrypted_pem(found.key, b"x")


def test_certificates_need_no_password_and_then_are_not_checked():
    changed = bytearray((STORES / "trust.jks").read_bytes())
    changed[-1] ^= 1
    assert read(bytes(changed), None).trusted == ((STORES / "ca.der").read_bytes(),)
    found = read(CLIENT, None)
    assert (found.has_key, found.key) == (True, None)


@pytest.mark.parametrize("password", ["", "changei", "Changeit", "\udc80", "\0"])
def test_a_wrong_password_is_said(password):
    with pytest.raises(UsageError) as raised:
        read(CLIENT, password)
    assert str(raised.value) == "the password of the store is wrong, or the file is damaged"


@pytest.mark.parametrize("password", ["", "pässwörd", "𝄞 clef", "a" * 300])
def test_passwords_are_utf_16(password):
    data = jks_store(
        *jks_trusted(authority().der),
        jks_key(client().pkcs8, client().der, password=password),
        password=password,
    )
    found = read(data, password)
    assert found.key == client().pkcs8
    assert found.trusted == (authority().der, client().der)


def test_the_first_of_several_keys_is_used():
    data = jks_store(jks_key(b"one", b"1"), jks_key(b"two", b"2", alias=b"other"))
    assert read(data, PASSWORD) == ((b"1", b"2"), (b"1",), b"one", True)


def test_a_key_with_a_password_of_its_own_is_told_from_a_wrong_password():
    data = jks_store(jks_key(client().pkcs8, client().der, password="another"))
    with pytest.raises(UsageError) as raised:
        read(data, PASSWORD)
    assert str(raised.value) == (
        "the private key 'me' has another password than its store; give it the same: "
        "keytool -keypasswd -alias ALIAS -keystore FILE"
    )


def test_other_protection_of_a_key_is_named():
    entry = jks_key(client().pkcs8, client().der)
    entry.key = entry.key.replace(jks.KEY_PROTECTOR, jks.KEY_PROTECTOR[:-1] + b"\x02")
    with pytest.raises(UsageError, match="'me' is encrypted in a way that is not Java's own"):
        read(jks_store(entry), PASSWORD)


@pytest.mark.parametrize("key", [b"", b"0", b"\x30\x00", b"\x30\x82\xff\xff\x30\x00"])
def test_a_damaged_key_is_named(key):
    entry = jks_key(b"", b"")
    entry.key = key
    with pytest.raises(UsageError, match="the private key 'me' is damaged"):
        read(jks_store(entry), PASSWORD)


def test_old_versions_and_strange_entries_are_named():
    old = bytearray(CLIENT)
    old[7] = 1
    with pytest.raises(UsageError, match="a JKS store of version 1; only version 2 is read"):
        read(bytes(old), PASSWORD)
    with pytest.raises(UsageError, match="entry 's' is of the unknown kind 3"):
        read(jks_store(jks.JksEntry(tag=3, alias=b"s")), PASSWORD)


@given(st.data())
def test_changed_bytes_are_an_error_or_the_same_key(data):
    changed = bytearray(CLIENT)
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=4)):
        changed[at] = data.draw(st.integers(0, 255))
    password = data.draw(st.sampled_from([PASSWORD, None]))
    with contextlib.suppress(UsageError):
        read(bytes(changed), password)
        assert password is None or changed == bytearray(CLIENT)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_behind_the_magic_are_an_error_or_empty(rest, has_version):
    start = jks.MAGIC + (bytes([0, 0, 0, 2]) if has_version else b"")
    with contextlib.suppress(UsageError):
        read(start + rest, None)


@pytest.mark.interop
@pytest.mark.parametrize(
    "algorithm", [("EC", "-groupname", "secp384r1"), ("RSA", "-keysize", "2048"), ("DSA",)]
)
def test_keys_that_keytool_writes_now_can_be_read(tmp_path, algorithm):
    keytool = require_tool("keytool")
    store = tmp_path / "new.jks"
    command = [keytool, "-genkeypair", "-alias", "mé", "-dname", "CN=x", "-keyalg", *algorithm]
    command += [
        "-storetype",
        "JKS",
        "-keystore",
        str(store),
        "-storepass",
        "pässwört",
        "-keypass",
        "pässwört",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stdout + done.stderr
    found = read(store.read_bytes(), "pässwört")
    assert len(found.chain) == 1
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in encrypted_pem(found.key, b"x")
