"""Small traffic made by hand: events for renderers, a dump_file and a pcap for commands.

Everything is assembled through the codec, so nothing here is a second description of the
protocol, nor of pcap and TCP.
"""

from __future__ import annotations

from decimal import Decimal

from tests.capture.files import ethernet, ipv4, pcap_head, pcap_packet, tcp
from volttools.codec import build
from volttools.formats.frame import RawFrame
from volttools.formats.geography import Geography, Point
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.network import ACK, PSH, SYN
from volttools.formats.notation import Record
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    STRING,
    TIMESTAMP,
    VARBINARY,
    VOLTTABLE,
)
from volttools.protocol.events import Connection, Damage, Direction, Event, Exchange, Frame, Login, Push

START_NS = 1_767_323_045_000_000_000  # 2026-01-02 03:04:05 UTC
LOOPBACK = bytes([127, 0, 0, 1])
PASSWORD_HASH = bytes(range(0xC1, 0xE1))

LOGIN_REQUEST = LoginRequest(user="admin", password_hash=PASSWORD_HASH)
LOGIN_ACCEPTED = LoginResponse(
    host_id=0, connection_id=7, cluster_start=1_767_000_000_000, leader_address=2130706433, build="11.4.0"
)
LOGIN_REFUSED = LoginResponse(status=-1)

TRIANGLE = "POLYGON ((0.0 0.0, 10.0 0.0, 0.0 10.0, 0.0 0.0))"

ORDERS = Table.of(
    [("ID", BIGINT), ("NAME", STRING), ("PRICE", DECIMAL), ("AT", TIMESTAMP), ("RAW", VARBINARY)],
    [
        (1, "bolt", Decimal("0.250000000000"), 1_767_323_045_000_000, b"\x01\x02"),
        (2, "Müller \x1b[2Jnut", Decimal("-17.500000000000"), None, None),
        (3, None, None, 0, b""),
    ],
)

PARAMETERS = [
    Parameter.of(INTEGER, 42),
    Parameter.of(STRING, "bolt"),
    Parameter.of(STRING, None),
    Parameter.of(NULL, None),
    Parameter.of(FLOAT, float("inf")),
    Parameter.of(DECIMAL, Decimal("10.500000000000")),
    Parameter.of(TIMESTAMP, 1_767_323_045_250_000),
    Parameter.of(VARBINARY, bytes(range(64))),
    Parameter.array(BIGINT, list(range(1000))),
    Parameter.of(GEOGRAPHY_POINT, Point(8.5, 47.25)),
    Parameter.of(GEOGRAPHY, Geography.from_wkt(TRIANGLE)),
    Parameter.of(VOLTTABLE, ORDERS),
]


def conversation() -> list[tuple[Direction, Record, int]]:
    """Who sends what, and when (us after START_NS): a log-in, five calls and a push."""
    client, server = Direction.CLIENT, Direction.SERVER
    modified = Table.of([("modified_tuples", BIGINT)], [(1,)])
    count = Table.of([("C1", BIGINT)], [(3,)])
    return [
        (client, LOGIN_REQUEST, 0),
        (server, LOGIN_ACCEPTED, 1_100),
        (client, call("ORDERS.insert", 1, Parameter.of(BIGINT, 1), Parameter.of(STRING, "bolt")), 2_000),
        (server, Response(client_handle=1, tables=[modified], cluster_rtt_ms=1), 2_812),
        (client, call("ORDERS.insert", 2, Parameter.of(BIGINT, 1), Parameter.of(STRING, "bolt")), 4_000),
        (server, failure(2, -2, "VOLTDB ERROR: CONSTRAINT VIOLATION\n  Constraint Type UNIQUE"), 5_240),
        (client, call("@AdHoc", 3, Parameter.of(STRING, "select * from ORDERS where NAME = 'bolt'")), 6_000),
        (server, Response(client_handle=3, tables=[ORDERS]), 49_000),
        (server, Response(client_handle=2**63 - 2, tables=[count]), 50_000),
        (client, call("NoSuchProcedure", 4), 60_000),
        (server, failure(4, -3, "Procedure NoSuchProcedure was not found"), 60_400),
        (client, call("Everything", 5, *PARAMETERS, version=2), 70_000),
        (
            server,
            Response(client_handle=5, app_status=3, app_status_string="half", tables=[count]),
            1_320_000,
        ),
    ]


def call(procedure: str, handle: int, *parameters: Parameter, version: int = 0) -> Invocation:
    """An invocation; of version 2 with a batch time-out."""
    extensions = [Extension(type=1, payload=500), Extension(type=2)] if version == 2 else None
    return Invocation(
        version=version,
        procedure=procedure,
        client_handle=handle,
        extensions=extensions,
        parameters=list(parameters),
    )


