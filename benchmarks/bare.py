"""What rows of a table take at least: a loop that unpacks, decodes and appends, and checks nothing.

It reads neither lengths of rows nor NULLs, and no bytes that are wrong: no reader that can be used is as fast.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import data
from volttools.formats.types import BIGINT, FLOAT, INTEGER, STRING, WireType

_CODES = {BIGINT: "q", INTEGER: "i", FLOAT: "d", STRING: "i"}  # of a string its length
_LONGEST = 64


def bare_rows(types: tuple[WireType, ...], count: int) -> Callable[[], list[tuple[Any, ...]]] | None:
    """A function that reads the rows of `data`, with something else for each NULL; None for other types."""
    if not set(types) <= _CODES.keys():
        return None
    rows = [
        tuple(
            "" if kind is STRING and value is None else value or 0
            for kind, value in zip(types, row, strict=True)
        )
        for row in data.table(types, count).rows
    ]
    buf = b"".join(_row(types, row) for row in rows)
    if STRING not in types:
        whole = struct.Struct(">4x" + "".join(_CODES[kind] for kind in types))
        return lambda: list(whole.iter_unpack(buf))
    read: Callable[[bytes], list[tuple[Any, ...]]] = _reader(types)
    assert read(buf) == rows
    return lambda: read(buf)


def _row(types: Sequence[WireType], row: Sequence[Any]) -> bytes:
    values = b""
    for kind, value in zip(types, row, strict=True):
        if kind is STRING:
            values += struct.pack(">i", len(value.encode())) + value.encode()
        else:
            values += struct.pack(f">{_CODES[kind]}", value)
    return struct.pack(">i", len(values)) + values


def _reader(types: Sequence[WireType]) -> Any:
    """Straight lines for these types: each string is unpacked with what stands behind it up to the next."""
    runs: list[list[int]] = [[]]
    for index, kind in enumerate(types):
        runs[-1].append(index)
        if kind is STRING:
            runs.append([])
    namespace: dict[str, Any] = {}
    lines = [
        "def read(buf):",
        " rows = []",
        " append = rows.append",
        " o, end = 0, len(buf)",
        " while o < end:",
    ]
    names = [f"v{index}" for index in range(len(types))]
    string: int | None = None
    for number, run in enumerate(runs):
        format = "".join(_CODES[types[index]] for index in run)
        found = ", ".join(f"n{index}" if types[index] is STRING else f"v{index}" for index in run)
        if string is None:
            namespace["first"] = struct.Struct(f">4x{format}").unpack_from
            lines += [f"  {found}, = first(buf, o)", f"  o += {struct.calcsize(f'>4x{format}')}"]
        else:
            namespace[f"by{number}"] = [struct.Struct(f">{n}s{format}").unpack_from for n in range(_LONGEST)]
            lines += [
                f"  v{string}, {found + ', ' if found else ''}= by{number}[n{string}](buf, o)",
                f"  o += n{string} + {struct.calcsize('>' + format)}",
                f"  v{string} = v{string}.decode()",
            ]
        string = next((index for index in run if types[index] is STRING), None)
    exec("\n".join([*lines, f"  append(({', '.join(names)},))", " return rows"]), namespace)
    return namespace["read"]
