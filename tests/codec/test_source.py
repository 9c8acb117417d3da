from __future__ import annotations

import gc
import linecache
import traceback

import pytest
from construct import Int8ub, this

from volttools.codec.source import NotCompilableError, Scope, Source, names_in


def test_source_shows_in_tracebacks() -> None:
    source = Source("fail")
    source.line("raise ZeroDivisionError")
    function = source.function("value")
    with pytest.raises(ZeroDivisionError) as raised:
        function(1)
    assert "raise ZeroDivisionError" in "".join(traceback.format_tb(raised.value.__traceback__))
    assert function.__volttools_source__ == "def fail(value):\n    raise ZeroDivisionError\n"  # type: ignore[attr-defined]


def test_each_function_has_a_file_of_its_own() -> None:
    sources = [Source("same") for _ in range(3)]
    for source in sources:
        source.line("return value")
    files = {made.function("value").__code__.co_filename for made in sources}
    assert len(files) == 3
    del sources, source
    gc.collect()  # a function and its globals are a circle
    assert not files & set(linecache.cache), "functions that are gone leave nothing behind"


def test_a_block_without_lines_passes() -> None:
    source = Source("f")
    with source.block("if value:"):
        pass
    source.line("return 1")
    assert source.function("value")(True) == 1


def test_an_object_has_one_name_and_hints_become_names() -> None:
    source = Source("f")
    thing = object()
    assert source.constant(thing, "thing") == source.constant(thing, "other")
    assert source.local("column [3]").isidentifier()


def test_expressions_become_source() -> None:
    scope = Scope()
    scope.add("flags", "f", Int8ub)
    assert scope.expression(this.flags & 0x20) == "(f & 32)"
    assert scope.expression((this.flags == 1) | ~(this.flags > 2)) == "((f == 1) | (not (f > 2)))"
    assert scope.expression(7) == "7"
    assert names_in((this.a == 1) | (this.b.c > this.d)) == {"a", "b", "d"}


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        (this.other, "this['other'] is no earlier field of the same record"),
        (this.flags.deeper, "this['flags']['deeper'] looks into something that is no record"),
        (lambda context: 1, "expression <function"),
    ],
)
def test_an_expression_that_cannot_be_compiled_says_why(expression: object, why: str) -> None:
    scope = Scope()
    scope.add("flags", "f", Int8ub)
    with pytest.raises(NotCompilableError) as raised:
        scope.expression(expression)
    assert str(raised.value).startswith(why)
