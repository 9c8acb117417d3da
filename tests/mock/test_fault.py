"""What a fault sends in the place of a frame; what it does to a connection is in test_session."""

import pytest

from volttools.errors import ProtocolError, UsageError
from volttools.mock.fault import GARBAGE, HUGE_CLAIM, Fault
from volttools.protocol.frame_buffer import FrameBuffer


@pytest.mark.parametrize(
    ("sends", "expected"),
    [("answer", b"123456"), ("half", b"123"), ("nothing", b""), ("garbage", GARBAGE), ("length", HUGE_CLAIM)],
)
def test_a_fault_replaces_the_bytes_of_a_frame(sends, expected):
    assert Fault(sends=sends).bytes_of(b"123456") == expected


@pytest.mark.parametrize("data", [GARBAGE, HUGE_CLAIM])
def test_garbage_and_the_claim_can_be_no_frame(data):
    with pytest.raises(ProtocolError, match="a frame of length"):
        list(FrameBuffer(2**30).feed(data))


def test_a_wrong_word_is_told_with_the_right_ones():
    with pytest.raises(UsageError, match=r"a Fault's then is one of 'go on', 'close', 'reset', not 'die'"):
        Fault(then="die")
    with pytest.raises(UsageError, match=r"a Fault's sends is one of .*, not 'all'"):
        Fault(sends="all")
    for delay in (-1, float("nan")):
        with pytest.raises(UsageError, match="a Fault's delay_s is a number of seconds from 0 on"):
            Fault(delay_s=delay)
