import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.protocol.fingerprint import MAX_LENGTH, fingerprint


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select Name from T where id = 42", "SELECT name FROM t WHERE id = ?"),
        ("SELECT NAME\n  FROM t -- why\nWHERE id=7", "SELECT name FROM t WHERE id = ?"),
        ("select 1 /* a */ ;", "SELECT ?"),
        ("select * from t where id in (1,2, 3)", "SELECT * FROM t WHERE id IN (?, ...)"),
        ("select * from t where id in (1)", "SELECT * FROM t WHERE id IN (?, ...)"),
        ("select * from t where id in (select id from u)", "SELECT * FROM t WHERE id IN (SELECT id FROM u)"),
        ("INSERT INTO T (A,b) VALUES (1, NULL, 'it''s');", "INSERT INTO t (a, b) VALUES (?, ...)"),
        ("insert into t values (1,2),(3,4)", "INSERT INTO t VALUES (?, ...)"),
        ("insert into t values (now, -1)", "INSERT INTO t VALUES (NOW, ?)"),
        ("select count(*) from t where a is not null", "SELECT COUNT(*) FROM t WHERE a IS NOT NULL"),
        ("select a from t where b<=-3 and c>+2", "SELECT a FROM t WHERE b <= ? AND c > ?"),
        ("select a - 1 from t", "SELECT a - ? FROM t"),
        ("select a from t where b = ?", "SELECT a FROM t WHERE b = ?"),
        ("select a||'x' from t where h = x'00ff'", "SELECT a || ? FROM t WHERE h = ?"),
        ('select "Odd Name" from t', 'SELECT "Odd Name" FROM t'),
        ("select a.b from A a join B b on a.x=b.y", "SELECT a.b FROM a a JOIN b b ON a.x = b.y"),
        ("select 1; select 2", "SELECT ?; SELECT ?"),
        ("select 'never ended", "SELECT ?"),
        ("", ""),
        (";;", ""),
    ],
)
def test_values_are_gone_and_form_is_common(sql, expected):
    assert fingerprint(sql) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select a from t", "select b from t"),
        ("select a from t where x = 1", "select a from t where x <> 1"),
        ("select a from t where x = 1", "select a from t where x = 1 limit 1"),
        ("select f(1) from t", "select f(1, 2) from t"),
    ],
)
def test_what_differs_in_more_than_values_stays_apart(one, other):
    assert fingerprint(one) != fingerprint(other)


WORDS = st.sampled_from(["SELECT", "x", ",", "(", ")", "=", "<", ">", "IN", "1", "'a'", "NULL", ".", ";"])


@given(st.lists(WORDS), st.lists(st.sampled_from([" ", "\n", "\t ", " /* c */ "]), min_size=1))
def test_white_space_case_and_numbers_make_no_difference(words, blanks):
    plain = " ".join(words)
    other = "".join(word + blanks[index % len(blanks)] for index, word in enumerate(words))
    assert fingerprint(other.lower().replace("1", "234")) == fingerprint(plain)


@given(st.text())
def test_any_text_has_a_fingerprint(text):
    assert isinstance(fingerprint(text), str)


def test_a_long_one_is_cut_and_stays_apart_from_others():
    one, other = (f"select {'a, ' * 1000} {end} from t" for end in ("b", "c"))
    assert len(fingerprint(one)) < MAX_LENGTH + 20
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one)[:MAX_LENGTH] == fingerprint(other)[:MAX_LENGTH]
