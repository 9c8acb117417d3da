"""Where frames begin in a dump_file."""

import pytest

from tests.capture.traffic import dump_of
from tests.protocol.wire import ACCEPTED, LOGIN, answer, call, framed
from volttools.capture.dumpshapes import LOOK_BYTES, Sight, is_message_like, looks_like_dump_file, sight
from volttools.formats.frame import PREFIX

SESSION = dump_of(LOGIN, ACCEPTED, call("A", 1), answer(1))
FRAME = dump_of(answer(1))


@pytest.mark.parametrize("length", [20, 50, 56, 58, 100, 400])
def test_a_dump_file_is_recognised_by_its_beginning(length):
    assert looks_like_dump_file(SESSION[:length])


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0\0\0\5", b"GET / HTTP/1.1\r\n", b"\x7fELF" + bytes(90), bytes(90), b"\n" * 90],
)
def test_other_files_are_not(data):
    assert not looks_like_dump_file(data)


# fmt: off
SIGHTS = [
    #  bytes                         nothing follows   what is seen
    (FRAME,                          False,            Sight.FRAME),
    (FRAME[:-1],                     True,             Sight.FRAME),
    (FRAME[:-1],                     False,            Sight.START),
    (FRAME[:-1] + b"x",              False,            Sight.NOTHING),
    (FRAME[:40],                     False,            Sight.START),
    (FRAME[:9],                      True,             Sight.START),
    (FRAME[:9],                      False,            Sight.NOTHING),
    (b"\xff" * 20,                   True,             Sight.NOTHING),
]
# fmt: on


@pytest.mark.parametrize(("data", "is_end", "seen"), SIGHTS)
def test_what_stands_at_a_place(data, is_end, seen):
    assert sight(b"??" + data, 2, is_end=is_end) is seen


def test_a_frame_that_holds_others_is_none():
    swallowed = answer(1) + b"\n" + dump_of(call("B", 1), answer(1)) + framed(call("C", 1))
    assert sight(framed(swallowed) + b"\n", 0, is_end=False) is Sight.NOTHING


def test_newlines_in_text_are_no_frames():
    body = call("A", 1, "\n\n\n" + "\n\0\0\0\1" * 50)
    assert sight(dump_of(body), 0, is_end=False) is Sight.FRAME


def test_of_a_long_frame_the_beginning_is_enough():
    data = PREFIX.build(2**29) + answer(1, rows=5_000)[: LOOK_BYTES + 10]
    assert sight(data, 0, is_end=False) is Sight.START


@pytest.mark.parametrize("body", [LOGIN, ACCEPTED, call("A", 1), answer(1), b"\0\xff"])
def test_messages_of_all_kinds(body):
    assert is_message_like(body)
