"""Heads that are read while bytes are split: the frames are those that `framing` finds one by one."""

from contextlib import ExitStack
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed
from volttools.codec import build
from volttools.formats.invocation import INVOCATION_VERSIONS, InvocationHead
from volttools.formats.response import ResponseHead
from volttools.protocol import framing
from volttools.protocol.events import Direction
from volttools.protocol.frames import AnswerHead, CallHead
from volttools.protocol.framing import FrameReader
from volttools.protocol.heads import head_of

BODIES = [
    *(call("A", 7, version=version, extensions=[]) for version in INVOCATION_VERSIONS if version != 1),
    call("a\nb", 1),
    call("", 1),
    answer(5),
    answer(-2, -3, "no"),
    answer(1, 99),
    *(
        build(InvocationHead(version=1, batch_timeout_flag=flag, procedure="A", client_handle=7))
        for flag in (-1, 7)
    ),
    build(InvocationHead(version=3, procedure="A", client_handle=7)),
    build(ResponseHead(version=0, client_handle=5, fields_present=1, status=1)),
    build(ResponseHead(version=1, client_handle=5, fields_present=0, status=1)),
    LOGIN,
    ACCEPTED,
]
CHUNKS = st.lists(
    st.one_of(
        st.lists(st.sampled_from([framed(body) for body in BODIES]), max_size=4).map(b"".join),
        st.binary(max_size=40),
        st.tuples(st.sampled_from([framed(body) for body in BODIES]), st.integers(0, 30)).map(
            lambda cut: cut[0][: cut[1]]
        ),
    ).filter(bool),
    max_size=8,
)


def one_by_one():
    """Nothing is read by `heads` while bytes are split."""
    stack = ExitStack()
    for name in ("add_calls", "add_answers"):
        stack.enter_context(patch.object(framing, name, lambda *arguments: 0))
    return stack


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("body", BODIES)
def test_the_head_of_a_frame_is_the_one_that_is_found_alone(body, direction):
    def heads():
        reader = FrameReader(direction, at_start=True)
        return [(item, getattr(item, "head", None)) for item in reader.feed(framed(body), 1)]

    quick = heads()
    with one_by_one():
        assert heads() == quick


@given(CHUNKS, st.sampled_from(Direction), st.booleans())
def test_frames_are_those_that_are_found_one_by_one(chunks, direction, at_start):
    def items():
        reader = FrameReader(direction, at_start=at_start)
        found = [item for number, chunk in enumerate(chunks) for item in reader.feed(chunk, number)]
        found += reader.close("fin", 99)
        return [(item, getattr(item, "head", None)) for item in found]

    quick = items()
    with one_by_one():
        assert items() == quick


@pytest.mark.parametrize(
    ("direction", "bodies"),
    [
        (Direction.CLIENT, [call("A", 7), call("B", 8, version=2, extensions=[])]),
        (
            Direction.CLIENT,
            [
                build(InvocationHead(version=1, batch_timeout_flag=-1, procedure="A", client_handle=7)),
                build(
                    InvocationHead(
                        version=1, batch_timeout_flag=1, batch_timeout_ms=100, procedure="B", client_handle=8
                    )
                ),
            ],
        ),
        (Direction.SERVER, [answer(5), answer(-2, -3, "no")]),
    ],
)
def test_sound_frames_are_not_looked_at_one_by_one(direction, bodies):
    reader = FrameReader(direction)
    with patch.object(FrameReader, "_read", side_effect=AssertionError):
        assert [frame.body for frame in reader.feed(b"".join(map(framed, bodies)))] == bodies


def test_heads_hold_what_pairing_needs():
    assert head_of(Direction.CLIENT, call("A", 7)) == CallHead(0, "A", 7)
    assert head_of(Direction.SERVER, answer(5, -3)) == AnswerHead(5, -3)
    assert head_of(Direction.SERVER, answer(5, 99)) is None
    assert head_of(Direction.CLIENT, LOGIN) is None
