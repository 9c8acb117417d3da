import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare.keys import key_function
from volttools.errors import UsageError
from volttools.filters.errors import FilterError


def test_a_key_reads_fields_and_what_is_not_there_is_a_value_too():
    key = key_function(["procedure", "params[1]"])
    one, same, short = exchanges([said("Get", 1, "x"), said("Get", 2, "x"), said("Get", 1)])
    assert key(one) == key(same) != key(short)


def test_what_is_no_field_is_told():
    with pytest.raises(FilterError, match="column 1: no field is called 'procedur'; did you mean procedure"):
        key_function(["procedur"])
    with pytest.raises(UsageError, match="write one field"):
        key_function(["procedure or status"])
