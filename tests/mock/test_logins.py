"""Who is let in: the edges that were observed at a real 11.4 server."""

import hashlib

import pytest

from volttools.errors import UsageError
from volttools.formats.login import LoginRequest
from volttools.mock.logins import Doorkeeper, check_refusal

SHA1, SHA256 = hashlib.sha1(b"secret").digest(), hashlib.sha256(b"secret").digest()


def login(version=1, scheme=1, service="database", user="op", digest=SHA256):
    return LoginRequest(
        version=version,
        hash_scheme=scheme if version else None,
        service=service,
        user=user,
        password_hash=digest,
    )


# What was sent; the answer with security off; with security on. None: accepted.
# fmt: off
OBSERVED = [
    (login(),                                   None,    None),
    (login(version=0, digest=SHA1),             None,    None),
    (login(scheme=0, digest=SHA1),              None,    None),
    (login(version=2),                          None,    None),
    (login(version=127),                        None,    None),
    (login(version=-1),                         "close", "close"),
    (login(version=-128),                       "close", "close"),
    (login(scheme=2, digest=b""),               None,    -1),
    (login(scheme=2),                           -1,      -1),
    (login(digest=b""),                         -1,      -1),
    (login(digest=SHA1),                        -1,      -1),
    (login(digest=SHA256[:31]),                 -1,      -1),
    (login(digest=SHA256 + b"x"),               -1,      -1),
    (login(version=0, digest=SHA256),           -1,      -1),
    (login(scheme=3),                           3,       3),
    (login(scheme=-1),                          3,       3),
    (login(service="export"),                   5,       5),
    (login(service="DATABASE"),                 5,       5),
    (login(service=""),                         5,       5),
    (login(service=None),                       5,       5),
    (login(service="kerberos"),                 None,    -1),
    (login(user=None),                          "close", -1),
    (login(user=""),                            None,    -1),
    (login(user="OP"),                          None,    -1),
    (login(user="\udcff"),                      None,    -1),
    (login(digest=bytes(32)),                   None,    -1),
]
# fmt: on


@pytest.mark.parametrize(("request_", "off", "on"), OBSERVED)
def test_log_ins_are_decided_as_by_a_real_server(request_, off, on):
    assert Doorkeeper(None).decide(request_) == off
    assert Doorkeeper({"op": "secret"}).decide(request_) == on


def test_an_empty_password_is_one():
    keeper = Doorkeeper({"op": ""})
    assert keeper.decide(login(digest=hashlib.sha256(b"").digest())) is None
    assert keeper.decide(login()) == -1


def test_a_refusal_on_request_is_for_everybody():
    keeper = Doorkeeper(None)
    keeper.refusal = 4
    assert keeper.decide(login()) == 4


def test_only_what_a_server_does_can_be_requested():
    for refusal in (-1, 1, 3, 4, 5, "hang", "close"):
        check_refusal(refusal)
    for refusal in (0, 99, "die"):
        with pytest.raises(UsageError, match='a log-in is refused with "hang", "close" or one of -1, 1, 2'):
            check_refusal(refusal)
