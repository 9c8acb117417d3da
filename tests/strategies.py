"""Hypothesis strategies, named after types and messages.

Values are canonical: what is built from them is parsed to the same value. Texts may hold the
lone surrogates that stand for bytes that are not UTF-8, where those stand alone.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.formats.message_samples import MESSAGE_SAMPLES
from tests.formats.type_samples import samples_of
from volttools.formats.exceptions import ServerException
from volttools.formats.geography import Bound, Geography, Loop, Point, Vertex
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.notation import Opaque, Record
from volttools.formats.parameters import Parameter
from volttools.formats.primitives import date_from_number, decimal_from_halves
from volttools.formats.response import Response
from volttools.formats.table import Row, Table, TableHeader
from volttools.formats.topology import HashRing, Token
from volttools.formats.types import TYPES, WireType

# ---------------------------------------------------------------- numbers and texts


def i(bits: int) -> st.SearchStrategy[int]:
    """A signed integer of so many bits, any of them."""
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def integers(bits: int) -> st.SearchStrategy[int | None]:
    """The values of an integer type: its lowest number is NULL."""
    return i(bits).map(lambda number: None if number == -(2 ** (bits - 1)) else number)


TINYINT = integers(8)
SMALLINT = integers(16)
INTEGER = integers(32)
BIGINT = integers(64)
TIMESTAMP = integers(64)
f64 = st.floats(width=64)
FLOAT = st.none() | f64.filter(lambda number: number != -1.7e308)
DATE = INTEGER.map(lambda number: None if number is None else date_from_number(number))
DECIMAL = st.none() | st.tuples(i(64), st.integers(0, 2**64 - 1)).filter(
    lambda halves: halves != (-(2**63), 0)
).map(lambda halves: decimal_from_halves(*halves))
BOOLEAN = st.none() | st.booleans() | st.integers(-128, 126).filter(lambda number: number not in (0, 1))

text = (
    st.text(max_size=20)
    | st.text(min_size=60, max_size=70)
    | st.binary(max_size=8).map(lambda data: data.decode("utf-8", "surrogateescape"))
)
STRING = st.none() | text
blob = st.binary(max_size=20) | st.binary(min_size=60, max_size=70)
VARBINARY = st.none() | blob

# ---------------------------------------------------------------- geography

GEOGRAPHY_POINT = st.none() | st.builds(Point, f64, f64).filter(lambda point: point != (360.0, 360.0))
bounds = st.builds(
    Bound, version=i(8), latitude_low=f64, latitude_high=f64, longitude_low=f64, longitude_high=f64
)
loops = st.builds(
    Loop,
    version=i(8),
    vertices=st.lists(st.builds(Vertex, f64, f64, f64), max_size=3),
    origin_inside=i(8),
    depth=i(32),
    bound=bounds,
)
GEOGRAPHY = st.none() | st.builds(
    Geography, version=i(8), owns_loops=i(8), has_holes=i(8), loops=st.lists(loops, max_size=2), bound=bounds
)

# ---------------------------------------------------------------- tables

names = st.none() | st.text(max_size=5)


@st.composite
def tables(draw: st.DrawFn, levels: int = 1, max_rows: int = 12) -> Table:
    """A table of any columns, unknown types among them, up to so many levels of tables inside."""
    kinds = [kind.code for kind in TYPES if kind.format is not None and (levels or kind.name != "VOLTTABLE")]
    codes = draw(st.lists(st.sampled_from([*kinds, 99, 0]), max_size=6))
    readable: list[st.SearchStrategy[Any]] = []
    for code in codes:
        if code in (99, 0, 1):  # unknown, INVALID, NULL: no types of columns
            readable.append(st.binary(max_size=6).map(Opaque))
            break
        readable.append(values(TYPES.by_code(code), levels - 1))
    row: st.SearchStrategy[Row] = st.tuples(*readable)
    header = TableHeader(
        status=draw(i(8)),
        column_types=tuple(codes),
        column_names=tuple(draw(st.lists(names, min_size=len(codes), max_size=len(codes)))),
        length_error=draw(st.just(0) | st.sampled_from([-4, 4, 1000])),
    )
    rows: list[Row] = draw(st.lists(row, max_size=3))
    is_long: bool = draw(st.booleans())
    if rows and is_long:  # enough that generated code is used
        rows = [rows[index % len(rows)] for index in range(max_rows)]
    return Table(
        header=header, rows=rows, trailing=draw(st.just(b"") | st.just(bytes(96)) | st.binary(max_size=5))
    )


VOLTTABLE = tables()


def values(kind: WireType | None, levels: int = 0) -> st.SearchStrategy[Any]:
    """The values of a wire type: samples and random ones."""
    assert kind is not None
    if kind.name == "NULL":
        return st.none()
    if kind.name == "VOLTTABLE":
        return tables(levels=max(levels, 0))
    found: st.SearchStrategy[Any] = globals()[kind.name]
    return st.sampled_from([sample.value for sample in samples_of(kind)]) | found


# ---------------------------------------------------------------- messages


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    """A scalar, or an array, of any type that can be written."""
    kind = draw(st.sampled_from([kind for kind in TYPES if kind.format is not None]))
    if kind.array_count is not None and draw(st.booleans()):
        return Parameter.array(kind, draw(st.lists(values(kind), max_size=4)))
    return Parameter.of(kind, draw(values(kind)))


@st.composite
def extensions(draw: st.DrawFn) -> Extension:
    """A known extension, one of a wrong length, or an unknown one."""
    code = draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 0, -1, 100]))
    right = {1: i(32), 2: st.none(), 3: i(32), 4: st.none(), 5: i(8), 6: i(32)}.get(code)
    size = draw(st.sampled_from([0, 1, 2, 4, 8, 16]))
    data = draw(st.binary(min_size=size, max_size=size))
    if right is None:
        return Extension(type=code, payload=data)
    width = {2: 0, 4: 0, 5: 1}.get(code, 4)
    wrong = size != width and draw(st.booleans())
    return Extension(type=code, payload=Opaque(data) if wrong else draw(right))


@st.composite
def invocations(draw: st.DrawFn) -> Invocation:
    """A call of any version."""
    version = draw(st.sampled_from([0, 1, 2, 3, -1]))
    flag = draw(st.sampled_from([1, -1, 0, 5])) if version == 1 else None
    return Invocation(
        version=version,
        batch_timeout_flag=flag,
        batch_timeout_ms=draw(i(32)) if flag == 1 else None,
        procedure=draw(STRING),
        client_handle=draw(i(64)),
        extensions=draw(st.lists(extensions(), max_size=4)) if version == 2 else None,
        parameters=draw(
            st.lists(parameters(), max_size=4) | st.just(Opaque(b"")) | st.just(Opaque(b"\0\1c"))
        ),
    )


@st.composite
def exceptions(draw: st.DrawFn) -> ServerException:
    """A server's exception of any type, known or not."""
    kind = draw(st.integers(0, 13) | i(8))
    return ServerException(
        type=kind,
        message=draw(STRING) if kind else None,
        error_code=draw(i(32)) if kind == 1 else None,
        sql_state=draw(st.binary(min_size=5, max_size=5)) if kind in (2, 3) else None,
        constraint_type=draw(i(32)) if kind == 3 else None,
        table_name=draw(STRING) if kind == 3 else None,
        tuples=draw(VARBINARY) if kind == 3 else None,
        transaction_id=draw(i(64)) if kind in (5, 6) else None,
        misrouted=draw(i(8)) if kind == 5 else None,
        status=draw(i(8)) if kind == 7 else None,
        status_string=draw(STRING) if kind == 7 else None,
        dr_hash=draw(i(64)) if kind == 11 else None,
        remote_unique_id=draw(i(64)) if kind == 11 else None,
        catalog_version=draw(i(32)) if kind == 11 else None,
        trailing=draw(st.just(b"") | st.binary(max_size=4)),
    )


