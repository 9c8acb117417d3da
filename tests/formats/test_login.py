from __future__ import annotations

import hashlib

import pytest

from volttools.codec import build, parse
from volttools.formats.login import HASH_BYTES, KerberosToken, LoginRequest, LoginResponse, leader_address_of


@pytest.mark.parametrize(
    ("scheme", "name"), [(0, "SHA-1"), (1, "SHA-256"), (2, "SPNEGO"), (9, "unknown (9)")]
)
def test_the_name_of_a_hash_scheme(scheme: int, name: str) -> None:
    assert LoginRequest(hash_scheme=scheme).hash_scheme_name == name


def test_version_0_has_no_hash_scheme_and_means_sha_1() -> None:
    request = parse(
        LoginRequest,
        build(LoginRequest(version=0, hash_scheme=None, password_hash=hashlib.sha1(b"").digest())),
    )
    assert request.hash_scheme is None
    assert request.hash_scheme_name == "SHA-1"
    assert len(request.password_hash) == HASH_BYTES[0]


@pytest.mark.parametrize(
    ("status", "text"),
    [(0, "accepted"), (-1, "wrong user or password"), (6, "the server wants TLS"), (-9, "unknown status -9")],
)
def test_the_text_of_a_status(status: int, text: str) -> None:
    response = LoginResponse(status=status)
    assert response.status_text == text
    assert response.accepted is (status == 0)


def test_a_refusal_is_two_bytes_for_every_status() -> None:
    for status in range(-128, 128):
        if status:
            data = bytes([0, status % 256])
            assert parse(LoginResponse, data) == LoginResponse(status=status)
            assert build(LoginResponse(status=status)) == data


def test_no_secret_is_printed() -> None:
    request = LoginRequest(user="op", password_hash=b"\xde\xad\xbe\xef" * 8)
    assert "de" not in repr(request).replace("LoginRequest", "")
    assert "hash=" not in repr(request)
    assert "secret" not in repr(KerberosToken(token=b"secret"))


def test_the_leader_is_an_address() -> None:
    for host in ("127.0.0.1", "192.168.0.1", "0.0.0.0", "255.255.255.255"):
        accepted = LoginResponse(leader_address=leader_address_of(host))
        assert accepted.leader_host == host
    assert LoginResponse(status=-1).leader_host is None
