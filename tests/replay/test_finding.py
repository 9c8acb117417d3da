"""Values that the server made are found."""

from tests.replay.made import ids, line, opened
from volttools.replay.finding import find_rules


def found(tmp_path, *lines):
    with opened(tmp_path, *lines) as capture:
        return [(str(rule), rule.seen, rule.of) for rule in find_rules(capture).rules]


def test_ids_that_are_used_later_are_traced_to_where_they_came_from(tmp_path):
    lines = []
    for n in range(5):
        lines.append(line(3 * n + 1, 1, 30 * n, "New", f"name {n}", tables=[ids(1000 + n)]))
        lines.append(line(3 * n + 2, 1, 30 * n + 10, "Get", 1000 + n, tables=[ids(1000 + n, name="OTHER")]))
        lines.append(line(3 * n + 3, 2, 30 * n + 20, "Pay", 7, 1000 + n))
    assert found(tmp_path, *lines) == [
        ("New, table 1, ID → Get, parameter 1", 5, 5),
        ("New, table 1, ID → Pay, parameter 2", 5, 5),
    ]


def test_what_a_client_made_is_no_value_of_the_server(tmp_path):
    lines = [
        line(1, 1, 0, "New", 1000, tables=[ids(1000)]),
        line(2, 1, 10, "New", 1001, tables=[ids(1001)]),
        line(3, 1, 20, "Get", 1000),
        line(4, 1, 30, "Get", 1001),
    ]
    assert found(tmp_path, *lines) == []


def test_an_answer_that_came_after_the_call_was_sent_made_nothing_for_it(tmp_path):
    lines = [
        line(1, 1, 0, "New", 1, tables=[ids(5000)], answer_ms=50),
        line(2, 1, 10, "Get", 5000, answer_ms=60),
        line(3, 1, 100, "New", 1, tables=[ids(6000)], answer_ms=50),
        line(4, 1, 110, "Get", 6000, answer_ms=60),
    ]
    assert found(tmp_path, *lines) == []


def test_one_small_number_may_be_chance(tmp_path):
    assert found(tmp_path, line(1, 1, 0, "New", 1, tables=[ids(3)]), line(2, 1, 10, "Get", 3)) == []
    assert found(tmp_path, line(1, 1, 0, "New", 1, tables=[ids(3000)]), line(2, 1, 10, "Get", 3000)) != []


def test_a_parameter_that_is_mostly_something_else_gets_no_rule(tmp_path):
    lines = [line(n, 1, n * 10, "Get", 100 + n) for n in range(3, 12)]
    made = [
        line(1, 1, 0, "New", 1, tables=[ids(7001, 7002)]),
        line(20, 1, 200, "Get", 7001),
        line(21, 1, 210, "Get", 7002),
    ]
    assert found(tmp_path, *made, *lines) == []


def test_texts_count_as_well(tmp_path):
    tables = [ids("a1b2c3d4", name="KEY", kind="STRING")]
    lines = [line(1, 1, 0, "Open", 1, tables=tables), line(2, 1, 10, "Close", "a1b2c3d4")]
    assert found(tmp_path, *lines) == [("Open, table 1, KEY → Close, parameter 1", 1, 1)]


def test_decimals_are_traced_and_are_no_whole_numbers(tmp_path):
    def calls(kind, *values):
        table = {"columns": [["SUM", "DECIMAL"]], "rows": [["1234.5"]]}
        return [
            line(1, 1, 0, "Sum", 1, tables=[table]),
            line(2, 1, 10, "Use", params=[[kind, value] for value in values]),
        ]

    assert found(tmp_path, *calls("DECIMAL", "1234.5")) == [("Sum, table 1, SUM → Use, parameter 1", 1, 1)]
    assert found(tmp_path, *calls("FLOAT", 1234.5)) == []


def test_values_inside_of_sql_and_json_are_found_by_the_form_of_the_text(tmp_path):
    lines = []
    for n in range(4):
        at = 50 * n
        number = 5 * n
        lines += [
            line(number + 1, 1, at, "New", f"name {n}", tables=[ids(1000 + n)]),
            line(number + 2, 1, at + 10, "@AdHoc", f"select * from t where id = {1000 + n} limit 10"),
            line(number + 3, 1, at + 20, "@AdHoc", "select * from t where id = 7 limit 10 offset 3"),
            line(number + 4, 1, at + 30, "Log", f'{{"what": "paid", "order": "{1000 + n}"}}'),
            line(number + 5, 1, at + 40, "Log", f"see t{1000 + n}"),
        ]
    assert found(tmp_path, *lines) == [
        ("New, table 1, ID → @AdHoc, parameter 1, value 1 of 'select * from t where id = ? limit ?'", 4, 4),
        ('New, table 1, ID → Log, parameter 1, value 2 of \'{"what": ?, "order": ?}\'', 4, 4),
    ]
