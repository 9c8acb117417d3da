"""Every kind of message with every optional part, and its bytes: bodies, without their length.

`tests/codec` multiplies each row; the worked examples of the protocol's reference are in
`test_worked_examples.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from tests.formats.type_samples import EMPTY_TABLE, EMPTY_TABLE_HEX, SMALL_TABLE, SMALL_TABLE_HEX
from volttools.formats.dumpfile import DumpedFrame
from volttools.formats.exceptions import ServerException
from volttools.formats.frame import RawFrame, ServerFull
from volttools.formats.invocation import Extension, Invocation, InvocationHead
from volttools.formats.login import (
    KerberosServiceName,
    KerberosToken,
    LoginHead,
    LoginRequest,
    LoginResponse,
)
from volttools.formats.notation import Opaque, Record
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead, ResponseOutline
from volttools.formats.table import Table, TableHeader, TableOutline
from volttools.formats.topology import CookedRing, HashRing, Token
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY_POINT,
    INTEGER,
    NULL,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TINYINT,
    VARBINARY,
    VOLTTABLE,
)


class MessageSample(NamedTuple):
    """A message and its bytes. `tail_is_kept`: bytes behind it, or missing, can't be told from it."""

    message: Record
    hex: str
    note: str

    @property
    def kind(self) -> type[Record]:
        """The record's class."""
        return type(self.message)

    @property
    def data(self) -> bytes:
        """The bytes."""
        return bytes.fromhex(self.hex)

    def __str__(self) -> str:
        return f"{self.kind.__name__} {self.note}"


_DATABASE = "00000008 6461746162617365"
_SHA1 = bytes(range(20))
_SHA256 = bytes(range(32))

LOGINS = [
    MessageSample(
        LoginRequest(user="op", password_hash=_SHA256),
        f"01 01 {_DATABASE} 00000002 6f70 {_SHA256.hex()}",
        "version 1, SHA-256",
    ),
    MessageSample(
        LoginRequest(hash_scheme=0, user="op", password_hash=_SHA1),
        f"01 00 {_DATABASE} 00000002 6f70 {_SHA1.hex()}",
        "version 1, SHA-1",
    ),
    MessageSample(
        LoginRequest(version=0, hash_scheme=None, user="op", password_hash=_SHA1),
        f"00 {_DATABASE} 00000002 6f70 {_SHA1.hex()}",
        "version 0",
    ),
    MessageSample(
        LoginRequest(hash_scheme=2, service="kerberos", user="op@EXAMPLE"),
        "01 02 00000008 6b65726265726f73 0000000a 6f70404558414d504c45",
        "Kerberos, without a hash",
    ),
    MessageSample(
        LoginRequest(version=-1, hash_scheme=127, service=None, user=None, password_hash=b"\0"),
        "ff 7f ffffffff ffffffff 00",
        "nonsense is kept",
    ),
    MessageSample(
        LoginResponse(
            host_id=0,
            connection_id=1,
            cluster_start=1_700_000_000_000,
            leader_address=0x7F000001,
            build="volt",
        ),
        "00 00 00000000 0000000000000001 0000018bcfe56800 7f000001 00000004 766f6c74",
        "accepted",
    ),
    MessageSample(
        LoginResponse(
            host_id=-1, connection_id=0, cluster_start=-1, leader_address=-1, build=None, trailing=b"\x07"
        ),
        "00 00 ffffffff 0000000000000000 ffffffffffffffff ffffffff ffffffff 07",
        "accepted, NULL build, a byte behind it",
    ),
    MessageSample(LoginResponse(status=-1), "00 ff", "refused: wrong password"),
    MessageSample(LoginResponse(status=8), "00 08", "refused: certificate revoked"),
    MessageSample(LoginResponse(status=99, trailing=b"why"), "00 63 776879", "refused: unknown, with a text"),
    MessageSample(KerberosServiceName(principal="volt"), "02 04 00000004 766f6c74", "step 2"),
    MessageSample(KerberosToken(token=b"`\x82\x01"), "02 05 608201", "step 3"),
    MessageSample(KerberosToken(token=b""), "02 05", "an empty token"),
    MessageSample(LoginHead(version=2, code=5, rest=b"ab"), "02 05 6162", "head"),
    MessageSample(ServerFull(), "01", "the server is full"),
]

