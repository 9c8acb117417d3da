"""Parse and build of rows, small responses and invocations, beside the official client 16.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import voltclient
import voltdbclient

from benchmarks import data
from benchmarks.bare import bare_rows
from benchmarks.bench import Row, Work, beside
from volttools.client.requests import Requests
from volttools.codec import builder, fields_reader, head_reader, invocation_encoder, parse, parser
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import TABLE
from volttools.formats.types import BIGINT, INTEGER, STRING, WireType

_VALUES = [42, 7, "hello world"]
_CODES = [BIGINT.code, INTEGER.code, STRING.code]


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        _rows("rows: 100 k of bigint, integer, float", data.FIXED_3, 100_000, 1),
        _rows("rows: 12 fixed columns", data.FIXED_12, 3_000, 3),
        _rows("rows: 20 mixed columns", data.MIX_20, 1_000, 3),
        _rows("rows: 2 varchar + decimal mix", data.MIX, 3_000, 3),
        _rows("rows: the same without decimal", data.MIX_WITHOUT_DECIMAL, 3_000, 3),
        _rows("rows: 5 varchar", data.STRINGS_5, 3_000, 3),
        _rows("small response: all", data.FIXED_3, 1, 2_000),
        Row("small response: lazy rows", lambda scale: _lazy_rows()),
        Row("small response: head only", lambda scale: _head()),
        Row("small response: construct interpreted", lambda scale: _interpreted()),
        _build_rows("build 1,000 rows: bigint, integer, float", data.FIXED_3),
        _build_rows("build 1,000 rows: 2 varchar + decimal mix", data.MIX),
        Row("invocation encoded: types known", lambda scale: _types_known()),
        Row("invocation encoded: types inferred", lambda scale: _types_inferred()),
        Row("invocation parsed", lambda scale: _invocation_parsed()),
    ]


def peer_reader() -> Callable[[bytes], Any]:
    """The official client's reader of a response's body, without a socket."""
    serializer = voltdbclient.FastSerializer()
    read: Callable[[Any, bytes], Any] = voltdbclient.VoltResponse._from_body
    return lambda body: read(serializer, body)


def peer_invocation_reader() -> Callable[[bytes], list[Any]]:
    """The official client has no reader of invocations; its own reading methods do the peer's part."""
    serializer = voltdbclient.FastSerializer()

    def read(body: bytes) -> list[Any]:
        serializer.read_buffer.set(body)
        head = [serializer.readByte(), serializer.readString(), serializer.readInt64()]
        return head + [serializer.read(serializer.readByte()) for _ in range(serializer.readInt16())]

    return read


def _same_response(peer: Any, ours: Response) -> bool:
    assert (peer.status, peer.clientHandle) == (ours.status, ours.client_handle)
    for theirs, table in zip(peer.tables, ours.tables, strict=True):
        assert [tuple(row) for row in theirs.tuples] == table.rows
        assert [column.name for column in theirs.columns] == [column.name for column in table.columns]
    return True


def _rows(name: str, types: tuple[WireType, ...], count: int, times: int) -> Row:
    def work() -> Work:
        body = data.response(types, count)
        peer, parse_response = peer_reader(), parser(Response)
        return beside(
            "VoltResponse",
            lambda: peer(body),
            lambda: parse_response(body),
            times=times,
            same=_same_response,
            limit_name="bare loop",
            limit=bare_rows(types, count),
        )

    return Row(name, lambda scale: work())


def _lazy_rows() -> Work:
    """All but the values: head, columns, and where the rows are."""
    body = data.response(data.FIXED_3, 1)
    end = len(body)
    names = ("client_handle", "status", "status_string", "app_status", "app_status_string", "tables")
    peer, read = peer_reader(), fields_reader(Response, *names, reads_rows=False)

    def same(theirs: Any, found: tuple[Any, ...]) -> bool:
        (table,) = found[-1]
        columns = [column.name for column in theirs.tables[0].columns]
        return bool(theirs.clientHandle == found[0] and list(table.header.column_names) == columns)

    return beside("VoltResponse", lambda: peer(body), lambda: read(body, 0, end), times=2_000, same=same)


def _head() -> Work:
    body = data.response(data.FIXED_3, 1)
    peer, (read, _) = peer_reader(), head_reader(ResponseHead)
    return beside(
        "VoltResponse",
        lambda: peer(body),
        lambda: read(body, 0),
        times=2_000,
        same=lambda peer, ours: bool((peer.clientHandle, peer.status) == (ours[1], ours[3])),
    )


def _interpreted() -> Work:
    """What the declarations cost where nothing is compiled."""
    body = data.response(data.FIXED_3, 1)
    parse_response, interpret = parser(Response), Response.declaration.parse
    return beside(
        "construct", lambda: interpret(body), lambda: parse_response(body), times=2_000, peer_times=200
    )


def _build_rows(name: str, types: tuple[WireType, ...]) -> Row:
    def work() -> Work:
        table = data.table(types, 1_000)
        codes, names = [kind.code for kind in types], [column.name for column in table.columns]
        encode_row: Callable[[Any], bytes] = voltclient._make_row_encoder(codes, names)
        whole = builder(TABLE)
        return beside(
            "voltclient row encoder",
            lambda: b"".join([encode_row(row) for row in table.rows]),
            lambda: whole(table),
            times=20,
            same=lambda peer, ours: bool(ours.endswith(peer)),
        )

    return Row(name, lambda scale: work())


def _types_known() -> Work:
    order = voltdbclient.FastSerializer().inputBOM
    encode = invocation_encoder((BIGINT, INTEGER, STRING))
    return beside(
        "_serialize_invocation",
        lambda: voltclient._serialize_invocation(order, "Vote", _CODES, _VALUES, 7),
        lambda: encode("Vote", 7, _VALUES),
        times=5_000,
    )


def _types_inferred() -> Work:
    """As the clients do where the catalog tells nothing; the peer is told the types here, too."""
    order, codes = voltdbclient.FastSerializer().inputBOM, [BIGINT.code, BIGINT.code, STRING.code]
    requests, values = Requests(asks_for_signatures=False), tuple(_VALUES)
    requests.encode("Vote", values, None, None, None)

    def ours() -> bytes:
        return requests.ready["Vote", tuple(map(type, values))].frame("Vote", 7, values)

    return beside(
        "_serialize_invocation",
        lambda: voltclient._serialize_invocation(order, "Vote", codes, _VALUES, 7),
        ours,
        times=5_000,
    )


def _invocation_parsed() -> Work:
    body = invocation_encoder((BIGINT, INTEGER, STRING))("Vote", 7, _VALUES)[4:]
    peer = peer_invocation_reader()

    def same(theirs: list[Any], invocation: Invocation) -> bool:
        assert not isinstance(invocation.parameters, Opaque)
        values = [parameter.value for parameter in invocation.parameters]
        return bool(theirs == [0, invocation.procedure, invocation.client_handle, *values])

    return beside(
        "FastSerializer.read", lambda: peer(body), lambda: parse(Invocation, body), times=5_000, same=same
    )
