"""Records of TLS: enough to tell them from VoltDB's frames, and what is around their ciphers."""

import pytest

from volttools.codec import build, parse
from volttools.formats.tls import (
    HANDSHAKE,
    HEAD_PATTERN,
    AdditionalData,
    Alert,
    ExplicitNonce,
    PaddedSequence,
    TlsRecordHead,
    TlsRecordHeader,
    inner_plaintext,
)


def test_a_client_hello_is_a_handshake():
    head = parse(TlsRecordHead, bytes.fromhex("160301020001"))
    assert (head.content_type, head.length, head.first) == (HANDSHAKE, 512, b"\x01")
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


def test_a_record_header_is_what_tls_1_3_authenticates():
    header = parse(TlsRecordHeader, bytes.fromhex("1703030040"))
    assert (header.content_type, header.version, header.length) == (23, 0x0303, 64)
    assert header.is_plausible
    assert build(header).hex() == "1703030040"
    assert HEAD_PATTERN.match(build(header))


@pytest.mark.parametrize("start", ["1803030040", "1702030040", "1703050040", "1703034801", "17030348ff"])
def test_what_is_no_record_header(start):
    assert not parse(TlsRecordHeader, bytes.fromhex(start)).is_plausible


@pytest.mark.parametrize(
    ("data", "name", "is_error"),
    [
        ("0228", "handshake_failure", True),
        ("0100", "close_notify", False),
        ("0200", "close_notify", False),
        ("0230", "unknown_ca", True),
        ("0130", "unknown_ca", False),
        ("02fe", "alert 254", True),
    ],
)
def test_alerts(data, name, is_error):
    alert = parse(Alert, bytes.fromhex(data))
    assert (alert.name, alert.is_error) == (name, is_error)


def test_the_type_of_a_record_of_tls_1_3_stands_before_its_padding():
    assert inner_plaintext(b"words\x17" + bytes(9)) == (23, b"words")
    assert inner_plaintext(b"words\0\x16") == (22, b"words\0")
    assert inner_plaintext(b"\x17") == (23, b"")
    assert inner_plaintext(bytes(9)) is None
    assert inner_plaintext(b"") is None


def test_what_ciphers_authenticate():
    data = AdditionalData(sequence=1, content_type=23, version=0x0303, length=5)
    assert build(data).hex() == "00000000000000011703030005"
    assert build(PaddedSequence(sequence=258)).hex() == "000000000000000000000102"
    assert parse(ExplicitNonce, bytes(7) + b"\x05rest").value == 5