_P = "00000001 50 0000000000000007"


def _call(parameters: list[Parameter], hex_digits: str, note: str) -> MessageSample:
    invocation = Invocation(procedure="P", client_handle=7, parameters=parameters)
    return MessageSample(invocation, f"00 {_P} {len(parameters):04x} {hex_digits}", note)


INVOCATIONS = [
    _call([], "", "no parameters"),
    _call(
        [Parameter.of(BIGINT, 42), Parameter.of(STRING, "hé"), Parameter.of(NULL, None)],
        "06 000000000000002a 09 00000003 68c3a9 01",
        "three scalars",
    ),
    _call(
        [Parameter.of(TINYINT, None), Parameter.of(FLOAT, None), Parameter.of(BOOLEAN, None)],
        "03 80 08 ffee42d130773b76 17 7f",
        "typed NULLs",
    ),
    _call([Parameter.of(STRING, "\udcff")], "09 00000001 ff", "text that is no UTF-8"),
    _call(
        [Parameter.of(VOLTTABLE, EMPTY_TABLE), Parameter.of(VOLTTABLE, SMALL_TABLE)],
        f"15 {EMPTY_TABLE_HEX} 15 {SMALL_TABLE_HEX}",
        "tables",
    ),
    _call([Parameter.array(STRING, ["a", None])], "9d 09 0002 00000001 61 ffffffff", "array of STRING"),
    _call([Parameter.array(TINYINT, [1, None])], "9d 03 00000002 01 80", "array of TINYINT: i32 count"),
    _call([Parameter.array(SMALLINT, [1, None])], "9d 04 0002 0001 8000", "array of SMALLINT"),
    _call([Parameter.array(INTEGER, [1, None])], "9d 05 0002 00000001 80000000", "array of INTEGER"),
    _call([Parameter.array(BIGINT, [])], "9d 06 0000", "empty array"),
    _call([Parameter.array(FLOAT, [None, -0.0])], "9d 08 0002 ffee42d130773b76 8000000000000000", "of FLOAT"),
    _call(
        [Parameter.array(TIMESTAMP, [None, 1])],
        "9d 0b 0002 8000000000000000 0000000000000001",
        "of TIMESTAMP",
    ),
    _call([Parameter.array(DATE, [0])], "9d 0c 0001 00000000", "array of DATE, newer servers"),
    _call(
        [Parameter.array(DECIMAL, [None, Decimal("0E-12")])],
        f"9d 16 0002 80{'00' * 15} {'00' * 16}",
        "array of DECIMAL",
    ),
    _call(
        [Parameter.array(BOOLEAN, [True, False])], "9d 17 0002 01 00", "array of BOOLEAN, as Python writes it"
    ),
    _call([Parameter.array(VARBINARY, [None, b"\x01"])], "9d 19 0002 ffffffff 00000001 01", "of VARBINARY"),
    _call(
        [Parameter.array(GEOGRAPHY_POINT, [None])],
        "9d 1a 0001 4076800000000000 4076800000000000",
        "array of GEOGRAPHY_POINT",
    ),
    _call([Parameter.array(VOLTTABLE, [EMPTY_TABLE])], f"9d 15 0001 {EMPTY_TABLE_HEX}", "array of VOLTTABLE"),
    MessageSample(
        Invocation(version=1, batch_timeout_flag=1, batch_timeout_ms=5000, procedure="P", client_handle=7),
        f"01 01 00001388 {_P} 0000",
        "version 1 with a time-out",
    ),
    MessageSample(
        Invocation(version=1, batch_timeout_flag=-1, procedure="P", client_handle=7),
        f"01 ff {_P} 0000",
        "version 1 without a time-out",
    ),
    MessageSample(
        Invocation(version=2, procedure="P", client_handle=7, extensions=[]),
        f"02 {_P} 00 0000",
        "version 2 without extensions",
    ),
    MessageSample(
        Invocation(
            version=2,
            procedure="P",
            client_handle=7,
            extensions=[
                Extension(type=1, payload=-1),
                Extension(type=2),
                Extension(type=3, payload=3),
                Extension(type=4),
                Extension(type=5, payload=4),
                Extension(type=6, payload=2_000_000),
            ],
        ),
        f"02 {_P} 06 01 03 ffffffff 02 00 03 03 00000003 04 00 05 01 04 06 03 001e8480 0000",
        "version 2, every known extension",
    ),
    MessageSample(
        Invocation(
            version=2,
            procedure="P",
            client_handle=7,
            extensions=[
                Extension(type=77, payload=b""),
                Extension(type=-1, payload=b"\x01"),
                Extension(type=0, payload=bytes(16)),
            ],
        ),
        f"02 {_P} 03 4d 00 ff 01 01 00 05 {'00' * 16} 0000",
        "version 2, unknown extensions",
    ),
    MessageSample(
        Invocation(
            version=2,
            procedure="P",
            client_handle=7,
            extensions=[
                Extension(type=1, payload=Opaque(b"\0\x01")),
                Extension(type=2, payload=Opaque(b"\x07")),
                Extension(type=5, payload=Opaque(b"")),
            ],
        ),
        f"02 {_P} 03 01 02 0001 02 01 07 05 00 0000",
        "version 2, known extensions of a wrong length",
    ),
    MessageSample(
        Invocation(version=5, procedure=None, client_handle=-(2**63)),
        "05 ffffffff 8000000000000000 0000",
        "unknown version, NULL name, lowest handle",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"\0\x01\x06")),
        f"00 {_P} 000106",
        "parameters cut short",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"\0\x01\x63\0")),
        f"00 {_P} 00016300",
        "a parameter of unknown type",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"\0\0glued")),
        f"00 {_P} 0000676c756564",
        "bytes behind the parameters",
    ),
    MessageSample(
        Invocation(procedure="P", client_handle=7, parameters=Opaque(b"")), f"00 {_P}", "no parameter set"
    ),
    MessageSample(
        InvocationHead(version=0, procedure="P", client_handle=7, rest=b"\0\0"), f"00 {_P} 0000", "head"
    ),
    MessageSample(
        InvocationHead(
            version=1, batch_timeout_flag=1, batch_timeout_ms=0, procedure="P", client_handle=7, rest=b""
        ),
        f"01 01 00000000 {_P}",
        "head of version 1",
    ),
]

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

