import pytest

from tests.codec.test_columns import SAMPLES
from volttools.codec import build, builder
from volttools.codec.scalars import WRONG
from volttools.codec.table_places import rows_format, table_header, tables_in
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table

EMPTY = Response(tables=[])
FULL = Response(
    tables=list(SAMPLES.values()),
    status_string="\udcff",
    app_status_string="x",
    hashes=[1, 2],
    trailing=b"tail",
)


@pytest.mark.parametrize("response", [EMPTY, FULL])
def test_each_table_is_found_behind_its_length(response):
    body = build(response)
    tables = [body[start:stop] for start, stop in tables_in(body)]
    assert [TABLE.prefix.build(len(table)) + table for table in tables] == [
        builder(TABLE)(table) for table in response.tables
    ]


def test_a_cut_anywhere_before_the_end_of_the_last_table_is_wrong():
    body = build(FULL)
    for length in range(len(body) - len(FULL.trailing)):
        with pytest.raises(WRONG):
            tables_in(body[:length])


@pytest.mark.parametrize("count", [b"\xff\xff", b"\x7f\xff"])
def test_a_wrong_count_is_wrong(count):
    body = build(EMPTY)
    with pytest.raises(WRONG):
        tables_in(body[:-2] + count)


def test_the_rows_stand_behind_the_header():
    table = SAMPLES["fixed"]
    data = build(table)
    header, o = table_header(data, 0, len(data))
    assert header == table.header
    assert rows_format().prefix.parse(data[o:]) == len(table.rows)
    assert build(Table(header=header)) == data[:o] + rows_format().prefix.build(0)
