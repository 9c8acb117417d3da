"""The few constructs of our own: values of fixed and varying length, lengths, counts, presence.

Each is an ordinary construct, so `_parse` and `_build` are its slow, obvious meaning.
Sizes are checked against what is there before anything is allocated.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import struct
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from construct import (
    Construct,
    Container,
    FormatField,
    IfThenElse,
    LazyBound,
    Pass,
    Renamed,
    Subconstruct,
)
from construct.core import evaluate, stream_read, stream_write

from volttools.errors import DecodeError, EncodeError, VoltToolsError


class Opaque(bytes):
    """Bytes that could not be read as what should stand there. They build as they are."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Opaque({bytes(self).hex()!r})"


# ---------------------------------------------------------------- fixed width


class Packed(Construct):  # type: ignore[misc]
    """A value of fixed width: a `struct` format, its NULL, and two pure functions.

    format  without byte order, such as "q" or "qQ"
    null    the number, or tuple of numbers, that stands for None; None if there is no NULL
    decode  numbers -> value; None: the one number is the value
    encode  value -> tuple of numbers; raises ValueError or TypeError for what it can't take
    """

    def __init__(
        self,
        format: str,
        *,
        null: Any = None,
        decode: Callable[..., Any] | None = None,
        encode: Callable[[Any], tuple[Any, ...]] | None = None,
        label: str | None = None,
        endian: str = ">",
    ) -> None:
        super().__init__()
        self.format = format
        self.endian = endian
        self.struct = struct.Struct(endian + format)
        self.parts = len(self.struct.unpack(bytes(self.struct.size)))
        self.null = null if null is None or isinstance(null, tuple) else (null,)
        self.decode = decode
        self.encode = encode
        self.label = label or format

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        numbers = self.struct.unpack(stream_read(stream, self.struct.size, path))
        if numbers == self.null:
            return None
        try:
            return self.decode(*numbers) if self.decode else numbers[0]
        except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError) as error:
            raise DecodeError(f"no {self.label}: {error}") from None

    def numbers_of(self, value: Any) -> tuple[Any, ...]:
        """What is packed for a value; raises EncodeError for None without a NULL."""
        if value is None:
            if self.null is None:
                raise EncodeError(f"expected {self.label}, got None")
            return self.null
        try:
            return self.encode(value) if self.encode else (value,)
        except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError) as error:
            raise EncodeError(f"expected {self.label}, got {shown(value)}: {error}") from None

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        try:
            data = self.struct.pack(*self.numbers_of(value))
        except (struct.error, OverflowError) as error:
            reason = misfit(self.format, value) or error
            raise EncodeError(f"expected {self.label}, got {shown(value)}: {reason}") from None
        stream_write(stream, data, len(data), path)
        return value

    def _sizeof(self, context: Container, path: str) -> int:
        return self.struct.size


class Mapped(Subconstruct):  # type: ignore[misc]
    """An integer that stands for another one, such as a length given by its logarithm."""

    def __init__(
        self, subcon: Construct, decode: Callable[[int], int], encode: Callable[[int], int], label: str
    ) -> None:
        super().__init__(subcon)
        self.decode, self.encode, self.label = decode, encode, label

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        return self.decode(self.subcon._parsereport(stream, context, path))

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        try:
            number = self.encode(value)
        except ValueError as error:
            raise EncodeError(str(error)) from None
        self.subcon._build(number, stream, context, path)
        return value


# ------------------------------------------------------------ variable length


class Varying(Construct):  # type: ignore[misc]
    """A length, then so many bytes, as text or as they are; length -1 is NULL.

    Text that is not UTF-8 is kept as lone surrogates (`surrogateescape`), so it
    builds the same bytes again.
    """

    prefix = FormatField(">", "l")
    null = -1

    def __init__(self, *, text: bool) -> None:
        super().__init__()
        self.text = text
        self.label = "str" if text else "bytes"

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> str | bytes | None:
        length = self.prefix._parsereport(stream, context, path)
        if length == -1:
            return None
        check_length(length, stream)
        data: bytes = stream_read(stream, length, path)
        return data.decode("utf-8", "surrogateescape") if self.text else data

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        data = self.encode(value)
        self.prefix._build(-1 if data is None else len(data), stream, context, path)
        if data is not None:
            stream_write(stream, data, len(data), path)
        return value

    def encode(self, value: Any) -> bytes | None:
        """The bytes of a value without their length; None for NULL."""
        if value is None:
            return None
        if self.text:
            if not isinstance(value, str):
                raise EncodeError(f"expected text, got {shown(value)}")
            try:
                return value.encode("utf-8", "surrogateescape")
            except UnicodeEncodeError as error:
                raise EncodeError(f"text that UTF-8 can't write: {error.reason}") from None
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise EncodeError(f"expected bytes, got {shown(value)}")
        return bytes(value)


