"""Contexts: who is trusted, who the client is, and what is refused before anything is sent."""

import os
import shutil
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from tests.client.made import (
    PASSWORD,
    STORES,
    authority,
    client,
    handshake,
    identity,
    jks_key,
    jks_store,
    jks_trusted,
    p12_store,
    server,
    written,
)
from tests.requirements import require_tool
from volttools.client import tls
from volttools.client.tls import make_context, official_context
from volttools.errors import UsageError

WRONG = "the password of the store is wrong, or the file is damaged"

HINT = "; VOLTTOOLS_KEY_STORE_PASSWORD is the variable for it"


@pytest.fixture
def stores(tmp_path):
    """Trust and key stores of each kind, by name."""
    made = {
        "trust.jks": jks_store(*jks_trusted(authority().der)),
        "trust.p12": p12_store(None, authority()),
        "trust.pem": authority().pem,
        "trust.der": authority().der,
        "key.jks": jks_store(jks_key(client().pkcs8, client().der)),
        "key.p12": p12_store(client()),
        "key.pem": client().key_pem() + client().pem,
        "hidden.pem": client().key_pem(PASSWORD) + client().pem,
    }
    return {name: written(tmp_path, name, data) for name, data in made.items()}


def refusal(**options) -> str:
    with pytest.raises(UsageError) as raised:
        make_context(environment={}, **options)
    assert PASSWORD not in str(raised.value)
    return str(raised.value)


# ---------------------------------------------------------------------- who is trusted


@pytest.mark.parametrize("name", ["trust.jks", "trust.p12", "trust.pem", "trust.der"])
def test_each_kind_of_trust_store_lets_the_server_prove_itself(stores, name):
    context = make_context(trust_store=stores[name], trust_store_password=PASSWORD)
    assert handshake(context, server().server()).version() == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context, identity("self-signed").server())


def test_the_system_s_authorities_are_trusted_by_default(monkeypatch, stores):
    monkeypatch.setenv("SSL_CERT_FILE", stores["trust.pem"])
    handshake(make_context(), server().server())
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(make_context(trust_store=STORES / "ca.pem"), server().server())


def test_host_names_are_checked_unless_that_is_waived(stores):
    checked = make_context(trust_store=stores["trust.pem"])
    handshake(checked, server().server(), "127.0.0.1")
    for host in ("elsewhere", "127.0.0.2"):
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(checked, server().server(), host)
    waived = make_context(trust_store=stores["trust.pem"], dangerous_any_host_name=True)
    handshake(waived, server().server(), "elsewhere")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(waived, identity("self-signed").server())


def test_any_certificate_is_taken_only_if_that_is_said():
    handshake(make_context(dangerous_any_certificate=True), identity("self-signed").server(), "elsewhere")


def test_a_trust_store_and_any_certificate_exclude_each_other(stores):
    assert refusal(trust_store=stores["trust.pem"], dangerous_any_certificate=True) == (
        "a trust store has no use where any certificate is taken: leave one of them out"
    )


def test_as_in_java_a_server_s_own_certificate_can_be_trusted(tmp_path):
    context = make_context(trust_store=written(tmp_path, "leaf.pem", server().pem))
    handshake(context, server().server())
    alone = identity("self-signed")
    both = written(tmp_path, "both.jks", jks_store(jks_key(alone.pkcs8, alone.der)))
    handshake(make_context(trust_store=both, trust_store_password=PASSWORD), alone.server())


def test_nothing_older_than_tls_1_2_is_spoken(stores):
    context = make_context(trust_store=stores["trust.pem"])
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    theirs = server().server(version=ssl.TLSVersion.TLSv1_2)
    assert handshake(context, theirs).version() == "TLSv1.2"


def test_a_trust_store_without_certificates_is_said(tmp_path):
    name = written(tmp_path, "empty.jks", jks_store())
    assert refusal(trust_store=name, trust_store_password=PASSWORD) == (
        f"{name}: no certificate in it, so it vouches for no server; put the CA's there: "
        "keytool -importcert -alias ca -file ca.pem -keystore FILE"
    )


