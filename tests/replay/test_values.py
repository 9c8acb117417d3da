"""Rules about values that the server made, and their file."""

import pytest

from tests.replay.made import ids, line, opened
from volttools.errors import UsageError
from volttools.replay.values import Rule, Rules, Source, Use, read_rules, write_rules

RULES = Rules(
    [
        Rule(Source("New", 0, "ID"), Use("Pay", 0), 5, 6),
        Rule(Source("New", 0, "ID"), Use("Get", 1), 2, 2),
        Rule(Source('O"dd', 2, "täble"), Use("Get", 0)),
    ]
)


def test_rules_are_the_same_from_a_file(tmp_path):
    path = str(tmp_path / "map.toml")
    write_rules(path, RULES)
    assert read_rules(path).rules == RULES.rules


def test_sources_are_numbered_once():
    assert RULES.sources == [Source("New", 0, "ID"), Source('O"dd', 2, "täble")]
    assert [(at, source) for at, source, _ in RULES.by_use["Get"]] == [(1, 0), (0, 1)]


def test_values_of_an_answer_are_those_of_the_column_but_for_null(tmp_path):
    with opened(
        tmp_path, line(1, 1, 0, "New", 1, tables=[ids(7, None, 9)]), line(2, 1, 1, "Old", 1, tables=[ids(7)])
    ) as capture:
        made = [RULES.made_by(exchange) for exchange in capture]
    assert made == [((0, 0, 7), (0, 2, 9)), ()]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = ", "no TOML"),
        ("[[rule]]", "'rule' is unknown"),
        ("[value]", "with two brackets"),
        ('[[value]]\nfrom = "A"\ncolumn = "B"\nto = "C"', "rule 1 has no 'parameter'"),
        ('[[value]]\nfrom = 1\ncolumn = "B"\nto = "C"\nparameter = 1', "from = 1 is no text"),
        ('[[value]]\nfrom = "A"\ncolumn = "B"\nto = "C"\nparameter = 0', "counted from 1"),
        ('[[value]]\nfrom = "A"\ncolumn = "B"\nto = "C"\nparameter = 1\nwhat = 1', "'what' is unknown"),
    ],
)
def test_a_file_that_holds_no_rules_says_why(tmp_path, text, why):
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(UsageError, match=why):
        read_rules(str(tmp_path / "map.toml"))


def test_values_of_texts_have_their_form_in_the_file(tmp_path):
    path = str(tmp_path / "map.toml")
    form = 'select "a\\b" from t\n where é = ? -- \x7f'
    rules = Rules(
        [
            Rule(Source("New", 0, "ID"), Use("@AdHoc", 0, form, 1), 3, 4),
            Rule(Source("N", 0, "I"), Use("P", 0)),
        ]
    )
    write_rules(path, rules)
    assert list(read_rules(path).rules) == list(rules.rules)


def test_a_name_that_is_no_utf8_and_a_file_that_is_too_deep_are_no_traceback(tmp_path):
    path = str(tmp_path / "map.toml")
    write_rules(path, Rules([Rule(Source("Get\udcda", 0, "ID"), Use("Put", 0))]))
    assert read_rules(path).rules[0].source.procedure == "Get?"
    (tmp_path / "map.toml").write_text(f"a = {'[' * 100_000}")
    with pytest.raises(UsageError, match="no TOML"):
        read_rules(path)
