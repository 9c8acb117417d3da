"""The grammar: from text to a tree of `expressions`, or a sentence on what is wrong and where.

Parsed with lark, which is imported when the first expression is read and no sooner. The parser
keeps its own stack, so that ten thousand brackets are no problem here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Context, Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from volttools.filters.errors import FilterError
from volttools.filters.expressions import (
    All,
    Comparison,
    Each,
    Either,
    Exists,
    Index,
    Literal,
    LiteralKind,
    Membership,
    Name,
    Node,
    Not,
    Operand,
    Path,
    Step,
    Truth,
)
from volttools.filters.units import BYTES_PER, NS_PER
from volttools.words import nearest

if TYPE_CHECKING:
    from lark import Lark, Token, UnexpectedInput

MAX_LENGTH = 100_000
"""Characters of an expression; what is longer was not written by anyone."""

_MAX_DIGITS = 100
_MAX_EXPONENT = 400  # of FLOAT it is 308
_WIDE = Context(prec=2 * _MAX_DIGITS)  # so that units multiply exactly

_RESERVED = ("and", "or", "not", "in", "contains", "exists")

PATTERN_SIGNS = ("~", "!~")
"""The signs whose right side is a regular expression."""

GRAMMAR = r"""
    ?start: either

    ?either: all (_OR all)*
    ?all: negation (_AND negation)*
    ?negation: NOT negation -> negate
        | "(" either ")"
        | operand SIGN operand -> compare
        | operand IN "[" [operand ("," operand)*] "]" -> choose
        | EXISTS (path | "(" path ")") -> exists
        | operand -> truth

    ?operand: path | literal
    path: NAME step*
    step: "." NAME -> name
        | "[" NUMBER "]" -> index
        | "[" TEXT "]" -> key
        | "[" "*" "]" -> each
    literal: NUMBER -> number
        | TEXT -> text
        | BYTES -> hex
        | TRUE -> true
        | FALSE -> false
        | NULL -> null

    SIGN: "==" | "!=" | "<=" | ">=" | "<" | ">" | "~" | "!~" | /contains\b/i
    _OR.2: /or\b/i
    _AND.2: /and\b/i
    NOT.2: /not\b/i
    IN.2: /in\b/i
    EXISTS.2: /exists\b/i
    TRUE.2: /true\b/i
    FALSE.2: /false\b/i
    NULL.2: /null\b/i
    BYTES.2: /x("[^"]*"|'[^']*')/i
    TEXT: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
    NUMBER: /[-+]?(0x[0-9a-f_]*|[0-9][0-9_]*(\.[0-9_]+)?(e[-+]?[0-9]+)?)(\s*(?-i:UNITS)\b|[^\W\d]\w*)?/i
    NAME: /[^\W\d]\w*/

    %ignore /\s+/
