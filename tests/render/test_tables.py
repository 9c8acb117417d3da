from tests.samples import ORDERS
from tests.screens import console, drawn
from volttools.formats.notation import Opaque
from volttools.formats.table import USUAL_TRAILING, Table
from volttools.formats.types import BIGINT, STRING
from volttools.render.tables import aligned, named, table_details


def shown(table, width=80, rows=20):
    out = console(width)
    return drawn(table_details(table, "1 of 1", out, rows), out)


def test_a_table_is_a_line_a_row_with_names_and_types():
    assert shown(ORDERS, rows=2) == (
        "    table         1 of 1: 5 columns, 3 rows\n"
        "          ID  NAME                   PRICE  AT                   RAW\n"
        "      BIGINT  STRING               DECIMAL  TIMESTAMP            VARBINARY\n"
        "      ────────────────────────────────────────────────────────────────────\n"
        "           1  \"bolt\"                  0.25  2026-01-02 03:04:05  x'0102'\n"
        '           2  "Müller \\x1b[2Jnut"    -17.5  NULL                 NULL\n'
        "      and 1 more row\n"
    )


def test_a_table_too_wide_for_the_screen_is_a_line_a_value():
    text = shown(ORDERS, width=50, rows=1)
    assert "      row 1\n        ID     BIGINT     1\n" in text
    assert "and 2 more rows" in text


def test_a_wide_table_goes_on_below_in_whole_columns():
    table = Table.of([(f"REMOTE_CLUSTER_{n}", BIGINT) for n in range(9)], [range(9), range(9)])
    text = shown(table)
    assert "columns 1 to 4 of 9" in text
    assert "columns 9 to 9 of 9" in text
    assert all(f"REMOTE_CLUSTER_{n}" in text for n in range(9))
    assert max(map(len, text.splitlines())) <= 80


def test_names_of_columns_are_never_broken():
    table = Table.of([(f"REMOTE_CLUSTER_{n}", BIGINT) for n in range(40)])
    lines = shown(table).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(f"REMOTE_CLUSTER_{n} BIGINT" in "\n".join(lines) for n in range(40))


def test_long_values_are_shortened_until_the_table_fits():
    table = Table.of([("A", STRING), ("B", BIGINT)], [("x" * 500, 1)])
    assert 'xxx" (500 chars)' in shown(table)


def test_no_rows_and_all_rows():
    empty = Table.of([("A", STRING)])
    assert "1 column, 0 rows" in shown(empty)
    assert "more row" not in shown(ORDERS, rows=0)
    wide = Table.of([(f"COLUMN_{n}", STRING) for n in range(50)])
    assert "COLUMN_49 STRING" in shown(wide)


def test_a_column_of_unknown_type_ends_the_row():
    table = Table.of([("A", BIGINT), ("B", 99), ("C", BIGINT)], [(1, Opaque(b"\x07"))])
    assert "unreadable x'07'" in shown(table)


def test_a_status_that_is_not_the_usual_one_is_shown():
    assert "3 rows\n" in shown(ORDERS)
    assert "0 rows, status 0" in shown(Table.of([("A", BIGINT)], status=0))


def test_the_last_of_aligned_cells_takes_the_lines_it_needs():
    rows = [(("1", "plain"), ("short", "plain")), (("22", "plain"), ("word " * 10, "plain"))]
    out = console(40)
    text = drawn(aligned(rows, 40, first_is_number=True), out)
    assert text.splitlines()[0] == "       1  short"
    assert text.splitlines()[1] == "      22  word word word word word word"
    assert text.splitlines()[2] == "          word word word word"


def test_lines_of_a_named_text_stand_below_each_other():
    text = drawn(named("status", [("one\ntwo", "plain")]), console())
    assert text == "    status        one\n                  two\n"


def test_a_column_without_a_name_is_seen():
    assert shown(Table.of([("", BIGINT)], [(0,)])).splitlines()[1:3] == ['          ""', "      BIGINT"]
    assert shown(Table.of([("", BIGINT)])).splitlines()[1] == '      "" BIGINT'


def test_what_servers_always_send_behind_some_tables_is_nothing_to_tell():
    def with_trailing(data):
        return shown(Table(header=ORDERS.header, rows=ORDERS.rows, trailing=data))

    assert with_trailing(USUAL_TRAILING) == shown(ORDERS)
    assert "95 bytes behind the rows" in with_trailing(USUAL_TRAILING[1:])
    assert "96 bytes behind the rows" in with_trailing(b"\1" + USUAL_TRAILING[1:])
