"""Ways to log in, and refusals."""

import pytest

from volttools.client.login import OF_THIS_NODE, REMEDIES, PasswordLogin, refusal
from volttools.codec import parse
from volttools.errors import LoginRefused
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.login import LOGIN_STATUS, KerberosServiceName, LoginRequest, LoginResponse
from volttools.protocol import client_side
from volttools.protocol.client_side import ClientSide, KerberosAsked


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, (1, 1, 32)), ({"hash_scheme": 0}, (1, 0, 20)), ({"version": 0}, (0, None, 20))],
)
def test_the_password_is_sent_as_a_digest(options, expected):
    frame = PasswordLogin("op", "secret", **options).begin(ClientSide())
    request = parse(LoginRequest, frame[PREFIX_BYTES:])
    assert (request.version, request.hash_scheme, len(request.password_hash)) == expected
    assert request.user == "op"


def test_a_password_is_in_no_repr():
    assert repr(PasswordLogin("op", "secret")) == "PasswordLogin(user='op')"


def test_each_refusal_has_a_remedy():
    assert set(REMEDIES) == set(LOGIN_STATUS) - {0}
    assert set(REMEDIES) > OF_THIS_NODE


def test_a_refusal_that_nobody_knows_is_told_as_it_is():
    event = client_side.LoginRefused(response=LoginResponse(status=99), reason="unknown status 99")
    error = refusal(event, "volt:1")
    assert (
        str(error)
        == "volt:1 refused the log-in: unknown status 99 (status 99); the server's log may say more"
    )
    assert (error.status, error.reason) == (99, "unknown status 99")


def test_kerberos_needs_its_own_log_in():
    asked = KerberosAsked(message=KerberosServiceName(principal="volt/host"))
    with pytest.raises(LoginRefused, match="the server asks for Kerberos, and this log-in is by password"):
        PasswordLogin().answer(ClientSide(), asked)