Text = Varying(text=True)
Blob = Varying(text=False)


class Sized(Subconstruct):  # type: ignore[misc]
    """A length, then a value that takes exactly so many bytes.

    null: the length that stands for None, with nothing behind it (None: there is none).
    """

    def __init__(self, prefix: Construct, subcon: Construct, *, null: int | None = None) -> None:
        super().__init__(subcon)
        self.prefix = prefix
        self.null = null

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        length = self.prefix._parsereport(stream, context, path)
        if self.null is not None and length == self.null:
            return None
        check_length(length, stream)
        inner = io.BytesIO(stream_read(stream, length, path))
        value = self.subcon._parsereport(inner, context, path)
        unread = length - inner.tell()
        if unread:
            raise DecodeError(f"length {length:,} is {unread:,} more than its content takes")
        return value

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if value is None and self.null is not None:
            self.prefix._build(self.null, stream, context, path)
            return value
        inner = io.BytesIO()
        self.subcon._build(value, inner, context, path)
        data = inner.getvalue()
        self.prefix._build(len(data), stream, context, path)
        stream_write(stream, data, len(data), path)
        return value


class Measured(Subconstruct):  # type: ignore[misc]
    """A length that tells the size of the record behind it, but is not relied on.

    The record keeps the difference, if there is one, in its field `length_error`.
    """

    def __init__(self, prefix: Construct, subcon: Construct) -> None:
        super().__init__(subcon)
        self.prefix = prefix

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        length = self.prefix._parsereport(stream, context, path)
        start = stream.tell()
        value = self.subcon._parsereport(stream, context, path)
        return dataclasses.replace(value, length_error=length - (stream.tell() - start))

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        inner = io.BytesIO()
        self.subcon._build(value, inner, context, path)
        data = inner.getvalue()
        self.prefix._build(len(data) + value.length_error, stream, context, path)
        stream_write(stream, data, len(data), path)
        return value


