"""Text in statements, each with its place."""

from hypothesis import given
from hypothesis import strategies as st

from volttools.mock.schema.splitting import statements


def texts(sql):
    return [statement.text for statement in statements(sql)]


def test_a_semicolon_in_text_comment_or_body_ends_nothing():
    assert texts("a ';' ; b -- c;\n; /* ; */ d") == ["a ';'", "b", "d"]
    body = "create procedure p as begin select case when 1 = 1 then 2 end from t; delete from t; end"
    assert texts(f"{body}; create table u (a integer)") == [body, "create table u (a integer)"]


def test_places_are_those_in_the_text():
    text = "-- first\ncreate table t (a integer);\n\n  drop table t"
    assert [text[one.start :].startswith(one.text) for one in statements(text)] == [True, True]


def test_lines_of_the_shell_in_a_file_count_for_nothing():
    text = (
        "load classes app.jar;\nfile -inlinebatch END_OF_BATCH\ncreate table t (a integer);\nEND_OF_BATCH\n"
    )
    text += "remove classes 'x.*';\ndrop table t;"
    assert texts(text) == ["create table t (a integer)", "drop table t"]


def test_nothing_has_no_statements():
    assert texts(" ;; -- nothing\n;") == []


@given(st.text(alphabet="ab ;'\"-*/\n()", max_size=40))
def test_any_text_can_be_split(text):
    for statement in statements(text):
        assert statement.text == statement.text.strip() != ""
        assert 0 <= statement.start < len(text)
