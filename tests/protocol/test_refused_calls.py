"""Frames that a real 11.4 server refused, and its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import TINYINT
from volttools.protocol.refused_calls import RefusedCall, accepted_invocation, read_parameters

NAME_AND_HANDLE = "00000001500000000000000007"  # "P", 7
BAD_EXTENSIONS = "Failed to deserialize SPI extensions: "

# fmt: off
REFUSED = [
    ("00",                                            None),
    ("0000",                                          None),
    ("0000000001500000",                              None),  # cut in its handle
    ("02" + NAME_AND_HANDLE,                          None),  # cut before the count of extensions
    ("03" + NAME_AND_HANDLE + "0000",                 "Unknown ProcedureInvocationType 3"),
    ("ff" + NAME_AND_HANDLE + "0000",                 "Unknown ProcedureInvocationType -1"),
    ("00" "00000000" "0000000000000007" "0000",       "Procedure name cannot be length zero in invocation deserialization."),
    ("00" "ffffffff" "0000000000000007" "0000",       "Procedure name cannot be null in invocation deserialization."),
    ("00" "fffffffe" "0000000000000007" "0000",       "Value length is negative -2"),
    ("00" "000000ff" "50",                            "Value length is bigger than total buffer 255"),
    ("01" "01" "fffffffb" + NAME_AND_HANDLE + "0000", "Timeout value can't be negative."),
    ("01" "00" + NAME_AND_HANDLE + "0000",            "Unknown BatchTimeoutType 0"),
    # A second log-in, read as an invocation.
    ("0101000000086461746162617365000000026f70",      "Value length is bigger than total buffer 1684108385"),
    ("02" + NAME_AND_HANDLE + "1f" + "0000",          "SPI extension count was > 30: possible corrupt network data."),
    ("02" + NAME_AND_HANDLE + "1f" + "0700" * 31 + "0000", "SPI extension count was > 30: possible corrupt network data."),
    ("02" + NAME_AND_HANDLE + "ff" + "0000",          "SPI extension count was < 0: possible corrupt network data."),
    ("02" + NAME_AND_HANDLE + "01" "0101" "03" "0000",       BAD_EXTENSIONS),  # a length of 1 for a time-out
    ("02" + NAME_AND_HANDLE + "01" "0103" "fffffffe" "0000", BAD_EXTENSIONS),  # a time-out of -2
    ("02" + NAME_AND_HANDLE + "01" "0303" "ffffffff" "0000", BAD_EXTENSIONS),  # partition -1
    ("02" + NAME_AND_HANDLE + "01" "6306" "0000",            BAD_EXTENSIONS),  # unknown, longer than the frame
    ("02" + NAME_AND_HANDLE + "05" "0200",                   BAD_EXTENSIONS),  # 5 of them, and 1 is there
]
ACCEPTED = [
    "00" + NAME_AND_HANDLE + "0000",
    "01" "ff" + NAME_AND_HANDLE + "0000",
    "01" "01" "00000000" + NAME_AND_HANDLE + "0000",
    "02" + NAME_AND_HANDLE + "00" "0000",
    "02" + NAME_AND_HANDLE + "02" "3200" "ff0163" "0000",       # unknown types
    "02" + NAME_AND_HANDLE + "03" "0501ff" "05017f" "0103ffffffff" "0000",  # repeated, clipped, no time-out
    "00" + NAME_AND_HANDLE + "0000" "ff",                       # more behind the parameters
]
# fmt: on


@pytest.mark.parametrize(("frame", "text"), REFUSED)
def test_heads_are_refused_in_the_server_s_words(frame, text):
    with pytest.raises(RefusedCall) as refused:
        accepted_invocation(bytes.fromhex(frame))
    assert refused.value.status_string == text


@pytest.mark.parametrize("frame", ACCEPTED)
def test_what_a_server_takes_is_taken(frame):
    invocation = accepted_invocation(bytes.fromhex(frame))
    assert (invocation.procedure, invocation.client_handle) == ("P", 7)


def test_parameters_that_can_t_be_read_are_no_matter_of_the_head():
    invocation = accepted_invocation(bytes.fromhex("00" + NAME_AND_HANDLE + "000163"))
    assert isinstance(invocation.parameters, Opaque)


def test_a_server_ignores_what_follows_the_parameters():
    glued = accepted_invocation(bytes.fromhex("00" + NAME_AND_HANDLE + "00010305ffff"))
    assert read_parameters(glued) == [Parameter.of(TINYINT, 5)]
    unreadable = accepted_invocation(bytes.fromhex("00" + NAME_AND_HANDLE + "000163"))
    assert str(read_parameters(unreadable)) == "no value can have the type UNKNOWN_99 (99) at byte 3"


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"\2\0\0\0\1P" + bytes(8) + rest))
def test_any_bytes_are_an_invocation_or_refused(body):
    try:
        read = accepted_invocation(body)
    except RefusedCall:
        return
    assert isinstance(read, Invocation)
