"""Calls: what is sent is what the official client sends, but for its bugs."""

import datetime
import random
from array import array
from decimal import Decimal

import pytest

from tests.client.server import Server
from tests.voltdbclient.clients import BOTH, connected, sent_by
from volttools.formats import types
from volttools.formats.geography import Point
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.mock import MockServer
from volttools.voltdbclient import FastSerializer, VoltProcedure

T = FastSerializer
POLYGON = "POLYGON ((0.0 0.0, 10.0 0.0, 10.0 10.0, 0.0 0.0), (1.0 0.5, 2.0 1.0, 2.0 0.5, 1.0 0.5))"

SAME = [
    ([], None),
    ([T.VOLTTYPE_BIGINT], [2**63 - 1]),
    ([T.VOLTTYPE_TINYINT, T.VOLTTYPE_SMALLINT, T.VOLTTYPE_INTEGER], [True, -5, None]),
    ([T.VOLTTYPE_FLOAT, T.VOLTTYPE_FLOAT], ["1.5", Decimal("2.5")]),
    ([T.VOLTTYPE_STRING, T.VOLTTYPE_STRING], ["", None]),
    ([T.VOLTTYPE_TIMESTAMP], [datetime.datetime(2024, 2, 29, 12, 0, 0, 123457)]),
    ([T.VOLTTYPE_DATE], [datetime.date(2024, 2, 29)]),
    ([T.VOLTTYPE_DECIMAL] * 3, [Decimal("-1.25"), Decimal("1e25"), None]),
    ([T.VOLTTYPE_BOOLEAN] * 3, [True, False, None]),
    ([T.VOLTTYPE_VARBINARY] * 3, [b"\0\xff", bytearray(), None]),
    ([T.VOLTTYPE_GEOGRAPHY_POINT] * 2, [(1.5, 2), None]),
    ([T.VOLTTYPE_GEOGRAPHY], [None]),
    ([T.VOLTTYPE_NULL], [None]),
    ([T.VOLTTYPE_BIGINT], [[1, None, 3]]),
    ([T.VOLTTYPE_INTEGER], [range(3)]),
    ([T.VOLTTYPE_TINYINT], [b"\x01\xff\x80"]),
    ([T.VOLTTYPE_STRING], [("a", None, "é")]),
    ([T.VOLTTYPE_DECIMAL], [[Decimal(1), None]]),
    ([T.VOLTTYPE_GEOGRAPHY_POINT], [[(1.0, 2.0), (3.0, 4.0), None]]),
]


@pytest.mark.parametrize(("codes", "params"), SAME)
def test_the_same_bytes_are_sent(codes, params, tmp_path):
    files = []
    with Server() as server:
        for module in BOTH:
            path = str(tmp_path / module.__name__)
            client = module.FastSerializer("127.0.0.1", server.port, dump_file_path=path)
            module.VoltProcedure(client, "P", codes).call(params)
            client.close()
            files.append((tmp_path / module.__name__).read_bytes())
    assert files[0] == files[1]


def test_a_polygon_is_sent_as_there():
    with MockServer() as server:
        server.handle("P", None)
        for module in BOTH:
            with connected(server, module) as client:
                polygon = module.Geography.geographyFromWKT(POLYGON)
                module.VoltProcedure(client, "P", [T.VOLTTYPE_GEOGRAPHY]).call([polygon])
        theirs, ours = (call.params[0] for call in server.calls)
    assert ours.wkt == theirs.wkt == POLYGON
    assert ours.has_holes == theirs.has_holes == 1


# ------------------------------------------------------------- bugs of the official client


def test_an_empty_array_has_its_count():
    assert sent_by([T.VOLTTYPE_BIGINT], [[]]) == [Parameter.array(types.BIGINT, [])]


def test_minus_zero_is_zero():
    assert sent_by([T.VOLTTYPE_DECIMAL], [Decimal("-0")]) == [Parameter.of(types.DECIMAL, Decimal("0E-12"))]


def test_an_aware_time_is_sent_as_its_instant():
    value = datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC)
    assert sent_by([T.VOLTTYPE_TIMESTAMP], [value])[0].value == 1_709_164_800_000_000


def test_arrays_of_varbinary_are_sent():
    assert sent_by([T.VOLTTYPE_VARBINARY], [[b"a", None]]) == [Parameter.array(types.VARBINARY, [b"a", None])]


