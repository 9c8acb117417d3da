"""The grammar of DDL: from one statement to what it says, or a sentence on what is wrong and where. Pure.

Parsed with lark, which is imported with the first statement and no sooner. Words are keywords only where
the grammar has them, so columns may be called `value` or `timestamp`. Queries and expressions are kept as
text; clauses that make no difference to a client are read and dropped.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NoReturn

from volttools.mock.schema.errors import DdlError, plain_error
from volttools.mock.schema.statements import Statement

if TYPE_CHECKING:
    from lark import Lark, UnexpectedInput

MAX_LENGTH = 10_000_000
"""Characters of a statement; what is longer was not written by anyone."""

_TOO_DEEP = "the statement can't be read: its brackets are nested too deeply"

GRAMMAR = r"""
    ?start: create_table | create_stream | create_view | create_index | create_procedure | create_function
        | create_role | create_task | alter_task | partition_table | partition_procedure | drop | dr_table
        | alter_table | no_change

    create_table: "CREATE"i "TABLE"i NAME target? "(" _items ")" ttl?
    create_stream: "CREATE"i "STREAM"i NAME stream_option* "(" _items ")"
    ?stream_option: "PARTITION"i "ON"i "COLUMN"i NAME -> on_column | target
    target: ("MIGRATE"i | "EXPORT"i) "TO"i ("TARGET"i | "TOPIC"i) NAME ("ON"i NAME ("," NAME)*)? key_options?
    key_options: "WITH"i (NAME parts)+
    _items: _item ("," _item)* ","?
    _item: column | constraint
    column: NAME column_type column_option*
    column_type: NAME size?
    size: "(" NUMBER [BYTES] ("," NUMBER)? ")"
    ?column_option: "NOT"i "NULL"i -> not_null
        | "NULL"i -> may_be_null
        | "DEFAULT"i default
        | ["CONSTRAINT"i NAME] KEY_WORD -> column_key
        | _checked -> ignored
        | "GENERATED"i ("ALWAYS"i | "BY"i "DEFAULT"i) "AS"i "IDENTITY"i group? -> ignored
        | "IDENTITY"i -> ignored
    default: STRING | NUMBER | SIGN_OF_NUMBER NUMBER | HEX | DEFAULT_WORD group?
    constraint: ["CONSTRAINT"i NAME] (KEY_WORD parts | _checked)
    _checked: "CHECK"i group | "FOREIGN"i "KEY"i parts _references | _references
    _references: "REFERENCES"i NAME group? reference_action*
    reference_action: "ON"i ("DELETE"i | "UPDATE"i) ("CASCADE"i | "RESTRICT"i | "NO"i "ACTION"i | "SET"i "NULL"i)
    parts: "(" expression ("," expression)* ")"
    expression: _piece+
    _piece: NAME | NUMBER | STRING | HEX | SIGN | SIGN_OF_NUMBER | group
    group: "(" (_piece | COMMA)* ")"
    ttl: "USING"i "TTL"i NUMBER NAME? "ON"i "COLUMN"i NAME ttl_option*
    ttl_option: "BATCH_SIZE"i NUMBER | "MAX_FREQUENCY"i NUMBER | "MIGRATE"i "TO"i "TARGET"i NAME

    create_view: "CREATE"i "VIEW"i NAME parts? "AS"i TEXT
    create_index: "CREATE"i [INDEX_WORD] "INDEX"i NAME "ON"i NAME parts ["WHERE"i TEXT]

    create_procedure: "CREATE"i [COMPOUND] "PROCEDURE"i [name] clause* body
    ?clause: "ALLOW"i NAME ("," NAME)* -> allow
        | "PARTITION"i _on_table ("AND"i _on_table)* -> partition
        | "DIRECTED"i -> directed
    _on_table: "ON"i on_table
    on_table: "TABLE"i NAME "COLUMN"i NAME ["PARAMETER"i NUMBER]
    ?body: "AS"i TEXT -> as_sql | "FROM"i "CLASS"i name -> from_class
    !name: NAME ("." NAME)*

    create_function: "CREATE"i [AGGREGATE] "FUNCTION"i NAME "FROM"i ("METHOD"i | "CLASS"i) name
    create_role: "CREATE"i "ROLE"i NAME ("WITH"i NAME ("," NAME)*)?
    create_task: "CREATE"i "TASK"i NAME TEXT
    alter_task: "ALTER"i "TASK"i NAME TEXT

    partition_table: "PARTITION"i "TABLE"i NAME "ON"i "COLUMN"i NAME
    partition_procedure: "PARTITION"i "PROCEDURE"i name _on_table ("AND"i _on_table)*
    drop: "DROP"i DROPPED name [IF_EXISTS] [CASCADE]
    dr_table: "DR"i "TABLE"i (NAME | STAR) [DISABLE]
    no_change: "SET"i NAME SIGN? NAME | "REPLICATE"i "TABLE"i NAME

    alter_table: "ALTER"i "TABLE"i NAME change
    ?change: "ADD"i "COLUMN"i? column ["BEFORE"i NAME] -> add_column
        | "ADD"i constraint -> add_key
        | "ADD"i ttl -> set_ttl
        | "ALTER"i ttl -> set_ttl
        | "ALTER"i "COLUMN"i? column -> change_type
        | "ALTER"i "COLUMN"i? NAME "SET"i "NOT"i "NULL"i -> change_not_null
        | "ALTER"i "COLUMN"i? NAME "SET"i "NULL"i -> change_null
        | "ALTER"i "COLUMN"i? NAME "SET"i "DEFAULT"i default -> change_default
        | "ALTER"i "COLUMN"i? NAME "DROP"i "DEFAULT"i -> change_drop_default
        | "DROP"i "COLUMN"i? NAME [CASCADE] -> drop_column
        | "DROP"i "CONSTRAINT"i NAME [CASCADE] -> drop_constraint
        | "DROP"i PRIMARY_KEY -> drop_key
        | "DROP"i "TTL"i -> drop_ttl

    KEY_WORD.2: PRIMARY_KEY | "UNIQUE"i | "ASSUMEUNIQUE"i
    PRIMARY_KEY.2: /PRIMARY\s+KEY(?![\w$])/i
    INDEX_WORD: "UNIQUE"i | "ASSUMEUNIQUE"i
    DROPPED: "TABLE"i | "VIEW"i | "STREAM"i | "INDEX"i | "PROCEDURE"i | "FUNCTION"i | "ROLE"i | "TASK"i
    IF_EXISTS.2: /IF\s+EXISTS(?![\w$])/i
    CASCADE: "CASCADE"i
    DISABLE: "DISABLE"i
    COMPOUND: "COMPOUND"i
    AGGREGATE: "AGGREGATE"i
    BYTES: "BYTES"i
    DEFAULT_WORD: "NULL"i | "NOW"i | "CURRENT_TIMESTAMP"i
    STAR: "*"
    COMMA: ","
    NAME: /[^\W\d][\w$]*/i
    NUMBER: /(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?/i
    STRING: /'(?:[^']|'')*'/
    HEX.2: /x'[^']*'/i
    SIGN_OF_NUMBER: /[-+]/
    SIGN: /\|\||[<>!]=|<>|[=<>*\/%.?]/
    TEXT: /\S(?:.*\S)?/s

    %ignore /\s+/
