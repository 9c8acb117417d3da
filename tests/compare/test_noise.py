from tests.compare.traffic import exchanges, said
from volttools.compare import Kind, Rules, Settings, compare, learned_rules, rules_text
from volttools.compare.noise import evidence
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, TIMESTAMP

COLUMNS = [("ID", BIGINT), ("AT[1]", TIMESTAMP), ("VOTES", BIGINT)]


def get(at, votes=5):
    return said("Get", 1, tables=[Table.of(COLUMNS, [(1, at, votes)])])


def adhoc(value):
    return said("@AdHoc", "select 7 from T", tables=[Table.of([("C1", BIGINT)], [(value,)])])


def learned():
    first = [get(100), adhoc(1), said("Vote", 1), said("Gone", 1)]
    again = [get(200), adhoc(2), said("Vote", 1)]
    return learned_rules(compare(exchanges(first), exchanges(again)))


def test_what_differs_by_itself_becomes_rules_and_missing_calls_do_not():
    rules = learned()
    assert [(rule.procedures, rule.statements, rule.columns, rule.kinds) for rule in rules] == [
        (("@AdHoc",), ("SELECT [?] FROM t",), ("C1",), (Kind.VALUE,)),
        (("Get",), None, ("AT[[]1]",), (Kind.VALUE,)),
    ]
    assert [evidence(groups) for groups in rules.values()] == ["differed in 1 of 1 pair"] * 2


def test_learned_rules_let_noise_pass_and_nothing_else():
    settings = Settings(rules=Rules(tuple(learned())))
    first = [get(100), adhoc(1)]
    assert compare(exchanges(first), exchanges([get(300), adhoc(3)]), settings).is_same
    (group,) = compare(exchanges(first), exchanges([get(300, votes=6), adhoc(3)]), settings).groups
    assert group.place.columns == ("VOTES", "VOTES")


def test_saved_rules_are_read_as_they_were():
    rules = learned()
    text = rules_text([(rule, "differed") for rule in rules], title="Learned\nfrom two runs")
    assert text.startswith("# Learned\n# from two runs\n\n# differed\n[[rule]]\nprocedure = ")
    assert Rules.from_text(text).rules == tuple(rules)


def test_names_of_any_kind_survive_the_file():
    odd = 'Ünï "x" \\ \n\x7f*?'
    again = compare(exchanges([said(odd)]), exchanges([said(odd).but(answer=Response(status_string="a"))]))
    rules = learned_rules(again)
    assert Rules.from_text(rules_text([(rule, "") for rule in rules], title="")).rules == tuple(rules)
