"""Two answers to one call, those of them that are long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import build
from volttools.compare import answers
from volttools.compare.answers import answer_differences
from volttools.compare.kinds import Kind
from volttools.compare.rules import Default, Judge, Rules, Subject
from volttools.formats.invocation import Invocation
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, STRING

CALL = Invocation(procedure="P")
few = st.sampled_from([(1, 1.0, "a"), (1, 1.0 + 1e-12, "a"), (2, None, "b"), (3, 2.0, "a"), (4, 0.5, None)])
ROWS = st.lists(few, max_size=5)


def body(rows):
    table = Table.of([("ID", BIGINT), ("F", FLOAT), ("TEXT", STRING)], rows)
    return build(Response(tables=[table]))


def differences(ones, others, order="auto"):
    judge = Judge(Rules(default=Default(order=order)))
    return list(answer_differences(body(ones), body(others), CALL, judge, Subject("P")))


@given(before=ROWS, a=ROWS, b=ROWS, behind=ROWS, order=st.sampled_from(["ignore", "strict"]))
def test_what_differs_does_not_depend_on_whether_common_rows_are_read(before, a, b, behind, order):
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for size in (0, 1_000_000):
            patch.setattr(answers, "_SHORT", size)
            found.append(differences([*before, *a, *behind], [*before, *b, *behind], order))
    assert found[0] == found[1]


def test_of_long_answers_only_rows_that_may_differ_are_parsed(monkeypatch):
    rows = [(n, 1.0, "text") for n in range(1_000)]
    parsed = []
    parse = answers.parse
    monkeypatch.setattr(answers, "parse", lambda kind, data: parsed.append(parse(kind, data)) or parsed[-1])
    other = [*rows[:500], (500, 2.0, "text"), *rows[501:]]
    (found,) = differences(rows, other)
    assert (found.kind, found.a.value, found.b.value) == (Kind.VALUE, 1.0, 2.0)
    assert [len(response.tables[0].rows) for response in parsed] == [2, 2]


def test_of_several_rows_one_without_anything_in_common_is_one_less_and_one_more():
    rows = [(n, 1.0 * n, str(n)) for n in range(1_000)]
    kinds = {found.kind for found in differences(rows, [*rows[:-1], (-1, -1.0, "")])}
    assert kinds == {Kind.ROWS_MISSING, Kind.ROWS_EXTRA}
