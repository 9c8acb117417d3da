"""Canaries of every type in every place: after redaction, none is found in any form."""

import datetime
import itertools
from decimal import Decimal
from typing import Any

import pytest

from tests.redaction.messages_of import received, redactor, sent
from tests.redaction.scanner import Scanner, forms
from tests.samples import PASSWORD_HASH, call
from volttools.codec import build
from volttools.codec.codec import builder
from volttools.formats.exceptions import ServerException
from volttools.formats.geography import Geography, Point
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table
from volttools.formats.types import (
    BIGINT,
    DATE,
    DECIMAL,
    FLOAT,
    GEOGRAPHY,
    GEOGRAPHY_POINT,
    INTEGER,
    STRING,
    TIMESTAMP,
    TINYINT,
    TYPES,
    VARBINARY,
    VOLTTABLE,
    WireType,
)

CANARIES: dict[WireType, list[Any]] = {
    INTEGER: [1_234_567_890, -1_987_654_321],
    BIGINT: [8_765_432_109_876_543, -7_654_321_098_765_432],
    FLOAT: [31_415.926535, -2.71828e-77, 6.02214e250],
    STRING: ["Canary Yellowbird", "canary@example.org", "Kanarienvögel", "カナリアの歌", "🐤🐤🐤🐤", "C4N4RY'S", "%$!#&%$!#&"],
    TIMESTAMP: [1_234_567_890_123_456, -98_765_432_109_876],
    DATE: [datetime.date(1987, 6, 5), datetime.date(2031, 12, 30)],
    DECIMAL: [Decimal("98765432109876.543210987654"), Decimal("-1234567.890000000000")],
    VARBINARY: [b"\xca\xfe\xba\xbe\xde\xad", bytes(range(40, 80))],
    GEOGRAPHY_POINT: [Point(-122.419416, 37.774929)],
    GEOGRAPHY: [Geography.from_wkt("POLYGON ((8.541694 47.376887, 8.6124 47.3769, 8.5801 47.4012, 8.541694 47.376887))")],
}  # fmt: skip
BYTES = list(b"canary in bytes")
NAMES = ["CANARYTABLE", "CanaryProc", "CANARY_COLUMN", "com.canary.Singing"]
SYSTEM_CANARIES = ["canary-host.example.org", "203.0.113.77", "/srv/canaries/cage", "canaryuser"]
EVERYTHING = [
    *itertools.chain.from_iterable(CANARIES.values()),
    bytes(BYTES),
    *SYSTEM_CANARIES,
    -889_228_979,  # the leader's address
    PASSWORD_HASH,
    PASSWORD_HASH[:20],
]


def literal(value):
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bytes():
            return f"x'{value.hex()}'"
        case datetime.date():
            return f"'{value}'"
        case Point() | Geography():
            return f"'{value.wkt}'"
        case Decimal():
            return format(value, "f")
    return repr(value)


def table(name="CANARY_COLUMN"):
    kinds = list(CANARIES)
    rows = list(itertools.zip_longest(*CANARIES.values()))
    return Table.of([(f"{name}{i}", kind) for i, kind in enumerate(kinds)], rows)


