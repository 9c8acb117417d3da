"""Text of DDL in statements, each with its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from volttools.sql import tokens

_SHELL_LINES = re.compile(
    r"^[ \t]*(?:file\s+-inlinebatch\s+(?P<end>\S+)|(?:load|remove)\s+classes\b[^\n]*)[ \t]*$", re.I | re.M
)


class Statement(NamedTuple):
    """One statement, without its `;`: comments are blanks, so that places in it are those in the text."""

    text: str
    start: int


def statements(text: str) -> list[Statement]:
    """The statements of a text, which may be a file of sqlcmd's: its own lines in it count for nothing.

    >>> statements("create table t (a integer); -- that's it")
    [Statement(text='create table t (a integer)', start=0)]
    """
    found = []
    for start, piece in _pieces(_without_shell_lines(text)):
        stripped = piece.strip()
        if stripped:
            found.append(Statement(stripped, start + len(piece) - len(piece.lstrip())))
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = depth = 0
    words: list[str] = []
    last_word = ""
    pieces: list[str] = []
    for token in tokens(text):
        if token.text == ";" and not depth:
            yield start, "".join(pieces)
            start, depth, words, pieces = token.end, 0, [], []
        else:
            pieces.append(_blank(token.text) if token.kind == "comment" else token.text)
            if token.kind == "name":
                word = token.text.upper()
                words = [*words, word][:5]
                if depth:
                    depth += {"CASE": 1, "END": -1}.get(word, 0)
                elif word == "BEGIN" and last_word == "AS" and words[0] == "CREATE" and "PROCEDURE" in words:
                    depth = 1
                last_word = word
            elif token.kind != "comment" and not token.text.isspace():
                last_word = ""
    yield start, "".join(pieces)


def _without_shell_lines(text: str) -> str:
    """The text with sqlcmd's own lines as blanks: what begins and ends a batch, what loads classes."""
    ends = set()

    def blanked(match: re.Match[str]) -> str:
        if match["end"]:
            ends.add(match["end"])
        return _blank(match[0])

    text = _SHELL_LINES.sub(blanked, text)
    for end in ends:
        text = re.sub(
            rf"^[ \t]*{re.escape(end)}[ \t]*;?[ \t]*$", lambda match: _blank(match[0]), text, flags=re.M
        )
    return text


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
