from __future__ import annotations

import pytest
from hypothesis import given

from tests.strategies import responses
from volttools.codec import build, parse
from volttools.formats.response import (
    HIGHEST_CLIENT_HANDLE,
    PING_HANDLE,
    RESERVED_HANDLES,
    Response,
    ResponseHead,
    ResponseOutline,
    is_push_handle,
    push_name,
)


@pytest.mark.parametrize("flags", range(256))
def test_every_combination_of_flags_is_kept(flags: int) -> None:
    """With each part there and NULL, or there and empty."""
    parts = [
        (0x20, b"\xff\xff\xff\xff", b"\0\0\0\0"),
        (0x80, b"\xff\xff\xff\xff", b"\0\0\0\0"),
        (0x40, b"\0\0\0\0", b"\0\0\0\1\0"),
        (0x10, b"\0\0", b"\0\1\0\0\0\7"),
    ]
    for which in (0, 1):
        present = [(part[1], part[2])[which] if flags & part[0] else b"" for part in parts]
        text, app_text, exception, hashes = present
        head = b"\0" + bytes(8) + bytes([flags]) + b"\1"
        data = head + text + b"\x80" + app_text + b"\0\0\0\0" + exception + hashes + b"\0\0"
        response = parse(Response, data)
        assert build(response) == data
        assert response.extra_flags & 0x0F == flags & 0x0F
        assert (response.hashes is not None) is bool(flags & 0x10)


def test_a_flag_that_a_value_implies_is_not_kept_twice() -> None:
    response = parse(Response, build(Response(status_string="x", extra_flags=0x20)))
    assert response == Response(status_string="x")


def test_names_of_statuses() -> None:
    assert Response().status_name == "SUCCESS"
    assert Response(status=-2).status_name == "GRACEFUL_FAILURE"
    assert Response(status=-99).status_name == "STATUS_-99"


def test_pushes_have_reserved_handles() -> None:
    assert not is_push_handle(PING_HANDLE)
    assert not is_push_handle(HIGHEST_CLIENT_HANDLE)
    assert not is_push_handle(-1)
    assert is_push_handle(HIGHEST_CLIENT_HANDLE + 1)
    assert all(is_push_handle(handle) for handle in RESERVED_HANDLES if handle != PING_HANDLE)
    assert push_name(2**63 - 2) == "topology"
    assert push_name(2**63 - 7) == f"reserved handle {2**63 - 7}"


def test_the_head_is_what_the_whole_begins_with() -> None:
    response = Response(client_handle=-(2**63), status=-5, status_string="x")
    head = parse(ResponseHead, build(response))
    assert (head.version, head.client_handle, head.status) == (0, -(2**63), -5)
    assert build(head) == build(response)


def test_the_smallest_response_is_18_bytes() -> None:
    assert len(build(Response())) == 18


@given(responses())
def test_the_outline_is_the_whole_without_rows(response: Response) -> None:
    outline = parse(ResponseOutline, build(response))
    for name in (
        "status",
        "status_string",
        "app_status",
        "cluster_rtt_ms",
        "exception",
        "hashes",
        "trailing",
    ):
        assert getattr(outline, name) == getattr(response, name)
    assert [(table.header, table.row_count) for table in outline.tables] == [
        (table.header, len(table.rows)) for table in response.tables
    ]
    assert build(outline) == build(response)