@st.composite
def responses(draw: st.DrawFn) -> Response:
    """A response with any of its optional parts, also those that are there but NULL."""
    status_string, app_status_string = draw(STRING), draw(STRING)
    exception = draw(st.none() | exceptions())
    hashes = draw(st.none() | st.lists(i(32), max_size=4))
    extra = draw(st.integers(0, 15))
    for part, bit in ((status_string, 0x20), (app_status_string, 0x80), (exception, 0x40)):
        if part is None and draw(st.booleans()):
            extra |= bit
    return Response(
        version=draw(i(8)),
        client_handle=draw(i(64)),
        extra_flags=extra,
        status=draw(i(8)),
        status_string=status_string,
        app_status=draw(i(8)),
        app_status_string=app_status_string,
        cluster_rtt_ms=draw(i(32)),
        exception=exception,
        hashes=hashes,
        tables=draw(st.lists(tables(), max_size=2)),
        trailing=draw(st.just(b"") | st.binary(max_size=5)),
    )


@st.composite
def login_requests(draw: st.DrawFn) -> LoginRequest:
    """A log-in of any version."""
    version = draw(st.sampled_from([0, 1, 2, -1]))
    return LoginRequest(
        version=version,
        hash_scheme=draw(i(8)) if version else None,
        service=draw(STRING),
        user=draw(STRING),
        password_hash=draw(st.binary(max_size=40)),
    )


