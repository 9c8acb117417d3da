import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare import Kind, MappedId, Rules, Settings, compare, learned_rules
from volttools.compare.mapped import MappedIds
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING

IDS = (MappedId("New", 0, "ID", "Pay", 0),)
RULES = """
[[rule]]
procedure = "New"
kind = "value"
column = "ID"
[[rule]]
procedure = "Pay"
kind = "parameters"
parameter = 0
"""


def new(name, *ids, **more):
    table = Table.of([("ID", BIGINT), ("NAME", STRING)], [(one, name) for one in ids])
    return said("New", name, tables=[table], **more)


def pay(one, amount=5, **more):
    return said("Pay", one, amount, **more)


def compared(a, b, more="", **settings):
    rules = Rules.from_text(RULES + more)
    return compare(exchanges(a), exchanges(b), Settings(mapped=IDS, rules=rules, **settings))


def test_ids_that_always_become_the_same_are_no_difference():
    a = [new("ann", 17), new("bob", 18), pay(17), pay(18), pay(3), new("ann", 17)]
    b = [new("ann", 101), new("bob", 102), pay(101), pay(102), pay(3), new("ann", 101)]
    assert compared(a, b).is_same
    assert compared(a, a).is_same


def test_a_call_with_the_id_of_another_is_told_with_what_the_ids_are_elsewhere():
    a = [new("ann", 17), new("bob", 18), pay(17), pay(18)]
    b = [new("ann", 101), new("bob", 102), pay(102), pay(102)]
    (group,) = compared(a, b).groups
    assert (group.place.procedure, group.place.kind, group.pairs) == ("Pay", Kind.MAPPED, 1)
    assert group.place.sentence.startswith(
        "parameter 0: an id that each server makes for itself became another"
    )
    (example,) = group.examples
    assert (example.a_number, example.a.value) == (3, "17 (elsewhere 101 in B)")
    assert (example.b_number, example.b.value) == (3, "102 (elsewhere 18 in A)")


def test_two_ids_that_became_one_are_told_also_where_the_answers_are_equal():
    (group,) = compared([new("ann", 17), new("bob", 101)], [new("ann", 101), new("bob", 101)]).groups
    assert (group.place.kind, group.place.columns) == (Kind.MAPPED, ("ID", "ID"))
    assert group.examples[0].a.value == "101"
    assert group.examples[0].b.value == "101 (elsewhere 17 in A)"


@pytest.mark.parametrize(
    ("is_named", "given_back", "kinds"),
    [(False, 101, [Kind.VALUE]), (True, 101, []), (True, 102, [Kind.MAPPED])],
    ids=["not named", "named", "named, and another one"],
)
def test_an_id_given_back_in_another_column_counts_unless_the_map_names_it(is_named, given_back, kinds):
    def order(one):
        return said("GetOrder", "ann", tables=[Table.of([("ID", BIGINT)], [(one,)])])

    a, b = [new("ann", 17), order(17), pay(17)], [new("ann", 101), order(given_back), pay(101)]
    named = (*IDS, MappedId("GetOrder", 0, "ID", "Pay", 0)) if is_named else IDS
    ignores = '[[rule]]\nprocedure = "GetOrder"\nkind = "value"\ncolumn = "ID"\n' if is_named else ""
    rules = Rules.from_text(RULES + ignores)  # as the command makes them of a map
    found = compare(exchanges(a), exchanges(b), Settings(mapped=named, rules=rules))
    assert [group.place.kind for group in found.groups] == kinds


def test_an_id_that_was_not_mapped_is_told():
    (group,) = compared([new("ann", 17), pay(17)], [new("ann", 101), pay(17)]).groups
    assert (group.examples[0].a.value, group.examples[0].b.value) == ("17 (elsewhere 101 in B)", "17")


def test_of_several_rows_nobody_knows_which_id_became_which():
    a, b = [new("ann", 17, 18), pay(17)], [new("ann", 102, 101), pay(102)]
    assert compared(a, b).is_same


def test_of_calls_on_any_connection_nothing_is_said():
    a, b = [new("ann", 17), pay(17)], [new("ann", 101), pay(102)]
    assert not compared(a, b).is_same
    assert compared(a, b, match="call").is_same


def test_a_rule_can_say_that_it_does_not_count_and_noise_does_not():
    a, b = [new("ann", 17), pay(17)], [new("ann", 101), pay(102)]
    assert compared(a, b, '[[rule]]\nkind = "mapped"\n').is_same
    assert learned_rules(compared(a, b)) == {}


@pytest.mark.parametrize(("most", "is_told"), [(2, False), (3, True)])
def test_of_many_ids_the_oldest_are_forgotten(most, is_told, monkeypatch):
    monkeypatch.setattr(MappedIds, "MOST", most)
    names = ["ann", "bob", "eve"]
    a = [*(new(name, number) for number, name in enumerate(names)), pay(0)]
    b = [*(new(name, number + 100) for number, name in enumerate(names)), pay(7)]
    assert compared(a, b).is_same is not is_told


SELECT, TELL = "select * from orders where id = ? and state = ?", '{"order": ?}'
INSIDE = (MappedId("New", 0, "ID", "@AdHoc", 0, SELECT, 0), MappedId("New", 0, "ID", "Tell", 0, TELL, 0))


def select(number, state="new", **more):
    return said("@AdHoc", SELECT.replace("?", str(number), 1).replace("?", f"'{state}'"), **more)


def inside(a, b):
    """Compared, where ids stand in texts."""
    rules = Rules.from_text(RULES)
    return compare(exchanges(a), exchanges(b), Settings(mapped=INSIDE, rules=rules))


def test_ids_inside_of_texts_are_no_difference():
    a = [new("ann", 17), new("bob", 18), select(18), select(17), said("Tell", '{"order": "17"}')]
    b = [new("ann", 101), new("bob", 102), select(102), select(101), said("Tell", '{"order": "101"}')]
    assert inside(a, b).is_same
    assert not compare(exchanges(a), exchanges(b)).is_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (select(17), select(101, "paid")),
        (select(17), said("@AdHoc", "select 101")),
        (select(17), said("@AdHoc", 101)),
    ],
)
def test_what_is_around_an_id_still_counts(one, other):
    found = inside([new("ann", 17), one], [new("ann", 101), other])
    assert {group.place.kind for group in found.groups} <= {Kind.PARAMETERS, Kind.MISSING, Kind.EXTRA}
    assert not found.is_same


def test_another_statement_is_another_call_whatever_its_ids():
    other = said("@AdHoc", "select count(*) from orders", tables=[Table.of([("C", BIGINT)], [(9,)])])
    assert inside([new("ann", 17), select(17), other], [new("ann", 101), other, select(101)]).is_same


@pytest.mark.parametrize(
    ("one", "other"),
    [(select(17), select(102)), (said("Tell", '{"order": "17"}'), said("Tell", '{"order": "102"}'))],
)
def test_a_text_with_the_id_of_another_is_told(one, other):
    a, b = [new("ann", 17), new("bob", 18), one], [new("ann", 101), new("bob", 102), other]
    (group,) = inside(a, b).groups
    assert (group.place.kind, group.place.parameter) == (Kind.MAPPED, 0)
    (example,) = group.examples
    assert (example.a.value, example.b.value) == ("17 (elsewhere 101 in B)", "102 (elsewhere 18 in A)")
