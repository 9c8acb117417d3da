"""Thirty planted differences, each found and each in its group; noise that is none; what holds for all input."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compare.traffic import Said, exchanges, said
from tests.strategies import tables
from volttools.compare import Kind, Rules, Settings, compare
from volttools.compare.calls import Skipped
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, FLOAT, INTEGER, STRING, TIMESTAMP, VARBINARY

COLUMNS = [
    ("ID", BIGINT),
    ("NAME", STRING),
    ("PRICE", DECIMAL),
    ("SHARE", FLOAT),
    ("AT", TIMESTAMP),
    ("RAW", VARBINARY),
    ("SIZE", INTEGER),
]
ROWS = [
    (1, "bolt", Decimal("0.250000000000"), 0.1, 1_000_000, b"\x01", 5),
    (2, "nut", Decimal("17.500000000000"), 0.2, 2_000_000, b"\x02", 6),
    (3, "", None, None, None, None, None),
]
SORTED = "select ID, NAME from ITEMS order by ID"


def items(rows=ROWS, columns=COLUMNS, status=-128):
    return Response(tables=[Table.of(columns, rows, status=status)])


def cell(row, column, value):
    """The table with one other cell."""
    index = [name for name, _ in COLUMNS].index(column)
    rows = [list(one) for one in ROWS]
    rows[row][index] = value
    return items([tuple(one) for one in rows])


def column(index, change):
    """The table with one other column."""
    columns = list(COLUMNS)
    columns[index] = change
    return items(columns=columns)


SMALL = [("ID", BIGINT), ("NAME", STRING)]
FAILED = Response(status=-2, status_string="VOLTDB ERROR: no such row")
GET = Said("Get", answer=items())
ONLY_TEXT = Said("Fail", answer=FAILED)
APP = Response(app_status=3, app_status_string="half")
WITH_APP = Said("App", answer=APP)
ORDERED = Said(
    "@AdHoc",
    (Parameter.of(STRING, SORTED),),
    Response(tables=[Table.of(SMALL, [(1, "a"), (2, "b"), (3, "c")])]),
)
REORDERED = Response(tables=[Table.of(SMALL, [(2, "b"), (1, "a"), (3, "c")])])

# name, what A has, what becomes of it in B, kind, columns, detail
# fmt: off
PLANTED = [
    ("status", GET, Response(status=-2, status_string="gone"), Kind.STATUS, None, ("SUCCESS", "GRACEFUL_FAILURE")),
    ("another failure", ONLY_TEXT, FAILED.replace(status=-1), Kind.STATUS, None, ("GRACEFUL_FAILURE", "USER_ABORT")),
    ("status text", ONLY_TEXT, FAILED.replace(status_string="VOLTDB ERROR: no such table"), Kind.STATUS_TEXT, None, ("", "")),
    ("status text gone", ONLY_TEXT, FAILED.replace(status_string=None), Kind.STATUS_TEXT, None, ("", "none")),
    ("application status", WITH_APP, APP.replace(app_status=4), Kind.APP_STATUS, None, ("3", "4")),
    ("text of the application", WITH_APP, APP.replace(app_status_string="whole"), Kind.APP_STATUS_TEXT, None, ("", "")),
    ("no answer", GET, None, Kind.NO_ANSWER, None, ("answered", "none")),
    ("one table more", GET, Response(tables=[*items().tables, Table.of(SMALL)]), Kind.TABLES, None, ("1", "2")),
    ("no table", GET, Response(), Kind.TABLES, None, ("1", "0")),
    ("status of a table", GET, items(status=0), Kind.TABLE_STATUS, None, ("-128", "0")),
    ("column renamed", GET, column(1, ("TITLE", STRING)), Kind.COLUMN_NAME, ("NAME", "TITLE"), ("", "")),
    ("column in another case", GET, column(1, ("name", STRING)), Kind.COLUMN_NAME, ("NAME", "name"), ("", "")),
    ("type of a column", GET, column(6, ("SIZE", BIGINT)), Kind.COLUMN_TYPE, ("SIZE", "SIZE"), ("INTEGER", "BIGINT")),
    ("column gone", GET, items([row[:6] for row in ROWS], COLUMNS[:6]), Kind.COLUMN_MISSING, ("SIZE", "SIZE"), ("", "")),
    ("column more", GET, items([(*row, 0) for row in ROWS], [*COLUMNS, ("NEW", BIGINT)]), Kind.COLUMN_EXTRA, ("NEW", "NEW"), ("", "")),
    ("columns in another order", GET, items([(row[1], row[0], *row[2:]) for row in ROWS], [COLUMNS[1], COLUMNS[0], *COLUMNS[2:]]), Kind.COLUMN_ORDER, None, ("", "")),
    ("one row more", GET, items([*ROWS, (4, "screw", None, None, None, None, None)]), Kind.ROWS_EXTRA, None, ("", "")),
    ("one row less", GET, items(ROWS[:2]), Kind.ROWS_MISSING, None, ("", "")),
    ("a row twice", GET, items([*ROWS, ROWS[0]]), Kind.ROWS_EXTRA, None, ("", "")),
    ("no rows", GET, items([]), Kind.ROWS_MISSING, None, ("", "")),
    ("order of rows", ORDERED, REORDERED, Kind.ROW_ORDER, None, ("", "")),
    ("an integer", GET, cell(0, "ID", 7), Kind.VALUE, ("ID", "ID"), ("", "")),
    ("NULL against empty", GET, cell(2, "NAME", None), Kind.VALUE, ("NAME", "NAME"), ("empty", "NULL")),
    ("NULL against 0", GET, cell(2, "SIZE", 0), Kind.VALUE, ("SIZE", "SIZE"), ("NULL", "a value")),
    ("last digit of a DECIMAL", GET, cell(1, "PRICE", Decimal("17.500000000001")), Kind.VALUE, ("PRICE", "PRICE"), ("", "")),
    ("a FLOAT", GET, cell(0, "SHARE", 0.1000001), Kind.VALUE, ("SHARE", "SHARE"), ("", "")),
    ("a microsecond", GET, cell(1, "AT", 2_000_001), Kind.VALUE, ("AT", "AT"), ("", "")),
    ("a byte", GET, cell(0, "RAW", b"\x03"), Kind.VALUE, ("RAW", "RAW"), ("", "")),
    ("case of a text", GET, cell(0, "NAME", "Bolt"), Kind.VALUE, ("NAME", "NAME"), ("", "")),
    ("blank behind a text", GET, cell(1, "NAME", "nut "), Kind.VALUE, ("NAME", "NAME"), ("", "")),
]
# fmt: on


@pytest.mark.parametrize(
    ("call", "answer", "kind", "columns", "detail"),
    [row[1:] for row in PLANTED],
    ids=[row[0] for row in PLANTED],
)
def test_a_planted_difference_is_found_in_its_group(call, answer, kind, columns, detail):
    around = [said("Other", number) for number in range(3)]
    found = compare(exchanges([*around, call]), exchanges([*around, call.but(answer=answer)]))
    (group,) = found.groups
    assert (group.place.procedure, group.place.kind) == (call.procedure, kind)
    assert (group.place.columns, group.place.detail) == (columns, detail)
    assert (group.pairs, group.of, found.same, found.different) == (1, 1, 3, 1)
    assert (group.examples[0].a_number, group.examples[0].b_number) == (4, 4)
    assert not found.is_same


def many(procedure, count, latency, seed):
    chance = random.Random(seed)
    return [
        said(procedure, number).but(latency_us=round(latency * chance.lognormvariate(0, 0.3)))
        for number in range(count)
    ]


def slower(found):
    return [latency.procedure for latency in found.slower]


def test_slower_by_a_fifth_is_found_and_where_it_is():
    a = many("Vote", 800, 1_000, 1) + many("Get", 800, 1_000, 2)
    b = many("Vote", 800, 1_200, 3) + many("Get", 800, 1_000, 4)
    found = compare(exchanges(a), exchanges(b))
    assert slower(found) == ["Vote"]
    assert (found.groups, found.is_same) == ([], False)
    ratio = next(latency.ratio for latency in found.latencies if latency.procedure == "Vote")
    assert 1.1 < ratio.low < 1.2 < ratio.high < 1.3
    assert compare(exchanges(a), exchanges(b), Settings(latency=False)).is_same
    assert compare(exchanges(a), exchanges(b), Settings(slower=0.5)).is_same
    back = compare(exchanges(b), exchanges(a))
    assert [(one.procedure, one.verdict) for one in back.latencies if one.verdict] == [("Vote", Kind.FASTER)]
    assert back.is_same


def test_all_planted_differences_at_once_are_so_many_groups():
    calls = [
        call.but(procedure=f"{call.procedure}", connection=index)
        for index, (_, call, *_) in enumerate(PLANTED)
    ]
    renamed = [
        call if call.procedure == "@AdHoc" else call.but(procedure=f"P{index}")
        for index, call in enumerate(calls)
    ]
    changed = [call.but(answer=answer) for call, (_, _, answer, *_) in zip(renamed, PLANTED, strict=True)]
    found = compare(exchanges(renamed), exchanges(changed))
    assert len(PLANTED) == 30
    assert sorted(group.place.kind.value for group in found.groups) == sorted(row[3].value for row in PLANTED)
    assert {group.pairs for group in found.groups} == {1}
    assert (found.same, found.different) == (0, 30)


def test_calls_without_a_partner_are_told_by_side():
    both = [said("Vote", number) for number in range(3)]
    found = compare(exchanges([*both, said("Old", 1)]), exchanges([said("New", 2), *both]))
    places = [(group.place.procedure, group.place.kind) for group in found.groups]
    assert places == [("Old", Kind.MISSING), ("New", Kind.EXTRA)]
    assert (found.only_a, found.only_b, found.same) == (1, 1, 3)
    assert found.verdict == ("different: 1 call only in A; 1 call only in B; 2 groups of differences")


def test_captures_without_a_call_in_common_are_different():
    found = compare(exchanges([said("Old", 1)]), exchanges([said("New", 2)]))
    assert (found.is_same, found.obstacle()) == (False, None)
    assert found.verdict == "different: the captures have no call in common"


@pytest.mark.parametrize(
    ("a", "obstacle"),
    [
        ([], "A has no calls"),
        (
            [said("Vote").but(answer=None)],
            "A has no answers: it holds what clients sent, and nothing that servers did",
        ),
    ],
)
def test_what_cannot_be_compared_says_why(a, obstacle):
    found = compare(exchanges(a, closed_kind="end of capture"), exchanges([said("Vote")]))
    assert found.obstacle() == obstacle


def test_an_answer_that_is_not_in_the_capture_is_no_difference():
    calls = [said("Vote", 1), said("Vote", 2)]
    lost = exchanges(calls)
    lost[1].response_frame, lost[1].response_lost = None, True
    found = compare(exchanges(calls), lost)
    assert (found.same, found.unknown.total(), found.is_same) == (1, 1, True)
    assert found.verdict == "the same: 1 pair of calls; 1 not compared, as an answer is not in a capture"


def test_another_parameter_is_told_and_answers_are_compared_where_it_does_not_count():
    a, b = [said("Get", 17, tables=items().tables)], [said("Get", 1017, tables=cell(0, "ID", 9).tables)]
    (group,) = compare(exchanges(a), exchanges(b)).groups
    assert (group.place.kind, group.place.parameter) == (Kind.PARAMETERS, 0)
    rules = Rules.from_text('[[rule]]\nprocedure = "Get"\nkind = "parameters"\nparameter = 0')
    (group,) = compare(exchanges(a), exchanges(b), Settings(rules=rules)).groups
    assert (group.place.kind, group.place.columns) == (Kind.VALUE, ("ID", "ID"))


def test_the_smallest_examples_are_kept():
    rows = [said("Get", "x" * size, tables=[Table.of(SMALL, [(1, "a")])]) for size in (50, 3, 20)]
    other = [call.but(answer=Response(tables=[Table.of(SMALL, [(1, "b")])])) for call in rows]
    (group,) = compare(exchanges(rows), exchanges(other), Settings(examples=2)).groups
    assert group.pairs == 3
    assert [example.a_number for example in group.examples] == [2, 3]


def test_what_was_asked_for_is_compared_and_nothing_else():
    a = [said("Vote", 1), said("Get", 1)]
    b = [said("Vote", 1).but(answer=FAILED), said("Get", 1)]
    found = compare(
        exchanges(a), exchanges(b), wants=(lambda event: event.procedure == "Get", lambda event: False)
    )
    assert (found.pairs, found.is_same) == (1, True)
    none = compare(exchanges(a), exchanges(b), wants=(lambda event: False, lambda event: False))
    assert none.obstacle() == "no call of either capture is one that was asked for"


NOISE = """
[[rule]]
column = "AT"
kind = "value"