def requests():
    values = [(kind, value) for kind, found in CANARIES.items() for value in found]
    scalars = [Parameter.of(kind, value) for kind, value in values]
    arrays = [Parameter.array(kind, [*found, None]) for kind, found in CANARIES.items()]
    arrays.append(Parameter.array(TINYINT, BYTES))
    tables = [Parameter.of(VOLTTABLE, table()), Parameter.array(VOLTTABLE, [table(), table()])]
    yield call("CanaryProc", 1, *scalars, *arrays, *tables)
    yield Invocation(
        version=2,
        procedure="CANARYTABLE.insert",
        extensions=[Extension(type=77, payload=b"canary@example.o")],
    )
    for procedure in ("@AdHoc", "@Explain", "@AdHocLarge", "@QueryStats"):
        for _, value in values:
            shown = literal(value)
            for text in (
                f"select CANARY_COLUMN from CANARYTABLE where CANARY_COLUMN in ({shown}, {shown}) limit 3",
                f"insert into CANARYTABLE values ({shown},{shown});update CANARYTABLE set CANARY_COLUMN={shown}",
                f"create procedure CanaryProc as select * from CANARYTABLE where CANARY_COLUMN = {shown}",
                f"/* {shown} */ select 1 from CANARYTABLE -- {shown}",
                f"sel {shown} {shown}",
            ):
                yield call(procedure, 1, Parameter.of(STRING, text))
    for text in SYSTEM_CANARIES[:2] + [v for v in CANARIES[STRING]]:
        for procedure in (
            "@Statistics",
            "@Ping",
            "@Note",
            "@NewProcedure",
            "@UpdateLogging",
            "@Subscribe",
            "@SnapshotScan",
        ):
            yield call(procedure, 1, Parameter.of(STRING, text), Parameter.of(STRING, text))
    path = '{"uripath":"file:///srv/canaries/cage","nonce":"canaryuser","block":false,"format":"csv"}'
    yield call("@SnapshotSave", 1, Parameter.of(STRING, path))
    yield call(
        "@UpdateClasses", 1, Parameter.of(VARBINARY, CANARIES[VARBINARY][1]), Parameter.of(STRING, None)
    )
    loaded = Parameter.of(VOLTTABLE, table())
    for value in (8_765_432_109_876_543).to_bytes(8, "little"), b"canary@example.org", CANARIES[VARBINARY][0]:
        yield call(
            "@LoadSinglepartitionTable",
            1,
            Parameter.of(VARBINARY, value),
            Parameter.of(STRING, "CANARYTABLE"),
            Parameter.of(TINYINT, 0),
            loaded,
        )
    yield LoginRequest(user="canaryuser", password_hash=PASSWORD_HASH)
    yield LoginRequest(version=0, hash_scheme=None, user="canaryuser", password_hash=PASSWORD_HASH[:20])
    yield KerberosToken(token=PASSWORD_HASH + b"Canary Yellowbird")


def texts():
    for value in itertools.chain.from_iterable(CANARIES.values()):
        shown = literal(value)
        plain = value if isinstance(value, str) else shown.strip("'x")
        yield f"VOLTDB ERROR: USER ABORT {plain}\n    at com.canary.Singing.run(Singing.java:12)"
        yield f"VOLTDB ERROR: UNEXPECTED FAILURE: java.lang.RuntimeException: {plain}\n\tat com.canary.Singing.run(Singing.java:1)"
        yield f"VOLTDB ERROR: CONSTRAINT VIOLATION Attempted violation of constraint\nConstraint Type UNIQUE, Table CatalogId CANARYTABLE\nRelevant Tuples:\nCANARY_COLUMN\n---\n{plain}"
        yield f"VOLTDB ERROR: SQL ERROR The size 21 of the value '{plain}' exceeds the size of the VARCHAR(20) column 'CANARY_COLUMN'"
        yield f'SQL error while compiling query: Error in "select {shown} from CANARYTABLE" - object not found: CANARYTABLE'
        yield f"Unable to convert string {plain} to int value for target parameter."
        yield plain
    yield "Procedure CanaryProc was not found"
    yield "User canaryuser does not have admin permission"


