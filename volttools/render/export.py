"""Result tables written out: one CSV of all, or a file for each with an index.

    with TableFiles("results", format="parquet") as files:
        for exchange in volttools.open("x.pcap"):
            files.add(exchange)
    print(files.written)

One response is in memory at a time. Parquet and Arrow files are made straight from the wire and
need the extra `arrow`; CSV needs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from volttools.errors import DecodeError, UsageError
from volttools.formats.table import Column, Table
from volttools.protocol.events import Exchange
from volttools.render.csv_text import VisibleLines, csv_line, csv_rows
from volttools.words import counted

INDEX = "index.json"
FORMATS = ("csv", "parquet", "arrow")

_NAME_LIMIT = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9._@-]+")


@dataclass(slots=True)
class Written:
    """What was written, and which results were left out."""

    tables: int = 0
    rows: int = 0
    unlike: int = 0  # tables whose columns differ from the first one's, in one CSV
    unreadable: int = 0  # responses

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return not (self.unlike or self.unreadable)

    def __str__(self) -> str:
        """Such as "12 tables (3,456 rows)"."""
        return f"{counted(self.tables, 'table')} ({counted(self.rows, 'row')})"


@dataclass(slots=True)
class CsvStream:
    """The rows of all result tables as one CSV, below the columns of the first.

    with_exchange   begin each line with the number of the exchange, in a column of that name
    table           take only the table with this number of each result, counted from 1
    """

    out: IO[bytes] | VisibleLines
    with_exchange: bool = True
    table: int | None = None
    written: Written = field(default_factory=Written)
    _columns: list[Column] | None = None

    def add(self, exchange: Exchange) -> None:
        """Write the rows of an exchange's results; what can't stand here is counted in `written`."""
        for _, table in _results(exchange, self.table, self.written):
            if self._columns is None:
                self._columns = table.columns
                names = [column.name for column in self._columns]
                self.out.write(csv_line(["exchange", *names] if self.with_exchange else names))
            elif table.columns != self._columns:
                self.written.unlike += 1
                continue
            self.out.writelines(csv_rows(table, *([str(exchange.number)] if self.with_exchange else [])))
            self.written.tables += 1
            self.written.rows += len(table.rows)


class TableFiles:
    """A file for each result table in a directory, and `index.json`, which lists them.

    directory   is made if it is missing; UsageError if it has files in it, unless `overwrite`
    format      one of FORMATS
    table       take only the table with this number of each result, counted from 1
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        format: str = "csv",
        overwrite: bool = False,
        table: int | None = None,
    ) -> None:
        if format not in _WRITERS:
            raise UsageError(f"no format is called {format!r}; there are {', '.join(FORMATS)}")
        self.written = Written()
        self._format = format
        self._writer = _WRITERS[format]()  # first: without its packages, nothing is to be made
        self._table = table
        self._directory = Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        if not overwrite and any(self._directory.iterdir()):
            raise UsageError(
                f"{directory} has files in it: name another directory, or overwrite (--overwrite)"
            )
        self._index = (self._directory / INDEX).open("w", encoding="utf-8")
        self._index.write("[")

    def add(self, exchange: Exchange) -> None:
        """Write the results of an exchange; a response that can't be read is counted in `written`."""
        for number, result in self._writer.results(exchange, self._table, self.written):
            name = file_name(exchange.number, number, exchange.procedure, self._format)
            rows, columns = self._writer.write(self._directory / name, result)
            entry = {
                "file": name,
                "exchange": exchange.number,
                "connection": exchange.connection.number,
                "procedure": exchange.procedure,
                "table": number,
                "rows": rows,
                "columns": columns,
            }
            self._index.write(",\n " if self.written.tables else "\n ")
            self._index.write(json.dumps(entry))
            self.written.tables += 1
            self.written.rows += rows

    def close(self) -> None:
        """End the index."""
        if not self._index.closed:
            self._index.write("\n]\n")
            self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def file_name(exchange: int, table: int, procedure: str | None, format: str) -> str:
    """The name of a table's file; whatever the procedure is called, it is a name and not a path.

    >>> file_name(19, 1, "@Statistics", "csv"), file_name(7, 2, "../x/é", "parquet")
    ('000019-1-@Statistics.csv', '000007-2-.._x_.parquet')
    """
    name = _UNSAFE.sub("_", procedure or "unknown")[:_NAME_LIMIT]
    return f"{exchange:06}-{table}-{name}.{format}"


# ------------------------------------------------------------ where tables come from


def _results(exchange: Exchange, only: int | None, written: Written) -> Iterator[tuple[int, Table]]:
    """The tables of a response with their numbers, from 1."""
    response = exchange.read_response()
    if isinstance(response, DecodeError):
        written.unreadable += 1
    elif response is not None:
        yield from _numbered(response.tables, only)


def _numbered(tables: list[Any], only: int | None) -> Iterator[tuple[int, Any]]:
    return (pair for pair in enumerate(tables, 1) if only is None or pair[0] == only)


# ------------------------------------------------------------------ formats

_Entry = tuple[int, list[tuple[str, str]]]


class _Writer(NamedTuple):
    """How results come out of an exchange, and into a file: gives rows, and names with types."""

    results: Callable[[Exchange, int | None, Written], Iterator[tuple[int, Any]]]
    write: Callable[[Path, Any], _Entry]


def _csv() -> _Writer:
    def write(path: Path, table: Table) -> _Entry:
        with path.open("wb") as out:
            out.write(csv_line(column.name for column in table.columns))
            out.writelines(csv_rows(table))
        return len(table.rows), [(column.name, column.type_name) for column in table.columns]

    return _Writer(_results, write)


def _columnar(save: Callable[[Any, Path], None]) -> _Writer:
    import pyarrow

    from volttools.codec.columns import TYPE_KEY, tables_to_arrow

    def results(exchange: Exchange, only: int | None, written: Written) -> Iterator[tuple[int, Any]]:
        frame = exchange.response_frame
        if frame is None:
            return
        try:
            if not frame.is_whole:
                raise DecodeError("not all of it was captured")
            tables = tables_to_arrow(frame.body)
        except DecodeError:
            written.unreadable += 1
            return
        yield from _numbered(tables, only)

    def write(path: Path, table: Any) -> _Entry:
        try:
            save(table, path)
        except pyarrow.ArrowException as error:
            raise UsageError(f"{path}: the table can't be written in this format: {error}") from None
        types = [field.metadata[TYPE_KEY.encode()].decode() for field in table.schema]
        return table.num_rows, list(zip(table.column_names, types, strict=True))

    return _Writer(results, write)


def _parquet() -> _Writer:
    from volttools.codec.columns import with_unique_names  # first: it says which extra is missing

    from pyarrow import parquet  # isort: skip

    def save(table: Any, path: Path) -> None:
        parquet.write_table(with_unique_names(table), path)

    return _columnar(save)


def _arrow() -> _Writer:
    from volttools.codec.arrow import pa

    def save(table: Any, path: Path) -> None:
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)

    return _columnar(save)


_WRITERS: dict[str, Callable[[], _Writer]] = {"csv": _csv, "parquet": _parquet, "arrow": _arrow}
