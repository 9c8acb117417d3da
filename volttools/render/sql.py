"""SQL with colours, and on one line."""

from __future__ import annotations

from volttools.render.values import visible
from volttools.sql import is_keyword, tokens

_STYLES = {"hex": "sql.string", "quoted": "plain", "other": "plain"}


def on_one_line(sql: str) -> str:
    """SQL with its white space made single blanks; strings stay as they are."""
    parts = []
    for token in tokens(sql.strip()):
        text = token.text
        if token.kind == "comment" and text.startswith("--"):
            text = f"/* {text[2:].strip()} */"
        parts.append(" " if text.isspace() else text)
    return "".join(parts)


def highlight(sql: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the name of its style; put together they are `visible(sql)`."""
    pieces: list[tuple[str, str]] = []
    for token in tokens(sql):
        text = visible(token.text)
        if token.kind == "name":
            called = sql[token.end : token.end + 1] == "("
            style = "sql.keyword" if is_keyword(token.text) else "sql.function" if called else "plain"
        else:
            style = _STYLES.get(token.kind, f"sql.{token.kind}")
        if pieces and pieces[-1][1] == style:
            pieces[-1] = (pieces[-1][0] + text, style)
        else:
            pieces.append((text, style))
    return pieces
