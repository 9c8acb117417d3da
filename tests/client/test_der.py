"""The little DER that is read."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.client.der import elements, first_tag_within
from volttools.errors import DecodeError


def test_elements_stand_one_behind_another():
    found = [(one.tag, one.content) for one in elements(bytes.fromhex("0201ff 0402aabb 3000"))]
    assert found == [(2, b"\xff"), (4, b"\xaa\xbb"), (0x30, b"")]
    assert list(elements(b"")) == []


def test_an_element_that_was_cut_is_refused():
    with pytest.raises(DecodeError, match="an element of 16 bytes, of which 2 are there"):
        list(elements(bytes.fromhex("0410aabb")))


def test_many_elements_are_not_read():
    with pytest.raises(DecodeError, match="more than 64 elements"):
        list(elements(bytes(200)))


def test_what_is_inside_tells_files_apart():
    assert first_tag_within(bytes.fromhex("3082ffff0201"), 0x30) == 2
    assert first_tag_within(bytes.fromhex("3182ffff0201"), 0x30) is None
    assert first_tag_within(b"0", 0x30) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_elements_or_an_error(data):
    with contextlib.suppress(DecodeError):
        assert sum(len(one.content) for one in elements(data)) <= len(data)
    first_tag_within(data, 0x30)
