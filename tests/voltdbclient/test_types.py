"""The names of types are the official client's, and one more."""

import voltdbclient as official

from volttools.voltdbclient import FastSerializer


def test_each_type_and_null_of_the_official_client_is_there():
    names = [name for name in dir(official.FastSerializer) if name.startswith(("VOLTTYPE_", "NULL_"))]
    assert len(names) > 20
    for name in [*names, "ARRAY", "DEFAULT_DECIMAL_SCALE"]:
        assert getattr(FastSerializer, name) == getattr(official.FastSerializer, name), name


def test_decimal_string_is_no_code_that_the_wire_could_have():
    assert FastSerializer.VOLTTYPE_DECIMAL_STRING > 127