def test_what_was_read_can_be_passed_back():
    row = (1_709_164_800_000_001, Decimal("1.5"), b"\1\xff", Point(1.0, 2.0), -5, None)
    codes = [T.VOLTTYPE_TIMESTAMP, T.VOLTTYPE_DECIMAL, T.VOLTTYPE_VARBINARY, T.VOLTTYPE_GEOGRAPHY_POINT]
    codes += [T.VOLTTYPE_BIGINT, T.VOLTTYPE_STRING]
    kinds = [types.TYPES.by_code(code) for code in codes]
    with MockServer() as server:
        server.handle("Give", Table.of([("C", kind) for kind in kinds], [row]))
        server.handle("Take", None)
        with connected(server) as client:
            values = VoltProcedure(client, "Give").call().tables[0].tuples[0]
            assert values[2] == array("B", row[2])
            VoltProcedure(client, "Take", codes).call(values)
        assert server.calls[1].params == row


def test_a_decimal_string_is_sent_as_a_string():
    assert sent_by([T.VOLTTYPE_DECIMAL_STRING] * 2, [Decimal("1.50"), None]) == [
        Parameter.of(types.STRING, "1.50"),
        Parameter.of(types.STRING, None),
    ]


REFUSED = [
    ([T.VOLTTYPE_TINYINT], [200], "P, parameter 0: 200 is out of range: TINYINT"),
    ([T.VOLTTYPE_BIGINT, T.VOLTTYPE_BIGINT], [1, 2**63], "P, parameter 1: .* out of range: BIGINT"),
    ([T.VOLTTYPE_BIGINT], [-(2**63)], "out of range"),
    ([T.VOLTTYPE_BIGINT], ["1"], "P, parameter 0: '1' .str. is no BIGINT"),
    ([T.VOLTTYPE_STRING], [5], "is no STRING"),
    ([T.VOLTTYPE_INTEGER], [[1, "x"]], "P, parameter 0: 'x' .str. is no INTEGER"),
    ([T.VOLTTYPE_DECIMAL], [1.5], "is no DECIMAL"),
    ([T.VOLTTYPE_SMALLINT], [[0] * 40_000], "40,?000"),
    ([T.VOLTTYPE_BIGINT], [], "P: 0 parameters, and 1 types for them"),
    ([T.VOLTTYPE_BIGINT], [1, 2], "P: 2 parameters, and 1 types for them"),
    ([T.VOLTTYPE_MONEY], [1], "no value can have the type MONEY"),
    ([T.VOLTTYPE_NULL], [[None]], "no array can have elements of type NULL"),
]


@pytest.mark.parametrize(("codes", "params", "text"), REFUSED)
def test_what_can_not_be_sent_is_refused_and_leaves_nothing_behind(codes, params, text):
    with MockServer() as server:
        server.handle("P", lambda call: call.params[0])
        with connected(server) as client:
            with pytest.raises(ValueError, match=text):
                VoltProcedure(client, "P", codes).call(params)
            found = VoltProcedure(client, "P", [T.VOLTTYPE_BIGINT]).call([7])
        assert found.tables[0].tuples == [[7]]
        assert server.call_count == 1


def test_no_response_is_given_where_none_is_wanted():
    with MockServer() as server:
        server.handle("P", 1)
        with connected(server) as client:
            assert VoltProcedure(client, "P").call(response=False) is None
            assert VoltProcedure(client, "P").call(None, True, 5).tables[0].tuples == [[1]]


def test_types_may_be_changed_between_calls():
    with MockServer() as server:
        server.handle("P", None)
        with connected(server) as client:
            procedure = VoltProcedure(client, "P", [T.VOLTTYPE_BIGINT])
            procedure.call([1])
            procedure.paramtypes.append(T.VOLTTYPE_STRING)
            procedure.call([1, "a"])
        assert [call.params for call in server.calls] == [(1,), (1, "a")]


def test_many_calls_of_every_kind_arrive_as_they_were_made():
    generator = random.Random(7)
    made = [
        (generator.randrange(-(2**63) + 1, 2**63), generator.random(), "x" * generator.randrange(300))
        for _ in range(300)
    ]
    with MockServer() as server:
        server.handle("P", None)
        with connected(server) as client:
            procedure = VoltProcedure(client, "P", [T.VOLTTYPE_BIGINT, T.VOLTTYPE_FLOAT, T.VOLTTYPE_STRING])
            for params in made:
                procedure.call(list(params))
        assert [call.params for call in server.calls] == made
