"""One sample, all ways to read and write it: compiled, by spans, by construct.

Values are compared by what they print, as NaN is unlike itself, and by their bytes.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from volttools.codec import builder, parser, spans
from volttools.codec.codec import fallback_of
from volttools.codec.parse_compiler import compile_parse
from volttools.codec.spans import Span
from volttools.errors import DecodeError, VoltToolsError


def format_of(kind: Any) -> Any:
    """The construct of a record class; a construct is its own."""
    return getattr(kind, "declaration", kind)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal, NaN being equal to NaN."""
    return type(left) is type(right) and repr(left) == repr(right)


def check_sample(kind: Any, value: Any, data: bytes) -> None:
    """All ways to parse `data` give `value`, and all ways to build it give `data`."""
    assert fallback_of(kind) is None
    for read in (parser(kind), _compiled(kind, tolerant=True), format_of(kind).parse):
        parsed = read(data)
        assert same(parsed, value)
        assert builder(kind)(parsed) == data  # also the bits that are not printed: payloads of NaN
    try:
        assert same(_compiled(kind, tolerant=False)(data), value)
    except UnicodeDecodeError:  # it must not give a wrong text; the tolerant variant reads it
        assert "\\udc" in repr(value)
    tree = spans(kind, data)
    assert same(tree.value, value)
    check_tree(tree, data)
    assert builder(kind)(value) == data
    assert format_of(kind).build(value) == data
    for other in (bytearray(data), memoryview(data), memoryview(b"x" + data)[1:]):
        assert same(parser(kind)(other), value)
        assert same(spans(kind, other).value, value)


def _compiled(kind: Any, *, tolerant: bool) -> Callable[[bytes], Any]:
    """The compiled function itself, without the slower ones behind it."""
    function = compile_parse(format_of(kind), tolerant=tolerant)

    def read(data: bytes) -> Any:
        value, offset = function(data, 0, len(data))
        assert offset == len(data)
        return value

    return read


def check_tree(tree: Span, data: bytes) -> None:
    """The tree covers every byte once, in order; but bytes behind a length may stand in its parent."""
    assert (tree.start, tree.end) == (0, len(data))
    _check_children(tree)


def _check_children(span: Span) -> None:
    at = span.start
    for child in span.children:
        assert child.start == at
        at = child.end
        _check_children(child)
    if [child.name for child in span.children] == ["length"]:
        assert at <= span.end
    elif span.children:
        assert at == span.end


def leaves(span: Span) -> Iterator[Span]:
    """The spans without children that hold bytes."""
    if span.is_leaf:
        if span.start != span.end:
            yield span
        return
    for child in span.children:
        yield from leaves(child)


def outcome(read: Any, data: bytes) -> Any:
    """What a reader makes of bytes: the value as text, or that it raised."""
    try:
        return repr(read(data))
    except DecodeError:
        return DecodeError


def check_agreement(kind: Any, data: bytes) -> Any:
    """Any bytes: all ways to read them agree; what is read builds the same bytes. Gives the outcome."""
    found = outcome(parser(kind), data)
    assert outcome(lambda d: spans(kind, d).value, data) == found
    assert _by_construct(kind, data) == found
    if found is not DecodeError:
        value = parser(kind)(data)
        assert builder(kind)(value) == data
        assert format_of(kind).build(value) == data
        check_tree(spans(kind, data), data)
    return found


def _by_construct(kind: Any, data: bytes) -> Any:
    """construct leaves what is behind a value alone, and its errors are its own."""
    format = format_of(kind)
    try:
        value = format.parse(data)
        return repr(value) if format.build(value) == data else DecodeError
    except Exception:
        return DecodeError


def check_cuts(kind: Any, data: bytes) -> None:
    """Cut short at every length: an error with a place inside the bytes, or all ways agree on a value."""
    for length in range(len(data)):
        cut = data[:length]
        if check_agreement(kind, cut) is DecodeError:
            check_error(kind, cut)


def check_error(kind: Any, data: bytes) -> DecodeError:
    """Parse and spans raise the same DecodeError, which has a place and can be pickled."""
    with pytest.raises(DecodeError) as raised:
        parser(kind)(data)
    error = raised.value
    with pytest.raises(DecodeError) as by_spans:
        spans(kind, data)
    assert error == by_spans.value
    assert error.path
    assert error.offset is not None
    assert 0 <= error.offset <= len(data)
    assert isinstance(error, VoltToolsError)
    assert pickle.loads(pickle.dumps(error)) == error
    assert error.partial is not None
    assert error.partial.start == 0
    return error
