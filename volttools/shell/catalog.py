"""What the server's catalog has: tables and their columns, and procedures. Fetched without waiting for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from volttools.client.blocking import Call, Client
from volttools.client.results import Result
from volttools.errors import ClientError, DecodeError
from volttools.formats.response import SUCCESS

SELECTORS = ("TABLES", "COLUMNS", "PROCEDURES")


@dataclass(slots=True)
class Catalog:
    """Names as the server has them: columns by table, and procedures."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    procedures: list[str] = field(default_factory=list)

    @property
    def tables(self) -> list[str]:
        """The tables, views and streams."""
        return list(self.columns)

    def columns_of(self, table: str) -> list[str]:
        """The columns of a table, whatever the case of its name; none if there is no such table."""
        wanted = table.upper()
        return next((columns for name, columns in self.columns.items() if name.upper() == wanted), [])


class CatalogFetch:
    """A catalog that is asked for and may not have come yet; until then the one before is there."""

    def __init__(self) -> None:
        self.catalog = Catalog()
        self._calls: list[Call] = []

    def begin(self, client: Client) -> None:
        """Ask; answers are taken by whoever reads the connection next. Raises ConnectionLost."""
        for call in self._calls:
            call.cancel()
        self._calls = [client.submit("@SystemCatalog", selector, check=False) for selector in SELECTORS]
        client.flush()

    def forget(self) -> None:
        """The connection is gone, and the answers with it."""
        self._calls = []

    @property
    def is_under_way(self) -> bool:
        """Whether answers are awaited."""
        return any(not call.done() for call in self._calls)

    def take(self) -> Catalog:
        """The newest catalog that is whole."""
        if self._calls and not self.is_under_way:
            tables, columns, procedures = (_rows(call) for call in self._calls)
            self._calls = []
            found: dict[str, list[str]] = {str(row["TABLE_NAME"]): [] for row in tables}
            for row in sorted(columns, key=lambda row: row.get("ORDINAL_POSITION") or 0):
                found.setdefault(str(row["TABLE_NAME"]), []).append(str(row["COLUMN_NAME"]))
            names = [str(row["PROCEDURE_NAME"]) for row in procedures]
            self.catalog = Catalog(found, names)
        return self.catalog


def _rows(call: Call) -> Iterable[dict[str, Any]]:
    """The rows of an answer; none where the server refused, or did not answer."""
    try:
        result = call.result()
        return rows_of(result)
    except (ClientError, DecodeError):
        return []


def rows_of(result: Result) -> list[dict[str, Any]]:
    """The rows of the first table by name of the column; none if there is no table."""
    return result.dicts() if result.status == SUCCESS and result.tables else []