class Counted(Subconstruct):  # type: ignore[misc]
    """A count, then so many elements of one kind, each of at least one byte."""

    def __init__(self, prefix: Construct, subcon: Construct) -> None:
        super().__init__(subcon)
        self.prefix = prefix

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> list[Any]:
        count = self.prefix._parsereport(stream, context, path)
        check_count(count, stream)
        return [self.subcon._parsereport(stream, context, path) for _ in range(count)]

    def _build(self, values: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if not isinstance(values, (list, tuple)):
            raise EncodeError(f"expected a list, got {shown(values)}")
        self.prefix._build(len(values), stream, context, path)
        for index, value in enumerate(values):
            self.subcon._build(value, stream, context, f"{path}[{index}]")
        return values


class CountOf(Subconstruct):  # type: ignore[misc]
    """How many elements another field of the record has, where its count stands apart from it.

    It is no value of its own: the record has no attribute for it.
    """

    def __init__(self, subcon: Construct, of: str) -> None:
        super().__init__(subcon)
        self.of = of
        self.flagbuildnone = True

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> int:
        count: int = self.subcon._parsereport(stream, context, path)
        check_count(count, stream)
        return count

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> int:
        count = len(context[self.of])
        self.subcon._build(count, stream, context, path)
        return count


class Repeated(Subconstruct):  # type: ignore[misc]
    """As many elements as an expression says, as a tuple; their count stands elsewhere."""

    def __init__(self, count: Any, subcon: Construct) -> None:
        super().__init__(subcon)
        self.count = count

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> tuple[Any, ...]:
        count = evaluate(self.count, context)
        return tuple(self.subcon._parsereport(stream, context, path) for _ in range(count))

    def _build(self, values: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        count = evaluate(self.count, context)
        if not isinstance(values, (list, tuple)) or len(values) != count:
            raise EncodeError(f"expected {count} elements, got {shown(values)}")
        for index, value in enumerate(values):
            self.subcon._build(value, stream, context, f"{path}[{index}]")
        return values


MAX_NESTING = 16
"""How many levels deep a construct may hold itself. Recordings have one: a table as parameter."""

_nesting: ContextVar[int] = ContextVar("nesting", default=0)


class Nested(LazyBound):  # type: ignore[misc]
    """A construct that may hold itself, such as a table in a table; found when it is needed.

    It goes MAX_NESTING levels deep and no deeper, whatever the stack has left, so that
    bytes made for the purpose are an error at the same place for everyone.
    """

    @contextlib.contextmanager
    def level(self, error: type[VoltToolsError]) -> Iterator[None]:
        """One level deeper; raises `error` where that is too deep."""
        depth = _nesting.get()
        if depth >= MAX_NESTING:
            raise error(f"nested more than {MAX_NESTING} levels deep")
        token = _nesting.set(depth + 1)
        try:
            yield
        finally:
            _nesting.reset(token)

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        with self.level(DecodeError):
            return self.subconfunc()._parsereport(stream, context, path)

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        with self.level(EncodeError):
            return self.subconfunc()._build(value, stream, context, path)


class Interned(Subconstruct):  # type: ignore[misc]
    """What is sized and repeats from message to message; a codec may remember it by its bytes."""

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        return self.subcon._parsereport(stream, context, path)

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        return self.subcon._build(value, stream, context, path)


class OrOpaque(Subconstruct):  # type: ignore[misc]
    """The rest of what there is, as a value; or as `Opaque` bytes where it can't be read."""

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> Any:
        start = stream.tell()
        try:
            value = self.subcon._parsereport(stream, context, path)
        except RecursionError:  # says nothing about the bytes
            raise
        except Exception:
            stream.seek(start)
            return Opaque(stream.read())
        if stream.read(1):
            stream.seek(start)
            return Opaque(stream.read())
        return value

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> Any:
        if isinstance(value, Opaque):
            stream_write(stream, bytes(value), len(value), path)
            return value
        return self.subcon._build(value, stream, context, path)


class Nothing(Construct):  # type: ignore[misc]
    """No bytes and no value, where an optional field is not there. A value for it is refused."""

    label = "nothing"

    def __init__(self) -> None:
        super().__init__()
        self.flagbuildnone = True

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> None:
        return None

    def _build(self, value: Any, stream: io.BytesIO, context: Container, path: str) -> None:
        if value is not None:
            raise EncodeError(f"expected None, as the field is not there; got {shown(value)}")

    def _sizeof(self, context: Container, path: str) -> int:
        return 0


NOTHING = Nothing()


def present_if(condition: Any, subcon: Construct) -> IfThenElse:
    """A field that is there only if a condition on earlier fields holds; else it is None."""
    return IfThenElse(condition, subcon, NOTHING)


def takes_nothing(format: Construct) -> bool:
    """Whether a construct stands for no bytes at all."""
    return format is NOTHING or format is Pass


class PresenceFlags(Subconstruct):  # type: ignore[misc]
    """A byte of bits that say which optional fields follow.

    On the wire: the bits. In the record: only the bits that no value implies - an
    unused bit, or the bit of a field that is there but NULL. So setting a field to a
    value, or to None, is all that it takes to add it or to remove it.
    """

    def __init__(self, subcon: Construct, **bits: int) -> None:
        super().__init__(subcon)
        self.bits = bits

    def implied(self, values: Mapping[str, Any]) -> int:
        """The bits of the fields that have a value."""
        flags = 0
        for name, bit in self.bits.items():
            if values.get(name) is not None:
                flags |= bit
        return flags

    def _parse(self, stream: io.BytesIO, context: Container, path: str) -> int:
        flags: int = self.subcon._parsereport(stream, context, path)
        return flags

    def _build(self, extra: int, stream: io.BytesIO, context: Container, path: str) -> int:
        flags = extra | self.implied(context)
        self.subcon._build(flags, stream, context, path)
        return flags


# ----------------------------------------------------------------------- checks


def check_length(length: int, stream: io.BytesIO) -> None:
    """Refuse a length that is negative or larger than what is left, before anything is allocated."""
    left = _left(stream)
    if length < 0:
        raise DecodeError(f"length {length:,} is negative")
    if length > left:
        raise DecodeError(f"length {length:,} is more than the {left:,} bytes that are left")


def check_count(count: int, stream: io.BytesIO) -> None:
    """Refuse a count that is negative or larger than the bytes that are left."""
    left = _left(stream)
    if count < 0:
        raise DecodeError(f"count {count:,} is negative")
    if count > left:
        raise DecodeError(f"count {count:,} is more than the {left:,} bytes that are left can hold")


def _left(stream: io.BytesIO) -> int:
    return len(stream.getbuffer()) - stream.tell()


def misfit(format: str, value: Any) -> str | None:
    """Why a number's format can't take a value, in the same words in every Python; None if that isn't known."""
    if not format:
        return "takes no bytes"
    if format in ("e", "f", "d"):
        is_number = hasattr(value, "__float__") or hasattr(value, "__index__")
        return "too large" if is_number else "not a number"
    if len(format) != 1 or format not in "bBhHiIlLqQ":
        return None
    if not hasattr(value, "__index__"):
        return "not an integer"
    bits = 8 * struct.calcsize(">" + format)
    low, high = (0, 2**bits - 1) if format.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return f"must be {low} .. {high}"


def shown(value: Any) -> str:
    """A value as an error shows it: short."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of too many digits, a list in itself
        text = f"value of type {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def strip_names(format: Construct) -> Construct:
    """The construct itself, without the names and documents put on it by `/` and `*`."""
    while isinstance(format, Renamed):
        format = format.subcon
    return format


def number_of(value: Any, context: Container) -> Any:
    """A constant, or an expression evaluated on the fields parsed so far."""
    return evaluate(value, context)