@st.composite
def login_responses(draw: st.DrawFn) -> LoginResponse:
    """An acceptance or a refusal."""
    status = draw(st.just(0) | i(8))
    accepted = status == 0
    return LoginResponse(
        version=draw(i(8)),
        status=status,
        host_id=draw(i(32)) if accepted else None,
        connection_id=draw(i(64)) if accepted else None,
        cluster_start=draw(i(64)) if accepted else None,
        leader_address=draw(i(32)) if accepted else None,
        build=draw(STRING) if accepted else None,
        trailing=draw(st.just(b"") | st.binary(max_size=4)),
    )


kerberos_messages = st.builds(
    KerberosServiceName, version=i(8), code=i(8), principal=STRING, trailing=st.binary(max_size=4)
) | st.builds(KerberosToken, version=i(8), code=i(8), token=st.binary(max_size=20))

hash_rings = st.builds(
    HashRing, tokens=st.lists(st.builds(Token, i(32), i(32)), max_size=5), trailing=st.binary(max_size=3)
)

messages: st.SearchStrategy[Record] = st.one_of(
    responses(),
    invocations(),
    login_requests(),
    login_responses(),
    exceptions(),
    tables(),
    kerberos_messages,
    hash_rings,
)
"""Any message."""


@st.composite
def mutated(draw: st.DrawFn) -> tuple[type[Record], bytes]:
    """A kind of message and bytes that were once one of it, changed in a few places."""
    from volttools.codec import build

    if draw(st.booleans()):
        sample = draw(st.sampled_from(MESSAGE_SAMPLES))
        kind, data = sample.kind, bytearray(sample.data)
    else:
        message = draw(messages)
        kind, data = type(message), bytearray(build(message))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 3)):
            case 0:
                data[at : at + 1] = draw(
                    st.sampled_from([b"\0", b"\1", b"\x7f", b"\x80", b"\xff", b"\x15", b"\x9d"])
                )
            case 1:
                data[at : at + 4] = draw(
                    st.sampled_from([b"\x7f\xff\xff\xff", b"\xff" * 4, b"\x80\0\0\0", bytes(4)])
                )
            case 2:
                del data[at : at + draw(st.sampled_from([1, 2, 4, 1000]))]
            case _:
                data[at:at] = draw(st.binary(max_size=6))
    return kind, bytes(data)