def test_a_certificate_that_is_none_is_said_with_its_number(tmp_path):
    name = written(tmp_path, "bad.jks", jks_store(*jks_trusted(authority().der, b"no certificate")))
    assert refusal(trust_store=name) == f"{name}: certificate 2 of 2 can't be read"


def test_a_trust_store_of_which_all_has_expired_is_said(tmp_path):
    old = identity("old CA", ca=True, days=(-9, -3))
    older = identity("older CA", ca=True, days=(-9, -5))
    name = written(tmp_path, "old.pem", old.pem)
    assert refusal(trust_store=name).startswith(f"{name}: the CA in it has expired on ")
    name = written(tmp_path, "two.pem", old.pem + older.pem)
    end = old.certificate.not_valid_after_utc
    assert refusal(trust_store=name) == (
        f"{name}: all CAs in it have expired, the last on {end:%b} {end.day:2} {end:%H:%M:%S} {end.year} GMT; "
        "import the certificate that the CA has today"
    )
    make_context(trust_store=written(tmp_path, "mixed.pem", old.pem + authority().pem))
    # Found by changing bytes: a date that is none.
    damaged = old.der.replace(f"{end:%y%m%d%H%M%S}Z".encode(), b"990000000000Z")
    assert damaged != old.der
    make_context(trust_store=written(tmp_path, "damaged.der", damaged))


# ---------------------------------------------------------------------- who the client is


