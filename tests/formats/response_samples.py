"""Responses, and what they hold: tables and exceptions; with their bytes."""

from __future__ import annotations

from decimal import Decimal

from tests.formats.message_sample import MessageSample
from tests.formats.type_samples import EMPTY_TABLE, EMPTY_TABLE_HEX, SMALL_TABLE, SMALL_TABLE_HEX
from volttools.formats.exceptions import ServerException
from volttools.formats.notation import Opaque
from volttools.formats.response import Response, ResponseHead, ResponseOutline
from volttools.formats.table import Table, TableHeader, TableOutline
from volttools.formats.types import (
    BIGINT,
    DECIMAL,
    FLOAT,
    GEOGRAPHY_POINT,
    NULL,
    STRING,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
)

_HANDLE = "00 0000000000000001"
_STATE = "5153544154"  # "QSTAT"

EXCEPTIONS = [
    MessageSample(ServerException(type=0), "00", "None"),
    MessageSample(
        ServerException(type=1, message="m", error_code=7), "01 00000001 6d 00000007", "EEException"
    ),
    MessageSample(
        ServerException(type=2, message="m", sql_state=b"QSTAT"), f"02 00000001 6d {_STATE}", "SQLException"
    ),
    MessageSample(
        ServerException(
            type=3,
            message="m",
            sql_state=b"QSTAT",
            constraint_type=2,
            table_name="T",
            tuples=bytes.fromhex(EMPTY_TABLE_HEX),
        ),
        f"03 00000001 6d {_STATE} 00000002 00000001 54 00000014 {EMPTY_TABLE_HEX}",
        "ConstraintFailureException",
    ),
    MessageSample(ServerException(type=4, message=""), "04 00000000", "InterruptException"),
    MessageSample(
        ServerException(type=5, message=None, transaction_id=9, misrouted=1),
        "05 ffffffff 0000000000000009 01",
        "TransactionRestartException, NULL message",
    ),
    MessageSample(
        ServerException(type=6, message="m", transaction_id=-1),
        "06 00000001 6d ffffffffffffffff",
        "TransactionTerminationException",
    ),
    MessageSample(
        ServerException(type=7, message="m", status=-3, status_string="s"),
        "07 00000001 6d fd 00000001 73",
        "SpecifiedException",
    ),
    MessageSample(ServerException(type=8, message="m"), "08 00000001 6d", "GenericSerializableException"),
    MessageSample(ServerException(type=9, message="m"), "09 00000001 6d", "MispartitionedException"),
    MessageSample(ServerException(type=10, message="m"), "0a 00000001 6d", "ReplicatedTableException"),
    MessageSample(
        ServerException(type=11, message="m", dr_hash=1, remote_unique_id=2, catalog_version=3),
        "0b 00000001 6d 0000000000000001 0000000000000002 00000003",
        "DrTableNotFoundException",
    ),
    MessageSample(ServerException(type=12, message="m"), "0c 00000001 6d", "InvalidMessage"),
    MessageSample(
        ServerException(type=99, message="m", trailing=b"new"),
        "63 00000001 6d 6e6577",
        "a type of the future",
    ),
    MessageSample(ServerException(type=0, trailing=b"x"), "00 78", "None, with a byte behind it"),
]

_EVERY_COLUMN = Table.of(
    [("A", TINYINT), ("B", STRING), ("C", DECIMAL), ("D", VARBINARY), ("E", GEOGRAPHY_POINT), ("F", FLOAT)],
    [(1, "x", Decimal("1E-12"), b"y", None, 0.0), (None, None, None, None, None, None)],
)
_EVERY_COLUMN_HEX = (
    "000000a4 00000027 80 0006 03 09 16 19 1a 08"
    "00000001 41 00000001 42 00000001 43 00000001 44 00000001 45 00000001 46 00000002"
    f"00000033 01 00000001 78 {'00' * 15} 01 00000001 79 {'4076800000000000' * 2} 0000000000000000"
    f"00000031 80 ffffffff 80 {'00' * 15} ffffffff {'4076800000000000' * 2} ffee42d130773b76"
)

