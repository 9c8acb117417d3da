import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import build, parse
from volttools.codec.common_rows import without_common_rows
from volttools.errors import DecodeError
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING

ROWS = st.lists(st.sampled_from([(1, "a"), (2, None), (1, "longer"), (None, "")]), max_size=6)


def table(rows, *, name="N", trailing=b"", status=0):
    made = Table.of([(name, BIGINT), ("TEXT", STRING)], rows, status=status)
    return made.replace(trailing=trailing)


def answer(*tables, **fields):
    return build(Response(tables=list(tables), hashes=[1, 2], trailing=b"tail", **fields))


def common(ones, others):
    """How many rows are equal from the beginning on."""
    return next(
        (n for n, pair in enumerate(zip(ones, others, strict=False)) if pair[0] != pair[1]),
        min(len(ones), len(others)),
    )


@given(ROWS, ROWS, ROWS, ROWS)
def test_what_is_left_lies_between_the_first_and_the_last_difference(before, a, b, behind):
    whole = [*before, *a, *behind], [*before, *b, *behind]
    bodies = [
        answer(table([]), table(rows, trailing=b"more"), client_handle=n) for n, rows in enumerate(whole)
    ]
    left = [parse(Response, body) for body in without_common_rows(*bodies)]
    first = common(*whole)
    last = common(*(rows[first:][::-1] for rows in whole))
    first, last = (first - 1, last) if first else (0, max(0, last - 1))  # one is left
    for n, (response, body, rows) in enumerate(zip(left, bodies, whole, strict=True)):
        original = parse(Response, body)
        assert response.tables[1].rows == rows[first : len(rows) - last]
        assert response.replace(tables=[]) == original.replace(tables=[])
        assert response.tables[0] == original.tables[0]
        assert response.tables[1].replace(rows=[]) == original.tables[1].replace(rows=[])
        assert response.client_handle == n


def test_another_status_of_a_table_is_no_other_column():
    bodies = (
        answer(table([(0, ""), (1, "a"), (2, "b")])),
        answer(table([(0, ""), (1, "a"), (3, "b")], status=7)),
    )
    a, b = (parse(Response, body).tables[0] for body in without_common_rows(*bodies))
    assert (a.rows, a.status) == ([(1, "a"), (2, "b")], 0)
    assert (b.rows, b.status) == ([(1, "a"), (3, "b")], 7)


@pytest.mark.parametrize(
    "others",
    [
        answer(table([(0, ""), (1, "a"), (3, "b")], name="OTHER")),
        answer(table([(0, ""), (1, "a"), (3, "b")]), table([])),
        answer(),
    ],
    ids=["another column", "one more table", "no table"],
)
def test_of_other_tables_nothing_is_left_out(others):
    ones = answer(table([(0, ""), (1, "a"), (2, "b")]))
    assert without_common_rows(ones, others) == (ones, others)


def test_wrong_bytes_stay_as_they_are():
    rows = [(n, "a") for n in range(4)]
    ones, others = answer(table([*rows, (1, "a")])), answer(table([*rows, (2, "b")]))
    for at in range(len(others)):
        for wrong in (
            others[:at],
            others[:at] + b"\x7f" + others[at + 1 :],
            others[:at] + b"\xff" + others[at + 1 :],
        ):
            a, b = without_common_rows(ones, wrong)
            assert (a == ones) == (b == wrong)
            assert len(b) <= len(wrong)


def test_a_row_that_reaches_into_the_next_table_is_wrong():
    rows = table([(n, "a") for n in range(4)])
    ones = answer(rows, rows)
    length = (8 + 4 + 1).to_bytes(4, "big")
    at = ones.index(length + (3).to_bytes(8, "big"))
    for more in range(1, 40):
        others = ones[:at] + (8 + 4 + 1 + more).to_bytes(4, "big") + ones[at + 4 :]
        assert without_common_rows(ones, others) == (ones, others)


def test_a_table_that_ends_within_its_count_of_rows_stays_as_it_is():
    last = Table.of([("C", BIGINT)])
    ones = answer(table([(1, "a"), (2, "b")]), last)
    others = bytearray(ones)
    at = len(ones) - len(b"tail") - len(build(last)) - 1
    assert others[at] == len(build(last))
    others[at] -= 2  # what it lacks stands behind it
    with pytest.raises(DecodeError, match=r"tables\[1\].rows.count"):
        parse(Response, bytes(others))
    assert without_common_rows(ones, bytes(others)) == (ones, bytes(others))
