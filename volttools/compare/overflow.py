"""Calls that wait beyond what memory is for: in a temporary database, which vanishes with the process."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Hashable, Iterable, Iterator

from volttools.compare.calls import Call
from volttools.compare.requests import digest
from volttools.errors import CaptureError

_SETTINGS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -8192", "temp_store = FILE")
_TABLE = "CREATE TABLE waiting (id INTEGER PRIMARY KEY, side INTEGER, key BLOB, number INTEGER, call BLOB)"
_INDEX = "CREATE INDEX by_key ON waiting (side, key)"
_INSERT = "INSERT INTO waiting (side, key, number, call) VALUES (?, ?, ?, ?)"
_FIRST = "SELECT id, call FROM waiting WHERE side = ? AND key = ? ORDER BY id LIMIT 1"
_OF_KEY = "SELECT call FROM waiting WHERE side = ? AND key = ? ORDER BY id"


class Overflow:
    """Calls of A (0) and B (1) under keys. Their bodies are not in it: those are in the spool's file.

    count  how many of each side are in it
    Raises CaptureError where there is no room for them.
    """

    def __init__(self) -> None:
        self.count = [0, 0]
        self._database: sqlite3.Connection | None = None

    def add(self, side: int, keyed: Iterable[tuple[Hashable, Call]]) -> None:
        """Take calls under their keys, behind those that are there."""
        rows = [(side, digest(key), call.number, pickle.dumps(call)) for key, call in keyed]
        try:
            self._open().executemany(_INSERT, rows)
        except sqlite3.OperationalError as error:
            raise _no_room(error) from None
        self.count[side] += len(rows)

    def pop(self, side: int, key: Hashable) -> Call | None:
        """The first call under a key, which is taken out; None: there is none."""
        if not self.count[side]:
            return None
        found = self._run(_FIRST, side, digest(key)).fetchone()
        if found is None:
            return None
        self._run("DELETE FROM waiting WHERE id = ?", found[0])
        self.count[side] -= 1
        return _call(found[1])

    def pop_all(self, side: int, key: Hashable) -> Iterator[Call]:
        """All calls under a key; when they have been given, they are taken out."""
        if not self.count[side]:
            return
        place = (side, digest(key))
        for row in self._run(_OF_KEY, *place):
            yield _call(row[0])
        gone = self._run("DELETE FROM waiting WHERE side = ? AND key = ?", *place)
        self.count[side] -= gone.rowcount

    def by_number(self, side: int) -> Iterator[Call]:
        """All calls of a side, by their numbers."""
        if self.count[side]:
            rows = self._run("SELECT call FROM waiting WHERE side = ? ORDER BY number", side)
            yield from (_call(row[0]) for row in rows)

    def close(self) -> None:
        """Forget everything."""
        if self._database is not None:
            self._database.close()
            self._database = None
        self.count = [0, 0]

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._open().execute(statement, values)
        except sqlite3.OperationalError as error:  # sorting and taking out need room as well
            raise _no_room(error) from None

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect("", isolation_level=None)  # "": on disk, and nobody else's
            for setting in _SETTINGS:
                self._database.execute(f"PRAGMA {setting}")
            self._database.execute(_TABLE)
            self._database.execute(_INDEX)
            self._database.execute("BEGIN")
        return self._database


def _no_room(error: sqlite3.OperationalError) -> CaptureError:
    return CaptureError(
        f"calls that wait for those of the other capture can't be kept: {error};"
        " TMPDIR=FOLDER gives temporary files another place"
    )


def _call(data: bytes) -> Call:
    call: Call = pickle.loads(data)  # written above, by nobody else
    return call
