"""Where a client connects to, and as whom."""

import pytest

from volttools.client.connection_settings import Address, ConnectionSettings, addresses_of
from volttools.errors import UsageError


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("volt", [("volt", 21212)]),
        ("volt:21211", [("volt", 21211)]),
        ("::1", [("::1", 21212)]),
        ("[::1]", [("::1", 21212)]),
        ("[fe80::1%eth0]:7000", [("fe80::1%eth0", 7000)]),
        ("a, b:1 ,", [("a", 21212), ("b", 1)]),
        (("volt", 7000), [("volt", 7000)]),
        (["a", ("b", 2), "c:3,d"], [("a", 21212), ("b", 2), ("c", 3), ("d", 21212)]),
        (("a", "b"), [("a", 21212), ("b", 21212)]),
    ],
)
def test_targets(target, expected):
    assert list(addresses_of(target)) == expected


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("", "no host to connect to: write host, host:port or [IPv6]:port"),
        (",", "no host to connect to"),
        ([], "no host to connect to"),
        ("volt:x", "'volt:x': x is no port; those are 1 .. 65535"),
        ("volt:0", "'volt:0': 0 is no port"),
        ("volt:65536", "'volt:65536': 65536 is no port"),
        ("[::1", "'[::1' is no address: write an IPv6 address as"),
        ("[::1]x", "'[::1]x' is no address"),
        ("http://volt", "'http://volt': //volt is no port"),
        ("op@volt:1", "'op@volt:1' is no address: write host, host:port"),
        ("a b", "'a b' is no address"),
    ],
)
def test_what_is_no_target(target, text):
    with pytest.raises(UsageError) as caught:
        addresses_of(target)
    assert text in str(caught.value)


def test_what_is_not_given_comes_from_the_environment():
    environment = {"VOLTTOOLS_HOST": "a,b", "VOLTTOOLS_USER": "ann", "VOLTTOOLS_PASSWORD": "secret"}
    settings = ConnectionSettings.of(environment=environment)
    assert settings.addresses == (Address("a", 21212), Address("b", 21212))
    assert (settings.user, settings.password) == ("ann", "secret")
    given = ConnectionSettings.of("c", user="", password="", environment=environment)
    assert (given.addresses[0].host, given.user, given.password) == ("c", "", "")
    assert ConnectionSettings.of(environment={}).addresses == (Address("localhost", 21212),)


def test_a_password_is_in_no_repr():
    assert "secret" not in repr(ConnectionSettings.of("a", password="secret", environment={}))
