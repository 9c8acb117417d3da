"""Contexts for TLS, made of key and trust stores as VoltDB's other clients have them.

    context = make_context(trust_store="trust.jks", trust_store_password="changeit")
    context.wrap_socket(connected, server_hostname=host)

A server's certificate and its host name are checked unless something called `dangerous` says
otherwise; nothing older than TLS 1.2 is spoken. Without a trust store the system's CAs are
trusted. As in Java, any certificate in a trust store is trusted, not only one of a CA at the
end of a chain.
"""

from __future__ import annotations

import os
import re
import secrets
import ssl
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from volttools.client.jks import WRONG_PASSWORD
from volttools.client.pkcs12 import NO_PASSWORD, encrypted_pem
from volttools.client.ssl_config import SslConfig, read_ssl_config
from volttools.client.stores import Store, StorePath, read_store
from volttools.errors import UsageError
from volttools.formats.tls_suites import suite_name

TRUST_STORE_PASSWORD = "VOLTTOOLS_TRUST_STORE_PASSWORD"
KEY_STORE_PASSWORD = "VOLTTOOLS_KEY_STORE_PASSWORD"

_PROTOCOLS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


def make_context(
    *,
    trust_store: StorePath | None = None,
    trust_store_password: str | None = None,
    key_store: StorePath | None = None,
    key_store_password: str | None = None,
    key_certificate: StorePath | None = None,
    ssl_config: StorePath | None = None,
    ciphers: str | None = None,
    keylog: StorePath | None = None,
    dangerous_any_host_name: bool = False,
    dangerous_any_certificate: bool = False,
    environment: Mapping[str, str] | None = None,
) -> ssl.SSLContext:
    """A client's context.

    trust_store      who vouches for the server: JKS, PKCS12, PEM or DER; None: the system's CAs
    key_store        who the client is, for mutual TLS: JKS, PKCS12 or PEM with a private key
    key_certificate  the key's certificate in PEM, where key_store is a key in PEM alone
    ..._password     of the store; None: what ssl_config says, else what `environment` (os.environ) has
                     as VOLTTOOLS_TRUST_STORE_PASSWORD and VOLTTOOLS_KEY_STORE_PASSWORD
    ssl_config       the official clients' property file; arguments go before it
    ciphers          of TLS 1.2, by names of OpenSSL or of Java, with , or : between them
    keylog           a file to append the secrets to, by which a recording can be decrypted

    Raises UsageError, with the file, for what can't be used. Passwords are in no error.
    """
    config = SslConfig() if ssl_config is None else read_ssl_config(ssl_config)
    passwords = os.environ if environment is None else environment
    trust = _given(
        (trust_store, trust_store_password),
        (config.trust_store, config.trust_store_password),
        TRUST_STORE_PASSWORD,
        passwords,
        config.has_backslashes,
    )
    key = _given(
        (key_store, key_store_password),
        (config.key_store, config.key_store_password),
        KEY_STORE_PASSWORD,
        passwords,
        config.has_backslashes,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if dangerous_any_certificate and trust is not None:
        raise UsageError("a trust store has no use where any certificate is taken: leave one of them out")
    if dangerous_any_certificate or dangerous_any_host_name:
        context.check_hostname = False
    if dangerous_any_certificate:
        context.verify_mode = ssl.CERT_NONE
    elif trust is not None:
        _trust(context, trust)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if key is None and key_certificate is not None:
        raise UsageError(
            "a certificate without its key: give the key store as well", file=os.fspath(key_certificate)
        )
    if key is not None:
        _use_key(context, key, certificate=key_certificate or config.key_certificate, trust=trust)
    if ciphers is not None:
        _choose_ciphers(context, ciphers)
    if keylog is not None:
        _log_keys(context, keylog)
    return context


def official_context(
    ssl_config_file: StorePath | None = None,
    default_cacerts: bool = True,
    *,
    check_host_name: bool = False,
    environment: Mapping[str, str] | None = None,
) -> ssl.SSLContext:
    """The context that the official Python client would make of the same arguments.

    It looks at no host names; and with neither a trust store nor `default_cacerts`, at no
    certificates. The variables TLS_ENABLED_PROTOCOLS and TLS_PREFERRED_CIPHERS mean the same
    as there. Raises UsageError.
    """
    variables = os.environ if environment is None else environment
    trusts = default_cacerts or bool(ssl_config_file and read_ssl_config(ssl_config_file).trust_store)
    context = make_context(
        ssl_config=ssl_config_file or None,
        ciphers=variables.get("TLS_PREFERRED_CIPHERS") or None,
        dangerous_any_host_name=not check_host_name,
        dangerous_any_certificate=not trusts,
        environment=variables,
    )
    if protocols := variables.get("TLS_ENABLED_PROTOCOLS"):
        known = [_PROTOCOLS[name.strip()] for name in protocols.split(",") if name.strip() in _PROTOCOLS]
        if not known:
            raise UsageError(f"TLS_ENABLED_PROTOCOLS names none of {', '.join(_PROTOCOLS)}: {protocols}")
        context.minimum_version, context.maximum_version = min(known), max(known)
    return context


# -------------------------------------------------------------------------- what is given


class _Given(NamedTuple):
    path: StorePath
    password: str | None
    is_escaped: bool  # the password is from a property file with backslashes
    hint: str = ""  # where a password can be given


def _given(
    argument: tuple[StorePath | None, str | None],
    config: tuple[str | None, str | None],
    name: str,
    passwords: Mapping[str, str],
    has_backslashes: bool,
) -> _Given | None:
    """A store, from where it is named first, with the password that belongs to it; `name` is a variable's."""
    path, password = argument
    variable, hint = passwords.get(name), f"; {name} is the variable for it"
    if path is not None:
        return _Given(path, variable if password is None else password, False, hint)
    path, said = config
    if path is None:
        return None
    first = next((one for one in (password, said, variable) if one is not None), None)
    return _Given(path, first, has_backslashes and first is said, hint)


def _read(given: _Given) -> Store:
    try:
        return read_store(given.path, given.password)
    except UsageError as error:
        if given.is_escaped and error.message == WRONG_PASSWORD:
            error.message += "; in a property file a backslash is written twice"
        elif given.password is None and error.message == NO_PASSWORD:
            error.message += given.hint
        raise


# ---------------------------------------------------------------------- who is trusted


def _trust(context: ssl.SSLContext, given: _Given) -> None:
    store = _read(given)
    file = os.fspath(given.path)
    if not store.trusted:
        raise UsageError(
            "no certificate in it, so it vouches for no server; put the CA's there: "
            "keytool -importcert -alias ca -file ca.pem -keystore FILE",
            file=file,
        )
    for number, certificate in enumerate(store.trusted, 1):
        try:
            context.load_verify_locations(cadata=certificate)
        except (ssl.SSLError, ValueError):
            raise UsageError(
                f"certificate {number} of {len(store.trusted)} can't be read", file=file
            ) from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    _check_dates(context, store, file)


def _check_dates(context: ssl.SSLContext, store: Store, file: str) -> None:
    """Raise UsageError if all in a trust store has expired. OpenSSL tells the dates of CAs only."""
    try:
        ends = {ssl.cert_time_to_seconds(end := str(one["notAfter"])): end for one in context.get_ca_certs()}
    except (ssl.SSLError, ValueError):
        return  # there is one that OpenSSL can't tell; the handshake will
    if not ends or len(context.get_ca_certs()) < len(set(store.trusted)) or max(ends) >= time.time():
        return
    what = "the CA in it has expired" if len(ends) == 1 else "all CAs in it have expired, the last"
    raise UsageError(f"{what} on {ends[max(ends)]}; import the certificate that the CA has today", file=file)


# ---------------------------------------------------------------------- who the client is


def _use_key(
    context: ssl.SSLContext, given: _Given, *, certificate: StorePath | None, trust: _Given | None
) -> None:
    store = _read(given)
    file = os.fspath(given.path)
    if not store.has_key:
        raise UsageError("no private key in it, so it says nothing of who the client is", file=file)
    if store.kind == "PEM":
        if not os.path.isfile(os.path.expanduser(given.path)):
            raise UsageError("a private key in PEM is read twice: it takes a file, no pipe", file=file)
        found = _certificate_file(given, store, certificate, trust)
        return _load(context, found, file, given.password, hint=given.hint)
    if store.key is None:
        raise UsageError(
            f"the private key is encrypted, and no password of the store was given{given.hint}", file=file
        )
    if not store.chain:
        raise UsageError("a private key without its certificate", file=file)
    try:
        password = secrets.token_hex()
        pem = encrypted_pem(store.key, password.encode())
    except UsageError as error:
        raise error.with_place(file=file) from None
    pem += "".join(map(ssl.DER_cert_to_PEM_cert, store.chain)).encode()
    # OpenSSL takes keys from files only. This one is worth nothing without its password.
    handle, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(pem)
        _load(context, name, name, password, shown=file)
    finally:
        with suppress(OSError):
            os.unlink(name)


def _certificate_file(
    given: _Given, store: Store, certificate: StorePath | None, trust: _Given | None
) -> str:
    """Where the certificate of a key in PEM is: with it, apart from it, or, as there, in the trust store."""
    if store.trusted:
        return os.path.expanduser(given.path)
    if certificate is not None:
        if not (found := read_store(certificate)).trusted or found.kind != "PEM":
            raise UsageError("no certificate in PEM in it", file=os.fspath(certificate))
        return os.path.expanduser(certificate)
    if trust is not None and _read(trust).kind == "PEM":
        return os.path.expanduser(trust.path)
    raise UsageError(
        "a private key without its certificate; name that as well (key_certificate, or keyStoreCert "
        "in the property file), or put it into the same file",
        file=os.fspath(given.path),
    )


def _load(
    context: ssl.SSLContext,
    certificate: str,
    key: str,
    password: str | None,
    *,
    shown: str | None = None,
    hint: str = "",
) -> None:
    was_asked = False

    def given() -> str:
        nonlocal was_asked
        was_asked = True
        if password is None:
            raise UsageError(f"the private key is encrypted, and no password was given{hint}")
        return password

    try:
        context.load_cert_chain(certificate, os.path.expanduser(key), given)
    except UsageError as error:
        raise error.with_place(file=shown or key) from None
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UsageError(_reason(error, was_asked=was_asked), file=shown or key) from None


# How OpenSSL's name for it ends -> what it is.
_KEY_FAULTS = {
    "KEY_VALUES_MISMATCH": "the private key and the certificate don't belong together",
    "KEY_TYPE_MISMATCH": "the private key and the certificate don't belong together",
    "KEY_TOO_SMALL": "the key is too short to be taken by OpenSSL today: RSA takes 2,048 bits",
    "MD_TOO_WEAK": "the certificate is signed with a hash that is no longer taken; have it signed anew",
}


def _reason(error: Exception, *, was_asked: bool) -> str:
    reason = getattr(error, "reason", None) or ""
    for end, text in _KEY_FAULTS.items():
        if reason.endswith(end):
            return text
    if was_asked:  # OpenSSL has many names for what becomes of a wrong password, and often none
        return "the password of the private key is wrong, or the key is damaged"
    return f"the private key or its certificate can't be used ({reason or error})"


# ------------------------------------------------------------------------------- the rest


def _choose_ciphers(context: ssl.SSLContext, ciphers: str) -> None:
    by_standard_name = {suite_name(one["id"] & 0xFFFF): one["name"] for one in context.get_ciphers()}
    names = [name.strip() for name in re.split("[,:]", ciphers)]
    try:
        context.set_ciphers(":".join(by_standard_name.get(name, name) for name in names))
    except ssl.SSLError:
        raise UsageError(
            f"no cipher suite of TLS 1.2 that can be used is named in {ciphers!r}; "
            "one is ECDHE-RSA-AES128-GCM-SHA256, or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        ) from None


def _log_keys(context: ssl.SSLContext, keylog: StorePath) -> None:
    path = os.path.expanduser(os.fspath(keylog))
    try:
        # Secrets: for the owner's eyes only. A file that exists keeps its mode.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        context.keylog_filename = path
    except OSError as error:
        raise UsageError(f"the key log can't be written: {error.strerror}", file=path) from None
