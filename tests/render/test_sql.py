import pytest

from volttools.render import sql

TEXTS = [
    "select * from T where NAME = 'it''s' and N > 1.5e3 -- end",
    "/* a */ INSERT INTO T VALUES (?, 'open",
    "select count(*), \x1b[2J from T",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_put_together_are_the_visible_text(text):
    assert "".join(piece for piece, _ in sql.highlight(text)) == text.replace("\x1b", "\\x1b")


def test_keywords_functions_strings_numbers_and_comments_have_their_styles():
    found = dict(sql.highlight("SELECT count(*) FROM t WHERE a = 'x' AND b = 12 -- why"))
    assert found["SELECT"] == "sql.keyword"
    assert found["count"] == "sql.function"
    assert found["'x'"] == "sql.string"
    assert found["12"] == "sql.number"
    assert found["-- why"] == "sql.comment"


def test_sql_on_one_line_keeps_strings_and_turns_line_comments_into_block_comments():
    assert sql.on_one_line("select 'a  b'\n  , 1 -- one\nfrom T\n") == "select 'a  b' , 1 /* one */ from T"
