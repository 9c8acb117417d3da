"""Each way in which a handshake fails is one sentence."""

import ssl

import pytest

from tests.client.made import authority, client, handshake, identity, server, written
from volttools.client.handshake import handshake_refusal
from volttools.client.tls import make_context

TRUST = "give a trust store with the CA's certificate, or with the server's own"
OWN = "give a key store with the client's key and certificate, issued by a CA that the server trusts"
NAMES = "(subject alternative name); looking at no host names is dangerous"


def context(tmp_path, **options) -> ssl.SSLContext:
    return make_context(
        trust_store=written(tmp_path, "trust.pem", authority().pem), environment={}, **options
    )


def said(tmp_path, theirs, host="localhost", **options) -> str:
    with pytest.raises(ssl.SSLError) as raised:
        handshake(context(tmp_path, **options), theirs, host)
    return str(handshake_refusal(raised.value, host=host))


@pytest.mark.parametrize(
    ("made", "host", "expected"),
    [
        (lambda: identity("alone"), "localhost",
         f"the server's certificate vouches for itself, and is not trusted: {TRUST}"),
        (lambda: identity("of another", identity("another CA", ca=True)), "localhost",
         f"nobody who is trusted vouches for the server's certificate: {TRUST}"),
        (server, "db{1}.example", "the server's certificate is not for the host db{1}.example: connect by a name "
         f"that is in it, or have one issued with that name {NAMES}"),
        (server, "::1", "the server's certificate is not for the address ::1: connect by a name that is in it, "
         f"or have one issued with that address {NAMES}"),
        (lambda: identity("old", authority(), days=(-9, -3)), "localhost",
         "the server's certificate, or a CA's, has expired: it must be renewed: "
         "`openssl s_client -connect HOST:PORT` shows the dates"),
        (lambda: identity("new", authority(), days=(3, 9)), "localhost",
         "the server's certificate, or a CA's, is not yet valid: look at the clocks of both machines"),
    ],
)  # fmt: skip
def test_a_certificate_that_is_not_accepted(tmp_path, made, host, expected):
    assert said(tmp_path, made().server(), host) == expected


def test_versions_and_ciphers_without_any_in_common(tmp_path):
    theirs = server().server(version=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
    refused = said(tmp_path, theirs, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384")
    assert refused == (
        "the server refuses the handshake: client and server may have no cipher in common, or it wants a client "
        f"certificate: {OWN}"
    )
    only = context(tmp_path)
    only.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(ssl.SSLError) as raised:
        handshake(only, theirs)
    assert str(handshake_refusal(raised.value, host="x")) == (
        "client and server have no version of TLS in common: "
        "TLS 1.2 and 1.3 are spoken here; the server's Java must allow one of them"
    )


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_that_is_missing_or_not_trusted(tmp_path, version):
    theirs = server().server(wants_clients=True, version=version)
    is_new = version is ssl.TLSVersion.TLSv1_3
    missing = said(tmp_path, theirs)
    assert missing == (
        f"the server wants a client certificate: {OWN}"
        if is_new
        else "the server refuses the handshake: client and server may have no cipher in common, or it wants a "
        f"client certificate: {OWN}"
    )
    stranger = identity("stranger", identity("another CA", ca=True))
    key = written(tmp_path, "key.pem", stranger.key_pem() + stranger.pem)
    assert said(tmp_path, theirs, key_store=key) == (
        "the server does not take the client's certificate: "
        "it must be issued by a CA in the server's trust store"
    )
    old = identity("old", authority(), days=(-9, -3))
    key = written(tmp_path, "key.pem", old.key_pem() + old.pem)
    assert said(tmp_path, theirs, key_store=key) == (
        "the client's certificate has expired: have a new one issued"
    )
    known = written(tmp_path, "key.pem", client().key_pem() + client().pem)
    handshake(context(tmp_path, key_store=known), theirs)


@pytest.mark.parametrize("answer", [b"\0\0\0\2\0\xff" * 9, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_port_that_answers_in_plain(tmp_path, answer):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = context(tmp_path).wrap_bio(incoming, outgoing, server_hostname="localhost")
    incoming.write(answer)
    with pytest.raises(ssl.SSLError) as raised:
        ours.do_handshake()
    assert str(handshake_refusal(raised.value, host="localhost")) == (
        "the port does not speak TLS: connect without TLS, or to the server's port for TLS"
    )


def test_a_port_that_closes(tmp_path):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = context(tmp_path).wrap_bio(incoming, outgoing, server_hostname="localhost")
    incoming.write_eof()
    with pytest.raises(ssl.SSLError) as raised:
        ours.do_handshake()
    expected = (
        "the server closed the connection during the TLS handshake: a plain port of VoltDB does so (connect without "
        "TLS, or to the port for TLS), and a server that finds no version of TLS or cipher in common, "
        "or wants a client certificate"
    )
    for error in (raised.value, ConnectionResetError()):
        assert str(handshake_refusal(error, host="localhost")) == expected


def test_a_port_that_is_silent():
    refusal = handshake_refusal(TimeoutError(), host="localhost")
    assert refusal.may_pass
    assert str(refusal) == (
        "the server did not answer the TLS handshake in time: it may be overloaded, or its port does not speak TLS"
    )


def test_what_has_no_sentence_keeps_openssl_s_words():
    refusal = handshake_refusal(ssl.SSLError(1, "[SSL: SOMETHING] something"), host="localhost")
    assert str(refusal) == (
        "the TLS handshake failed ([SSL: SOMETHING] something): the server's log may say more"
    )
