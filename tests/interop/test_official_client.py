"""The official Python client reads the same values from the same bytes, and from bytes that we build."""

import datetime
from array import array
from decimal import Decimal

import pytest
import voltdbclient

from tests.requirements import ROOT
from volttools.capture.reader import open as open_capture
from volttools.codec import build, invocation_encoder, parse
from volttools.formats import types
from volttools.formats.geography import Geography, Point
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table

RECORDINGS = sorted(
    path for path in (ROOT / "captures").iterdir() if path.suffix in (".pcap", ".pcapng", ".dump")
)


def official(body: bytes) -> voltdbclient.VoltResponse | None:
    """The official client's reading; None where it can't: times beyond the year 9999."""
    try:
        return voltdbclient.VoltResponse._from_body(voltdbclient.FastSerializer(), body)
    except ValueError as error:
        if "out of range" not in str(error):
            raise
        return None


def as_official(value: object) -> object:
    """Our value as the official client has it."""
    if isinstance(value, Geography | Point):
        return value.wkt
    if isinstance(value, float):
        return None if types.reads_as_null(value) else value
    return value


def plain(value: object) -> object:
    """Their value in types that compare."""
    if isinstance(value, array):
        return value.tobytes()
    if isinstance(value, voltdbclient.Geography):
        return str(value)
    if isinstance(value, tuple):
        return voltdbclient.Geography.pointToWKT(value)
    return value


def assert_same(theirs: voltdbclient.VoltResponse, ours: Response) -> None:
    assert (theirs.status, theirs.statusString) == (ours.status, ours.status_string)
    assert theirs.appStatus in (ours.app_status, None)
    assert (theirs.appStatusString, theirs.roundtripTime) == (ours.app_status_string, ours.cluster_rtt_ms)
    assert len(theirs.tables) == len(ours.tables)
    for their_table, table in zip(theirs.tables, ours.tables, strict=True):
        assert [(c.name, c.type) for c in their_table.columns] == [tuple(c) for c in table.columns]
        codes = table.header.column_types
        for their_row, row in zip(their_table.tuples, table.rows, strict=True):
            for their_value, value, code in zip(their_row, row, codes, strict=True):
                if isinstance(their_value, datetime.datetime):
                    assert code == types.TIMESTAMP.code  # naive and local; the codec's own tests have it
                    continue
                assert repr(plain(their_value)) == repr(as_official(value))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_recorded_responses_hold_the_same_values(path):
    compared = 0
    with open_capture(path) as capture:
        for exchange in capture:
            theirs = exchange.response and official(exchange.response_frame.body)
            if theirs:
                assert_same(theirs, exchange.response)
                compared += 1
    assert compared


def test_what_we_build_is_read_by_the_official_client():
    table = Table.of(
        [
            ("B", types.BIGINT),
            ("F", types.FLOAT),
            ("S", types.STRING),
            ("D", types.DECIMAL),
            ("V", types.VARBINARY),
        ],
        [(1, 1.5, "é", Decimal("-2.5").quantize(Decimal("1e-12")), b"\x00\x0a"), (None,) * 5],
    )
    response = Response(client_handle=7, status=-2, status_string="no", app_status=5, tables=[table, table])
    assert_same(official(build(response)), response)


def test_our_invocations_are_byte_for_byte_those_of_the_official_client():
    sent = voltdbclient.FastSerializer()
    codes = [types.BIGINT.code, types.STRING.code, types.FLOAT.code, types.DECIMAL.code]
    values = [42, "hé", None, Decimal("1.5")]
    sent.writeByte(0)
    sent.writeString("Vote")
    sent.writeInt64(1)
    sent.writeInt16(len(codes) + 1)
    for code, value in zip(codes, values, strict=True):
        sent.writeWireType(code, value)
    sent.writeByte(voltdbclient.FastSerializer.ARRAY)
    sent.writeByte(types.INTEGER.code)
    sent.writeArray(types.INTEGER.code, [1, None, 3])
    body = bytes(sent.wbuf)
    kinds = (types.BIGINT, types.STRING, types.FLOAT, types.DECIMAL)
    parameters = [Parameter.of(kind, value) for kind, value in zip(kinds, values, strict=True)]
    parameters.append(Parameter.array(types.INTEGER, [1, None, 3]))
    assert build(Invocation(procedure="Vote", parameters=parameters)) == body
    assert parse(Invocation, body).parameters == [
        *(p.replace(value=Decimal("1.500000000000")) if p.value == Decimal("1.5") else p for p in parameters)
    ]
    whole = invocation_encoder(kinds)("Vote", 1, values)
    assert parse(Invocation, whole[4:]).parameters[:3] == parameters[:3]
