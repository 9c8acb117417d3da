"""Stores are told apart by their content."""

import contextlib
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.made import PASSWORD, STORES, authority, client, written
from volttools.client.stores import MAX_STORE_BYTES, is_binary_store, read_store
from volttools.errors import UsageError

CA = (STORES / "ca.der").read_bytes()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("trust.jks", "JKS"), ("trust.p12", "PKCS12"), ("ca.pem", "PEM"), ("ca.der", "DER")],
)
def test_each_kind_of_trust_store_gives_its_certificate(name, kind):
    store = read_store(STORES / name, PASSWORD)
    assert (store.kind, store.trusted, store.has_key) == (kind, (CA,), False)
    assert is_binary_store((STORES / name).read_bytes()) == (kind != "PEM")


@pytest.mark.parametrize("name", ["client.jks", "client.p12"])
def test_a_key_store_gives_key_and_chain(name):
    store = read_store(STORES / name, PASSWORD)
    assert (len(store.chain), store.chain[-1], store.has_key) == (2, CA, True)
    assert str(store.key) not in repr(store)


def test_the_name_says_nothing(tmp_path):
    shutil.copy(STORES / "trust.p12", tmp_path / "trust.jks")
    assert read_store(tmp_path / "trust.jks", PASSWORD).kind == "PKCS12"


def test_pem_holds_keys_and_certificates_among_other_text(tmp_path):
    text = b"Bag Attributes\n" + client().key_pem() + b"subject: x\n" + client().pem + authority().pem
    store = read_store(written(tmp_path, "all.pem", text))
    assert (store.kind, store.has_key, store.key) == ("PEM", True, None)
    assert store.trusted == (client().der, authority().der)
    windows = read_store(written(tmp_path, "crlf.pem", text.replace(b"\n", b"\r\n")))
    assert windows.trusted == store.trusted


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"keyStore=x\n", "neither JKS, PKCS12, PEM nor a certificate; convert it: keytool -importkeystore"),
        (b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----", "certificate 1 is not base64"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", "a damaged JKS store: "),
    ],
)
def test_what_is_no_store_is_said_with_the_file(tmp_path, data, message):
    name = written(tmp_path, "store", data)
    with pytest.raises(UsageError) as raised:
        read_store(name)
    assert str(raised.value).startswith(f"{name}: {message}")


def test_jceks_is_named_with_how_to_convert_it():
    with pytest.raises(UsageError, match="of the type JCEKS, which is not read; convert it: keytool"):
        read_store(STORES / "secret.jceks", PASSWORD)


def test_files_that_cannot_be_read_are_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as raised:
        read_store("none.jks")
    assert str(raised.value) == f"none.jks: there is no such file; names count from {tmp_path}"
    with pytest.raises(UsageError) as raised:
        read_store(tmp_path / "none.jks")
    assert str(raised.value) == f"{tmp_path}/none.jks: there is no such file"
    with pytest.raises(UsageError, match=r"~nobody-of-that-name/x: there is no such file"):
        read_store("~nobody-of-that-name/x")
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        read_store(tmp_path)
    with pytest.raises(UsageError, match="can't be read: embedded null byte"):
        read_store("a\0b")


def test_a_large_file_is_not_read_to_its_end(tmp_path):
    name = written(tmp_path, "large", b"")
    os.truncate(name, 2**40)
    with pytest.raises(UsageError, match=f"longer than {MAX_STORE_BYTES:,} bytes: no key store"):
        read_store(name)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\xfe\xed\xfe\xed", b"0\x82\1\0\2\1\3", b"-----BEGIN "])
)
def test_any_bytes_are_a_store_or_an_error(tmp_path_factory, rest, start):
    name = written(tmp_path_factory.getbasetemp(), "any", start + rest)
    with contextlib.suppress(UsageError):
        read_store(name, PASSWORD)
