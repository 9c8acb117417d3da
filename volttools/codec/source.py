"""Python source under construction: lines, local names, and the objects that it refers to."""

from __future__ import annotations

import itertools
import linecache
import struct
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from construct import Construct, Renamed
from construct.expr import BinExpr, Path, UniExpr, opnames

from volttools.formats.notation import Interned, Measured, RecordFormat, Sized


class NotCompilableError(Exception):
    """The compiler does not know a construct; its format is read by construct itself."""


_numbers = itertools.count(1)


class Source:
    """The source of one function while it is written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.namespace: dict[str, Any] = {}
        self.lines: list[str] = []
        self._depth = 1
        self._locals = 0
        self._by_object: dict[int, str] = {}

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self.lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add `head:`, and indent what is added inside."""
        self.line(head)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._depth -= 1

    def local(self, hint: str) -> str:
        """A new local name."""
        self._locals += 1
        plain = "".join(c if c.isalnum() else "_" for c in hint)
        return f"{plain}_{self._locals}"

    def constant(self, value: Any, hint: str) -> str:
        """The name under which the function reaches an object."""
        name = self._by_object.get(id(value))
        if name is None:
            name = f"{hint}_{len(self.namespace)}"
            self.namespace[name] = value
            self._by_object[id(value)] = name
        return name

    def struct(self, format: str) -> str:
        """The name of a struct.Struct."""
        name = f"S_{format.replace('>', 'be_').replace('<', 'le_').replace('=', 'eq_')}"
        self.namespace.setdefault(name, struct.Struct(format))
        return name

    def function(self, arguments: str) -> Callable[..., Any]:
        """Compile what was written. Its source shows in tracebacks, as long as the function lives."""
        text = "\n".join([f"def {self.name}({arguments}):", *self.lines, ""])
        file = f"<volttools compiled {self.name} {next(_numbers)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        namespace = self.namespace
        exec(compile(text, file, "exec"), namespace)
        made: Callable[..., Any] = namespace[self.name]
        made.__volttools_source__ = text  # type: ignore[attr-defined]
        weakref.finalize(made, linecache.cache.pop, file, None).atexit = False
        return made


class Scope:
    """The fields of a record that expressions can reach: wire name -> (source, construct)."""

    def __init__(self) -> None:
        self.fields: dict[str, tuple[str, Construct | None]] = {}

    def add(self, name: str, source: str, format: Construct | None = None) -> None:
        """Make a field known."""
        self.fields[name] = (source, format)

    def expression(self, expression: Any) -> str:
        """The Python source of a `this` expression, or of a constant."""
        if isinstance(expression, (int, str, bytes, bool)):
            return repr(expression)
        if isinstance(expression, BinExpr):
            left, right = self.expression(expression.lhs), self.expression(expression.rhs)
            return f"({left} {opnames[expression.op]} {right})"
        if isinstance(expression, UniExpr):
            return f"({opnames[expression.op]} {self.expression(expression.operand)})"
        if isinstance(expression, Path):
            return self._path(expression)[0]
        raise NotCompilableError(f"expression {expression!r}")

    def _path(self, path: Path) -> tuple[str, Construct | None]:
        name = path.__getfield__()
        parent = path._Path__parent
        if parent._Path__parent is None:
            if name not in self.fields:
                raise NotCompilableError(f"{path!r} is no earlier field of the same record")
            return self.fields[name]
        source, format = self._path(parent)
        if not isinstance(format, RecordFormat):
            raise NotCompilableError(f"{path!r} looks into something that is no record")
        for item in format.valued_fields():
            if item.name == name:
                return f"{source}.{item.attribute}", item.format
        raise NotCompilableError(f"{path!r}: no such field")


def names_in(expression: Any) -> set[str]:
    """The fields of its own record that a `this` expression looks at."""
    if isinstance(expression, BinExpr):
        return names_in(expression.lhs) | names_in(expression.rhs)
    if isinstance(expression, UniExpr):
        return names_in(expression.operand)
    if isinstance(expression, Path):
        parent = expression._Path__parent
        if parent is None:
            return set()
        return names_in(parent) or {expression.__getfield__()}
    return set()


def looked_into(format: Construct) -> Construct:
    """The record that an expression like `this.header.status` looks into, behind what gives it a length."""
    while isinstance(format, (Renamed, Interned, Measured, Sized)):
        format = format.subcon
    return format
