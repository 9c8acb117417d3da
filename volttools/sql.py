"""SQL in pieces: enough of a tokenizer to see keywords, strings, numbers and comments.

Not a parser, and not pygments: importing that takes longer than decoding a small capture.
Imports nothing, so that whoever shows, changes or searches SQL may use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_KEYWORD_TEXT = """
    ADD ALL ALTER AND ANY AS ASC ASSUMEUNIQUE BEGIN BETWEEN BY CASCADE CASE CAST CHECK CLASS COLUMN
    COMPOUND CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DIRECTED DISTINCT DR DROP ELSE END ESCAPE EXCEPT
    EXISTS EXPORT FALSE FOR FOREIGN FROM FULL FUNCTION GROUP HAVING IF IN INDEX INNER INSERT INTERSECT
    INTO IS JOIN KEY LEFT LIKE LIMIT MIGRATE NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION
    PRIMARY PROCEDURE REFERENCES REPLICATE RIGHT ROLE ROWS SELECT SET STARTS STREAM TABLE TARGET TASK
    THEN TO TOPIC TRUE TRUNCATE TTL UNION UNIQUE UPDATE UPSERT USING VALUES VIEW WHEN WHERE WITH
    TINYINT SMALLINT INTEGER BIGINT FLOAT DECIMAL VARCHAR VARBINARY TIMESTAMP GEOGRAPHY GEOGRAPHY_POINT
    """

KEYWORDS: Final = frozenset(_KEYWORD_TEXT.split())

_FUNCTION_TEXT = """
    ABS APPROX_COUNT_DISTINCT AREA ARRAY_ELEMENT ARRAY_LENGTH ASTEXT AVG BIN BITAND BITNOT BITOR BITXOR
    BIT_SHIFT_LEFT BIT_SHIFT_RIGHT CEILING CENTROID CHAR CHARACTER_LENGTH CHAR_LENGTH COALESCE CONCAT
    CONTAINS COS COT COUNT CSC CURRENT_TIMESTAMP DATEADD DATE_ADD DATE_SUB DATEDIFF DAY DAYOFMONTH DAYOFWEEK
    DAYOFYEAR DECODE DEGREES DENSE_RANK DISTANCE DWITHIN EXP EXTRACT FIELD FLOOR FORMAT_CURRENCY
    FORMAT_TIMESTAMP FROM_UNIXTIME HEX HOUR INET6_ATON INET6_NTOA INET_ATON INET_NTOA ISINVALIDREASON
    ISVALID IS_VALID_TIMESTAMP LATITUDE LEFT LN LOG LOG10 LONGITUDE LOWER MAKEVALIDPOLYGON MAX
    MAX_VALID_TIMESTAMP MIGRATING MIN MINUTE MIN_VALID_TIMESTAMP MOD MONTH NOW NUMINTERIORRINGS NUMPOINTS
    OCTET_LENGTH OVERLAY PI POINTFROMTEXT POLYGONFROMTEXT POSITION POWER QUARTER RADIANS RANK REGEXP_POSITION
    REPEAT REPLACE RIGHT ROUND ROW_NUMBER SEC SECOND SET_FIELD SIGN SIN SINCE_EPOCH SPACE SQRT STR SUBSTRING
    SUM TAN TIME_WINDOW TO_TIMESTAMP TRIM TRUNCATE UPPER VALIDPOLYGONFROMTEXT WEEK WEEKDAY WEEKOFYEAR YEAR
    """

FUNCTIONS: Final = frozenset(_FUNCTION_TEXT.split())

_OTHER_WORD_TEXT = """
    AFTER BYTES CALL CLASSES COLUMNS CONTINUE CRON DATE DAYS DELAY DISABLE ENABLE EVERY EXEC EXECUTE FIRST
    HOURS IGNORE LAST MATERIALIZED METHOD MICROS MICROSECOND MICROSECONDS MILLIS MILLISECOND
    MILLISECONDS MINUTES MODIFY NULLS ONLY PARAMETER PROFILE RENAME RUN SCHEDULE SECONDS STOP TABLES TTL
    WITHIN BATCH_SIZE MAX_FREQUENCY TIMEOUT ALLOW AUTO PROCEDURES SINGLE OPAQUE FORMAT PROPERTIES BOOLEAN
    DOUBLE INT DEC NUMERIC REAL CHARACTER VARYING MIGRATION
    """

OTHER_WORDS: Final = frozenset(_OTHER_WORD_TEXT.split())
"""Words with a meaning in some places only, and names of types from other dialects."""

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<hex>[xX]'[^']*'?)
      | (?P<string>'(?:[^']|'')*'?)
      | (?P<quoted>"(?:[^"]|"")*"?)
      | (?P<name>(?:[^\W\d]|[@$])[\w$]*)
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<other>\s+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of SQL: "comment", "hex", "string", "quoted", "name", "number" or "other" (also blanks)."""

    kind: str
    text: str
    end: int


def tokens(sql: str, start: int = 0) -> Iterator[Token]:
    """The pieces of a text, from a place on; put together they are the text. Any text has them.

    >>> [token.text for token in tokens("a='it''s'")]
    ['a', '=', "'it''s'"]
    """
    for match in _TOKEN.finditer(sql, start):
        yield Token(match.lastgroup or "other", match[0], match.end())


def is_builtin(name: str) -> bool:
    """Whether a name is a word of the language in any case: a keyword, function or type."""
    upper = name.upper()
    return upper in KEYWORDS or upper in FUNCTIONS or upper in OTHER_WORDS


def is_keyword(name: str) -> bool:
    """Whether a name is a keyword, in any case."""
    return name.upper() in KEYWORDS
