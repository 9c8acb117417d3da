from __future__ import annotations

from typing import Any

import pytest

from tests.codec.agreement import check_agreement, check_error
from volttools.codec import build, parse, parser, spans
from volttools.errors import DecodeError
from volttools.formats.dumpfile import DumpedFrame
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginResponse
from volttools.formats.notation import (
    Record,
)
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import (
    STRING,
)

ERRORS = [
    (Response, "", "response.version: expected 1 bytes, 0 are left at byte 0"),
    (Response, "00 0000000000000001 20 01 80000000", "response.status_string: length -2,147,483,648 at byte 11"),
    (Response, "00 0000000000000001 20 01 7fffffff 61", "response.status_string: length 2,147,483,647, but only 1 bytes are left at byte 11"),
    (Response, "00 0000000000000001 00 01 80 00000000 ffff", "response.tables: count -1 at byte 16"),
    (Response, "00 0000000000000001 00 01 80 00000000 7fff 00", "response.tables: count 32,767, but only 1 bytes are left at byte 16"),
    (Response, "00 0000000000000001 00 01 80 00000000 0001 ffffffff", "response.tables[0]: length -1 at byte 18"),
    (Response, "00 0000000000000001 00 01 80 00000000 0001 00000011 00000008 80 0001 06 00000000 00000000 ff", None),
    (Response, "00 0000000000000001 40 01 80 00000000 00000001 01 0000", "response.exception.message: expected 4 bytes, 0 are left at byte 21"),
    (LoginResponse, "00 00 0000", "loginresponse.host_id: expected 4 bytes, 2 are left at byte 2"),
    (RawFrame, "00000002 61", "rawframe.body: length 2, but only 1 bytes are left at byte 0"),
    (RawFrame, "00000001 6162", "rawframe: 1 bytes more than the message takes at byte 5"),
    (DumpedFrame, "00000001 61 0d", "dumpedframe.newline: expected b'\\n', got b'\\r' at byte 5"),
    (Parameter, "00", "parameter.value: no value can have the type INVALID (0) at byte 1"),
    (Parameter, "5f", "parameter.value: no value can have the type UNKNOWN_95 (95) at byte 1"),
    (Parameter, "9d 01 0000", "parameter.value: no array can have elements of type NULL (1) at byte 2"),
    (Parameter, "9d 9d 0000", "parameter.value: no array can have elements of type ARRAY (-99) at byte 2"),
    (Parameter, "9d 09 0002 00000000 00000001", "parameter.value[1]: length 1, but only 0 bytes are left at byte 8"),
    (Parameter, "1b 00000001 00", "parameter.value.owns_loops: expected 1 bytes, 0 are left at byte 6"),
    (Invocation, "00 00000005 61", "invocation.procedure: length 5, but only 1 bytes are left at byte 1"),
    (Invocation, "02 00000001 50 0000000000000001 01 05 20", "invocation.extensions[0].payload: length -1 at byte 16"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "hex_digits", "text"), ERRORS)
def test_an_error_says_what_is_wrong_and_where(kind: type[Record], hex_digits: str, text: str | None) -> None:
    data = bytes.fromhex(hex_digits)
    if text is None:  # trailing bytes of a table are kept
        check_agreement(kind, data)
        return
    assert str(check_error(kind, data)) == text


def _prices(last: str) -> bytes:
    """A response of 18 rows with a text column PRICE; the last row as given."""
    rows = "00000005 00000001 39" * 17 + last
    body = f"00000011 80 0001 09 00000005 5052494345 00000012 {rows}".replace("00000011", "0000000d", 1)
    size = len(bytes.fromhex(body))
    return bytes.fromhex(f"00 0000000000000001 00 01 80 00000000 0001 {size:08x} {body}")


ROW_ERRORS = [
    ("00000004 fffffff9", "response.tables[0].rows[17].PRICE: length -7 at byte 200"),
    ("00000005 00000002 39", "response.tables[0].rows[17].PRICE: length 2, but only 1 bytes are left at byte 200"),
    ("00000006 00000001 39 00", "response.tables[0].rows[17]: row length 6 is 1 more than its values take at byte 196"),
    ("00000003 000000", "response.tables[0].rows[17].PRICE: expected 4 bytes, 3 are left at byte 200"),
    ("ffffffff", "response.tables[0].rows[17]: length -1 at byte 196"),
    ("7fffffff 00000000", "response.tables[0].rows[17]: length 2,147,483,647, but only 4 bytes are left at byte 196"),
    ("0000", "response.tables[0].rows[17].length: expected 4 bytes, 2 are left at byte 196"),
]  # fmt: skip


@pytest.mark.parametrize(("last", "text"), ROW_ERRORS)
def test_an_error_in_a_row_names_table_row_and_column(last: str, text: str) -> None:
    for _ in range(4):  # by value, then by generated code
        assert str(check_error(Response, _prices(last))) == text


def test_a_hostile_column_name_does_not_reach_the_terminal() -> None:
    for name, shown in [
        ("\x1b[2J", r"\x1b[2J"),
        ("\udcff", r"\udcff"),
        ("", '""'),
        ("x" * 99, "x" * 57 + "..."),
    ]:
        data = build(Table.of([(name, STRING)], [("a",)]))
        error = check_error(Table, data[:-1])
        assert error.path == f"table.rows[0].{shown}" or error.path == "table.rows[0]"
        bad = data[:-5] + b"\xff\xff\xff\xf9" + data[-1:]
        path = check_error(Table, bad).path
        assert path is not None
        assert path.startswith(f"table.rows[0].{shown[:50]}")
        assert path.isprintable()
        assert len(path) < 90


def test_an_error_has_the_fields_before_it() -> None:
    with pytest.raises(DecodeError) as raised:
        parse(Response, _prices("ffffffff"))
    assert [child.name for child in raised.value.partial.children][:3] == [
        "version",
        "client_handle",
        "fields_present",
    ]


@pytest.mark.parametrize("data", [5, 10**12, "text", None, [1]])
def test_what_is_no_bytes_is_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError, match="bytes-like"):
        parse(Response, data)
    with pytest.raises(TypeError, match="bytes-like"):
        spans(Response, data)


def test_what_is_no_declaration_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="expected a record class or a construct, got <class 'int'>"):
        parser(int)
