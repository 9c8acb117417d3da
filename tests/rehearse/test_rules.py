from volttools.compare import Kind, MappedId, Rules, rules_text
from volttools.compare.rules import Subject
from volttools.rehearse.rules import ids_of_map, rules_of_map
from volttools.replay import values

MAP = values.Rules([values.Rule(values.Source("New", 0, "ID"), values.Use("Pay", 1), 12, 12)])


def test_a_mapped_value_may_differ_where_it_is_made_and_where_it_is_used():
    made, used = rules_of_map(MAP)
    assert made.matches(Subject("New", kind=Kind.VALUE, columns=("ID", "ID")))
    assert not made.matches(Subject("New", kind=Kind.VALUE, columns=("TOTAL", "TOTAL")))
    assert not made.matches(Subject("New", kind=Kind.COLUMN_TYPE, columns=("ID", "ID")))
    assert used.matches(Subject("Pay", kind=Kind.PARAMETERS, parameter=1))
    assert not used.matches(Subject("Pay", kind=Kind.PARAMETERS, parameter=0))
    assert set(rules_of_map(MAP).values()) == {"mapped by the replay: New, table 1, ID → Pay, parameter 2"}


def test_the_rules_can_be_written_and_read():
    rules = rules_of_map(MAP)
    assert Rules.from_text(rules_text(rules.items(), title="Mapped.")).rules == tuple(rules)


def test_ids_that_are_whole_parameters_can_be_followed():
    inside = values.Rule(values.Source("New", 0, "ID"), values.Use("@AdHoc", 0, "select ?", 0))
    assert ids_of_map(values.Rules([*MAP.rules, inside])) == (MappedId("New", 0, "ID", "Pay", 1),)
