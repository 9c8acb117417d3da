import pytest

from volttools.errors import UsageError
from volttools.record.addresses import Address, address, peer_names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (":21213", ("127.0.0.1", 21213)),
        ("db1", ("db1", 21212)),
        ("db1:5", ("db1", 5)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]", ("::1", 21212)),
        ("[fe80::1%eth0]:7", ("fe80::1%eth0", 7)),
    ],
)
def test_what_is_left_out_is_loopback_and_the_usual_port(text, found):
    assert address(text) == Address(*found)


@pytest.mark.parametrize("text", ["", " ", "a:b", ":65536", "::1", "[::1", "a b:1", "[a]b:1", "http://x"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UsageError) as caught:
        address(text)
    assert str(caught.value) == f'{text!r} is no address: write "HOST:PORT", "[::1]:21212" or ":21213"'


def test_an_ipv6_address_prints_in_brackets():
    assert str(address("[::1]:5")) == "[::1]:5"


@pytest.mark.parametrize(
    ("client", "server", "names"),
    [
        ("10.0.0.1", "10.0.0.2", ("10.0.0.1:1", "10.0.0.2:2")),
        ("::1", "fe80::1%lo", ("[::1]:1", "[fe80::1]:2")),
        ("10.0.0.1", "::1", ("[::ffff:a00:1]:1", "[::1]:2")),
        ("10.0.0.1", "db1", ("10.0.0.1:1", None)),
    ],
)
def test_both_ends_can_stand_in_one_packet(client, server, names):
    assert peer_names((client, 1), (server, 2)) == names
