"""Trying whether bytes are a message gives what parsing gives, or None where that raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.message_samples import MESSAGE_SAMPLES
from volttools.codec import attempt, parse
from volttools.errors import DecodeError
from volttools.formats.invocation import InvocationHead
from volttools.formats.login import LoginHead, LoginRequest, LoginResponse

DATA = [sample.data for sample in MESSAGE_SAMPLES if len(sample.data) < 500]


@pytest.mark.parametrize("kind", [InvocationHead, LoginHead, LoginRequest, LoginResponse])
@given(
    data=st.one_of(st.sampled_from(DATA), st.binary(max_size=60)),
    cut=st.integers(0, 40),
    changes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=2),
)
def test_an_attempt_gives_what_parsing_gives(kind, data, cut, changes):
    changed = bytearray(data[: len(data) - cut])
    for at, value in changes:
        if at < len(changed):
            changed[at] = value
    data = bytes(changed)
    try:
        expected = parse(kind, data)
    except DecodeError:
        expected = None
    assert attempt(kind)(data) == expected
