"""Parse and build of rows, small responses and invocations, beside the official client 16.1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import voltclient
import voltdbclient

from benchmarks import data
from benchmarks.bench import Work
from volttools.codec import build, invocation_encoder, parse, parser
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import TABLE
from volttools.formats.types import BIGINT, INTEGER, STRING, WireType


def works() -> Iterator[Work]:
    """All rows of the table."""
    yield _rows("rows: bigint, integer, float", data.FIXED_3, 10_000, 3, floor=6)
    yield _rows("rows: 12 fixed columns", data.FIXED_12, 3_000, 3)
    yield _rows("rows: 2 varchar + decimal mix", data.MIX, 3_000, 3, floor=6)
    yield _rows("rows: the same without decimal", data.MIX_WITHOUT_DECIMAL, 3_000, 3, floor=3)
    yield _rows("rows: 20 mixed columns", data.MIX_20, 1_000, 3)
    yield _rows("rows: 5 varchar", data.STRINGS_5, 3_000, 3)
    yield _rows("small response: 1 row of 3 fixed", data.FIXED_3, 1, 2_000, floor=5)
    yield _head()
    yield _build_rows("build rows: bigint, integer, float", data.FIXED_3, 1_000, 3)
    yield _build_rows("build rows: 2 varchar + decimal mix", data.MIX, 1_000, 3)
    yield _invocation_known()
    yield _invocation_parse()


class _Peer:
    """The official client's reader, without a socket."""

    def __init__(self) -> None:
        self.serializer = voltdbclient.FastSerializer()

    def response(self, body: bytes) -> Any:
        return voltdbclient.VoltResponse._from_body(self.serializer, body)


def _same_response(peer: Any, ours: Response) -> bool:
    assert (peer.status, peer.clientHandle) == (ours.status, ours.client_handle)
    for theirs, table in zip(peer.tables, ours.tables, strict=True):
        assert [tuple(row) for row in theirs.tuples] == table.rows
        assert [column.name for column in theirs.columns] == [column.name for column in table.columns]
    return True


def _rows(
    name: str, types: tuple[WireType, ...], rows: int, repeat: int, *, floor: float | None = None
) -> Work:
    body = data.response(types, rows)
    peer = _Peer()
    parse_response = parser(Response)
    return Work(
        name,
        "VoltResponse",
        lambda: peer.response(body),
        lambda: parse_response(body),
        repeat,
        floor,
        _same_response,
    )


def _head() -> Work:
    body = data.response(data.FIXED_3, 1)
    peer = _Peer()
    head = parser(ResponseHead)
    return Work(
        "small response: head only",
        "VoltResponse",
        lambda: peer.response(body),
        lambda: head(body),
        2_000,
        same=lambda peer, ours: bool((peer.status, peer.clientHandle) == (ours.status, ours.client_handle)),
    )


def _build_rows(name: str, types: tuple[WireType, ...], rows: int, repeat: int) -> Work:
    table = data.table(types, rows)
    codes = [kind.code for kind in types]
    encode_row: Callable[[Any], bytes] = voltclient._make_row_encoder(codes, [c.name for c in table.columns])
    from volttools.codec import builder

    whole = builder(TABLE)
    return Work(
        name,
        "voltclient row encoder",
        lambda: b"".join([encode_row(row) for row in table.rows]),
        lambda: whole(table),
        repeat,
        same=lambda peer, ours: ours.endswith(peer),
    )


def _invocation_known() -> Work:
    codes = [BIGINT.code, INTEGER.code, STRING.code]
    values = [42, 7, "hello world"]
    order = voltdbclient.FastSerializer().inputBOM
    encode = invocation_encoder((BIGINT, INTEGER, STRING))
    return Work(
        "invocation encoded, types known",
        "_serialize_invocation",
        lambda: voltclient._serialize_invocation(order, "Vote", codes, values, 7),
        lambda: encode("Vote", 7, values),
        5_000,
        6,
    )


def _invocation_parse() -> Work:
    """The official client has no reader of invocations; its own reading methods do the peer's part."""
    body = invocation_encoder((BIGINT, INTEGER, STRING))("Vote", 7, [42, 7, "hello world"])[4:]
    serializer = voltdbclient.FastSerializer()

    def peer() -> list[Any]:
        serializer.read_buffer.set(body)
        head = [serializer.readByte(), serializer.readString(), serializer.readInt64()]
        return head + [serializer.read(serializer.readByte()) for _ in range(serializer.readInt16())]

    def ours() -> Invocation:
        return parse(Invocation, body)

    def same(theirs: list[Any], invocation: Invocation) -> bool:
        assert not isinstance(invocation.parameters, Opaque)
        values = [parameter.value for parameter in invocation.parameters]
        return bool(theirs == [0, invocation.procedure, invocation.client_handle, *values])

    return Work("invocation parsed", "FastSerializer.read", peer, ours, 5_000, same=same)


__all__ = ["build", "works"]