"""

_UNSUPPORTED = ("SCHEMA", "SEQUENCE", "TRIGGER", "USER", "TEMP", "TEMPORARY", "GLOBAL", "OR")


def parse_statement(text: str) -> Statement:
    """What a statement says. DdlError, with the place in the text, for one that can't be read."""
    if len(text) > MAX_LENGTH:
        raise DdlError(f"the statement has {len(text):,} characters; {MAX_LENGTH:,} are read at most")
    _check_what_it_is(text)
    from lark import UnexpectedInput
    from lark.exceptions import VisitError

    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        _refuse(text, error)
    from volttools.mock.schema.reading import Reader

    try:
        statement: Statement = Reader(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, DdlError):
            raise error.orig_exc from None
        raise DdlError(_TOO_DEEP) from error
    except RecursionError:
        raise DdlError(_TOO_DEEP) from None
    return statement


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, propagate_positions=True)


def _check_what_it_is(text: str) -> None:
    words = text.upper().split(None, 3)
    first, second, third = [*words, "", "", ""][:3]
    if first == "CREATE" and second in _UNSUPPORTED:
        raise plain_error(f"AdHoc DDL contains an unsupported statement: {text}")
    if first == "IMPORT":
        raise plain_error(f"Statement is not supported: IMPORT, in statement: {text}")
    if first == "ALTER" and second == "TABLE" and " RENAME " in f" {' '.join(text.upper().split())} ":
        raise plain_error(f"AdHoc DDL ALTER/RENAME is not yet supported, in statement: {text}")
    rest = words[3] if len(words) > 3 else ""
    if first == "CREATE" and second == "TABLE" and (third == "IF" or rest.startswith("PARTITION ON")):
        problem = (
            f'[Ad Hoc DDL Input]: Invalid CREATE TABLE statement: "{text}" expected syntax: CREATE TABLE name '
            "[EXPORT|MIGRATE TO TARGET|TOPIC name] [options] (column datatype, ...);"
        )
        raise plain_error(problem)


def _refuse(text: str, error: UnexpectedInput) -> NoReturn:
    from lark import UnexpectedToken

    position = error.pos_in_stream
    token = getattr(error, "token", None)
    if (
        isinstance(error, UnexpectedToken) and token is not None and token.type == "$END"
    ) or position is None:
        raise DdlError("unexpected end of statement", position=len(text)) from None
    if text[position] == ")" and text[:position].rstrip().endswith("("):
        raise DdlError("zero-column table is not allowed", position=position) from None
    from volttools.sql import tokens

    found = next(tokens(text[position:])).text
    shown = found.strip('"') if found.startswith('"') else found.upper()
    raise DdlError(f"unexpected token: {shown}", position=position) from None