""".replace("UNITS", "|".join(sorted([*NS_PER, *BYTES_PER], key=len, reverse=True)))

_NUMBER = re.compile(
    r"([-+]?)(?:0x([0-9a-f_]*)|([0-9][0-9_]*(?:\.[0-9_]+)?(?:e[-+]?[0-9]+)?))\s*(\w*)", re.IGNORECASE
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}

# What people write out of habit, and what it is here.
_HABITS = {
    "=~": "a regular expression is asked for with ~",
    "<>": "write !=",
    "=<": "write <=",
    "=>": "write >=",
    "&&": "write and",
    "||": "write or",
    "=": "write == to compare",
    "&": "write and",
    "|": "write or",
    "!": "write not",
    "@": 'a text needs quotes: procedure ~ "^@"',
    "%": 'texts are matched by regular expressions: procedure ~ "^Vote"',
    ";": "write and or or between conditions",
    "\u201c": 'write straight quotes: "text"',
    "\u2018": "write straight quotes: 'text'",
}
_WORDS = {
    "is": "write == null, or exists",
    "like": 'write ~ and a regular expression: procedure ~ "^Vote"',
    "matches": "write ~",
    "between": "write latency > 5ms and latency < 1s",
    "equals": "write ==",
    "includes": "write contains",
    "startswith": 'write ~ and a regular expression: procedure ~ "^Vote"',
}


def parse_expression(text: str) -> Node:
    """The tree of an expression; FilterError with the place for what is none."""
    if not text.strip():
        raise FilterError("the expression is empty; write one such as latency > 5ms", text, 1)
    if len(text) > MAX_LENGTH:
        raise FilterError(f"the expression is longer than {MAX_LENGTH:,} characters", text, MAX_LENGTH + 1)
    from lark import UnexpectedInput

    try:
        # lark's Tree is not what comes out: _Builder makes nodes of it
        found: Node = _parser().parse(text)  # type: ignore[assignment]
    except _Wrong as wrong:
        raise FilterError(wrong.reason, text, wrong.at + 1) from None
    except UnexpectedInput as error:
        _explain(error, text)
    return found


class _Wrong(Exception):
    """A mistake inside of a token, by its offset."""

    def __init__(self, reason: str, at: int) -> None:
        self.reason = reason
        self.at = at


@cache
def _parser() -> Lark:
    from lark import Lark, Transformer, v_args

    # v_args passes over what is inherited, and lark is not there when _Builder is defined
    rules = {name: rule for name, rule in vars(_Builder).items() if not name.startswith("__")}
    builder = v_args(inline=True)(type("Builder", (Transformer,), rules))
    return Lark(GRAMMAR, parser="lalr", transformer=builder(), maybe_placeholders=False)


class _Builder:
    """A method a rule of the grammar: its parts in, its node out."""

    def either(self, *items: Node) -> Node:
        return Either(items, items[0].at)

    def all(self, *items: Node) -> Node:
        return All(items, items[0].at)

    def negate(self, word: Token, item: Node) -> Node:
        return Not(item, _at(word))

    def compare(self, left: Operand, sign: Token, right: Operand) -> Node:
        is_pattern = sign in PATTERN_SIGNS  # its backslashes belong to the regular expression
        right = right if is_pattern else _unescaped(right)
        return Comparison(_unescaped(left), str(sign).lower(), right, _at(sign))

    def choose(self, left: Operand, word: Token, *choices: Operand) -> Node:
        return Membership(_unescaped(left), tuple(map(_unescaped, choices)), _at(word))

    def exists(self, word: Token, path: Path) -> Node:
        return Exists(path, _at(word))

    def truth(self, operand: Operand) -> Node:
        return Truth(operand, operand.at)

    def path(self, name: Token, *steps: Step) -> Path:
        if name.lower() in _RESERVED:
            raise _Wrong(f"expected a condition such as latency > 5ms; found {str(name)!r}", _at(name))
        text = str(name) + "".join(map(_step_text, steps))
        return Path(str(name), steps, text, _at(name))

    def name(self, name: Token) -> Step:
        return Name(str(name), _at(name))

    def index(self, number: Token) -> Step:
        literal = self.number(number)
        if literal.kind is not LiteralKind.NUMBER or not isinstance(literal.value, int):
            raise _Wrong(f"{literal.text} is no position; write [0] for the first, [*] for any", literal.at)
        return Index(literal.value, literal.at)

    def key(self, text: Token) -> Step:
        return Name(_unescaped_text(str(text)[1:-1], _at(text) + 1), _at(text))

    def each(self) -> Step:
        return Each(0)

    def number(self, token: Token) -> Literal:
        at = _at(token)
        match = _NUMBER.fullmatch(token)
        assert match is not None
        sign, hexadecimal, decimal, unit = match.groups()
        if len(token) > _MAX_DIGITS:
            raise _Wrong(f"a number has at most {_MAX_DIGITS} characters here", at)
        value = _number(hexadecimal, decimal, at)
        value = -value if sign == "-" else value
        kind = LiteralKind.NUMBER
        if unit:
            kind, factor = _unit(unit, at + match.start(4))
            value = _exact(_WIDE.multiply(Decimal(value), factor))
        return Literal(kind, value, str(token), at)

    def text(self, token: Token) -> Literal:
        return Literal(LiteralKind.TEXT, str(token)[1:-1], str(token), _at(token))

    def hex(self, token: Token) -> Literal:
        try:
            value = bytes.fromhex(token[2:-1])
        except ValueError:
            raise _Wrong('bytes are written in hex, two digits each: x"00ff"', _at(token)) from None
        return Literal(LiteralKind.BYTES, value, str(token), _at(token))

    def true(self, token: Token) -> Literal:
        return Literal(LiteralKind.TRUTH, True, str(token), _at(token))

    def false(self, token: Token) -> Literal:
        return Literal(LiteralKind.TRUTH, False, str(token), _at(token))

    def null(self, token: Token) -> Literal:
        return Literal(LiteralKind.NULL, None, str(token), _at(token))


def _at(token: Token) -> int:
    return token.start_pos or 0


def _step_text(step: Step) -> str:
    if isinstance(step, Name):
        return f".{step.name}" if step.name.isidentifier() else f'["{step.name}"]'
    return f"[{step.index}]" if isinstance(step, Index) else "[*]"


def _number(hexadecimal: str | None, decimal: str, at: int) -> int | Decimal:
    if hexadecimal is None:
        try:
            value = Decimal(decimal.replace("_", ""))
        except InvalidOperation:
            value = Decimal("Infinity")
        if not value.is_finite() or abs(value.adjusted()) > _MAX_EXPONENT:
            raise _Wrong("no value is as large or as small as that number", at)
        return _exact(value)
    digits = hexadecimal.replace("_", "")
    if not digits:
        raise _Wrong("digits are missing behind 0x", at)
    return int(digits, 16)


def _exact(value: Decimal) -> int | Decimal:
    """An int where it is one."""
    is_whole = value.adjusted() <= _MAX_DIGITS and value == value.to_integral_value()
    return int(value) if is_whole else value


def _unit(unit: str, at: int) -> tuple[LiteralKind, int]:
    if unit in NS_PER:
        return LiteralKind.DURATION, NS_PER[unit]
    if unit in BYTES_PER:
        return LiteralKind.SIZE, BYTES_PER[unit]
    like = nearest(unit, [*NS_PER, *BYTES_PER])
    known = f"there are {', '.join(NS_PER)} for durations and {', '.join(BYTES_PER)} for sizes"
    raise _Wrong(f"no unit is called {unit!r}; {f'did you mean {like}?' if like else known}", at)


def _unescaped(operand: Operand) -> Operand:
    if isinstance(operand, Path) or operand.kind is not LiteralKind.TEXT:
        return operand
    return replace(operand, value=_unescaped_text(str(operand.value), operand.at + 1))


def _unescaped_text(text: str, at: int) -> str:
    def character(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if digits:
            return chr(int(digits, 16))
        if match[3] not in _ESCAPED:
            raise _Wrong(
                f"{match[0]} means nothing in a text; write \\\\ for a backslash", at + match.start()
            )
        return _ESCAPED[match[3]]

    return _ESCAPE.sub(character, text)


# ---------------------------------------------------------------- what went wrong


def _explain(error: UnexpectedInput, text: str) -> NoReturn:
    """Raise what a person can do about an expression that lark doesn't understand."""
    from lark import UnexpectedCharacters, UnexpectedToken

    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        wanted = set(error.allowed or ())
        reason = f"{text[at]!r} means nothing here; texts need quotes"
    else:
        assert isinstance(error, UnexpectedToken)
        at = len(text.rstrip()) if error.token.type == "$END" else error.token.start_pos or 0
        wanted = error.accepts or error.expected
        reason = _expected(text, at, wanted)
    if at and text[at - 1 : at + 1] in _HABITS:  # the first of its two characters was a sign
        at -= 1
    raise FilterError(_hint(text, at, wanted) or reason, text, at + 1) from None


