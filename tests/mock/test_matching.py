"""Which calls are the same."""

from decimal import Decimal

import pytest

from volttools.errors import UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, DECIMAL, FLOAT, INTEGER, STRING, TINYINT, VARBINARY
from volttools.mock.matching import Match, normalized


def invocation(*parameters, procedure="P"):
    return Invocation(procedure=procedure, parameters=list(parameters))


def key(*parameters, procedure="P", match=None):
    return (match or Match()).key(invocation(*parameters, procedure=procedure))


def of(*values):
    return [Parameter.of(STRING if isinstance(value, str) else BIGINT, value) for value in values]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Parameter.of(INTEGER, 5), Parameter.of(BIGINT, 5)),
        (Parameter.of(STRING, None), Parameter.of(BIGINT, None)),
        (Parameter.array(TINYINT, [1, None]), Parameter.array(BIGINT, [1, None])),
        (Parameter.of(FLOAT, float("nan")), Parameter.of(FLOAT, float("nan"))),
        (Parameter.of(DECIMAL, Decimal("1.0")), Parameter.of(DECIMAL, Decimal("1.00"))),
    ],
)
def test_what_a_procedure_can_t_tell_apart_is_the_same(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Parameter.of(INTEGER, 5), Parameter.of(INTEGER, 6)),
        (Parameter.of(INTEGER, 1), Parameter.of(FLOAT, 1.0)),
        (Parameter.of(STRING, "a"), Parameter.of(VARBINARY, b"a")),
        (Parameter.of(FLOAT, 0.0), Parameter.of(FLOAT, -0.0)),
        (Parameter.of(STRING, ""), Parameter.of(STRING, None)),
    ],
)
def test_what_it_can_is_not(one, other):
    assert key(one) != key(other)


def test_parameters_are_ignored_by_procedure_and_number_or_for_all():
    match = Match(ignore={"P": [1], "*": [0]})
    assert key(*of(1, 2, 3), match=match) == key(*of(4, 5, 3), match=match)
    assert key(*of(1, 2, 3), match=match) != key(*of(1, 2, 4), match=match)
    assert key(*of(1, 2), procedure="Q", match=match) == key(*of(3, 2), procedure="Q", match=match)
    assert key(*of(1, 2), procedure="Q", match=match) != key(*of(1, 3), procedure="Q", match=match)
    assert key(*of(1), match=match) != key(*of(1, 2), match=match), "their count counts"


def test_any_parameters_will_do_where_that_is_said():
    match = Match(any_parameters=["P"])
    assert key(*of(1, 2), match=match) == key(match=match)
    assert key(*of(1), procedure="Q", match=match) != key(procedure="Q", match=match)
    assert key(*of(1), procedure="Q", match=Match(any_parameters=True)) == key(
        procedure="Q", match=Match(any_parameters=True)
    )


def test_what_can_t_be_read_is_the_same_by_its_bytes():
    one, other = (Invocation(procedure="P", parameters=Opaque(data)) for data in (b"\x7f", b"\x7e"))
    assert Match().key(one) == Match().key(one) != Match().key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select * from T", "SELECT *\n  FROM t -- all of it"),
        ("insert into T values (1,'a');", "INSERT INTO t VALUES ( 1 , 'a' )"),
        ("/* hint */ select x'ff' from t", "select x'ff' from T"),
    ],
)
def test_sql_is_the_same_by_its_words(one, other):
    assert normalized(one) == normalized(other)
    match = Match(normalize_sql=True)
    assert key(*of(one), procedure="@AdHoc", match=match) == key(*of(other), procedure="@AdHoc", match=match)
    assert key(*of(one), match=match) != key(*of(other), match=match), "of no other procedure"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 'a' from t", "select 'A' from t"),
        ('select "a" from t', 'select "A" from t'),
        ("select a from t", "select ab from t"),
        ("select 1 from t", "select 11 from t"),
    ],
)
def test_and_differs_where_its_meaning_may(one, other):
    assert normalized(one) != normalized(other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"any_parameters": "Vote"},
        {"ignore": {"Vote": [-1]}},
        {"float_tolerance": -1},
        {"timestamp_tolerance": "soon"},
    ],
)
def test_rules_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError):
        Match(**wrong)
