import tracemalloc

import pytest

from volttools.errors import UsageError
from volttools.rule_files import RuleReader, matches_any, read_rule_text, read_toml


@pytest.fixture
def reader():
    return RuleReader("rules.toml")


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (lambda r: r.default_and_rules({"default": 1}), "default: expected a table, written [default]"),
        (lambda r: r.default_and_rules({"rule": {}}), "rule: expected tables, each written [[rule]]"),
        (lambda r: r.default_and_rules({"rules": []}), "rules: there is no such key; did you mean rule?"),
        (lambda r: r.texts({"column": 1}, "column", "rule 1"), "rule 1: column: expected a text or a list of texts, got 1"),
        (lambda r: r.positions({"parameter": -1}, "rule 1"), 'rule 1: parameter: expected a position from 0, a list of them, or "*", got -1'),
        (lambda r: r.choice({"order": "none"}, "order", ("auto", "strict"), "default"), "default: order: there is no 'none'; write one of auto, strict"),
        (lambda r: r.type_names({"type": "bigin"}, "rule 1", {"BIGINT": "BIGINT"}), "rule 1: type: there is no 'bigin'; did you mean BIGINT?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_file_and_key(reader, read, error):
    with pytest.raises(UsageError) as caught:
        read(reader)
    assert str(caught.value) == f"rules.toml: {error}"


def test_what_is_absent_is_none(reader):
    assert (
        reader.texts({}, "column", "")
        is reader.positions({}, "")
        is reader.choice({}, "order", (), "")
        is None
    )
    assert reader.positions({"parameter": "*"}, "") == ()


def test_a_file_must_be_utf8_and_toml(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="no UTF-8, as TOML must be"):
        read_rule_text(path)
    with pytest.raises(UsageError, match="no TOML"):
        read_toml("[[rule]")
    with pytest.raises(UsageError, match="nested too deeply"):
        read_toml(f"a = {'[' * 100_000}")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a" + ".a" * 20_000 + " = 1", "nested too deeply"),
        ("[" + "'a' . \"a\"." * 9_000 + "a]", "nested too deeply"),
        ('"!".' * 20_000 + "a = 1", "nested too deeply"),
        (r"""'"' . "\"\\" . """ * 9_000 + "a = 1", "nested too deeply"),
        ("a = " + "9" * 5_000, "larger than 64 bits"),
        ("a = [{b = 0x1" + "0" * 5_000 + "}]", "larger than 64 bits"),
        ("a = -9223372036854775809", "larger than 64 bits"),
    ],
)
def test_what_is_too_much_for_a_file_of_rules_is_told(text, error):
    tracemalloc.start()
    with pytest.raises(UsageError, match=error):
        read_toml(text)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_many_dots_that_are_no_deep_key_are_read():
    text = f"a = {[1.5] * 500}\nb = '{'.' * 500}'\nc.d.e = '{'10.0.0.1 ' * 100}'\n"
    assert read_toml(text)["c"] == {"d": {"e": "10.0.0.1 " * 100}}


@pytest.mark.parametrize("quotes", ["''", '""', "''''''", '""""""', '""""b"""'])
def test_many_names_with_dots_in_a_text_or_a_comment_are_no_deep_key(quotes):
    middle = len(quotes) // 2
    value = f"{quotes[:middle]}{'a.' * 500}{quotes[middle:]}"
    assert read_toml(f"a = {value}  # {'a.' * 500}")["a"].count("a.") == 500


def test_patterns_are_whole_names_in_any_case():
    assert matches_any(["vote*"], "Vote")
    assert not matches_any(["vote"], "Votes")
