import pytest

from benchmarks import data
from benchmarks.bare import bare_rows
from volttools.formats.types import STRING


@pytest.mark.parametrize("types", [data.FIXED_3, data.MIX_WITHOUT_DECIMAL, data.STRINGS_5])
def test_the_bare_loop_reads_the_rows_but_for_what_is_null(types):
    read = bare_rows(types, 20)
    rows = [
        tuple(
            "" if value is None and kind is STRING else value or 0
            for kind, value in zip(types, row, strict=True)
        )
        for row in data.table(types, 20).rows
    ]
    assert read() == rows


def test_there_is_none_for_types_that_take_more_than_unpacking():
    assert bare_rows(data.MIX, 20) is None
