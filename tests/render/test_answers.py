"""An answer in a shell."""

import io

from rich.console import Console

from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.render.answers import answer_lines, listing_lines, time_line

CONSOLE = Console(file=io.StringIO(), width=80)


def text(lines):
    return ["".join(piece for piece, _ in line) for line in lines]


def shown(*tables, **settings):
    return text(answer_lines("P", Response(tables=list(tables)), 1_500_000, CONSOLE, **settings))


def test_what_was_done_is_said_in_words():
    assert shown(Table.of([("modified_tuples", BIGINT)], [(2,)])) == ["OK, 2 rows changed"]
    assert shown(Table.of([("STATUS", BIGINT)], [(0,)])) == ["OK"]
    assert shown() == ["OK"]
    assert shown(Table.of([("STATUS", BIGINT)], [(7,)]))[-1] == "(1 row)"


def test_rows_are_counted_and_may_be_fewer_or_one_below_the_other():
    table = Table.of([("N", BIGINT), ("S", STRING)], [(1, "a"), (2, None)])
    assert shown(table)[-2:] == ["           2  NULL", "(2 rows)"]
    assert shown(table, rows=1)[-2:] == ["      and 1 more row", "(2 rows)"]
    assert shown(table, as_records=True)[:2] == ["      row 1", "        N  BIGINT  1"]


def test_another_status_is_shown_as_by_sql():
    response = Response(status=-2, status_string="no such table")
    first, second = text(answer_lines("@AdHoc", response, 1_500_000, CONSOLE))
    assert first == "@AdHoc: GRACEFUL_FAILURE (-2), 0 tables, 1.500 ms"
    assert second == "    says          no such table"


def test_the_application_says_something():
    response = Response(app_status=3, app_status_string="half")
    assert text(answer_lines("P", response, 0, CONSOLE)) == [
        "    says          application status 3: half",
        "OK",
    ]


def test_listings_have_no_types_and_no_quotes():
    table = Table.of([("TABLE", STRING), ("KEY", STRING)], [("VOTES", None), ("é\n", "x")])
    assert text(listing_lines(table, CONSOLE)) == [
        "      TABLE  KEY",
        "      ──────────",
        "      VOTES",
        "      é\\n    x",
        "(2 rows)",
    ]
    assert text([time_line(1_500_000)]) == ["Time: 1.500 ms"]
