import pytest

import volttools
from tests.requirements import ROOT
from volttools.codec import build
from volttools.errors import DecodeError, UsageError
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.protocol.events import Connection, Direction, Exchange, Frame, Push

BODY = build(Response(tables=[Table.of([("ID", BIGINT)], [(1,), (None,)])]))


def exchange_of(body: bytes, **frame) -> Exchange:
    frame = {"length": len(body), "offset": 0, "number": 4, "file": "x.pcap", **frame}
    return Exchange(
        connection=Connection(number=2),
        number=7,
        response_frame=Frame(direction=Direction.SERVER, body=body, **frame),
    )


def test_an_exchange_has_its_tables_as_columns():
    exchange = exchange_of(BODY)
    assert exchange.to_arrow().to_pydict() == {"ID": [1, None]}
    assert exchange.to_arrow(table=0).equals(exchange.to_arrow())
    frame = exchange.to_pandas()
    assert str(frame["ID"].dtype) == "int64[pyarrow]"
    assert exchange._response is None  # it was not parsed


def test_a_push_has_them_too():
    with volttools.open(ROOT / "captures" / "pushes-catalog.pcap") as capture:
        pushes = [event for event in capture.events() if isinstance(event, Push)]
    for push in pushes:
        for index, table in enumerate(push.response.tables):
            assert push.to_arrow(index).num_rows == len(table.rows)
            assert len(push.to_pandas(index)) == len(table.rows)
    with pytest.raises(
        UsageError, match=r"^the push in frame \d+: the response has no table 9, counted from 0"
    ):
        pushes[0].to_arrow(9)


def test_a_table_that_is_not_there_is_said_with_the_exchange():
    with pytest.raises(UsageError) as raised:
        exchange_of(BODY).to_arrow(1)
    assert str(raised.value) == "exchange 7: the response has no table 1, counted from 0: the last is 0"


def test_an_exchange_without_a_response_has_no_tables():
    with pytest.raises(UsageError) as raised:
        Exchange(connection=Connection(number=2), number=7).to_arrow()
    assert str(raised.value) == "exchange 7 has no response, so it has no table"


def test_a_response_of_which_bytes_are_missing_is_not_read():
    with pytest.raises(DecodeError) as raised:
        exchange_of(BODY, missing=[(30, 40)]).to_arrow()
    assert str(raised.value) == (
        "x.pcap: connection 2, frame 4: 10 of the response's "
        f"{len(BODY)} bytes are missing from the capture (from byte 30)"
    )


def test_a_response_that_cannot_be_read_says_where():
    with pytest.raises(DecodeError) as raised:
        exchange_of(BODY[:-1]).to_arrow()
    assert str(raised.value) == (
        "x.pcap: connection 2, frame 4: response.tables[0]: length 42, but only 41 bytes are left at byte 18"
    )