OTHERS = [
    MessageSample(Parameter.of(BIGINT, 42), "06 000000000000002a", "alone"),
    MessageSample(Extension(type=5, payload=4), "05 01 04", "alone"),
    MessageSample(RawFrame(body=b"ab"), "00000002 6162", "with its length"),
    MessageSample(RawFrame(body=b""), "00000000", "empty"),
    MessageSample(DumpedFrame(body=b"a\nb"), "00000003 610a62 0a", "newline inside"),
    MessageSample(
        HashRing(tokens=[Token(-(2**31), 0), Token(0, 1)]),
        "00000002 80000000 00000000 00000000 00000001",
        "raw ring",
    ),
    MessageSample(HashRing(tokens=[], trailing=b"x"), "00000000 78", "empty ring"),
    MessageSample(
        CookedRing(
            plane_0=b"\x80\0", plane_1=b"\0\x01", plane_2=b"\0\x02", plane_3=b"\0\x03", partitions=(0, 1)
        ),
        "00000002 8000 0001 0002 0003 00000000 00000001",
        "cooked ring, unpacked",
    ),
]

MESSAGE_SAMPLES = [*LOGINS, *INVOCATIONS, *RESPONSES, *EXCEPTIONS, *TABLES, *OTHERS]


def kinds() -> list[type[Record]]:
    """Every kind of record that has a sample."""
    return list(dict.fromkeys(sample.kind for sample in MESSAGE_SAMPLES))
