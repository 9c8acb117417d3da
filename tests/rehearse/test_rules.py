from volttools.compare import Kind, MappedId, Rules, rules_text
from volttools.compare.rules import Subject
from volttools.rehearse.rules import ids_of_map, rules_of_map
from volttools.replay import values

SOURCE = values.Source("New", 0, "ID")
MAP = values.Rules([values.Rule(SOURCE, values.Use("Pay", 1), 12, 12)])
INSIDE = values.Rules([values.Rule(SOURCE, values.Use("@AdHoc", 0, "select ?, ?", 1), 12, 12)])


def test_a_mapped_value_may_differ_where_it_is_made_and_where_it_is_used():
    made, used = rules_of_map(MAP)
    assert made.matches(Subject("New", kind=Kind.VALUE, columns=("ID", "ID")))
    assert not made.matches(Subject("New", kind=Kind.VALUE, columns=("TOTAL", "TOTAL")))
    assert not made.matches(Subject("New", kind=Kind.COLUMN_TYPE, columns=("ID", "ID")))
    assert used.matches(Subject("Pay", kind=Kind.PARAMETERS, parameter=1))
    assert not used.matches(Subject("Pay", kind=Kind.PARAMETERS, parameter=0))


def test_of_a_text_what_is_around_the_value_still_counts():
    (made,) = rules_of_map(INSIDE)
    assert made == rules_of_map(MAP)[0]


def test_the_rules_can_be_written_and_read():
    rules = rules_of_map(MAP)
    assert Rules.from_text(rules_text(((rule, "") for rule in rules), title="Mapped.")).rules == rules


def test_ids_can_be_followed():
    assert ids_of_map(MAP) == (MappedId("New", 0, "ID", "Pay", 1),)
    assert ids_of_map(INSIDE) == (MappedId("New", 0, "ID", "@AdHoc", 0, "select ?, ?", 1),)
