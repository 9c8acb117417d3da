"""Arguments of a call as people write them on a command line: text, read by the type that is wanted.

    null                       NULL
    "null", "5"                in JSON's quotes: text, whatever it looks like
    [1, 2, null]               an array
    5, -1.5, 2024-02-29 ...    by the type: a number, a time, WKT; VARBINARY in hex; else text

Where no type is known, what JSON takes for a number is one, true and false are themselves, and all else
is text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from volttools.client.signatures import Slot
from volttools.client.values import converter
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.notation import shown
from volttools.formats.types import WireType
from volttools.jsonlines.values import table_from_json

_NO_SLOT = Slot(None)
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def read_arguments(procedure: str, texts: Sequence[str], slots: Sequence[Slot] | None = None) -> list[Any]:
    """The values that texts mean, ready for `Client.call`.

    slots   the types of the parameters; None, or another number of them: by what each text looks like

    EncodeError, with the parameter's number from 0, for a text that is no value of its type.
    """
    if slots is None or len(slots) != len(texts):
        slots = [_NO_SLOT] * len(texts)
    found = []
    for index, (text, slot) in enumerate(zip(texts, slots, strict=True)):
        try:
            found.append(read_argument(text, slot))
        except EncodeError as error:
            raise EncodeError(f"{procedure}, parameter {index}: {error.message}") from None
    return found


def read_argument(text: str, slot: Slot = _NO_SLOT) -> Any:
    """The value that a text means; EncodeError if it means none of that type.

    >>> read_argument("5"), read_argument('"5"'), read_argument("null"), read_argument("[1, null]")
    (5, '5', None, [1, None])
    """
    if text == "null":
        return None
    if slot.is_array and not (slot.kind is types.TINYINT and not text.startswith("[")):
        return _array(text, slot.kind)
    if slot.is_array:
        return _varbinary(text)  # what Java's byte[] takes
    if slot.kind is None:
        return _by_looks(text)
    return _value(slot.kind, _unquoted(text))


def _array(text: str, kind: WireType | None) -> list[Any]:
    # with a type, numbers stay the text that they are, so that a DECIMAL loses nothing
    numbers = {} if kind is None else {"parse_int": str, "parse_float": str, "parse_constant": str}
    found = _json(text, **numbers)
    if not isinstance(found, list):
        name = "" if kind is None else f" of {kind.name}"
        raise EncodeError(f"{shown(text)} is no array{name}: write a list in JSON, such as [1, 2, null]")
    if kind is None:
        return found
    return [None if item is None else _value(kind, _element(item, kind)) for item in found]


def _element(item: Any, kind: WireType) -> str:
    if isinstance(item, bool):
        return str(item).lower()
    if not isinstance(item, str):
        raise EncodeError(f"{'a list' if isinstance(item, list) else 'an object'} in it is no {kind.name}")
    return item


def _by_looks(text: str) -> Any:
    if text.startswith("["):
        return _array(text, None)
    if text in ("true", "false"):
        return _TRUTH[text]
    if text.startswith("{"):
        return text
    found = _json(text)
    return text if found is None or isinstance(found, dict) or text in _CONSTANTS else found


_CONSTANTS = ("NaN", "Infinity", "-Infinity")


def _unquoted(text: str) -> str:
    """What stands in JSON's quotes; other text as it is."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        found = _json(text)
        if isinstance(found, str):
            return found
    return text


def _json(text: str, **settings: Any) -> Any:
    """What a text means in JSON; None if it is none."""
    try:
        return json.loads(text, **settings)
    except (ValueError, RecursionError):
        return None


# ------------------------------------------------------------- by the type


def _value(kind: WireType, text: str) -> Any:
    read = _READERS.get(kind.code)
    try:
        value = text if read is None else read(text)
    except ValueError as error:
        reason = f": {error.message}" if isinstance(error, EncodeError) else ""
        raise EncodeError(f"{shown(text)} is no {kind.name}{reason}") from None
    converter(kind)(value)  # refuses what is out of range, and says why
    return value


def _varbinary(text: str) -> bytes:
    try:
        return bytes.fromhex(_unquoted(text).removeprefix("0x"))
    except ValueError:
        raise EncodeError("write its bytes in hex, two digits each") from None


def _boolean(text: str) -> bool:
    try:
        return _TRUTH[text.lower()]
    except KeyError:
        raise EncodeError("write true or false") from None


def _timestamp(text: str) -> int | str:
    """Microseconds since 1970, or the text, which is ISO then."""
    return int(text) if text.removeprefix("-").isdecimal() else text


def _table(text: str) -> Any:
    return table_from_json(_json(text))


_READERS: dict[int, Callable[[str], Any]] = {
    **{kind.code: int for kind in (types.TINYINT, types.SMALLINT, types.INTEGER, types.BIGINT)},
    types.FLOAT.code: float,
    types.VARBINARY.code: _varbinary,
    types.BOOLEAN.code: _boolean,
    types.TIMESTAMP.code: _timestamp,
    types.VOLTTABLE.code: _table,
}
"""By type code, what the converters don't read of text by themselves."""
