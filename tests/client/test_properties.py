"""Property files as Java reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.client.properties import read_properties


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", {"a": "b"}),
        ("a = b \r\nc:d\re f", {"a": "b ", "c": "d", "e": "f"}),
        ("# a=b\n  ! c=d\n\n   \n", {}),
        ("a", {"a": ""}),
        ("a=b=c:d e", {"a": "b=c:d e"}),
        ("a=#b", {"a": "#b"}),
        (r"a\=b\ c = d", {"a=b c": "d"}),
        ("a = b\\\n    c", {"a": "bc"}),
        ("a = b\\\\\nc=d", {"a": "b\\", "c": "d"}),
        ("a = b\\\n# c", {"a": "b# c"}),
        (r"a = \u00e4\t\x", {"a": "ä\tx"}),
        (r"a = C:\\certs\\trust.jks", {"a": r"C:\certs\trust.jks"}),
        ("a=1\na=2", {"a": "2"}),
        ("a=b\\", {"a": "b"}),
        ("=b", {"": "b"}),
    ],
)
def test_properties(text, expected):
    assert read_properties(text) == expected


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in text)


@given(st.dictionaries(*[st.text(st.characters(max_codepoint=0xFFFF), max_size=8)] * 2))
def test_what_is_escaped_comes_back(properties):
    text = "\n".join(f"{_escaped(key)}={_escaped(value)}" for key, value in properties.items())
    assert read_properties(text) == properties


@given(st.text(max_size=80))
def test_any_text_has_properties(text):
    read_properties(text)
