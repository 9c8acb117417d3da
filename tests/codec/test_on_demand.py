"""Functions by type code are made when they are first asked for, and only once."""

import pytest

from volttools.codec.on_demand import FunctionCache, FunctionsByCode
from volttools.errors import DecodeError
from volttools.formats.types import BIGINT, STRING, TYPES


def test_a_function_is_made_once():
    made = []
    functions = FunctionsByCode(TYPES, lambda format: made.append(format) or len(made), arrays=False)
    assert [functions[BIGINT.code], functions[STRING.code], functions[BIGINT.code]] == [1, 2, 1]
    assert made == [BIGINT.format, STRING.format]


def test_a_type_without_values_is_an_error_each_time():
    functions = FunctionsByCode(TYPES, lambda format: format, arrays=False)
    for _ in range(2):
        with pytest.raises(DecodeError, match=r"no value can have the type UNKNOWN_99 \(99\)"):
            functions[99]


def test_values_arrays_and_tolerance_have_functions_of_their_own():
    cache = FunctionCache(lambda format, tolerant: (format, tolerant))
    plain = cache.get(TYPES, arrays=False, tolerant=False)
    assert cache.get(TYPES, arrays=False, tolerant=False) is plain
    assert plain[BIGINT.code] == (BIGINT.format, False)
    assert cache.get(TYPES, arrays=False, tolerant=True)[BIGINT.code] == (BIGINT.format, True)
    assert cache.get(TYPES, arrays=True, tolerant=False)[BIGINT.code][0].subcon is BIGINT.format
