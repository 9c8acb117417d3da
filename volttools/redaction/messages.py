"""Texts of errors with the server's own words only.

Errors quote what was asked: SQL, rows, values, names. What is known to be a phrase of the server stays;
SQL, numbers and all other words become the pseudonyms that they have elsewhere. Behind a phrase that
introduces somebody else's words ("USER ABORT ...") none is taken for the server's.
"""

from __future__ import annotations

import re
from typing import Final

from volttools.redaction.pseudonyms import Pseudonyms
from volttools.redaction.statements import Rename, Statements
from volttools.redaction.system import WORDS
from volttools.sql import is_keyword

_FOREIGN: Final = re.compile(
    r"USER ABORT|User abort|UNEXPECTED FAILURE:?|Relevant Tuples:|No message specified"
)

_PIECES: Final = re.compile(
    r"""(?P<frame>\bat[ ](?:[\w$.]{1,200}/)?[\w$.<>]{1,400}\((?:[\w$]{1,200}\.java:\d{1,9}|Native[ ]Method|Unknown[ ]Source)\))
      | (?P<exception>\bjava\.lang\.\w{1,40}\b|\b(?:java|javax|org\.voltdb)(?:\.[\w$]{1,80}){1,12}(?:Exception|Error)\b)
      | (?P<before>Table[ ]CatalogId[ ]|\bProcedure[ ](?=\S{1,500}[ ](?:was[ ]not[ ]found|is[ ]not[ ]present))
          |PROCEDURE[ ](?=\S{1,500}[ ]EXPECTS)|sending[ ]procedure[ ](?=\S{1,500}[ ]to[ ]the)
          |permission[ ]to[ ]invoke[ ]|object[ ]not[ ]found:[ ])(?P<name>[\w.$@]+)
      | (?P<intro>convert[ ]string[ ](?=.{0,2000}?[ ]to[ ])|[Vv]alue:?[ ]\((?=.{0,2000}?\)[ ])
          |Parameter[ ]value[ ](?=.{0,2000}?,[ ]partition)|instead[ ]was[ ](?=.{0,2000}?\Z)
          |selector:?[ ](?=\S{0,200}\Z))
        (?P<slot>.*?)(?=[ ]to[ ]|\)[ ]|,[ ]partition|\Z)
      | \bUser[ ](?P<user>\S{1,500})(?=[ ](?:does[ ]not[ ]have|has[ ]been))
      | (?<!\w)'(?P<value>[^']*)'(?!\w)
      | "(?P<sql>[^"]*)"
      | (?P<time>\d{4}-\d\d-\d\d(?:[ ]\d\d:\d\d:\d\d(?:\.\d{1,6})?)?(?!\w))
      | (?P<number>-?\b\d+(?:\.\d+)?(?!\w))
      | (?P<word>@?[\w$]+)
      | (?P<other>\s+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Messages:
    """Redacts texts of errors."""

    def __init__(self, pseudonyms: Pseudonyms, statements: Statements, rename: Rename, user: Rename) -> None:
        self._pseudonyms = pseudonyms
        self._statements = statements
        self._rename = rename
        self._user = user

    def redacted(self, text: str) -> str:
        """A text of the server with nothing in it that is not its own."""
        foreign = _FOREIGN.search(text)
        end = foreign.end() if foreign else len(text)
        return self._part(text[:end], is_own=True) + self._part(text[end:], is_own=False)

    def _part(self, text: str, *, is_own: bool) -> str:
        return "".join(self._piece(match, is_own) for match in _PIECES.finditer(text))

    def _piece(self, match: re.Match[str], is_own: bool) -> str:
        text = match[0]
        match match.lastgroup:
            case "frame":
                return self._frame(text)
            case "exception":
                return text
            case "name":
                return match["before"] + (
                    self._rename(match["name"]) if is_own else self._word(match["name"])
                )
            case "slot":
                found = match["slot"]
                is_word = is_own and (found.upper() in WORDS or found == "null")
                return match["intro"] + (found if is_word else self._pseudonyms.text(found))
            case "user":
                return "User " + self._user(match["user"])
            case "value":
                return f"'{self._pseudonyms.text(match['value']).replace(chr(39), chr(34))}'"
            case "sql":
                found = match["sql"]
                is_word = is_own and found.upper() in WORDS
                return f'"{found if is_word else self._statements.redacted(found)}"'
            case "time" | "number":
                return self._pseudonyms.text(text)
            case "word":
                return text if self._is_own_word(text, is_own) else self._word(text)
        return text if text.isascii() else "?" * len(text)

    def _frame(self, text: str) -> str:
        """A line of a stack trace: names of classes, renamed as such."""
        return re.sub(r"[\w$.]+(?=[(/])|(?<=\()[\w$]+(?=\.java)", lambda found: self._rename(found[0]), text)

    def _is_own_word(self, word: str, is_own: bool) -> bool:
        if word == "NULL":
            return True
        return is_own and (word.startswith("@") or word.upper() in _OWN_WORDS or is_keyword(word))

    def _word(self, word: str) -> str:
        return self._pseudonyms.text(word)


_OWN_WORDS_TEXT = """
    VOLTDB ERROR ERRORS SQL CONSTRAINT VIOLATION ATTEMPTED OF UNIQUE TABLE CATALOGID RELEVANT TUPLES
    NOT_NULL PARTITIONING LIMIT NUMERIC MAIN FOREIGN_KEY PRIMARY_KEY CHECK USER ABORT UNEXPECTED FAILURE
    TRANSACTION INTERRUPTED RESTART RESTARTED BEING DUE TO FAULT RECOVERY OR SHUTDOWN DROPPED CHANGE IN
    MASTERSHIP IT IS POSSIBLE THE WAS COMMITTED PROCEDURE PROCEDURES NOT FOUND EXPECTS PARAMS BUT
    RECEIVED WHILE COMPILING QUERY SYNTAX TOKEN OBJECT END STATEMENT STATEMENTS DATA EXCEPTION DIVISION
    BY ZERO VALUE VALUES OUT RANGE NUMERIC INVALID CHARACTER FOR CAST A AN SIZE EXCEEDS COLUMN COLUMNS
    ROW ROWS FAILED PLAN NO PROVIDED UNABLE EXECUTE ADHOC CONVERT STRING INT TARGET PARAMETER PARAMETERS
    ARRAY SCALAR MISMATCH ERROR SENDING CORRECT PARTITION PARTITIONED MAKE SURE ARE MESSAGE DOES HAVE
    PERMISSION INVOKE ADMIN READ WRITE HAS BEEN REMOVED FROM SYSTEM VIA CATALOG UPDATE UPDATED UPDATING
    SERVER PAUSED AND AVAILABLE MODE ONLY PLEASE TRY AGAIN LATER SHUTTING DOWN CLIENT THIS TYPE
    SUPPORTED ALLOWED CONTEXT INCOMPATIBLE TYPES COMBINATION NEEDED LITERAL EXPRESSION AGGREGATE GROUP
    COUNT INCOMPATIBLE DEFAULT NULLABLE CONSTANT OVERFLOWS UNDERFLOWS FORMAT TOO WIDE WILL OVERFLOW
    STORAGE ADDING DIVIDE RESULT FLOATING POINT FUNCTION MAXIMUM PRECISION EXCEEDED DIGITS LEFT DECIMAL
    INCORRECT NUMBER PASSED EXPECTED WHEN CALLED WITH MORE THAN ONE MUST BE SINGLE FIRST ARGUMENT ITS
    PASS EACH SEPARATE CALLPROCEDURE INVOCATION SYSTEM REQUIRES AT LEAST DDL MIXED DML QUERIES
    UNSUPPORTED OUTPUT STMT OVERFLOWED NETWORK BUFFER TEMP MEMORY USED EXECUTING ABORTING ABORTED
    REQUESTED INFO YET CURRENT CONFIGURATION SELECTOR VALID INSTEAD ARGUMENTS STATISTICS GET KEY
    RECOGNIZED INDEX EXPLAIN VIEW EXIST UNKNOWN PROCEDUREINVOCATIONTYPE LENGTH BIGGER TOTAL NEGATIVE
    NAME CANNOT INVOCATION DESERIALIZATION DESERIALIZING DESERIALIZE SPI EXTENSIONS EXTENSION TIMEOUT
    TIMED PERIOD TERMINATED AFTER SECONDS BECAUSE CURRENTLY BEFORE EXECUTION REQUEST RESPONSE COMPOUND
    PROC PRESENT CAN HAPPEN IF OCCURRED SUBMITTED PLANNABLE PLANNER GUARANTEE THAT ALL WOULD SWAPPING
    TABLES FOLLOWING REASON S DIFFERENT NUMBERS OTHER ILLEGAL MODIFY MATERIALIZED STREAM INSERT
    PERMITTED
    """
_OWN_WORDS: Final = WORDS | frozenset(_OWN_WORDS_TEXT.split())
"""Words of the server's phrases, in upper case; a word that could well be a value is not among them."""