def _hint(text: str, at: int, wanted: set[str]) -> str | None:
    rest = text[at:]
    if rest[:1] in ('"', "'"):
        is_open = re.match(r"""(["'])(?:\\.|(?!\1)[^\\])*\1""", rest, re.DOTALL) is None
        if is_open:
            return "the text that begins here has no closing quote"
    for habit, hint in _HABITS.items():
        if rest.startswith(habit):
            return hint
    word = re.match(r"\w*", rest)
    folded = word[0].lower() if word else ""
    if "SIGN" in wanted:
        if folded == "not":
            return "write not before the field: not status in [SUCCESS, USER_ABORT]"
        return _WORDS.get(folded)
    if "_AND" in wanted and re.match(r"[=!<>~]|(?:contains|in)\b", rest, re.IGNORECASE):
        return "comparisons don't chain; write latency > 5ms and latency < 1s"
    return None


# What may stand somewhere, by the terminals that the parser would take there.
_WANTED = (
    ("a condition such as latency > 5ms", {"NOT"}),
    ("a field or a value", {"NAME", "TEXT", "NUMBER"}),
    ("a position such as [0], [*], or a column's name in quotes", {"NUMBER", "STAR"}),
    ("a name", {"NAME"}),
    ("a comparison (== != < <= > >= ~ !~ contains in)", {"SIGN"}),
    ("a list such as [1, 2, 3]", {"LSQB"}),
    ("and/or", {"_AND", "_OR"}),
    (",", {"COMMA"}),
    ("]", {"RSQB"}),
    (")", {"RPAR"}),
    ("the end", {"$END"}),
)


def _expected(text: str, at: int, wanted: set[str]) -> str:
    token = re.match(r"\w+|[^\w\s]", text[at:])
    found = []
    left = set(wanted)
    if "DOT" in wanted:
        left -= {"LSQB"}  # nobody forgets that a field may go on
    for words, terminals in _WANTED:
        if terminals <= left:
            found.append(words)
            if "NAME" in terminals or "NOT" in terminals:
                left -= {"NAME", "TEXT", "NUMBER", "LPAR"}
    choice = f"{', '.join(found[:-1])} or {found[-1]}" if len(found) > 1 else found[0]
    return f"expected {choice}; found {repr(token[0]) if token else 'the end'}"
