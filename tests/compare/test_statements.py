import pytest

from volttools.compare.statements import orderings_of


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select * from T", None),
        ("select * from T order by ID", ("ID",)),
        ("select * from T ORDER  BY t.ID desc, NAME asc nulls last limit 5", ("ID", "NAME")),
        ('select * from T order by "Id", 2 offset 3', ("ID", "2")),
        ("select * from T order by upper(NAME), ID", ("", "ID")),
        ("select * from (select * from T order by ID limit 3) x", None),
        ("select ID from T -- order by ID", None),
        ("select 'order by 1' from T", None),
        ("select rank() over (order by ID) from T", None),
        ("select A from T union select A from U order by A", ("A",)),
    ],
)
def test_an_order_by_outside_of_parentheses_orders(sql, columns):
    (ordering,) = orderings_of(sql)
    assert ordering.columns == columns
    assert ordering.is_ordered is (columns is not None)


def test_each_statement_has_its_own_order():
    assert [one.is_ordered for one in orderings_of("select 1 from T; ; select 2 from T order by 1;")] == [
        False,
        True,
    ]
