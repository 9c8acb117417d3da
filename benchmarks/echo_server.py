"""A server that answers every call at once with one row, in a process of its own.

Calls of "Ten" get ten rows of three columns, those of "Wide" 10,000 rows of ten.

    python -m benchmarks.echo_server     prints its port, and serves till its input is closed

It does as little as can be for each frame, so that what is measured is the client.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal

from volttools.codec import build, head_reader, parse
from volttools.formats.frame import PREFIX, PREFIX_BYTES
from volttools.formats.invocation import InvocationHead
from volttools.formats.login import LoginResponse
from volttools.formats.notation import Record
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, FLOAT, INTEGER, SMALLINT, STRING, TIMESTAMP, TINYINT
from volttools.protocol.frame_buffer import framed

_SMALL = Table.of([("ID", BIGINT), ("N", INTEGER), ("SCORE", FLOAT)], [(1, 2, 3.5)])
_NO_PROCEDURES = Response(tables=[Table.of([("PROCEDURE_NAME", STRING), ("REMARKS", STRING)], [])])


_MARK = bytes.fromhex("0102030405060708")  # a client handle that stands nowhere else


def _around(response: Record) -> tuple[bytes, bytes]:
    """A response's frame without its handle: what stands before it, and what behind."""
    data = framed(build(response))
    at = data.index(_MARK)
    return data[:at], data[at + len(_MARK) :]


def _answer_with(table: Table) -> tuple[bytes, bytes]:
    return _around(Response(client_handle=int(_MARK.hex(), 16), tables=[table]))


def _wide() -> Table:
    names = ["ID", "PHONE", "N", "SCORE", "NAME", "TEXT", "AT", "SMALL", "TINY", "PRICE"]
    kinds = [BIGINT, BIGINT, INTEGER, FLOAT, STRING, STRING, TIMESTAMP, SMALLINT, TINYINT, DECIMAL]
    rows = [
        (
            number,
            None if number % 50 == 0 else 6_175_550_000 + number,
            number,
            number * 1.5,
            f"name {number}",
            f"text of {number}" if number % 50 else None,
            1_709_164_800_000_000 + number,
            number % 1000,
            number % 100,
            Decimal(number) / 4,
        )
        for number in range(10_000)
    ]
    return Table.of(list(zip(names, kinds, strict=True)), rows)


_TEN = Table.of(
    [("ID", BIGINT), ("SCORE", FLOAT), ("NAME", STRING)], [(n, n * 1.5, f"name {n}") for n in range(10)]
)
_ONE_ROW = _answer_with(_SMALL)
_BY_NAME = {"Ten": _answer_with(_TEN)}
_LOGIN = LoginResponse(host_id=0, connection_id=1, cluster_start=1, leader_address=1, build="11.4")
_length_at, _ = head_reader(PREFIX)
_HANDLE_BYTES = len(_MARK)


class Echo(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_in = False
        self._names: dict[bytes, tuple[int, bytes, bytes]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer the whole frames."""
        data = self._rest + data
        at, out = 0, []
        while len(data) - at >= PREFIX_BYTES:
            stop = at + PREFIX_BYTES + _length_at(data, at)[0]
            if stop > len(data):
                break
            if self._is_in:
                out.append(self._answer(data[at + PREFIX_BYTES : stop]))
            else:
                self._is_in = True
                out.append(framed(build(_LOGIN)))
            at = stop
        self._rest = data[at:]
        self._transport.write(b"".join(out))

    def _answer(self, body: bytes) -> bytes:
        # version, length of the name, name, handle: the place of the handle by the bytes before it
        start = body[:24]
        found = self._names.get(start)
        if found is None:
            head = parse(InvocationHead, body)
            if head.procedure == "@SystemCatalog":
                return framed(build(_NO_PROCEDURES.replace(client_handle=head.client_handle)))
            if head.procedure == "Wide" and "Wide" not in _BY_NAME:
                _BY_NAME["Wide"] = _answer_with(_wide())
            at = len(body) - len(head.rest) - _HANDLE_BYTES
            found = self._names[start] = (at, *_BY_NAME.get(head.procedure or "", _ONE_ROW))
        at, before, behind = found
        return before + body[at : at + _HANDLE_BYTES] + behind


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
