from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.filters.wrong import is_told, message
from volttools.filters.errors import FilterError
from volttools.filters.expressions import (
    All,
    Comparison,
    Each,
    Either,
    Exists,
    Index,
    LiteralKind,
    Membership,
    Name,
    Not,
    Path,
    Truth,
)
from volttools.filters.grammar import MAX_LENGTH, parse_expression

A, B, C = (Truth(Path(name, (), name, 0), 0) for name in "abc")


def literal(text):
    return parse_expression(f"a == {text}").right


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("((a))", A),
        ("not a", Not(A, 0)),
        ("not not a", Not(Not(A, 0), 0)),
        ("a and b and c", All((A, B, C), 0)),
        ("a or b and c", Either((A, All((B, C), 0)), 0)),
        ("(a or b) and c", All((Either((A, B), 0), C), 0)),
        ("not a and b", All((Not(A, 0), B), 0)),
        ("a AND NOT b Or c", Either((All((A, Not(B, 0)), 0), C), 0)),
        ("not(a)", Not(A, 0)),
        ("exists a", Exists(Path("a", (), "a", 0), 0)),
        ("exists(a)", Exists(Path("a", (), "a", 0), 0)),
        ("a==b", Comparison(A.operand, "==", B.operand, 0)),
        ("a CONTAINS b", Comparison(A.operand, "contains", B.operand, 0)),
        ("a in [b,\n c]", Membership(A.operand, (B.operand, C.operand), 0)),
        ("a in []", Membership(A.operand, (), 0)),
        ("android", Truth(Path("android", (), "android", 0), 0)),
    ],
)
def test_a_text_becomes_a_tree(text, tree):
    assert parse_expression(text) == tree


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a.b", (Name("b", 0),)),
        ("a[0]", (Index(0, 0),)),
        ("a[-1].b", (Index(-1, 0), Name("b", 0))),
        ("a[*][*]", (Each(0), Each(0))),
        ("a['x y']", (Name("x y", 0),)),
        ('a["\\u00e4"]', (Name("ä", 0),)),
        ("a.in.and.null", (Name("in", 0), Name("and", 0), Name("null", 0))),
    ],
)
def test_a_path_has_steps(text, steps):
    found = parse_expression(text).operand
    assert found.name == "a"
    assert found.steps == steps


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("42", LiteralKind.NUMBER, 42),
        ("-1_000", LiteralKind.NUMBER, -1000),
        ("+7", LiteralKind.NUMBER, 7),
        ("0x1F", LiteralKind.NUMBER, 31),
        ("1.50", LiteralKind.NUMBER, Decimal("1.5")),
        ("1.5e3", LiteralKind.NUMBER, 1500),
        ("1e-3", LiteralKind.NUMBER, Decimal("0.001")),
        ("0.1", LiteralKind.NUMBER, Decimal("0.1")),
        ("5ms", LiteralKind.DURATION, 5_000_000),
        ("1.5 s", LiteralKind.DURATION, 1_500_000_000),
        ("200us", LiteralKind.DURATION, 200_000),
        ("2min", LiteralKind.DURATION, 120_000_000_000),
        ("2m", LiteralKind.DURATION, 120_000_000_000),
        ("1 h", LiteralKind.DURATION, 3_600_000_000_000),
        ("0.5ns", LiteralKind.DURATION, Decimal("0.5")),
        ("10kB", LiteralKind.SIZE, 10_000),
        ("1 MiB", LiteralKind.SIZE, 2**20),
        ("'a\"b'", LiteralKind.TEXT, 'a"b'),
        ('"a\\"b\\n\\x41\\u00e4"', LiteralKind.TEXT, 'a"b\nAä'),
        ('""', LiteralKind.TEXT, ""),
        ("x'00 ff'", LiteralKind.BYTES, b"\x00\xff"),
        ('X"" ', LiteralKind.BYTES, b""),
        ("true", LiteralKind.TRUTH, True),
        ("FALSE", LiteralKind.TRUTH, False),
        ("null", LiteralKind.NULL, None),
    ],
)
def test_a_literal_has_its_value(text, kind, value):
    found = literal(text)
    assert (found.kind, found.value, type(found.value)) == (kind, value, type(value))


def test_the_backslashes_of_a_regular_expression_are_its_own():
    assert parse_expression(r'a ~ "\d\n\\"').right.value == r"\d\n\\"
    assert parse_expression(r'a !~ "\d"').right.value == r"\d"