def responses():
    yield (
        "CanaryProc",
        Response(tables=[table(), table()], hashes=[1_234_567_890], trailing=b"canary@example.org"),
    )
    yield None, Response(tables=[table()])
    for text in texts():
        yield "CanaryProc", Response(status=-2, status_string=text, app_status_string=text)
        exception = ServerException(
            type=3,
            message=text,
            sql_state=b"23000",
            constraint_type=2,
            table_name="CANARYTABLE",
            tuples=builder(TABLE)(table()),
        )
        yield "CanaryProc", Response(status=-2, exception=exception)
        special = ServerException(
            type=7, message=text, status=1, status_string=text, trailing=b"canary@example.org"
        )
        yield "CanaryProc", Response(status=-2, exception=special)
    host, address, path, user = SYSTEM_CANARIES
    rows = [
        (0, "HOSTNAME", host),
        (0, "IPADDRESS", address),
        (0, "VOLTDBROOT", path),
        (0, "USERS", f"{user}:administrator;"),
        (0, "ODD", host),
    ]
    yield (
        "@SystemInformation",
        Response(tables=[Table.of([("HOST_ID", INTEGER), ("KEY", STRING), ("VALUE", STRING)], rows)]),
    )
    statistics = [
        ("HOSTNAME", STRING),
        ("TABLE", STRING),
        ("PATH", STRING),
        ("NONCE", STRING),
        ("ERR_MSG", STRING),
        ("ODD", STRING),
    ]
    yield (
        "@Statistics",
        Response(tables=[Table.of(statistics, [(host, "CANARYTABLE", path, user, f"no {user}", host)])]),
    )
    catalog = [
        ("TABLE_NAME", STRING),
        ("COLUMN_NAME", STRING),
        ("REMARKS", STRING),
        ("CLASS_NAME", STRING),
        ("USER", STRING),
    ]
    remarks = '{"partitionColumn":"CANARY_COLUMN","singlePartition":true}'
    yield (
        "@SystemCatalog",
        Response(
            tables=[
                Table.of(catalog, [("CANARYTABLE", "CANARY_COLUMN", remarks, "com.canary.Singing", user)])
            ]
        ),
    )
    plan = "INDEX SCAN of \"CANARYTABLE\" filter by (CANARY_COLUMN = 'Canary Yellowbird')"
    yield "@Explain", Response(tables=[Table.of([("EXECUTION_PLAN", STRING)], [(plan,)])])
    yield (
        "@ExplainProc",
        Response(
            tables=[Table.of([("SQL_STATEMENT", STRING)], [("select 'Canary Yellowbird' from CANARYTABLE",)])]
        ),
    )
    yield (
        None,
        LoginResponse(host_id=0, connection_id=1, cluster_start=2, leader_address=-889_228_979, build="11.4"),
    )
    yield (
        None,
        KerberosServiceName(
            principal="voltdb/canary-host.example.org@CANARIES", trailing=b"canary@example.org"
        ),
    )
    yield None, KerberosToken(token=PASSWORD_HASH)


def redacted(rules=""):
    """Everything after redaction: whole, then each frame cut and holed."""
    known = redactor(rules)
    for message in requests():
        body = build(message)
        yield known.request(sent(body))
        yield known.request(sent(body[:-3]))
        yield known.request(sent(body, missing=[(len(body) // 2, len(body) // 2 + 1)]))
    for procedure, message in responses():
        body = build(message)
        yield known.response(received(body), procedure)
        yield known.response(received(body[:-1]), procedure)
        yield known.response(received(body, missing=[(len(body) // 2, len(body) // 2 + 1)]), procedure)


def scan(bodies, canaries):
    scanner = Scanner(canaries)
    assert len(scanner.forms) > 3 * len(canaries)
    assert scanner.found_in(b"\0".join(bodies)) == []


def test_the_scanner_finds_every_canary_in_what_is_not_redacted():
    bodies = b"".join(
        [build(message) for message in requests()] + [build(message) for _, message in responses()]
    )
    for value in EVERYTHING:
        assert Scanner([value]).found_in(bodies), value
    for kind in TYPES:
        if kind.format is not None and kind.name not in (
            "NULL",
            "VOLTTABLE",
            "BOOLEAN",
            "TINYINT",
            "SMALLINT",
        ):
            assert kind in CANARIES, kind


def test_no_canary_is_left_with_the_default_rules():
    scan(redacted(), EVERYTHING)


def test_no_canary_and_no_name_is_left_where_names_are_replaced():
    scan(redacted("[default]\nnames = true"), [*EVERYTHING, *NAMES])


@pytest.mark.parametrize("action", ["null", "blank", "order"])
def test_no_canary_is_left_with_another_action(action):
    scan(redacted(f"[default]\naction = '{action}'"), EVERYTHING)


def test_forms_are_those_that_could_be_there():
    found = set(forms(1_234_567_890))
    assert {b"1234567890", b"\x49\x96\x02\xd2", b"\xd2\x02\x96\x49", b"\0\0\0\0\x49\x96\x02\xd2"} <= found
    assert "canary".encode("utf-16-le") in set(forms("canary"))
    assert b"63616e617279" in set(forms("canary"))
    assert Scanner(["canary text"]).found_in(b"Y2FuYXJ5IHRleHQ=")
    assert Scanner(["canary text"]).found_in(b"eGNhbmFyeSB0ZXh0")
    assert not Scanner(["abc", 7, None, True]).found_in(b"abc\0\0\0\7")
