import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.sql import is_keyword, tokens


@given(st.text(alphabet=st.sampled_from("ab1.'\"-/*xX \n;é$@")) | st.text())
def test_the_tokens_put_together_are_the_text(text):
    found = list(tokens(text))
    assert "".join(token.text for token in found) == text
    assert all(token.text for token in found)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("'it''s'", ["string"]),
        ("x'0aFF'", ["hex"]),
        ("X 'a'", ["name", "other", "string"]),
        ('"T ""x"""', ["quoted"]),
        (".5", ["number"]),
        ("1.5E-3", ["number"]),
        ("-- to the end 'x'", ["comment"]),
        ("/* a\nb */", ["comment"]),
        ("/* never closed 'x'", ["comment"]),
        ("'never closed", ["string"]),
        ("größe$1", ["name"]),
        ("@AdHoc", ["name"]),
    ],
)
def test_a_piece_of_sql_is_one_token(text, kinds):
    assert [token.kind for token in tokens(text)] == kinds


def test_keywords_are_known_in_any_case():
    assert is_keyword("select")
    assert not is_keyword("votes")
