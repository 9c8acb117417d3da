"""Text into statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.shell.splitting import Splitter, without_leading_comments

WORDS = "; ' \" -- /* */ ### \\ a b1 1 . , @P x'00' 'it''s' select create procedure as begin end case when show exit"
LINES = [" ", "\n", ";\n", "create procedure p as begin select 1; end;", "show tables\n", "\\d t\n"]
PIECES = [*WORDS.split(), *LINES]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map(" ".join)


def split(*chunks):
    splitter = Splitter()
    found = [statement for chunk in chunks for statement in splitter.feed(chunk)]
    return found, splitter


@given(TEXTS, st.data())
def test_statements_do_not_depend_on_how_the_text_comes(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, rest = split(text)
    found, left = split(*chunks)
    assert (found, left.rest, left.inside, left.is_empty) == (whole, rest.rest, rest.inside, rest.is_empty)
    by_character, left = split(*text)
    assert (by_character, left.rest) == (whole, rest.rest)


@given(TEXTS)
def test_put_together_the_statements_and_the_rest_are_the_text(text):
    found, splitter = split(text)
    assert "".join(found) + splitter.rest == text
    assert all(found)


@given(TEXTS)
def test_a_statement_is_one_when_it_stands_alone(text):
    found, _ = split(text)
    for statement in found:
        assert split(statement)[0] == [statement]


@pytest.mark.parametrize(
    "statement",
    [
        "select ';' from t;",
        'select ";" from t;',
        "select 'it''s; so' from t;",
        "select 1 -- not yet; \n from t;",
        "select 1 /* nor; here */ from t;",
        "create procedure p as begin select 1 from t; select 2 from t; end;",
        "create or replace procedure p as\nbegin select case when a then 1 else 2 end from t; end;",
        "create procedure p partition on table t column c as begin select 1; end;",
        "create procedure p as ### a; 'b; ### language groovy;",
        "create procedure p as select case when a = 1 then 2 end from t;",
        "\\d votes\n",
        "\\watch\n",
        "show tables\n",
        "show tables;",
        "-- all;\nexit\n",
        "exec P 1,\n'a;b';",
    ],
)
def test_it_is_one_statement(statement):
    found, splitter = split(statement + "\nselect 2;")
    assert found[0] == statement
    assert len(found) == 2
    assert splitter.rest == ""


def test_begin_is_a_body_only_in_a_procedure():
    found, _ = split("select begin from t; create table begin (a int); end;")
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("", ""),
        (" -- nothing\n", ""),
        ("select 1\n", "-"),
        ("select 'a\n", "'"),
        ('select "a\n', '"'),
        ("select /* a\n", "*"),
        ("create procedure p as ### a;\n", "#"),
        ("create procedure p as begin select 1;\n", "-"),
    ],
)
def test_what_is_open_is_told(text, inside):
    found, splitter = split(text)
    assert (found, splitter.inside, splitter.is_empty) == ([], inside, not inside)


def test_what_is_left_at_the_end_is_a_statement_unless_it_is_blank():
    for text, left in [("select 1", ["select 1\n"]), (" -- only\n", []), ("exit", ["exit\n"]), ("", [])]:
        splitter = Splitter()
        assert splitter.feed(text) == []
        assert splitter.finish() == left
        assert splitter.rest == ""


def test_many_lines_of_one_statement_are_looked_at_once():
    splitter = Splitter()
    assert splitter.feed("insert into t values\n") == []
    for _ in range(20_000):
        assert splitter.feed("(1, 'a'),\n") == []
    assert len(splitter.feed("(2, 'b');")) == 1


def test_only_leading_comments_are_left_out():
    assert without_leading_comments("-- a\n/* b */ select 1 -- c\n;\n") == "select 1 -- c"
    assert without_leading_comments(" ; ") == ""
