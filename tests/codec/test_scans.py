"""Heads of many messages in one loop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import answer, call, framed
from volttools.codec import build, head_scanner, parse
from volttools.errors import DecodeError
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import InvocationHead
from volttools.formats.response import ResponseHead

BODIES = [
    call("A", 7),
    call("Längstens", -1, 1, "two"),
    call("B", 2**62, version=2, extensions=[]),
    answer(5),
    answer(-2, -3, "no"),
]
STREAMS = st.lists(
    st.one_of(st.sampled_from([framed(body) for body in BODIES]), st.binary(max_size=40)), max_size=6
).map(b"".join)


def one_by_one(data, position, kind, names):
    """What parsing gives of each frame, up to the first that is not all there or no such message."""
    found = []
    while len(data) - position > PREFIX_BYTES:
        length = int.from_bytes(data[position : position + PREFIX_BYTES], "big", signed=True)
        start = position + PREFIX_BYTES
        body = data[start : start + max(0, length)]
        if length < 0 or len(body) < length:
            break
        try:
            head = parse(kind, body)
            str(getattr(head, "procedure", "")).encode()
        except (DecodeError, UnicodeEncodeError):
            break  # a name that is no UTF-8 is left to others
        found.append((position, length, *(getattr(head, name) for name in names)))
        position = start + length
    return found, position


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (InvocationHead, ("version", "batch_timeout_flag", "procedure", "client_handle")),
        (ResponseHead, ("client_handle", "status")),
    ],
)
@given(data=STREAMS, start=st.integers(0, 3))
def test_heads_are_those_of_parsing_one_by_one(kind, names, data, start):
    start = min(start, len(data))
    scan = head_scanner(kind, *names)
    assert scan(data, start, len(data)) == one_by_one(data, start, kind, names)


def test_nothing_behind_the_end_is_read():
    data = framed(answer(1)) * 2
    scan = head_scanner(ResponseHead, "client_handle")
    found, stop = scan(data, 0, len(data) - 1)
    assert len(found) == 1
    assert stop == len(data) // 2


@pytest.mark.parametrize(("kind", "body"), [(InvocationHead, call("A", 7)), (ResponseHead, answer(5))])
def test_a_head_that_does_not_end_within_its_frame_is_none(kind, body):
    scan = head_scanner(kind, "client_handle")
    head = build(parse(kind, body).replace(rest=b""))
    for length in range(len(body)):
        data = framed(body[:length]) + framed(body)
        found, _ = scan(data, 0, len(data))
        assert len(found) == (2 if length >= len(head) else 0)
