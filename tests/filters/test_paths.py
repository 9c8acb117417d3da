import pytest

from tests.samples import connection, frame
from volttools.filters.filter import Filter
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, INTEGER, STRING, TIMESTAMP, VOLTTABLE
from volttools.protocol.events import Direction, Exchange

ORDERS = Table.of([("ID", BIGINT), ("two words", STRING), ("id", BIGINT)], [(1, "a", 9), (2, None, 8)])
EMPTY = Table.of([("X", BIGINT)])
TIMES = Table.of([("T", TIMESTAMP)], [(0,)])

EVENT = Exchange(
    connection=connection(),
    request_frame=frame(
        Direction.CLIENT,
        Invocation(
            procedure="P",
            parameters=[
                Parameter.array(INTEGER, [5, None, 7]),
                Parameter.of(VOLTTABLE, ORDERS),
                Parameter.array(TIMESTAMP, [0, None]),
                Parameter.of(STRING, "text"),
                Parameter.array(VOLTTABLE, [ORDERS, EMPTY]),
            ],
        ),
        number=1,
        at_us=0,
    ),
    response_frame=frame(Direction.SERVER, Response(tables=[ORDERS, EMPTY, TIMES]), number=2, at_us=1),
)


@pytest.mark.parametrize(
    "expression",
    [
        "params[0][0] == 5",
        "params[0][-1] == 7",
        "params[0][1] == null",
        "params[0][*] == 7",
        "params[*][*] == 7",
        "params[0].count == 3",
        'params[0].type == "INTEGER[]"',
        'params[2][0] == "1970-01-01"',
        "params[1].row_count == 2",
        "params[1].rows[0].ID == 1",
        "params[1].columns[1] == 'two words'",
        "params[1].rows.count == 2",
        "params[4][1].row_count == 0",
        "params[4][*].rows[*].ID == 2",
        "params[-2] == 'text'",
        "tables.count == 3",
        "tables[0].rows[0].ID == 1",
        "tables[0].rows[0].id == 1",
        'tables[0].rows[0]["two words"] == "a"',
        "tables[0].rows[-1][1] == null",
        "tables[0].rows[1][-1] == 8",
        "tables[0].rows[*].ID == 2",
        "tables[*].rows[*][*] == 9",
        "tables[0].rows[0][*] == 'a'",
        "tables[1].rows.count == 0",
        "tables[-1].rows[0].T == '1970-01-01'",
        "tables[*].row_count == 0",
        "tables[0].columns.count == 3",
        "exists tables[0].rows[1]",
        "exists tables[0].rows[0][2]",
        "exists tables[0].rows[1].ID",
        "exists tables[*].rows[*].T",
        "values.count > 10",
        "tables[0].rows[0].ID == params[1].rows[0].ID",
        "tables[*].rows[*].ID == params[1].rows[1].ID",
        "params[1].rows[1].ID == tables[*].rows[*].ID",
        "row_count == params.count or row_count == tables.count",
    ],
)
def test_a_path_leads_to_its_value(expression):
    assert Filter(expression).matches(EVENT)


@pytest.mark.parametrize(
    "expression",
    [
        "exists params[5]",
        "exists params[-6]",
        "exists params[0][3]",
        "exists params[3][0]",  # a text is no list
        "exists params[3][*]",
        "exists params[3].count",
        "exists params[3].row_count",  # nor a table
        "exists params[3].rows[*].ID",
        "exists params[3].rows[0].ID",
        "exists params[1].count",  # a table has rows.count
        "exists tables[3]",
        "exists tables[1].rows[0]",
        "exists tables[1].rows[*]",
        "exists tables[0].rows[0].NOSUCH",
        "exists tables[0].rows[0][3]",
        "exists tables[0].rows[2].ID",
        "exists tables[7].rows[*].ID",
        "exists exception.message",
        "exists hashes[0]",
        "exists hashes[*]",
        "exists hashes.count",
    ],
)
def test_where_a_path_leads_nowhere_there_is_nothing(expression):
    assert not Filter(expression).matches(EVENT)


def test_a_row_of_which_a_column_can_not_be_read_ends_there():
    table = Table.of([("A", BIGINT), ("B", 99), ("C", BIGINT)], [(1, Opaque(b"\x01\x02"))])
    event = Exchange(
        connection=connection(),
        response_frame=frame(Direction.SERVER, Response(tables=[table]), number=1, at_us=1),
    )
    assert Filter("tables[0].rows[0].A == 1 and tables[0].rows[0].B == x'0102'").matches(event)
    assert not Filter("exists tables[0].rows[0].C").matches(event)
