"""Answers to calls for people."""

from rich.console import Console

from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.render.results import result_lines

CONSOLE = Console(width=80)
N = Table.of([("N", BIGINT)], [(1,), (2,)])


def texts(procedure, response, **options):
    lines = result_lines(procedure, response, 1_500_000, CONSOLE, **options)
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_the_status_and_the_tables():
    found = texts("P", Response(tables=[N]))
    assert found[0] == "P: SUCCESS, 2 rows, 1.500 ms"
    assert found[1].split() == ["table", "tables[0]:", "1", "column,", "2", "rows"]
    assert [line.strip() for line in found[-2:]] == ["1", "2"]
    assert texts("P", Response(tables=[N, N]))[0] == "P: SUCCESS, 2 tables, 1.500 ms"
    assert texts("P", Response(tables=[N]), rows=1)[-1].strip() == "and 1 more row"


def test_what_the_procedure_said():
    response = Response(status=-1, status_string="no\x1b[31m\nvoter", app_status=7, app_status_string="again")
    assert texts("P\n", response) == [
        "P\\n: USER_ABORT (-1), 0 tables, 1.500 ms",
        "    says          no\\x1b[31m",
        "                  voter",
        "    says          application status 7: again",
    ]
