"""From a tree of `expressions` to one closure: types are checked here, once, and not in events.

Conditions are tried from left to right and no further than needed, so that what is read from
the head of a message spares parsing the rest.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from volttools.filters.errors import FilterError
from volttools.filters.expressions import (
    All,
    Comparison,
    Either,
    Exists,
    Literal,
    LiteralKind,
    Membership,
    Node,
    Not,
    Operand,
    Path,
    Truth,
)
from volttools.filters.fields import FIELDS
from volttools.filters.grammar import PATTERN_SIGNS
from volttools.filters.paths import Resolved, resolve
from volttools.filters.shapes import Dynamic, Group, Kind, Many, Scalar, words_of
from volttools.filters.values import (
    ABSENT,
    COMPARE,
    Test,
    literal_test,
    moment_of,
    pair_test,
    part_test,
    pattern_test,
)
from volttools.words import nearest

Matches = Callable[[Any], bool]

MAX_NESTING = 100

_CONTAINS = "contains"
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_QUANTITY = re.compile(r"[-+]?[0-9][0-9.]*[a-zA-Z]*")
_FEW = 12  # names that an error lists
_WITH_UNITS = (Kind.DURATION, Kind.TIME)
_SIZES = (Kind.NUMBER, Kind.SIZE)


def compile_expression(node: Node, text: str) -> Matches:
    """The closure of an expression; FilterError with the place for what can't be asked."""
    return _Compiler(text).node(node, 0)


