"""SQL with colours: enough of a tokenizer to see keywords, strings and numbers.

Not a parser, and not pygments: importing that takes longer than decoding a small capture.
"""

from __future__ import annotations

import re

from volttools.render.values import visible

KEYWORDS = """
    ADD ALL ALTER AND ANY AS ASC ASSUMEUNIQUE BEGIN BETWEEN BY CASCADE CASE CAST CHECK CLASS COLUMN
    COMPOUND CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DIRECTED DISTINCT DR DROP ELSE END ESCAPE EXCEPT
    EXISTS EXPORT FALSE FOR FOREIGN FROM FULL FUNCTION GROUP HAVING IF IN INDEX INNER INSERT INTERSECT
    INTO IS JOIN KEY LEFT LIKE LIMIT MIGRATE NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION
    PRIMARY PROCEDURE REFERENCES REPLICATE RIGHT ROLE ROWS SELECT SET STARTS STREAM TABLE TARGET TASK
    THEN TO TOPIC TRUE TRUNCATE TTL UNION UNIQUE UPDATE UPSERT USING VALUES VIEW WHEN WHERE WITH
    TINYINT SMALLINT INTEGER BIGINT FLOAT DECIMAL VARCHAR VARBINARY TIMESTAMP GEOGRAPHY GEOGRAPHY_POINT
    """

_KEYWORDS = frozenset(KEYWORDS.split())

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*'?)
      | (?P<name>[A-Za-z_@$][\w$]*)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | (?P<other>\s+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


def on_one_line(sql: str) -> str:
    """SQL with its white space made single blanks; strings stay as they are."""
    parts = []
    for match in _TOKEN.finditer(sql.strip()):
        text = match[0]
        if match.lastgroup == "comment" and text.startswith("--"):
            text = f"/* {text[2:].strip()} */"
        parts.append(" " if text.isspace() else text)
    return "".join(parts)


def highlight(sql: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the name of its style; put together they are `visible(sql)`."""
    pieces: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(sql):
        text, kind = visible(match[0]), match.lastgroup
        if kind == "name":
            called = sql[match.end() : match.end() + 1] == "("
            name = match[0].upper() in _KEYWORDS
            style = "sql.keyword" if name else "sql.function" if called else "plain"
        else:
            style = f"sql.{kind}" if kind != "other" else "plain"
        if pieces and pieces[-1][1] == style:
            pieces[-1] = (pieces[-1][0] + text, style)
        else:
            pieces.append((text, style))
    return pieces