# fmt: off
WRONG = [
    # expression, column, what is said
    ('', 1, 'the expression is empty; write one such as latency > 5ms'),
    ('latency >', 10, 'expected a field or a value; found the end'),
    ('latency > 5ms and', 18, 'expected a condition such as latency > 5ms; found the end'),
    ('latency = 5ms', 9, 'write == to compare'),
    ('status <> SUCCESS', 8, 'write !='),
    ('late && error', 6, 'write and'),
    ('late || error', 6, 'write or'),
    ('!late', 1, 'write not'),
    ('procedure =~ "Vote"', 11, 'a regular expression is asked for with ~'),
    ('procedure like "Vote"', 11, 'write ~ and a regular expression: procedure ~ "^Vote"'),
    ('params[0] is null', 11, 'write == null, or exists'),
    ('status not in [SUCCESS]', 8, 'write not before the field: not status in [SUCCESS, USER_ABORT]'),
    ('1ms < latency < 5ms', 15, "comparisons don't chain; write latency > 5ms and latency < 1s"),
    ('(late or error', 15, 'expected ); found the end'),
    ('late)', 5, "expected the end; found ')'"),
    ('late error', 6, "expected a comparison (== != < <= > >= ~ !~ contains in), and/or or the end; found 'error'"),
    ('procedure == "Vote', 14, 'the text that begins here has no closing quote'),
    ('procedure == \u201cVote\u201d', 14, 'write straight quotes: "text"'),
    ('procedure == @AdHoc', 14, 'a text needs quotes: procedure ~ "^@"'),
    ('latency > 5sec', 12, "no unit is called 'sec'; there are ns, us, ms, s, min, m, h for durations and B, kB, KB, MB, GB, KiB, MiB, GiB for sizes"),
    ('latency > 5mss', 12, "no unit is called 'mss'; did you mean ms?"),
    ('params[0] == 0x', 14, 'digits are missing behind 0x'),
    ('params[0] == 1e999', 14, 'no value is as large or as small as that number'),
    ('params[1.5] == 1', 8, '1.5 is no position; write [0] for the first, [*] for any'),
    ('params[x] == 1', 8, "expected a position such as [0], [*], or a column's name in quotes; found 'x'"),
    ('tables[0]. > 1', 12, "expected a name; found '>'"),
    ('exists', 7, 'expected a name; found the end'),
    ('status in SUCCESS', 11, "expected a list such as [1, 2, 3]; found 'SUCCESS'"),
    ('status in [SUCCESS', 19, 'expected , or ]; found the end'),
    ('params[0] == "a\\d"', 16, '\\d means nothing in a text; write \\\\ for a backslash'),
    ('params[0] == x"0"', 14, 'bytes are written in hex, two digits each: x"00ff"'),
    ('params[0] == $1', 14, "'$' means nothing here; texts need quotes"),
    ('late and or error', 13, "expected a comparison (== != < <= > >= ~ !~ contains in), and/or or the end; found 'error'"),
    ('and', 1, "expected a condition such as latency > 5ms; found 'and'"),
]
# fmt: on


@pytest.mark.parametrize(("expression", "column", "reason"), WRONG)
def test_what_is_no_expression_says_what_to_write(expression, column, reason):
    with pytest.raises(FilterError) as caught:
        parse_expression(expression)
    assert str(caught.value) == message(expression, column, reason)


def test_brackets_may_be_nested_as_deep_as_one_likes():
    assert parse_expression("(" * 10_000 + "a" + ")" * 10_000) == A


def test_brackets_that_are_never_closed_are_an_error_at_the_end():
    with pytest.raises(FilterError) as caught:
        parse_expression("(" * 10_000)
    assert caught.value.column == 10_001
    assert caught.value.reason == "expected a condition such as latency > 5ms; found the end"


def test_an_endless_expression_is_refused():
    with pytest.raises(FilterError, match="the expression is longer than 100,000 characters"):
        parse_expression("a or " * MAX_LENGTH)


def test_an_endless_number_is_refused():
    with pytest.raises(FilterError, match="column 6: a number has at most 100 characters here"):
        literal("9" * 101)


WORDS = (
    "a params status latency ( ) [ ] [*] . , == != < ~ contains in and or not exists 5 5ms 1.5 -3 0x1f 5q "
    "'x' \"y\" x'00' x'0 true null SUCCESS \\ \" ' @ = ! & ä \u2028 \x00"
)
TOKENS = st.lists(st.sampled_from(WORDS.split(" ")), max_size=12)


@given(st.one_of(st.text(max_size=40), TOKENS.map(" ".join), TOKENS.map("".join)))
def test_any_text_is_an_expression_or_an_error_with_its_place(text):
    try:
        parse_expression(text)
    except FilterError as error:
        if not is_told(error, text):
            pytest.fail(str(error))
