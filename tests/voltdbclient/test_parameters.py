"""Calls by types: at once where values need no conversion, and else the same bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import parse
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.protocol.client_side import invocation_frame
from volttools.voltdbclient.parameters import array_parameter, encoder, parameter

BIGINT, FLOAT, STRING = types.BIGINT.code, types.FLOAT.code, types.STRING.code
VALUES = st.tuples(
    st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
    st.none() | st.floats(allow_nan=False, min_value=-1e300),
    st.none() | st.text(),
)


@given(VALUES, st.integers(1, 2**62))
def test_frames_are_those_of_the_parameters(values, handle):
    found = encoder((BIGINT, FLOAT, STRING))("Vote", handle, values)
    kinds = (types.BIGINT, types.FLOAT, types.STRING)
    parameters = [Parameter.of(kind, value) for kind, value in zip(kinds, values, strict=True)]
    assert found == invocation_frame("Vote", handle, parameters)
    assert parse(Invocation, parse(RawFrame, found).body).client_handle == handle


@pytest.mark.parametrize(
    ("code", "value", "error", "text"),
    [
        (BIGINT, -(2**63), ValueError, "P, parameter 1: -9223372036854775808 is out of range"),
        (BIGINT, 2**63, ValueError, "P, parameter 1: 9223372036854775808 is out of range"),
        (FLOAT, -1.7e308, ValueError, "P, parameter 1: -1.7e.308 is how FLOAT says NULL"),
        (BIGINT, "1", TypeError, r"P, parameter 1: '1' \(str\) is no BIGINT"),
        (STRING, 5, TypeError, "P, parameter 1: 5 .int. is no STRING"),
        (FLOAT, object, TypeError, "P, parameter 1: .* is no FLOAT"),
    ],
)
def test_what_can_not_be_sent_says_which_parameter(code, value, error, text):
    for first in (5, None):
        with pytest.raises(error, match=text) as caught:
            encoder((BIGINT, code))("P", 1, [first, value])
        assert isinstance(caught.value, EncodeError)


def test_values_and_arrays():
    assert parameter(BIGINT, 5) == Parameter.of(types.BIGINT, 5)
    assert parameter(BIGINT, (1, None)) == array_parameter(BIGINT, [1, None])
    with pytest.raises(EncodeError, match="no array can have elements of type NULL"):
        array_parameter(types.NULL.code, [None])
    with pytest.raises(EncodeError, match="no value can have the type 99"):
        encoder((99,))


def test_numbers_that_are_another_types_null_are_sent():
    found = encoder((types.TINYINT.code, BIGINT))("P", 1, [1, -128])
    assert [each.value for each in parse(Invocation, parse(RawFrame, found).body).parameters] == [1, -128]
