"""What a server is told of its schema while it runs, and of what it takes; a part of `MockServer`."""

from __future__ import annotations

from volttools.errors import UsageError
from volttools.mock.answering import Answering
from volttools.mock.schema.model import Schema
from volttools.mock.schema.reader import change


class Declaring:
    """Schema, rows and pauses of a server. Whoever inherits it makes the first, and can push."""

    _answering: Answering

    def _procedures_changed(self) -> None:
        """Tell those who subscribed, if the server runs."""
        raise NotImplementedError

    @property
    def schema(self) -> Schema:
        """What is declared now: by `schema`, and by DDL since then."""
        return self._answering.procedures.declarations.schema

    def declare(self, ddl: str) -> None:
        """Apply DDL, as @AdHoc does: who subscribed is told if the procedures are others then.

        UsageError, with line and column, for DDL that can't be taken; nothing of it is applied then.
        """
        if change(self._answering.procedures.declarations, ddl, source="ddl"):
            self._procedures_changed()

    def rows_in(self, table: str) -> int:
        """How many rows were loaded or inserted into a declared table, less those that T.delete took out.

        UsageError for a table that isn't declared.
        """
        if self.schema.table(table) is None:
            raise UsageError(f"there is no table {table}: it isn't declared")
        return self._answering.counters.rows.get(table.upper(), 0)

    def pause(self) -> None:
        """Refuse writes, as after @Pause; `resume` ends that."""
        self._answering.gate.is_paused = True

    def resume(self) -> None:
        """Take writes again."""
        self._answering.gate.is_paused = False
