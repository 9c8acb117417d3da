"""The leading numbers of a record, by one unpack or pack."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import invocations, responses
from volttools.codec import build, fields_reader, head_reader, head_remainder, head_writer, parse
from volttools.codec.scalars import WRONG
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX
from volttools.formats.invocation import Invocation, InvocationHead
from volttools.formats.login import LoginHead
from volttools.formats.network import Tcp
from volttools.formats.pcap import BlockHead, EnhancedPacket, little_endian
from volttools.formats.response import Response, ResponseHead
from volttools.formats.table import Table
from volttools.formats.types import BIGINT


@pytest.mark.parametrize("kind", [ResponseHead, LoginHead])
def test_the_head_is_what_parsing_gives(kind):
    body = build(Response(client_handle=-5, status=-3, status_string="no"))
    read, size = head_reader(kind)
    fields = [item.attribute for item in kind.declaration.wire_fields()][:-1]
    whole = parse(kind, body)
    assert read(b"xx" + body, 2) == tuple(getattr(whole, name) for name in fields)
    assert size == len(body) - len(whole.rest)


def test_only_numbers_of_the_order_on_the_wire_are_read():
    assert head_reader(PREFIX)[0](b"x\xff\xff\xff\xfe", 1) == (-2,)
    assert head_reader(BlockHead)[1] == 8
    assert head_reader(little_endian(BlockHead))[1] == 0


HEADS = [
    (InvocationHead, ("procedure", "client_handle")),
    (InvocationHead, ("client_handle",)),
    (Invocation, ("version", "batch_timeout_ms", "procedure", "client_handle")),
    (ResponseHead, ("client_handle", "status")),
    (Response, ("client_handle", "status", "status_string", "app_status", "cluster_rtt_ms")),
]


@pytest.mark.parametrize(("kind", "names"), HEADS)
@given(invocations(), responses(), st.data())
def test_fields_are_what_parsing_gives(kind, names, invocation, response, data):
    message = response if issubclass(kind, (Response, ResponseHead)) else invocation
    body = build(message)
    read = fields_reader(kind, *names)
    whole = parse(kind, body)
    expected = repr(tuple(getattr(whole, name) for name in names))
    assert repr(read(body, 0, len(body))) == expected
    assert repr(read(b"xyz" + body + b"more", 3, 3 + len(body))) == expected
    cut = data.draw(st.integers(0, len(body)))
    try:
        found = read(body, 0, cut)
    except WRONG:
        with pytest.raises(DecodeError):
            parse(kind, body[: min(cut, len(body) - len(getattr(whole, "rest", b"")) - 1)])
    else:
        assert repr(found) == expected


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        (InvocationHead, "client_handle", Invocation(procedure="P", client_handle=5)),
        (InvocationHead, "procedure", Invocation(procedure="P", client_handle=5)),
        (ResponseHead, "status", Response(client_handle=5)),
    ],
)
def test_fields_behind_the_end_are_not_read(kind, name, message):
    body = build(message)
    read = fields_reader(kind, name)
    stop = len(body) - len(parse(kind, body).rest) - (8 if name == "procedure" else 0)
    assert read(body, 0, stop) == (getattr(message, name),)
    for end in range(stop):
        with pytest.raises(WRONG):
            read(body, 0, end)


@given(responses())
def test_rows_that_are_not_read_have_their_place(response):
    body = build(response)
    read = fields_reader(Response, "client_handle", "tables", reads_rows=False)
    handle, tables = read(body + b"more", 0, len(body))
    assert handle == response.client_handle
    assert [table.header for table in tables] == [table.header for table in response.tables]
    for table, whole in zip(tables, response.tables, strict=True):
        start, end = table.rows
        rows = build(whole)[len(build(whole.replace(rows=[], trailing=b""))) - 4 :]
        assert body[start:end] == rows
        assert table.trailing == b""


def test_a_table_whose_end_is_beyond_the_message_is_wrong():
    body = build(Response(tables=[Table.of([("A", BIGINT)], [(1,)])]))
    read = fields_reader(Response, "tables", reads_rows=False)
    for length in range(len(body)):
        with pytest.raises(WRONG):
            read(body[:length], 0, length)


def test_a_name_that_is_no_utf8_is_read_as_everywhere():
    body = build(Invocation(procedure="\udcff\udcfe", client_handle=3))
    read = fields_reader(Invocation, "procedure", "client_handle")
    assert read(b"x" + body, 1, 1 + len(body)) == ("\udcff\udcfe", 3)


def test_a_head_is_written_as_building_gives_it():
    whole = Tcp(source_port=1, destination_port=65535, sequence=2**32 - 1, flags=24, options_and_payload=b"")
    write = head_writer(Tcp, "source_port", "destination_port", "sequence", "flags")
    assert write(1, 65535, 2**32 - 1, 24) == build(whole)
    with pytest.raises(struct.error):
        write(65536, 1, 1, 24)


def test_heads_that_follow_one_another_are_written_at_once():
    packet = ("interface", "timestamp_high", "timestamp_low", "captured_length", "original_length")
    write = head_writer((BlockHead, EnhancedPacket), "type", "total_length", *packet)
    head = build(BlockHead(type=6, total_length=32))
    assert write(6, 32, 1, 2, 3, 4, 5) == head + head_writer(EnhancedPacket, *packet)(1, 2, 3, 4, 5)
    with pytest.raises(AssertionError, match="something else between heads"):
        head_writer((EnhancedPacket, BlockHead), *packet, "type", "total_length")


@given(st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(2, 2**20))
def test_the_remainder_of_a_head_is_that_of_its_bytes(port, sequence, flags, modulus):
    numbers = ("source_port", "destination_port", "sequence", "flags")
    whole = int.from_bytes(head_writer(Tcp, *numbers)(port, 21212, sequence, flags), "big")
    found = head_remainder(Tcp, modulus, *numbers)(port, 21212, sequence, flags)
    assert found % modulus == whole % modulus
