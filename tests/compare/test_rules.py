import pytest

from tests.requirements import ROOT
from volttools.compare.kinds import Kind
from volttools.compare.rules import Judge, Rules, Subject, read_rules
from volttools.errors import UsageError

TEXT = """
[default]
order = "strict"
within = "2 s"

[[rule]]
procedure = "GetOrder"
column = "TOTAL"
action = "compare"

[[rule]]
procedure = ["Get*", "Find"]
column = "T*"

[[rule]]
kind = ["status-text", "app-status-text"]
pattern = "[0-9]+"

[[rule]]
statement = "SELECT now*"

[[rule]]
type = "float"
tolerance = 0.5

[[rule]]
parameter = [0, 1]
kind = "parameters"

[[rule]]
procedure = "Search"
order = "ignore"
"""


@pytest.fixture
def judge():
    return Judge(Rules.from_text(TEXT))


@pytest.mark.parametrize(
    ("subject", "ignores"),
    [
        (Subject("GetOrder", None, Kind.VALUE, ("TOTAL", "TOTAL")), False),
        (Subject("GetItem", None, Kind.VALUE, ("total", "total")), True),
        (Subject("GetItem", None, Kind.COLUMN_NAME, ("SUM", "TOTAL")), True),
        (Subject("GetItem", None, Kind.VALUE, ("NAME", "NAME")), False),
        (Subject("GetItem"), False),
        (Subject("GetItem", None, Kind.STATUS), False),
        (Subject("@AdHoc", "SELECT NOW FROM T", Kind.STATUS), True),
        (Subject("@AdHoc", "SELECT NOW FROM T"), True),
        (Subject("@AdHoc", "SELECT id FROM t"), False),
        (Subject("Put", None, Kind.PARAMETERS, parameter=1), True),
        (Subject("Put", None, Kind.PARAMETERS, parameter=2), False),
    ],
)
def test_the_first_rule_with_an_action_decides(judge, subject, ignores):
    assert judge.ignores(subject) is ignores


def test_other_effects_have_a_default(judge):
    floats = Subject("Get", None, Kind.VALUE, ("X", "X"), ("FLOAT", "FLOAT"))
    assert (judge.tolerance(floats), judge.tolerance(floats._replace(types=("BIGINT",)))) == (0.5, 1e-9)
    assert judge.within_us(floats) == 2_000_000
    order = Subject("Get", None, Kind.ROW_ORDER)
    assert (judge.order(order), judge.order(order._replace(procedure="search"))) == ("strict", "ignore")
    assert [one.pattern for one in judge.patterns(Subject("Get", None, Kind.STATUS_TEXT))] == ["[0-9]+"]
    assert judge.patterns(Subject("Get", None, Kind.STATUS)) == ()


def test_rules_that_never_mattered_are_known(judge):
    judge.ignores(Subject("GetItem", None, Kind.VALUE, ("TOTAL", "TOTAL")))
    assert judge.unused == [0, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[rule]]", "rule 1: it says nothing, and so everything would be left out; write what it is about"),
        ("[[rule]]\nkind = 'valu'", "rule 1: kind: there is no 'valu'; did you mean value?"),
        ("[[rule]]\naction = 'skip'", "rule 1: action: there is no 'skip'; write one of ignore, compare"),
        ("[[rule]]\ntolerance = 1", "rule 1: tolerance: expected a part of the value, such as 1e-6, got 1"),
        ("[[rule]]\nwithin = 5", "rule 1: within: expected a time such as \"5 s\", got 5"),
        ("[[rule]]\npattern = '('", "rule 1: pattern: the regular expression is wrong: missing ), unterminated subpattern at position 0"),
        ("[default]\norder = 'sorted'", "default: order: there is no 'sorted'; write one of auto, strict, ignore"),
        ("[[rule]]\ncolum = 'A'", "rule 1: colum: there is no such key; did you mean column?"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named(text, error):
    with pytest.raises(UsageError) as caught:
        Rules.from_text(text, file="r.toml")
    assert str(caught.value) == f"r.toml: {error}"


def test_the_example_is_one():
    assert len(read_rules(ROOT / "examples" / "compare.toml").rules) > 3
