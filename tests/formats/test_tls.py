"""The head of a TLS record: enough to tell TLS from VoltDB's frames."""

import pytest

from volttools.codec import build, parse
from volttools.formats.tls import CLIENT_HELLO, HANDSHAKE, TlsRecordHead


def test_a_client_hello_is_a_handshake():
    head = parse(TlsRecordHead, bytes.fromhex("160301020001"))
    assert (head.content_type, head.length, head.first) == (HANDSHAKE, 512, CLIENT_HELLO)
    assert head.is_plausible
    assert build(head) == bytes.fromhex("160301020001")


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("000000320101", "a log-in of VoltDB"),
        ("160401020001", "no version 4 of SSL"),
        ("160300000001", "an empty record"),
        ("1603ff020001", "no such minor version"),
        ("160301ffff01", "longer than a record may be"),
    ],
)
def test_what_is_no_record(start, why):
    assert not parse(TlsRecordHead, bytes.fromhex(start)).is_plausible, why