TABLES = [
    MessageSample(EMPTY_TABLE, EMPTY_TABLE_HEX[9:], "no rows"),
    MessageSample(SMALL_TABLE, SMALL_TABLE_HEX[9:], "two rows"),
    MessageSample(_EVERY_COLUMN, _EVERY_COLUMN_HEX[9:], "many types"),
    MessageSample(
        EMPTY_TABLE.replace(header=EMPTY_TABLE.header.replace(length_error=-4)),
        "00000004 80 0001 06 00000000 00000000",
        "header length 4 too small, as the Python client writes it",
    ),
    MessageSample(
        EMPTY_TABLE.replace(header=EMPTY_TABLE.header.replace(length_error=-9 - 2**31 + 1)),
        "80000000 80 0001 06 00000000 00000000",
        "header length of -2^31",
    ),
    MessageSample(
        EMPTY_TABLE.replace(trailing=bytes(96)),
        f"00000008 80 0001 06 00000000 00000000 {'00' * 96}",
        "96 bytes behind the rows, as in three statistics",
    ),
    MessageSample(Table.of([]), "00000003 80 0000 00000000", "no columns"),
    MessageSample(
        Table.of([], [(), (), ()]), "00000003 80 0000 00000003 00000000 00000000 00000000", "rows of nothing"
    ),
    MessageSample(
        Table(header=TableHeader(column_types=(6, 6), column_names=(None, "")), rows=[(1, 2)]),
        "0000000d 80 0002 06 06 ffffffff 00000000 00000001 00000010 0000000000000001 0000000000000002",
        "a NULL name and an empty one",
    ),
    MessageSample(
        Table.of([("A", BIGINT), ("B", 99), ("C", BIGINT)], [(1, Opaque(b"xyz")), (None, Opaque(b""))]),
        "00000015 80 0003 06 63 06 00000001 41 00000001 42 00000001 43"
        "00000002 0000000b 0000000000000001 78797a 00000008 8000000000000000",
        "a column of unknown type: opaque from there on",
    ),
    MessageSample(
        Table.of([("A", 99)], [(Opaque(b"\xff"),)]),
        "00000009 80 0001 63 00000001 41 00000001 00000001 ff",
        "only a column of unknown type",
    ),
    MessageSample(
        Table.of([("T", VOLTTABLE)], [(EMPTY_TABLE,)]),
        f"00000009 80 0001 15 00000001 54 00000001 00000014 {EMPTY_TABLE_HEX}",
        "a table in a table",
    ),
    MessageSample(
        Table.of([("N", NULL), ("B", TINYINT)], [(Opaque(b"\x01"),)]),
        "0000000f 80 0002 01 03 00000001 4e 00000001 42 00000001 00000001 01",
        "a column of a type that takes no bytes: opaque from there on",
    ),
    MessageSample(
        TableHeader(status=5, column_types=(6,), column_names=("é",)), "05 0001 06 00000002 c3a9", "header"
    ),
    MessageSample(
        TableOutline(header=TableHeader(column_types=(), column_names=()), row_count=2, rest=bytes(8)),
        "00000003 80 0000 00000002 00000000 00000000",
        "outline",
    ),
]

RESPONSES = [
    MessageSample(Response(), f"{_HANDLE} 00 01 80 00000000 0000", "nothing but a success"),
    MessageSample(
        Response(tables=[SMALL_TABLE, EMPTY_TABLE], cluster_rtt_ms=3),
        f"{_HANDLE} 00 01 80 00000003 0002 {SMALL_TABLE_HEX} {EMPTY_TABLE_HEX}",
        "two tables",
    ),
    MessageSample(
        Response(status=-3, status_string="no", app_status=5, app_status_string="app"),
        f"{_HANDLE} a0 fd 00000002 6e6f 05 00000003 617070 00000000 0000",
        "both strings",
    ),
    MessageSample(
        Response(status=-2, status_string="", extra_flags=0x80),
        f"{_HANDLE} a0 fe 00000000 80 ffffffff 00000000 0000",
        "a string that is there and empty, one that is there and NULL",
    ),
    MessageSample(
        Response(extra_flags=0x20),
        f"{_HANDLE} 20 01 ffffffff 80 00000000 0000",
        "status string there but NULL",
    ),
    MessageSample(
        Response(exception=ServerException(type=2, message="m", sql_state=b"QSTAT")),
        f"{_HANDLE} 40 01 80 00000000 0000000b {EXCEPTIONS[2].hex} 0000",
        "an exception",
    ),
    MessageSample(
        Response(extra_flags=0x40),
        f"{_HANDLE} 40 01 80 00000000 00000000 0000",
        "the flag of an exception alone",
    ),
    MessageSample(
        Response(hashes=[1, -1]), f"{_HANDLE} 10 01 80 00000000 0002 00000001 ffffffff 0000", "hashes"
    ),
    MessageSample(
        Response(hashes=[]), f"{_HANDLE} 10 01 80 00000000 0000 0000", "no hashes, but their count"
    ),
    MessageSample(
        Response(
            version=1,
            client_handle=2**63 - 2,
            extra_flags=0x0F,
            status=1,
            status_string="s",
            app_status=0,
            app_status_string="a",
            cluster_rtt_ms=-1,
            exception=ServerException(type=0),
            hashes=[0],
            tables=[EMPTY_TABLE],
            trailing=b"\0\0",
        ),
        "01 7ffffffffffffffe ff 01 00000001 73 00 00000001 61 ffffffff 00000001 00 0001 00000000"
        f"0001 {EMPTY_TABLE_HEX} 0000",
        "all bits and parts, and bytes behind them",
    ),
    MessageSample(
        Response(status=-2, status_string="\udcff\udced\udca0\udc80"),
        f"{_HANDLE} 20 fe 00000004 ffeda080 80 00000000 0000",
        "a text that is no UTF-8",
    ),
    MessageSample(
        ResponseHead(version=0, client_handle=1, fields_present=0x20, status=-3, rest=b"\xff"),
        f"{_HANDLE} 20 fd ff",
        "head",
    ),
    MessageSample(
        ResponseOutline(
            version=0,
            client_handle=1,
            fields_present=0x20,
            status=1,
            status_string="s",
            app_status=-128,
            cluster_rtt_ms=3,
            tables=[TableOutline(header=EMPTY_TABLE.header, row_count=0)],
        ),
        f"{_HANDLE} 20 01 00000001 73 80 00000003 0001 {EMPTY_TABLE_HEX}",
        "outline",
    ),
    MessageSample(
        ResponseOutline(
            version=0,
            client_handle=1,
            fields_present=0x90,
            status=1,
            app_status=0,
            app_status_string="a",
            cluster_rtt_ms=0,
            hashes=[7],
            tables=[],
        ),
        f"{_HANDLE} 90 01 00 00000001 61 00000000 0001 00000007 0000",
        "outline with other parts",
    ),
]
