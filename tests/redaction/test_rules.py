import pytest

from tests.requirements import ROOT
from volttools.errors import UsageError
from volttools.redaction.rules import Action, Default, Place, Rules, read_rules

TEXT = """
[default]
action = "keep"
names = true
addresses = false

[[rule]]
procedure = ["Vote*", "Poll"]
parameter = 0
action = "blank"

[[rule]]
parameter = [1, 2]
type = "varchar"

[[rule]]
column = "E?AIL"
action = "null"

[[rule]]
procedure = "@Statistics"
column = "HOST*"
action = "keep"

[[rule]]
parameter = "*"
column = "X"
action = "order"
"""


def decide(procedure, place, type_name="STRING", **more):
    return Rules.from_text(TEXT).decide(procedure, place, type_name, **more)


@pytest.mark.parametrize(
    ("procedure", "place", "type_name", "expected"),
    [
        ("Vote", Place(0), "BIGINT", (Action.BLANK, 0)),
        ("VOTES.insert", Place(0), "STRING", (Action.BLANK, 0)),
        ("Vote", Place(1), "STRING", (Action.REPLACE, 1)),
        ("Vote", Place(1), "BIGINT", (Action.KEEP, None)),
        (None, Place(2), "STRING", (Action.REPLACE, 1)),
        (None, Place(0), "STRING", (Action.KEEP, None)),
        ("Any", Place(column="email"), "STRING", (Action.NULL, 2)),
        ("Any", Place(3, "EMAIL"), "STRING", (Action.NULL, 2)),
        ("Any", Place(column="HOSTNAME"), "STRING", (Action.KEEP, None)),
        ("Any", Place(3, "x"), "STRING", (Action.ORDER, 4)),
        ("Any", Place(column="X"), "STRING", (Action.KEEP, None)),
    ],
)
def test_the_first_rule_that_matches_decides(procedure, place, type_name, expected):
    assert decide(procedure, place, type_name) == expected


def test_only_a_rule_that_names_a_system_procedure_reaches_it():
    assert decide("@Statistics", Place(column="HOSTNAME"), is_system=True) == (Action.KEEP, 3)
    assert decide("@Statistics", Place(column="EMAIL"), is_system=True) is None


def test_without_rules_everything_is_replaced():
    assert Rules().decide("Any", Place(0), "STRING") == (Action.REPLACE, None)
    assert Rules.from_text("") == Rules()
    assert Rules().default == Default(names=False, addresses=True, users=True, texts=True, sql=True)


def test_a_rule_and_a_place_tell_what_they_are():
    assert [str(rule) for rule in Rules.from_text(TEXT).rules] == [
        "procedure Vote* or Poll, parameter 0: blank",
        "parameter 1, 2, type STRING: replace",
        "column E?AIL: null",
        "procedure @Statistics, column HOST*: keep",
        "parameter *, column X: order",
    ]
    assert str(Rules.from_text("[[rule]]").rules[0]) == "everything: replace"
    assert [str(place) for place in (Place(0), Place(column=""), Place(1, "X"))] == [
        "parameter 0",
        "column (unnamed)",
        "parameter 1, column X",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[rules]", "r.toml: rules: there is no such key; did you mean rule?"),
        ("[default]\nname = true", "r.toml: default: name: there is no such key; did you mean names?"),
        ("[default]\nnames = 1", "r.toml: default: names: expected true or false, got 1"),
        ("default = 1", "r.toml: default: expected a table, written [default]"),
        ("[rule]", "r.toml: rule: expected tables, each written [[rule]]"),
        ("rule = [1]", "r.toml: rule: expected tables, each written [[rule]]"),
        ("[[rule]]\ncolum = 'x'", "r.toml: rule 1: colum: there is no such key; did you mean column?"),
        (
            "[[rule]]\n[[rule]]\naction = 'kep'",
            "r.toml: rule 2: action: there is no 'kep'; did you mean keep?",
        ),
        (
            "[default]\naction = 'zzz'",
            "r.toml: default: action: there is no 'zzz'; write one of replace, keep, null, blank, order",
        ),
        ("[[rule]]\ntype = 'BIGINTS'", "r.toml: rule 1: type: there is no 'BIGINTS'; did you mean BIGINT?"),
        ("[[rule]]\nprocedure = 1", "r.toml: rule 1: procedure: expected a text or a list of texts, got 1"),
        ("[[rule]]\ncolumn = []", "r.toml: rule 1: column: expected a text or a list of texts, got []"),
        (
            "[[rule]]\nparameter = -1",
            'r.toml: rule 1: parameter: expected a position from 0, a list of them, or "*", got -1',
        ),
        (
            "[[rule]]\nparameter = true",
            'r.toml: rule 1: parameter: expected a position from 0, a list of them, or "*", got True',
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_key(text, message):
    with pytest.raises(UsageError) as caught:
        Rules.from_text(text, file="r.toml")
    assert str(caught.value) == message


def test_what_is_no_toml_says_where():
    with pytest.raises(UsageError, match=r"^r\.toml: no TOML: Invalid value"):
        Rules.from_text("action = ", file="r.toml")


def test_a_file_that_is_no_utf8_is_named(tmp_path):
    path = tmp_path / "r.toml"
    path.write_bytes(b"# \xff")
    with pytest.raises(UsageError, match=r"r\.toml: no UTF-8, as TOML must be"):
        read_rules(path)


def test_the_example_is_read():
    rules = read_rules(ROOT / "examples" / "redact.toml")
    assert rules.rules
