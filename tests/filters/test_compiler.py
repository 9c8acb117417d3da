import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.filters.wrong import is_told, message
from tests.samples import events
from volttools.filters.compiler import MAX_NESTING
from volttools.filters.errors import FilterError
from volttools.filters.fields import FIELDS
from volttools.filters.filter import Filter

EVENTS = events()


def found(expression):
    """Numbers of the sample's exchanges, and kinds of its other events."""
    wanted = Filter(expression)
    return [
        event.number if event.kind == "exchange" else event.kind for event in EVENTS if wanted.matches(event)
    ]


# fmt: off
WRONG = [
    # expression, column, what is said
    ('latncy > 5ms', 1, "no field is called 'latncy'; did you mean latency?"),
    ('response.status == 1', 1, "no field is called 'response'; did you mean status?"),
    ('rows > 5', 1, "no field is called 'rows'; did you mean row_count?"),
    ('Conn == 5', 1, "no field is called 'Conn'; did you mean connection?"),
    ('zzz == 1', 1, "no field is called 'zzz'; `volttools fields` lists them"),
    ('latency > 5', 11, 'latency is a duration and needs a unit; write 5ms or 5s'),
    ('latency > "5ms"', 11, 'latency is a duration; write 5ms without quotes'),
    ('connection == "3"', 15, 'connection is a number; write 3 without quotes'),
    ('procedure == 5', 14, 'procedure is a text; write "5" in quotes'),
    ('procedure == Vote', 14, 'no field is called \'Vote\'; a text needs quotes: "Vote"'),
    ('params[0] == Vote', 14, 'no field is called \'Vote\'; a text needs quotes: "Vote"'),
    ('params[0] > 5ms', 13, 'params[0] has no unit; write a plain number'),
    ('row_count > 1MB', 13, 'row_count is a number, not a size; write 42, for example'),
    ('status == SUCESS', 11, "status is never 'SUCESS'; did you mean SUCCESS?"),
    ('status == zzz', 11, "status is never 'zzz'; `volttools fields status` lists its names"),
    ('kind == logn', 9, "kind is never 'logn'; did you mean login?"),
    ('damage.what == gaps', 16, "damage.what is never 'gaps'; did you mean gap?"),
    ('params[0].type == BIGNIT', 19, "params[0].type is never 'BIGNIT'; did you mean BIGINT?"),
    ('procedure == null', 14, 'procedure is never NULL; write not exists procedure, if it is not there'),
    ('params[0] < null', 13, 'null has no order; only == and != compare with it'),
    ('late > true', 8, 'true has no order; only == and != compare with it'),
    ('procedure', 1, 'procedure is a text; compare it (procedure == "text"), or write exists procedure'),
    ('notes', 1, 'notes is a list; write notes[0], notes[*] for any of them, or notes.count'),
    ('tables[0]', 1, 'tables[0] is a group; it has tables[0].row_count, tables[0].column_count, tables[0].columns, tables[0].column_types, tables[0].rows, tables[0].status'),
    ('params == 42', 1, 'params is a list; write params[0], params[*] for any of them, or params.count'),
    ('tables.row_count > 1', 8, 'tables is a list; write tables[0].row_count, or tables[*].row_count for any of them'),
    ('tables[0].rowcount > 1', 11, "tables[0] has no 'rowcount'; did you mean tables[0].row_count?"),
    ('tables[0].rows.ID == 1', 16, 'tables[0].rows is a list; write tables[0].rows[0].ID, or tables[0].rows[*].ID for any of them'),
    ('tables[0].rows[0] == 1', 1, 'tables[0].rows[0] is a row; write tables[0].rows[0].NAME or tables[0].rows[0][0] for one of its columns'),
    ('login.password_hash == x"00"', 7, "login has no 'password_hash'; it has version, hash_scheme, service, user, status, host_id, connection_id, cluster_start, leader_address, build, accepted"),
    ('sql[0] == "S"', 5, 'sql is a text, not a list'),
    ('sql.x == "S"', 5, 'sql is a text and has no fields'),
    ('values[0] == 42', 8, 'values has no order; write values[*] for any of them'),
    ('procedure ~ "Vote("', 18, 'the regular expression is wrong: missing ), unterminated subpattern'),
    ('procedure ~ Vote', 13, '~ takes a regular expression in quotes: procedure ~ "x.*"'),
    ('latency ~ "5"', 9, 'latency is a duration, and ~ is for texts; write latency > 5ms'),
    ('latency contains "5"', 9, 'latency is a duration, and contains is for texts; write latency > 5ms'),
    ('procedure contains 5', 20, 'contains takes a text: procedure contains "x"'),
    ('latency contains x"00"', 18, 'latency is a duration, not bytes; write 5ms, for example'),
    ('"x" contains procedure', 1, 'the field stands first: procedure contains "x"'),
    ('5 == 5', 1, 'one side must be a field, such as latency or params[0]'),
    ('5', 1, 'this is a value; compare a field with it: latency > 5ms'),
    ('latency == procedure', 12, 'latency is a duration and procedure is a text'),
    ('latency > params[0]', 11, 'latency is a duration, and params[0] has no unit'),
    ('params[0] == time', 14, 'time is a time, and params[0] has no unit'),
    ('status in [status_string]', 12, 'a list holds values, not fields'),
    ('5 in [5]', 1, 'the field stands first: status in [SUCCESS, USER_ABORT]'),
    ('time > "soon"', 8, '"soon" is no date and time; write "2026-01-02 03:04:05", UTC unless it says otherwise'),
    ('time > "12:30"', 8, '"12:30" is no date and time; write "2026-01-02 03:04:05", UTC unless it says otherwise'),
    ('time > 5ms', 8, 'time is a moment; for a distance from the start there are --since and --until'),
    ('bytes > 5ms', 9, 'bytes is a size, not a duration; write 10kB, for example'),
    ('exception.sql_state == "42000"', 24, 'exception.sql_state is bytes, not a text; write x"00ff", for example'),
    ('params.zzz == 1', 8, "params has no 'zzz'; it has count"),
    ('login == 1', 1, 'login is a group; it has login.version, login.hash_scheme, login.service, login.user, login.status, login.host_id, login.connection_id, login.cluster_start, login.leader_address, login.build, login.accepted'),
    ('procedure ~ "(((((((("', 21, 'the regular expression is wrong: missing ), unterminated subpattern'),
]
# fmt: on