def failure(handle: int, status: int, text: str | None) -> Response:
    """A response without tables."""
    return Response(client_handle=handle, status=status, status_string=text)


# ---------------------------------------------------------------- events


def frame(direction: Direction, message: Record, *, number: int = 1, at_us: int | None = 0) -> Frame:
    """A message as a frame that was seen."""
    body = build(message)
    seen = None if at_us is None else START_NS + at_us * 1_000
    return Frame(
        direction=direction,
        body=body,
        length=len(body),
        offset=0,
        number=number,
        seen_at_ns=seen,
        began_at_ns=seen,
    )


def connection(number: int = 1) -> Connection:
    """A connection of the sample conversation."""
    return Connection(
        number=number,
        client="127.0.0.1:50000",
        server="127.0.0.1:21212",
        first_seen_ns=START_NS,
        user="admin",
        library="voltdbclient (Python)",
    )


def exchange(
    request: Invocation | None,
    response: Response | None,
    *,
    number: int = 1,
    at_us: int = 0,
    latency_us: int = 812,
) -> Exchange:
    """An exchange of one invocation and its response, on connection 1."""
    known = request or response
    assert known is not None
    return Exchange(
        connection=connection(),
        number=number,
        procedure=request.procedure if request else None,
        client_handle=known.client_handle,
        status=response.status if response else None,
        request_frame=frame(Direction.CLIENT, request, number=2 * number, at_us=at_us) if request else None,
        response_frame=frame(Direction.SERVER, response, number=2 * number + 1, at_us=at_us + latency_us)
        if response
        else None,
        request_lost=request is None,
    )


def events() -> list[Event]:
    """The conversation as a reader gives it, and damage behind it."""
    found: list[Event] = []
    where = connection()
    number = 0
    request: tuple[Record, Frame] | None = None
    for index, (direction, message, at_us) in enumerate(conversation(), 1):
        seen = frame(direction, message, number=index, at_us=at_us)
        if direction is Direction.CLIENT:
            request = message, seen
        elif isinstance(message, LoginResponse):
            assert request is not None
            assert isinstance(request[0], LoginRequest)
            found.append(
                Login(
                    connection=where,
                    request=request[0],
                    response=message,
                    request_frame=request[1],
                    response_frame=seen,
                )
            )
        elif isinstance(message, Response) and message.client_handle == 2**63 - 2:
            found.append(Push(connection=where, frame=seen, client_handle=message.client_handle))
        elif isinstance(message, Response):
            assert request is not None
            assert isinstance(request[0], Invocation)
            number += 1
            found.append(
                Exchange(
                    connection=where,
                    number=number,
                    procedure=request[0].procedure,
                    client_handle=message.client_handle,
                    status=message.status,
                    request_frame=request[1],
                    response_frame=seen,
                )
            )
    gap = "1,460 bytes are missing from the capture"
    found.append(
        Damage(
            what="gap",
            message=gap,
            connection=where,
            direction=Direction.SERVER,
            offset=3_788,
            length=1_460,
            seen_at_ns=START_NS + 2 * 10**9,
        )
    )
    return found


# ---------------------------------------------------------------- files


def dump_file() -> bytes:
    """The conversation without its push, as the official client writes it: frames, each with a newline."""
    return b"".join(
        build(RawFrame(body=build(message))) + b"\n"
        for _, message, _ in conversation()
        if getattr(message, "client_handle", 0) != 2**63 - 2
    )


def pcap(*, lost: frozenset[int] = frozenset()) -> bytes:
    """The conversation over loopback Ethernet, one packet a frame; packets of `lost` are left out."""
    ports = {Direction.CLIENT: 50000, Direction.SERVER: 21212}
    at = {Direction.CLIENT: 1_000, Direction.SERVER: 5_000}

    def packet(sender: Direction, flags: int, data: bytes = b"") -> bytes:
        receiver = Direction.SERVER if sender is Direction.CLIENT else Direction.CLIENT
        segment = tcp(
            data,
            source_port=ports[sender],
            destination_port=ports[receiver],
            sequence=at[sender] - bool(flags & SYN),
            acknowledgment=at[receiver] if flags & ACK else 0,
            flags=flags,
        )
        at[sender] += len(data)
        return ethernet(ipv4(segment, source=LOOPBACK, destination=LOOPBACK))

    packets = [(0, packet(Direction.CLIENT, SYN)), (0, packet(Direction.SERVER, SYN | ACK))]
    for direction, message, at_us in conversation():
        packets.append((at_us, packet(direction, PSH | ACK, build(RawFrame(body=build(message))))))
    start_us = START_NS // 1_000
    return pcap_head() + b"".join(
        pcap_packet(data, *divmod(start_us + at_us, 1_000_000))
        for index, (at_us, data) in enumerate(packets)
        if index not in lost
    )