[[rule]]
procedure = "Chatty"
"""


def test_rules_that_leave_out_everything_leave_nothing_to_compare():
    votes = exchanges([said("Vote", n) for n in range(3)])
    without = Settings(rules=Rules.from_text('[[rule]]\nprocedure = "V*"'))
    assert compare(votes, votes, without).obstacle() == "rules leave out 3 of 3 pairs of calls"
    more = exchanges([*(said("Vote", n) for n in range(3)), GET])
    assert compare(votes, more, without).obstacle() is None, "a call that only B has is a difference"


def test_noise_alone_is_no_difference():
    """Rows in any order, last digits of FLOAT, the time of day, handles, and what a rule says."""
    a = [GET, said("Chatty", 1), ORDERED]
    noisy = items([ROWS[2], (*ROWS[1][:3], 0.2 * (1 + 1e-12), 77, *ROWS[1][5:]), ROWS[0]])
    b = [said("Chatty", 1).but(answer=FAILED), ORDERED, GET.but(answer=noisy.replace(cluster_rtt_ms=5))]
    found = compare(exchanges(a), exchanges(b), Settings(rules=Rules.from_text(NOISE)))
    assert (found.groups, found.is_same, found.ignored) == ([], True, 1)
    assert found.unused_rules == []


# ---------------------------------------------------------------- for all input


@st.composite
def calls(draw):
    procedure = draw(st.sampled_from(["Vote", "Get", "@AdHoc"]))
    parameters = tuple(
        Parameter.of(STRING, text)
        for text in draw(st.lists(st.sampled_from([SORTED, "select 1", "x"]), max_size=2))
    )
    answer = draw(
        st.none()
        | st.builds(
            Response,
            status=st.sampled_from([1, -2]),
            status_string=st.none() | st.sampled_from(["", "gone"]),
            tables=st.lists(tables(levels=0), max_size=2),
        )
    )
    return Said(procedure, parameters, answer, draw(st.integers(1, 3)), draw(st.integers(1, 5_000)))


captures = st.lists(calls(), max_size=6)


@given(captures)
def test_a_capture_equals_itself(traffic):
    found = compare(exchanges(traffic), exchanges(traffic))
    assert (found.groups, found.different) == ([], 0)
    assert found.same == len(traffic)


@given(captures, st.randoms(use_true_random=False))
def test_rows_in_another_order_are_no_difference_unless_sql_orders(traffic, chance):
    shuffled = []
    for call in traffic:
        if call.answer is None or call.procedure == "@AdHoc":
            shuffled.append(call)
            continue
        tables = [
            table.replace(rows=chance.sample(table.rows, len(table.rows))) for table in call.answer.tables
        ]
        shuffled.append(call.but(answer=call.answer.replace(tables=tables)))
    assert compare(exchanges(traffic), exchanges(shuffled)).groups == []


@given(captures, captures)
def test_groups_are_the_same_from_the_other_side(one, other):
    there = compare(exchanges(one), exchanges(other))
    back = compare(exchanges(other), exchanges(one))
    assert (there.pairs, there.same, there.only_a) == (back.pairs, back.same, back.only_b)
    assert {(group.place, group.pairs) for group in there.groups} == {
        (group.place.mirrored, group.pairs) for group in back.groups
    }


def test_what_client_libraries_ask_is_no_difference_where_the_other_has_it_not():
    votes = [said("Vote", n) for n in range(3)]
    own = [said("@SystemCatalog", "PROCEDURECOLUMNS"), said("@Statistics", "topo", 0), said("@Ping")]
    found = compare(exchanges([*own, *votes]), exchanges(votes))
    assert (found.is_same, found.only_a, found.groups) == (True, 0, [])
    assert found.a.skipped == {Skipped.OF_LIBRARY: 3}
    found = compare(exchanges(votes), exchanges([said("@Statistics", "TABLE", 0), *votes]))
    assert (found.is_same, found.only_b) == (False, 1), "that is asked by people"
    found = compare(exchanges([*own, *votes]), exchanges([own[0].but(answer=None), *votes]))
    assert [group.place.kind for group in found.groups] == [Kind.NO_ANSWER], "what both have is compared"
