import pytest

from volttools.protocol.endpoints import read_endpoint


def test_addresses_of_both_kinds_are_read():
    assert read_endpoint("127.0.0.1:0") == (bytes([127, 0, 0, 1]), 0)
    assert read_endpoint("[::1]:65535") == (bytes(15) + b"\1", 65535)


@pytest.mark.parametrize(
    "text",
    ["", "x", "host:80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4: 5", "[::1]:1_0", "[::1]:٣", "[fe80::1%eth0]:5"],
)  # fmt: skip
def test_what_is_no_address_with_a_port_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_endpoint(text) if text else read_endpoint(":")
