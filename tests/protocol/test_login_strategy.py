"""Ways to log in."""

import hashlib

import pytest

from volttools.errors import ProtocolError
from volttools.formats.login import KerberosServiceName
from volttools.protocol.login_strategy import PasswordLogin


@pytest.mark.parametrize(
    ("scheme", "version", "said", "digest"),
    [(1, 1, 1, "sha256"), (0, 1, 0, "sha1"), (1, 0, None, "sha1")],
)
def test_a_password_is_sent_as_digest(scheme, version, said, digest):
    request = PasswordLogin("op", "sécret", hash_scheme=scheme, version=version).request()
    expected = hashlib.new(digest, "sécret".encode()).digest()
    assert (request.user, request.hash_scheme, request.password_hash) == ("op", said, expected)


def test_a_password_of_bytes_from_the_environment_is_these_bytes():
    assert PasswordLogin(password="\udcff").request().password_hash == hashlib.sha256(b"\xff").digest()


def test_a_password_is_not_printed():
    assert "secret" not in repr(PasswordLogin("op", "secret"))


def test_a_password_is_no_answer_to_kerberos():
    with pytest.raises(ProtocolError) as raised:
        PasswordLogin().answer(KerberosServiceName(principal="volt/x@Y"))
    assert str(raised.value) == (
        "the server asks for Kerberos, and the log-in is by password: "
        "log in with a Kerberos ticket: kinit, then the client's option for Kerberos"
    )
    PasswordLogin().accepted()
