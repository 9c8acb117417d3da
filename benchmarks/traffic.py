"""Captures to measure with: what an application says that makes many small calls, and some reports.

Connections, eight if not said otherwise, call in turn: three parameters, an answer of one row of three columns,
and every 50th call an answer of 100 rows with strings and a decimal. Packets are those of loopback: an IP header
and no Ethernet. The same size gives the same bytes.

    python -m benchmarks.traffic 100000 votes.pcapng          so many calls
    python -m benchmarks.traffic 100000 changed.pcapng 999    of which every so manieth is answered otherwise
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import data
from benchmarks.wire import login_frame
from volttools.capture.pcapng_writer import PcapngWriter
from volttools.capture.tcp_writer import TcpWriter
from volttools.codec import build, invocation_encoder
from volttools.formats.login import LoginResponse
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING
from volttools.protocol.events import Connection, Direction
from volttools.protocol.frame_buffer import framed
from volttools.protocol.traffic import Bytes, Opened, Step

CONNECTIONS = 8
REPORT_EVERY = 50
REPORT_ROWS = 100
_START_NS = 1_767_225_600_000_000_000
_CALL_NS = 100_000  # from one call to the next
_MARK = bytes.fromhex("0102030405060708")  # a client handle that stands nowhere else
_STATES = ["NY", "CA", "TX", "MA", "WA", "OR", "FL", "ME"]


class Call(NamedTuple):
    """Both frames."""

    request: bytes
    answer: bytes


def calls(count: int | None = None, *, changed_every: int = 0) -> Iterator[Call]:
    """So many calls, or without end; with client handles from 1 on.

    changed_every   every so manieth answer has another value than it has otherwise
    """
    vote = invocation_encoder((BIGINT, INTEGER, STRING))
    report = invocation_encoder((INTEGER,))
    answers = [_around(_row(number)) for number in range(64)]
    changed = _around(_row(-1))
    long = _around(data.table(data.MIX, REPORT_ROWS))
    rng = random.Random(7)
    number = 0
    while count is None or number < count:
        number += 1
        if number % REPORT_EVERY == 0:
            request, answer = report("Report", number, [number]), long
        else:
            phone = 6_170_000_000 + rng.randrange(9_999_999)
            request = vote("Vote", number, [phone, number % 12, _STATES[number % 8]])
            answer = changed if changed_every and number % changed_every == 0 else answers[number % 64]
        before, behind = answer
        yield Call(request, before + number.to_bytes(8, "big") + behind)


def write_capture(
    path: Path,
    *,
    size: int | None = None,
    count: int | None = None,
    changed_every: int = 0,
    connections: int = CONNECTIONS,
) -> int:
    """Write a pcapng of at least `size` bytes, or of `count` calls; says how many calls it has."""
    with path.open("wb") as file:
        pcapng = PcapngWriter(file)
        tcp = TcpWriter(pcapng)
        opened = [_connection(number) for number in range(connections)]
        for connection in opened:
            for step in _opening(connection):
                tcp.write(step)
        made = 0
        for made, call in enumerate(calls(count, changed_every=changed_every), 1):
            connection = opened[made % connections]
            at_ns = _START_NS + made * _CALL_NS
            tcp.write(_bytes(connection, Direction.CLIENT, call.request, at_ns))
            # Answered before the connection's next call; how soon goes up and down.
            tcp.write(
                _bytes(connection, Direction.SERVER, call.answer, at_ns + _CALL_NS // 2 + made % 97 * 300)
            )
            if size is not None and tcp.size >= size:
                break
        tcp.flush()
    return made


def _row(number: int) -> Table:
    return Table.of([("ID", BIGINT), ("N", INTEGER), ("SCORE", FLOAT)], [(number, 2, 3.5)])


def _around(table: Table) -> tuple[bytes, bytes]:
    """An answer's frame without its handle: what stands before it, and what behind."""
    frame = framed(build(Response(client_handle=int(_MARK.hex(), 16), cluster_rtt_ms=1, tables=[table])))
    at = frame.index(_MARK)
    return frame[:at], frame[at + len(_MARK) :]


def _connection(number: int) -> Connection:
    return Connection(number=number + 1, client=f"127.0.0.1:{40_001 + number}", server="127.0.0.2:21212")


def _opening(connection: Connection) -> Iterator[Step]:
    answer = LoginResponse(host_id=0, connection_id=1, cluster_start=1, leader_address=1, build="11.4")
    at_ns = _START_NS
    yield Opened(connection=connection, time_ns=at_ns, is_whole=True)
    yield _bytes(connection, Direction.CLIENT, login_frame(), at_ns)
    yield _bytes(connection, Direction.SERVER, framed(build(answer)), at_ns + 50_000)


def _bytes(connection: Connection, direction: Direction, data: bytes, at_ns: int) -> Bytes:
    return Bytes(connection=connection, direction=direction, data=data, time_ns=at_ns)


def main() -> None:
    """Write a capture."""
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    changed_every = int(sys.argv[3]) if len(sys.argv) == 4 else 0
    write_capture(Path(sys.argv[2]), count=int(sys.argv[1]), changed_every=changed_every)


if __name__ == "__main__":
    main()
