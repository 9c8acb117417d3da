"""The examples of the protocol's reference: whole frames, computed by hand and checked with
the official Python client 16.1. Each is parsed, and built from plain values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
import voltdbclient

from volttools.codec import build, invocation_encoder, parse
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Record
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, NULL, STRING, TINYINT


class Example(NamedTuple):
    """A frame with its length, and its message."""

    note: str
    message: Record
    hex: str

    @property
    def frame(self) -> bytes:
        """The bytes."""
        return bytes.fromhex(self.hex.replace("|", ""))


_ALL = [Extension(type=2), Extension(type=3, payload=3)]

EXAMPLES = [
    Example(
        "log-in, version 1",
        LoginRequest(
            user="op",
            password_hash=bytes.fromhex("2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"),
        ),
        "00000034 | 01 | 01 | 00000008 6461746162617365 | 00000002 6f70 |"
        "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    ),
    Example(
        "log-in, version 0",
        LoginRequest(
            version=0,
            hash_scheme=None,
            user="op",
            password_hash=bytes.fromhex("e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"),
        ),
        "00000027 | 00 | 00000008 6461746162617365 | 00000002 6f70 | e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
    ),
    Example(
        "log-in accepted",
        LoginResponse(
            host_id=0,
            connection_id=1,
            cluster_start=1_700_000_000_000,
            leader_address=int.from_bytes(bytes([127, 0, 0, 1]), "big"),
            build="volt_11.4_mock",
        ),
        "0000002c | 00 | 00 | 00000000 | 0000000000000001 | 0000018bcfe56800 | 7f000001 |"
        "0000000e 766f6c745f31312e345f6d6f636b",
    ),
    Example("log-in refused", LoginResponse(status=-1), "00000002 | 00 | ff"),
    Example(
        "invocation, version 0",
        Invocation(
            procedure="P.insert",
            parameters=[Parameter.of(BIGINT, 42), Parameter.of(STRING, "hé"), Parameter.of(NULL, None)],
        ),
        "00000029 | 00 | 00000008 502e696e73657274 | 0000000000000001 | 0003 |"
        "06 000000000000002a | 09 00000003 68c3a9 | 01",
    ),
    Example(
        "invocation, version 1",
        Invocation(version=1, batch_timeout_flag=1, batch_timeout_ms=5000, procedure="P", client_handle=7),
        "00000015 | 01 | 01 00001388 | 00000001 50 | 0000000000000007 | 0000",
    ),
    Example(
        "invocation, version 2, one partition",
        Invocation(version=2, procedure="P.insert", client_handle=7, extensions=_ALL),
        "00000020 | 02 | 00000008 502e696e73657274 | 0000000000000007 | 02 | 02 00 | 03 03 00000003 | 0000",
    ),
    Example(
        "invocation, version 2, priority and time-out",
        Invocation(
            version=2,
            procedure="P.insert",
            client_handle=7,
            extensions=[*_ALL, Extension(type=5, payload=4), Extension(type=6, payload=2_000_000)],
        ),
        "00000029 | 02 | 00000008 502e696e73657274 | 0000000000000007 | 04 | 02 00 | 03 03 00000003 |"
        "05 01 04 | 06 03 001e8480 | 0000",
    ),
    Example(
        "arrays",
        Invocation(
            procedure="Q",
            parameters=[
                Parameter.array(STRING, ["a", None]),
                Parameter.array(TINYINT, [1, None]),
                Parameter.array(BIGINT, [1, None]),
            ],
        ),
        "00000039 | 00 | 00000001 51 | 0000000000000001 | 0003 |"
        "9d 09 0002 00000001 61 ffffffff | 9d 03 00000002 01 80 |"
        "9d 06 0002 0000000000000001 8000000000000000",
    ),
    Example(
        "response with a table",
        Response(
            cluster_rtt_ms=3,
            tables=[
                Table.of(
                    [("ID", BIGINT), ("NAME", STRING), ("AMT", DECIMAL)],
                    [(42, "hé", Decimal("1.500000000000")), (None, None, None)],
                )
            ],
        ),
        "0000007c | 00 | 0000000000000001 | 00 | 01 | 80 | 00000003 | 0001 |"
        "00000066 0000001b | 80 | 0003 | 06 09 16 | 00000002 4944 | 00000004 4e414d45 | 00000003 414d54 |"
        "00000002 | 0000001f | 000000000000002a | 00000003 68c3a9 | 00000000000000000000015d3ef79800 |"
        "0000001c | 8000000000000000 | ffffffff | 80000000000000000000000000000000",
    ),
    Example(
        "error response",
        Response(status=-3, status_string="Procedure X was not found"),
        "0000002f | 00 | 0000000000000001 | 20 | fd |"
        "00000019 50726f63656475726520582077617320 6e6f7420666f756e64 | 80 | 00000000 | 0000",
    ),
    Example(
        "@Ping answered",
        Response(
            client_handle=2**63 - 1, status_string="SUCCESS", tables=[Table.of([("STATUS", BIGINT)], [(0,)])]
        ),
        "00000043 | 00 | 7fffffffffffffff | 20 | 01 | 00000007 53554343455353 | 80 | 00000000 | 0001 |"
        "00000022 | 0000000e | 80 | 0001 | 06 | 00000006 535441545553 | 00000001 |"
        "00000008 0000000000000000",
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.note)
def test_a_worked_example_is_parsed(example: Example) -> None:
    body = parse(RawFrame, example.frame).body
    assert parse(type(example.message), body) == example.message


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.note)
def test_a_worked_example_is_built_from_plain_values(example: Example) -> None:
    assert build(RawFrame(body=build(example.message))) == example.frame


def test_an_encoder_of_known_types_writes_the_same_frame() -> None:
    encode = invocation_encoder((BIGINT, STRING, NULL))
    assert encode("P.insert", 1, [42, "hé", None]) == EXAMPLES[4].frame


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if isinstance(e.message, Response)], ids=lambda e: e.note
)
def test_the_official_client_reads_the_same(example: Example) -> None:
    theirs: Any = voltdbclient.VoltResponse._from_body(voltdbclient.FastSerializer(), example.frame[4:])
    ours = parse(Response, example.frame[4:])
    assert (theirs.status, theirs.statusString, theirs.clientHandle) == (
        ours.status,
        ours.status_string,
        ours.client_handle,
    )
    assert [[tuple(row) for row in table.tuples] for table in theirs.tables or []] == [
        t.rows for t in ours.tables
    ]
