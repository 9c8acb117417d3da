"""Parse and build of whole messages, compiled on first use.

    parse(Response, body)      bytes -> value; DecodeError with place and field path
    build(response)            value -> bytes; EncodeError with the reason
    parser(X), builder(X)      the same as functions, for a record class or any construct

The fast path goes first. When it fails, the slow one - `spans` for parse, construct for
build - either gives what was asked for after all, or it is said exactly what is wrong
and where.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from construct import Construct

from volttools.codec.build_compiler import BuildFunction, compile_build
from volttools.codec.build_errors import build_error
from volttools.codec.parse_compiler import compile_whole
from volttools.codec.source import NotCompilableError
from volttools.codec.spans import Buffer, locate
from volttools.errors import EncodeError
from volttools.formats.notation import Record, shown
from volttools.kept import Kept

_R = TypeVar("_R", bound=Record)


def parse(kind: type[_R], data: Buffer) -> _R:
    """The message in `data`, all of which it must take.

    Raises DecodeError with the offset and the path of the field that is wrong.

    >>> from volttools.formats.login import LoginResponse
    >>> parse(LoginResponse, b"\\x00\\xff").status_text
    'wrong user or password'
    """
    try:
        function = _PARSERS[kind]
    except KeyError:
        function = parser(kind)
    value: _R = function(data)
    return value


def build(value: Record) -> bytes:
    """The bytes of a message, without a length prefix.

    Raises EncodeError (a ValueError) for a value that its field can't hold.
    """
    if not isinstance(value, Record):
        raise EncodeError(f"expected a record, such as a Response, got {shown(value)}")
    return (_BUILDERS.get(type(value)) or builder(type(value)))(value)


def parser(kind: Any) -> Callable[[Buffer], Any]:
    """A function bytes -> value for a record class or construct; compiled once."""
    function = _codec(kind).parse
    if isinstance(kind, type):
        _PARSERS[kind] = function
    return function


def attempt(kind: Any) -> Callable[[Buffer], Any]:
    """A function bytes -> value, or None for bytes that are no such value, without looking for the reason.

    For those who try whether bytes are one thing or another.
    """
    return _codec(kind).attempt


def builder(kind: Any) -> Callable[[Any], bytes]:
    """A function value -> bytes for a record class or construct; compiled once."""
    function = _codec(kind).build
    if isinstance(kind, type):
        _BUILDERS[kind] = function
    return function


def fallback_of(kind: Any) -> str | None:
    """Why a declaration is read by construct instead of compiled code; None if it is compiled."""
    return _codec(kind).fallback


class _Codec:
    """The functions of one declaration. Each is compiled when it is first asked for."""

    def __init__(self, format: Construct) -> None:
        self.format = format

    @functools.cached_property
    def parse(self) -> Callable[[Buffer], Any]:
        """See the module's `parse`."""
        try:
            return compile_whole(
                self.format,
                on_text=lambda data: self._parse_tolerant(data),  # compiled when a text needs it
                on_wrong=self._parse_slowly,
            )
        except NotCompilableError:
            return self._parse_slowly

    @functools.cached_property
    def build(self) -> BuildFunction:
        """See the module's `build`."""
        try:
            return self._guarded_build(compile_build(self.format))
        except NotCompilableError:
            return self._build_slowly

    @functools.cached_property
    def fallback(self) -> str | None:
        """See `fallback_of`."""
        try:
            compile_whole(self.format, on_wrong=self._parse_slowly)
            compile_build(self.format)
        except NotCompilableError as error:
            return str(error)
        return None

    @functools.cached_property
    def _parse_tolerant(self) -> Callable[[Buffer], Any]:
        return compile_whole(self.format, on_wrong=self._parse_slowly)

    @functools.cached_property
    def attempt(self) -> Callable[[Buffer], Any]:
        """See the module's `attempt`."""
        return compile_whole(
            self.format, on_text=lambda data: self._attempt_tolerant(data), on_wrong=lambda data: None
        )

    @functools.cached_property
    def _attempt_tolerant(self) -> Callable[[Buffer], Any]:
        return compile_whole(self.format, on_wrong=lambda data: None)

    def _parse_slowly(self, data: Buffer) -> Any:
        return locate(self.format, data)

    def _guarded_build(self, strict: BuildFunction) -> BuildFunction:
        def build(value: Any) -> bytes:
            try:
                return strict(value)
            except UnicodeEncodeError:
                return self._build_tolerantly(value)
            except Exception:  # whatever it was, `build_error` says it better
                return self._build_slowly(value)

        return build

    def _build_tolerantly(self, value: Any) -> bytes:
        try:
            return self._tolerant_build(value)
        except Exception:
            return self._build_slowly(value)

    @functools.cached_property
    def _tolerant_build(self) -> BuildFunction:
        return compile_build(self.format, tolerant=True)

    def _build_slowly(self, value: Any) -> bytes:
        try:
            data: bytes = self.format.build(value)
            return data
        except Exception as failure:
            raise build_error(self.format, value, failure) from None


_MOST_CODECS = 1024  # far more than are declared; constructs made on the fly must not pile up
_CODECS = Kept[int, _Codec](_MOST_CODECS)
_PARSERS: dict[type, Callable[[Buffer], Any]] = {}
_BUILDERS: dict[type, Callable[[Any], bytes]] = {}


def _codec(kind: Any) -> _Codec:
    format = getattr(kind, "declaration", kind)
    found = _CODECS.get(id(format))
    if found is None or found.format is not format:
        if not isinstance(format, Construct):
            raise TypeError(f"expected a record class or a construct, got {shown(kind)}")
        found = _CODECS.keep(id(format), _Codec(format))
    return found
