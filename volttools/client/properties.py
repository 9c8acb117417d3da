"""Property files of Java, as `java.util.Properties` reads them.

Source: its documentation (load). One `key=value` a line, `:` or blanks for `=` as well; `#` and
`!` begin a comment; a backslash goes on in the next line, or escapes: so a backslash that is
meant is written twice. The official Python client takes backslashes as they are.

>>> read_properties("! stores\\nkeyStore = a\\\\\\\\b.jks\\ntrustStore: t\\\\\\n   s.jks")
{'keyStore': 'a\\\\b.jks', 'trustStore': 'ts.jks'}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
# Up to the first = : or blank that is not escaped.
_KEY = re.compile(r"(?:[^\\=:\s]|\\.)*", re.DOTALL)
_SEPARATOR = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_properties(text: str) -> dict[str, str]:
    """The properties in a text; of two with one key, the last."""
    found = {}
    for line in _logical_lines(text):
        key = _KEY.match(line)
        assert key is not None
        separator = _SEPARATOR.match(line, key.end())
        assert separator is not None
        found[_unescaped(key[0])] = _unescaped(line[separator.end() :])
    return found


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments and leading blanks, with those that go on put together."""
    parts: list[str] = []
    for line in _LINE_END.split(text):
        line = line.lstrip(" \t\f")
        if not parts and (not line or line[0] in "#!"):
            continue
        goes_on = (len(line) - len(line.rstrip("\\"))) % 2
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            yield "".join(parts)
            parts = []
    if parts:
        yield "".join(parts)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_meant, text)


def _meant(escape: re.Match[str]) -> str:
    said = escape[1]
    return chr(int(said[1:], 16)) if len(said) > 1 else _NAMED.get(said, said)