@pytest.mark.parametrize("name", ["key.jks", "key.p12", "key.pem", "hidden.pem"])
def test_each_kind_of_key_store_lets_the_client_prove_itself(stores, name, monkeypatch, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    theirs = server().server(wants_clients=True)
    context = make_context(
        trust_store=stores["trust.pem"], key_store=stores[name], key_store_password=PASSWORD
    )
    handshake(context, theirs)
    assert list(temporary.iterdir()) == []
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        handshake(make_context(trust_store=stores["trust.pem"]), theirs)


def test_a_key_is_never_on_disk_in_the_open(stores, monkeypatch):
    seen = []
    monkeypatch.setattr(tls.os, "unlink", lambda name: seen.append((name, Path(name).read_bytes())))
    make_context(key_store=stores["key.jks"], key_store_password=PASSWORD, environment={})
    ((name, content),) = seen
    monkeypatch.undo()
    tls.os.unlink(name)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert b"BEGIN PRIVATE KEY" not in content


@pytest.mark.parametrize("name", ["client.jks", "client.p12"])
def test_stores_of_keytool_make_a_context(name):
    make_context(
        trust_store=STORES / "trust.jks",
        trust_store_password=PASSWORD,
        key_store=STORES / name,
        key_store_password=PASSWORD,
    )


def test_a_key_in_pem_takes_its_certificate_from_elsewhere(stores, tmp_path):
    key = written(tmp_path, "only.pem", client().key_pem())
    certificate = written(tmp_path, "cert.pem", client().pem)
    theirs = server().server(wants_clients=True)
    handshake(
        make_context(trust_store=stores["trust.pem"], key_store=key, key_certificate=certificate), theirs
    )
    # As in the official client: a trust store that holds the client's own certificate.
    both = written(tmp_path, "both.pem", client().pem + authority().pem)
    handshake(make_context(trust_store=both, key_store=key), theirs)
    assert refusal(key_store=key) == (
        f"{key}: a private key without its certificate; name that as well (key_certificate, or keyStoreCert "
        "in the property file), or put it into the same file"
    )
    assert refusal(key_store=key, key_certificate=key) == f"{key}: no certificate in PEM in it"


@pytest.mark.parametrize(
    ("made", "password", "message"),
    [
        (
            lambda: jks_store(*jks_trusted(authority().der)),
            PASSWORD,
            "no private key in it, so it says nothing of who the client is",
        ),
        (
            lambda: jks_store(jks_key(client().pkcs8, client().der)),
            None,
            "the private key is encrypted, and no password of the store was given" + HINT,
        ),
        (lambda: jks_store(jks_key(client().pkcs8, client().der)), "wrong", WRONG),
        (lambda: p12_store(client()), "wrong", WRONG),
        (lambda: p12_store(client()), None, "the store is encrypted, and no password of it was given" + HINT),
        (
            lambda: client().key_pem(PASSWORD) + client().pem,
            "wrong",
            "the password of the private key is wrong, or the key is damaged",
        ),
        (
            lambda: client().key_pem(PASSWORD) + client().pem,
            None,
            "the private key is encrypted, and no password was given" + HINT,
        ),
        (
            lambda: client().key_pem(PASSWORD) + client().pem,
            "x" * 5000,
            "the password of the private key is wrong, or the key is damaged",
        ),
        (lambda: jks_store(jks_key(client().pkcs8)), PASSWORD, "a private key without its certificate"),
        (
            lambda: jks_store(jks_key(client().pkcs8, server().der)),
            PASSWORD,
            "the private key and the certificate don't belong together",
        ),
        (
            lambda: client().key_pem() + server().pem,
            None,
            "the private key and the certificate don't belong together",
        ),
        (lambda: client().pem, None, "no private key in it, so it says nothing of who the client is"),
        (
            lambda: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + client().pem,
            None,
            "the private key or its certificate can't be used (",
        ),
        (lambda: jks_store(jks_key(b"no key", client().der)), PASSWORD, "a private key that can't be used: "),
        (
            lambda: jks_store(jks_key(client().pkcs8, b"none")),
            PASSWORD,
            "the private key or its certificate can't be used (",
        ),
    ],
)
def test_a_key_store_that_cannot_be_used_is_said(tmp_path, made, password, message):
    name = written(tmp_path, "store", made())
    said = refusal(key_store=name, key_store_password=password)
    assert said == f"{name}: {message}" or (message[-1] in "( " and said.startswith(f"{name}: {message}"))


def test_a_key_in_pem_from_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    name = str(tmp_path / "pipe")
    os.mkfifo(name)
    writer = threading.Thread(target=lambda: Path(name).write_bytes(client().key_pem() + client().pem))
    writer.start()
    assert refusal(key_store=name) == f"{name}: a private key in PEM is read twice: it takes a file, no pipe"
    writer.join()


# ------------------------------------------------------------------------------- passwords


def test_passwords_come_from_the_argument_then_the_file_then_the_environment(stores, tmp_path):
    named = f"trustStore={stores['trust.p12']}\nkeyStore={stores['key.p12']}\n".encode()
    said = written(tmp_path, "said", named + b"trustStorePassword=changeit\nkeyStorePassword=changeit")
    silent = written(tmp_path, "silent", named)
    variables = {tls.TRUST_STORE_PASSWORD: PASSWORD, tls.KEY_STORE_PASSWORD: PASSWORD}
    wrong = dict.fromkeys(variables, "wrong")
    for config, environment in ((said, {}), (said, wrong), (silent, variables)):
        context = make_context(ssl_config=config, environment=environment)
        handshake(context, server().server(wants_clients=True))
    make_context(trust_store=stores["trust.p12"], environment=variables)
    make_context(trust_store=stores["trust.p12"], trust_store_password=PASSWORD, environment=wrong)
    assert refusal(ssl_config=said, trust_store_password="wrong") == f"{stores['trust.p12']}: {WRONG}"
    assert "no password of it was given" in refusal(ssl_config=silent)
    # A store that is named apart doesn't get the password of the file's.
    assert "no password of it was given" in refusal(ssl_config=said, trust_store=stores["trust.p12"])


def test_a_backslash_in_a_property_file_is_pointed_at(stores, tmp_path):
    text = f"trustStore={stores['trust.p12']}\ntrustStorePassword=chan\\ge".encode()
    name = written(tmp_path, "config", text)
    hint = "; in a property file a backslash is written twice"
    assert refusal(ssl_config=name) == f"{stores['trust.p12']}: {WRONG}{hint}"
    text = text.replace(b"chan\\ge", b"wrong")
    assert hint not in refusal(ssl_config=written(tmp_path, "config", text))


# -------------------------------------------------------------------------------- the rest


def test_ciphers_have_the_names_of_openssl_or_of_java(stores):
    for names in (
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_NO_SUCH",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:ECDHE-ECDSA-AES256-GCM-SHA384",
    ):
        context = make_context(trust_store=stores["trust.pem"], ciphers=names)
        theirs = server().server(version=ssl.TLSVersion.TLSv1_2)
        assert handshake(context, theirs).cipher()[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"
    assert refusal(ciphers="NO_SUCH") == (
        "no cipher suite of TLS 1.2 that can be used is named in 'NO_SUCH'; "
        "one is ECDHE-RSA-AES128-GCM-SHA256, or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    )


def test_a_key_log_gets_the_secrets_and_is_the_owner_s_alone(stores, tmp_path):
    path = tmp_path / "keys.txt"
    handshake(make_context(trust_store=stores["trust.pem"], keylog=path), server().server())
    assert "CLIENT_TRAFFIC_SECRET_0 " in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert refusal(keylog=tmp_path / "no" / "such") == (
        f"{tmp_path}/no/such: the key log can't be written: No such file or directory"
    )


def test_environment_variables_of_python_add_no_key_log(stores, tmp_path, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    handshake(make_context(trust_store=stores["trust.pem"]), server().server())
    assert not (tmp_path / "keys").exists()


# ------------------------------------------------------------------ as the official client


def test_the_official_client_s_arguments_mean_the_same(stores, tmp_path, monkeypatch):
    alone = identity("self-signed").server()
    handshake(official_context(None, False, environment={}), alone, "elsewhere")
    config = written(tmp_path, "config", f"truststore={stores['trust.pem']}".encode())
    for context in (
        official_context(config, False, environment={}),
        official_context(config, True, environment={}),
        official_context(stores["trust.jks"], environment={}),
    ):
        handshake(context, server().server(), "elsewhere")
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(context, alone)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(official_context("", True, environment={}), alone)
    checked = official_context(config, check_host_name=True, environment={})
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(checked, server().server(), "elsewhere")


def test_the_official_client_s_variables_mean_the_same(stores):
    variables = {
        "TLS_ENABLED_PROTOCOLS": "TLSv1.1,TLSv1.2",
        "TLS_PREFERRED_CIPHERS": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    }
    context = official_context(stores["trust.pem"], environment=variables)
    spoken = handshake(context, server().server())
    assert (spoken.version(), spoken.cipher()[0]) == ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256")
    with pytest.raises(UsageError) as raised:
        official_context(environment={"TLS_ENABLED_PROTOCOLS": "TLSv1.1"})
    assert str(raised.value) == "TLS_ENABLED_PROTOCOLS names none of TLSv1.2, TLSv1.3: TLSv1.1"


# ------------------------------------------------------------------------- Java's own tools


@pytest.mark.interop
@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_stores_that_keytool_writes_now_serve_mutual_tls(tmp_path, kind):
    keytool = require_tool("keytool")

    def run(*words):
        done = subprocess.run([keytool, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    written(tmp_path, "ca.pem", authority().pem)
    common = ("-storetype", kind, "-storepass", PASSWORD)
    run("-importcert", "-noprompt", "-alias", "ca", "-file", "ca.pem", "-keystore", "trust.jks", *common)
    shutil.copyfile(written(tmp_path, "key.p12", p12_store(client())), tmp_path / "given.p12")
    run(
        "-importkeystore", "-noprompt", "-srckeystore", "given.p12", "-srcstorepass", PASSWORD,
        "-destkeystore", "key.jks", "-deststoretype", kind, "-deststorepass", PASSWORD,
    )  # fmt: skip
    config = written(
        tmp_path,
        "ssl.properties",
        f"keyStore={tmp_path}/key.jks\nkeyStorePassword={PASSWORD}\n"
        f"trustStore={tmp_path}/trust.jks\ntrustStorePassword={PASSWORD}\n".encode(),
    )
    handshake(make_context(ssl_config=config), server().server(wants_clients=True))
