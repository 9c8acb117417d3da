"""Parse and build of whole messages, compiled on first use.

    parse(Response, body)      bytes -> value; DecodeError with place and field path
    build(response)            value -> bytes; EncodeError with the reason
    parser(X), builder(X)      the same as functions, for a record class or any construct

The fast path goes first. When it fails, the slow one - `spans` for parse, construct for
build - either says exactly what is wrong and where, or gives the value after all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from construct import Construct, ConstructError

from volttools.codec.build_compiler import BuildFunction, compile_build
from volttools.codec.parse_compiler import compile_whole
from volttools.codec.scalars import WRONG
from volttools.codec.source import NotCompilableError
from volttools.codec.spans import locate
from volttools.errors import DecodeError, EncodeError
from volttools.formats.notation import Record

_R = TypeVar("_R", bound=Record)


def parse(kind: type[_R], data: bytes) -> _R:
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
    return (_BUILDERS.get(type(value)) or builder(type(value)))(value)


def parser(kind: Any) -> Callable[[bytes], Any]:
    """A function bytes -> value for a record class or construct; compiled once."""
    function = _codec(kind).parse
    if isinstance(kind, type):
        _PARSERS[kind] = function
    return function


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
    """The functions of one declaration. Compiled when first used."""

    def __init__(self, format: Construct) -> None:
        self.format = format
        self.fallback: str | None = None
        self._build: BuildFunction | None = None
        try:
            self.parse = self._guarded(compile_whole(format))
        except NotCompilableError as error:
            self.parse = self._parse_slowly
            self.fallback = str(error)

    def _guarded(self, strict: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        """The fast function, with the slower ones behind it."""

        def parse(data: bytes) -> Any:
            try:
                return strict(data)
            except UnicodeDecodeError:
                return self._parse_tolerant(bytes(data))
            except WRONG:
                return self._parse_slowly(bytes(data))

        return parse

    def _parse_tolerant(self, data: bytes) -> Any:
        if self._tolerant is None:
            self._tolerant = compile_whole(self.format, tolerant=True)
        try:
            return self._tolerant(data)
        except WRONG:
            return self._parse_slowly(data)

    _tolerant: Callable[[bytes], Any] | None = None

    def _parse_slowly(self, data: bytes) -> Any:
        try:
            return locate(self.format, data)
        except RecursionError:
            raise DecodeError("tables within tables, too deep to be read", offset=0) from None

    def build(self, value: Any) -> bytes:
        """See the module's `build`."""
        if self._build is None and self.fallback is None:
            self._build = compile_build(self.format)
        if self._build is not None:
            try:
                return self._build(value)
            except Exception:  # whatever it was, construct says it better
                pass
        return self._build_slowly(value)

    def _build_slowly(self, value: Any) -> bytes:
        try:
            data: bytes = self.format.build(value)
            return data
        except EncodeError:
            raise
        except ConstructError as error:
            raise EncodeError(_reason(error), path=_path(error)) from None
        except DecodeError as error:  # a type code without a format
            raise EncodeError(error.message) from None
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise EncodeError(f"can't be written: {error}") from None
        except RecursionError:
            raise EncodeError("tables within tables, too deep to be written") from None


_CODECS: dict[int, _Codec] = {}
_PARSERS: dict[type, Callable[[bytes], Any]] = {}
_BUILDERS: dict[type, Callable[[Any], bytes]] = {}


def _codec(kind: Any) -> _Codec:
    format = getattr(kind, "declaration", kind)
    found = _CODECS.get(id(format))
    if found is None or found.format is not format:
        found = _CODECS[id(format)] = _Codec(format)
    return found


def _reason(error: ConstructError) -> str:
    text = str(error)
    lines = [line for line in text.splitlines() if line and not line.startswith("Error in path")]
    return lines[-1] if lines else text


def _path(error: ConstructError) -> str | None:
    found = re.search(r"Error in path (?:\(building\) -> )?(.+)", str(error))
    return found[1].replace(" -> ", ".") if found else None