@pytest.mark.parametrize(("expression", "column", "reason"), WRONG)
def test_what_cannot_be_asked_says_what_can(expression, column, reason):
    with pytest.raises(FilterError) as caught:
        Filter(expression)
    assert str(caught.value) == message(expression, column, reason)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("params[7] == 1", False),  # absent: no comparison holds
        ("params[7] != 1", False),
        ("params[7] < 1", False),
        ("params[7] == null", False),
        ("params[7] != null", False),
        ('params[7] ~ ""', False),
        ('params[7] !~ ""', False),
        ("params[7] in [1, null]", False),
        ("params[7] == params[7]", False),
        ("exists params[7]", False),
        ("not params[7] == 1", True),
        ('params[0] == "1"', False),  # there, but a number
        ('params[0] != "1"', False),
        ("params[0] != x'01'", False),
        ("params[0] != true", False),
        ("params[0] ~ '1'", False),
        ("params[0] !~ '1'", False),
        ("params[0] contains '1'", False),
        ("params[0] != null", True),
        ("exists params[0]", True),
    ],
)
def test_what_is_absent_or_of_another_type_matches_nothing(expression, holds):
    assert (1 in found(expression)) is holds


def test_conditions_are_tried_from_the_left_and_no_further_than_needed():
    class Trap:
        kind = "exchange"
        connection = None
        is_late = True

        @property
        def is_error(self):
            raise AssertionError("asked for nothing")

    assert Filter("late or error").matches(Trap())
    assert not Filter("not late and error").matches(Trap())
    with pytest.raises(AssertionError):
        Filter("error or late").matches(Trap())


def test_conditions_that_are_nested_too_deep_are_refused_at_their_place():
    Filter("not " * MAX_NESTING + "late")
    with pytest.raises(FilterError, match=f"conditions are nested more than {MAX_NESTING} deep") as caught:
        Filter("not " * 5_000 + "late")
    assert caught.value.column == 4 * (MAX_NESTING + 1) + 1


def test_many_conditions_in_a_row_are_no_nesting():
    assert found(" or ".join(["number == 3"] * 2_000)) == [3]
    assert found(" and ".join(["number == 3"] * 2_000)) == [3]


def test_a_regular_expression_that_is_too_large_is_refused():
    with pytest.raises(FilterError, match="column 13: the regular expression is too large"):
        Filter('procedure ~ "' + "(" * 2_000 + ")" * 2_000 + '"')
    with pytest.raises(FilterError, match="the regular expression is"):
        Filter('procedure ~ "a{99999999999999999999}"')


PATHS = st.sampled_from(
    [*FIELDS, "params[0]", "params[*]", "params[0].type", "params[0][*]", "tables[0].rows[*].ID", "tables[*].rows[0][-1]",
     "tables[0].row_count", "values[*]", "texts[*]", "params.count", "damage.what", "login.user", "push.name", "nothing"]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        "5",
        "-1.5",
        "5ms",
        "10kB",
        "'x'",
        "'2026-01-02'",
        "x'00'",
        "true",
        "null",
        "SUCCESS",
        "login",
        "(1",
        "latency",
        "params[1]",
    ]
)
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~", "!~", "contains"])
CONDITIONS = st.one_of(
    PATHS,
    st.builds("exists {}".format, PATHS),
    st.builds("{} {} {}".format, PATHS, SIGNS, VALUES),
    st.builds("{} {} {}".format, VALUES, SIGNS, PATHS),
    st.builds("{} in [{}, {}]".format, PATHS, VALUES, VALUES),
)
EXPRESSIONS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds("not {}".format, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_any_condition_can_be_asked_of_any_event_or_is_refused_with_its_place(expression):
    try:
        wanted = Filter(expression)
    except FilterError as error:
        if not is_told(error, expression):
            pytest.fail(str(error))
        return
    for event in EVENTS:
        assert wanted.matches(event) in (True, False)
