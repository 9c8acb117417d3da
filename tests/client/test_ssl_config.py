"""The official clients' ssl_config file."""

import pytest

from tests.client.made import STORES, written
from volttools.client.ssl_config import SslConfig, read_ssl_config
from volttools.errors import UsageError


def test_keys_of_java_and_of_the_python_client_mean_the_same(tmp_path):
    java = "keyStore=k.jks\nkeyStorePassword=a\ntrustStore=t.jks\ntrustStorePassword=b\nother=1"
    expected = SslConfig(
        key_store="k.jks", key_store_password="a", trust_store="t.jks", trust_store_password="b"
    )
    assert read_ssl_config(written(tmp_path, "java", java.encode())) == expected
    assert read_ssl_config(written(tmp_path, "python", java.lower().encode())) == expected


def test_cacerts_go_before_a_trust_store_and_ssl_version_means_nothing(tmp_path):
    text = (
        b"\xef\xbb\xbfcacerts = ca.pem \ntruststore=t.jks\nkeystore=k.pem\nkeystorecert=c.pem\nssl_version=3"
    )
    assert read_ssl_config(written(tmp_path, "config", text)) == SslConfig(
        key_store="k.pem", key_certificate="c.pem", trust_store="ca.pem"
    )


def test_empty_values_are_none(tmp_path):
    assert read_ssl_config(written(tmp_path, "config", b"keystore=\ntruststorepassword=")) == SslConfig()
    assert read_ssl_config(written(tmp_path, "empty", b"# nothing\n")) == SslConfig()


def test_home_and_variables_are_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONFIG", "config")
    written(tmp_path, "config", b"keystore=~/k.jks\ntruststore=$CONFIG")
    expected = SslConfig(key_store=f"{tmp_path}/k.jks", trust_store="$CONFIG")
    assert read_ssl_config("~/$CONFIG") == expected


@pytest.mark.parametrize("name", ["trust.jks", "trust.p12", "ca.pem", "ca.der"])
def test_a_store_itself_is_what_is_trusted(name):
    assert read_ssl_config(STORES / name) == SslConfig(trust_store=str(STORES / name))


def test_passwords_are_not_printed(tmp_path):
    config = read_ssl_config(written(tmp_path, "c", b"keystorepassword=hidden1\ntruststorepassword=hidden2"))
    assert config.key_store_password == "hidden1"
    assert "hidden" not in repr(config)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"user=secret-user\npassword=hidden",
            "none of keyStore, keyStorePassword, keyStoreCert, trustStore, "
            "trustStorePassword, cacerts is set in it",
        ),
        (b"keystore=\xff\xfe", "neither a property file in UTF-8 nor a key store"),
    ],
)
def test_what_is_no_such_file_is_said(tmp_path, data, message):
    name = written(tmp_path, "config", data)
    with pytest.raises(UsageError) as raised:
        read_ssl_config(name)
    assert str(raised.value) == f"{name}: {message}"


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="there is no such file"):
        read_ssl_config(tmp_path / "none")