class _Compiler:
    """One expression; `text` is for errors."""

    def __init__(self, text: str) -> None:
        self.text = text

    def error(self, reason: str, at: int) -> FilterError:
        return FilterError(reason, self.text, at + 1)

    def node(self, node: Node, depth: int) -> Matches:
        if depth > MAX_NESTING:
            raise self.error(f"conditions are nested more than {MAX_NESTING} deep", node.at)
        if isinstance(node, (All, Either)):
            items = [self.node(item, depth + 1) for item in node.items]
            return _all_of(items) if isinstance(node, All) else _any_of(items)
        if isinstance(node, Not):
            item = self.node(node.item, depth + 1)
            return lambda event: not item(event)
        if isinstance(node, Comparison):
            return self.comparison(node)
        if isinstance(node, Membership):
            return self.membership(node)
        return self.exists(node) if isinstance(node, Exists) else self.truth(node)

    # ------------------------------------------------------------ a field alone

    def exists(self, node: Exists) -> Matches:
        found = resolve(node.path, self.text)
        read, values = found.read, found.values
        if found.is_many:
            return lambda event: any(True for _ in values(event))
        if found.is_dynamic:
            return lambda event: read(event) is not ABSENT
        return lambda event: (value := read(event)) is not None and value is not ABSENT

    def truth(self, node: Truth) -> Matches:
        if isinstance(node.operand, Literal):
            raise self.error("this is a value; compare a field with it: latency > 5ms", node.at)
        path = node.operand
        found = self.field(path)
        if not _is_kind(found, Kind.TRUTH):
            raise self.error(
                f"{path.text} is {words_of(found.shape)}; compare it ({path.text} {_example(found)}), "
                f"or write exists {path.text}",
                node.at,
            )
        return _applied(found, bool)

    # ------------------------------------------------------------ comparisons

    def comparison(self, node: Comparison) -> Matches:
        left, sign, right = node.left, node.sign, node.right
        if isinstance(left, Literal):
            if isinstance(right, Literal):
                raise self.error("one side must be a field, such as latency or params[0]", left.at)
            if sign not in _FLIPPED:
                raise self.error(f"the field stands first: {right.text} {sign} {left.text}", left.at)
            left, sign, right = right, _FLIPPED[sign], left
        found = self.field(left)
        if sign in PATTERN_SIGNS:
            return _applied(found, self.pattern(found, sign, right, node.at))
        if sign == _CONTAINS:
            return _applied(found, self.part(found, right, node.at))
        value = self.value(found, right)
        if isinstance(value, Resolved):
            return self.pair(found, sign, value, node)
        return _applied(found, self.test(found, sign, value))

    def membership(self, node: Membership) -> Matches:
        if isinstance(node.left, Literal):
            raise self.error("the field stands first: status in [SUCCESS, USER_ABORT]", node.left.at)
        found = self.field(node.left)
        tests = []
        for choice in node.choices:
            value = self.value(found, choice)
            if isinstance(value, Resolved):
                raise self.error("a list holds values, not fields", choice.at)
            tests.append(self.test(found, "==", value))
        return _applied(found, lambda value: any(test(value) for test in tests))

    def field(self, path: Path) -> Resolved:
        """A field that has a value to compare."""
        found = resolve(path, self.text)
        shape = found.shape
        if isinstance(shape, (Scalar, Dynamic)):
            return found
        if isinstance(shape, Many):
            first = "" if shape.is_whole else f"{path.text}[0], "
            hint = f"write {first}{path.text}[*] for any of them, or {path.text}.count"
        elif isinstance(shape, Group):
            hint = f"it has {', '.join(f'{path.text}.{name}' for name in shape.fields)}"
        else:
            hint = f"write {path.text}.NAME or {path.text}[0] for one of its columns"
        raise self.error(f"{path.text} is {words_of(shape)}; {hint}", path.at)

    def value(self, found: Resolved, operand: Operand) -> Literal | Resolved:
        """What a field is compared with; bare words are names of its values first."""
        names = found.shape.names if isinstance(found.shape, Scalar) else None
        if isinstance(operand, Path):
            is_word = not operand.steps and operand.name not in FIELDS
            if names is not None and (is_word or operand.text in names):
                return self.named(found, names, operand.name, operand.at)
            if is_word and (found.is_dynamic or _is_kind(found, Kind.TEXT)):
                raise self.error(
                    f'no field is called {operand.name!r}; a text needs quotes: "{operand.name}"', operand.at
                )
            return self.field(operand)
        if names is not None and operand.kind is LiteralKind.TEXT:
            return self.named(found, names, str(operand.value), operand.at)
        return operand

    def named(self, found: Resolved, names: Any, word: str, at: int) -> Literal:
        folded = {name.casefold(): value for name, value in names.items()}
        value = folded.get(word.casefold())
        if value is None:
            like = nearest(word, names)
            hint = f"did you mean {_quoted(like)}?" if like else _names_hint(found.path.text, names)
            raise self.error(f"{found.path.text} is never {word!r}; {hint}", at)
        kind = LiteralKind.TEXT if isinstance(value, str) else LiteralKind.NUMBER
        return Literal(kind, value, word, at)

    def test(self, found: Resolved, sign: str, literal: Literal) -> Test:
        """The test of one value of the field."""
        is_ordered = sign not in ("==", "!=")
        if is_ordered and literal.kind in (LiteralKind.NULL, LiteralKind.TRUTH):
            raise self.error(f"{literal.text} has no order; only == and != compare with it", literal.at)
        if isinstance(found.shape, Scalar):
            constant = self.constant(found.path.text, found.shape.kind, literal)
            return partial(COMPARE[_FLIPPED[sign]], constant)
        if literal.kind in (LiteralKind.DURATION, LiteralKind.SIZE):
            raise self.error(f"{found.path.text} has no unit; write a plain number", literal.at)
        return literal_test(sign, literal)

    def constant(self, name: str, kind: Kind, literal: Literal) -> Any:
        """What values of a declared type are compared with."""
        if literal.kind is LiteralKind.NULL:
            raise self.error(f"{name} is never NULL; write not exists {name}, if it is not there", literal.at)
        if literal.kind not in kind.value.literals:
            raise self.error(_mismatch(name, kind, literal), literal.at)
        if kind is not Kind.TIME:
            return literal.value
        moment_ns = moment_of(str(literal.value))
        if moment_ns is None:
            hint = f"write {kind.value.example}, UTC unless it says otherwise"
            raise self.error(f"{literal.text} is no date and time; {hint}", literal.at)
        return moment_ns

    def pair(self, left: Resolved, sign: str, right: Resolved, node: Comparison) -> Matches:
        """A field against a field."""
        if isinstance(left.shape, Scalar) and isinstance(right.shape, Scalar):
            kinds = (left.shape.kind, right.shape.kind)
            if kinds[0] is not kinds[1] and not set(kinds) <= set(_SIZES):
                raise self.error(
                    f"{left.path.text} is {kinds[0].words} and {right.path.text} is {kinds[1].words}",
                    node.right.at,
                )
        for one, other in ((left, right), (right, left)):
            if one.is_dynamic and isinstance(other.shape, Scalar) and other.shape.kind in _WITH_UNITS:
                reason = f"{other.path.text} is {other.shape.kind.words}, and {one.path.text} has no unit"
                raise self.error(reason, node.right.at)
        test, left_values, right_values = pair_test(sign), left.values, right.values
        if right.is_many:
            return lambda event: any(test(a, b) for a in left_values(event) for b in right_values(event))
        read = right.read
        return lambda event: any(test(a, b) for b in (read(event),) for a in left_values(event))

    def pattern(self, found: Resolved, sign: str, right: Operand, at: int) -> Test:
        self.require_text(found, sign, at)
        if isinstance(right, Path) or right.kind is not LiteralKind.TEXT:
            raise self.error(
                f'{sign} takes a regular expression in quotes: {found.path.text} {sign} "x.*"', right.at
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what may change its meaning in a later Python
                pattern = re.compile(str(right.value))
        except re.error as error:
            raise self.error(
                f"the regular expression is wrong: {error.msg}", right.at + 1 + (error.pos or 0)
            ) from None
        except (OverflowError, RecursionError):
            raise self.error("the regular expression is too large", right.at) from None
        return pattern_test(sign, pattern)

    def part(self, found: Resolved, right: Operand, at: int) -> Test:
        is_bytes = isinstance(right, Literal) and right.kind is LiteralKind.BYTES
        if not is_bytes:
            self.require_text(found, _CONTAINS, at)
        elif isinstance(found.shape, Scalar) and found.shape.kind is not Kind.BYTES:
            raise self.error(_mismatch(found.path.text, found.shape.kind, right), right.at)
        if isinstance(right, Literal) and isinstance(right.value, (str, bytes)):
            return part_test(right.value)
        raise self.error(f'contains takes a text: {found.path.text} contains "x"', right.at)

    def require_text(self, found: Resolved, sign: str, at: int) -> None:
        if isinstance(found.shape, Scalar) and found.shape.kind is not Kind.TEXT:
            raise self.error(
                f"{found.path.text} is {words_of(found.shape)}, and {sign} is for texts; "
                f"write {found.path.text} {_example(found)}",
                at,
            )


def _names_hint(name: str, names: Collection[str]) -> str:
    if len(names) > _FEW:
        return f"`volttools fields {name}` lists its names"
    return f"there are {', '.join(map(_quoted, names))}"


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _mismatch(name: str, kind: Kind, literal: Any) -> str:
    if kind is Kind.DURATION and literal.kind is LiteralKind.NUMBER:
        return f"{name} is a duration and needs a unit; write {literal.text}ms or {literal.text}s"
    if kind is Kind.TIME and literal.kind is LiteralKind.DURATION:
        return f"{name} is a moment; for a distance from the start there are --since and --until"
    if kind is Kind.TEXT and literal.kind is not LiteralKind.BYTES:
        return f'{name} is a text; write "{literal.text}" in quotes'
    is_quoted = literal.kind is LiteralKind.TEXT and _QUANTITY.fullmatch(literal.value)
    if is_quoted and kind in (Kind.NUMBER, Kind.SIZE, Kind.DURATION):
        return f"{name} is {kind.words}; write {literal.value} without quotes"
    return f"{name} is {kind.words}, not {literal.kind.value}; write {kind.value.example}, for example"


def _example(found: Resolved) -> str:
    """A comparison that fits a field."""
    if not isinstance(found.shape, Scalar):
        return "== 42" if found.is_dynamic else "..."
    if found.shape.names is not None:
        return f"== {_quoted(next(iter(found.shape.names)))}"
    sign = {Kind.DURATION: ">", Kind.SIZE: ">", Kind.TIME: ">="}.get(found.shape.kind, "==")
    return f"{sign} {found.shape.kind.value.example}"


def _is_kind(found: Resolved, kind: Kind) -> bool:
    return isinstance(found.shape, Scalar) and found.shape.kind is kind


# ---------------------------------------------------------------- closures


def _applied(found: Resolved, test: Test) -> Matches:
    """The test of a field's value, or of any of them; what is not there never passes."""
    read = found.read
    if found.is_many:
        return lambda event: any(test(value) for value in read(event))
    if found.is_dynamic:
        return lambda event: (value := read(event)) is not ABSENT and test(value)
    return lambda event: (value := read(event)) is not None and value is not ABSENT and test(value)


def _all_of(items: list[Matches]) -> Matches:
    if len(items) == 2:
        first, second = items
        return lambda event: first(event) and second(event)
    return lambda event: all(item(event) for item in items)


def _any_of(items: list[Matches]) -> Matches:
    if len(items) == 2:
        first, second = items
        return lambda event: first(event) or second(event)
    return lambda event: any(item(event) for item in items)
