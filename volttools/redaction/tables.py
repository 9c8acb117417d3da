"""Redacts tables, and values that stand together: in a column, in an array, or alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from volttools.formats.notation import Opaque
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING, TINYINT, TYPES, VARBINARY, VOLTTABLE
from volttools.protocol.procedures import takes_sql
from volttools.redaction.report import Report
from volttools.redaction.rules import Action, Place
from volttools.redaction.system import column_kind, has_system_results, property_kind
from volttools.redaction.treatments import KEPT, Treatment, Treatments

_MODIFIED = "modified_tuples"
_STATUS = "STATUS"


class Tables:
    """Redacts tables of results, and those that are parameters."""

    def __init__(self, treatments: Treatments, report: Report) -> None:
        self._treatments = treatments
        self._report = report

    def changed(
        self,
        treatment: Treatment,
        values: Sequence[Any],
        procedure: str | None,
        place: Place,
        code: int,
        *,
        is_bytes: bool = False,
    ) -> list[Any]:
        """The values after their treatment; counted, but for NULLs."""
        name = TYPES.name_of(code)
        number = len(values) - sum(value is None for value in values)
        self._report.count_values(procedure, place, name, treatment.done, number, treatment.rule)
        if treatment.change is None:
            return list(values)
        if is_bytes and code == TINYINT.code and treatment.action is Action.REPLACE:
            return list(self._treatments.pseudonyms.bytes_of_array(values))
        return list(map(treatment.change, values))

    def table(
        self, table: Table, procedure: str | None, where: Place, *, is_system: bool | None = None
    ) -> Table:
        """A table with other values, and other names if they are replaced."""
        header = table.header
        names = header.column_names
        if table.rows:
            columns: list[Any] = list(zip(*table.rows, strict=True))
            if is_system is None:
                is_system = where.parameter is None and has_system_results(procedure)
            keys = self._keys(names, columns) if is_system else None
            for index, values in enumerate(columns):
                if values and isinstance(values[0], Opaque):
                    columns[index] = [Opaque(bytes(len(value))) for value in values]
                    continue
                place = where._replace(column=names[index] or "")
                code = header.column_types[index]
                if keys is not None and names[index] == "VALUE":
                    columns[index] = self._properties(values, keys, procedure, place)
                elif code == VOLTTABLE.code:
                    columns[index] = [self.table(value, procedure, place) for value in values]
                else:
                    treatment = self._of_column(table, procedure, place, code, is_system)
                    columns[index] = self.changed(treatment, values, procedure, place, code)
            rows = list(zip(*columns, strict=True)) if columns else table.rows
        else:
            rows = []
        if self._treatments.rules.default.names and not _is_system_header(procedure, where):
            renamed = tuple(name and self._treatments.column(name) for name in names)
            header = header.replace(column_names=renamed)
        return table.replace(header=header, rows=rows, trailing=bytes(len(table.trailing)))

    def _of_column(
        self, table: Table, procedure: str | None, place: Place, code: int, is_system: bool
    ) -> Treatment:
        if is_system and procedure is not None:
            asked = self._treatments.of_system(procedure, place, code)
            if asked is not None:
                return asked
            if code not in (STRING.code, VARBINARY.code):
                return KEPT
            return self._treatments.of_kind(
                column_kind(procedure, place.column or ""), procedure, place, code
            )
        found = self._treatments.of_values(procedure, place, code)
        if found.rule is None and place.parameter is None and _is_outcome(table, procedure):
            return KEPT
        return found

    def _keys(self, names: Sequence[str | None], columns: list[Any]) -> Sequence[str | None] | None:
        """What the values of a table of keys and values belong to; None if it is no such table."""
        for name in ("KEY", "PROPERTY"):
            if name in names:
                found: Sequence[str | None] = columns[names.index(name)]
                return found
        return None

    def _properties(
        self, values: Sequence[Any], keys: Sequence[str | None], procedure: str | None, place: Place
    ) -> list[Any]:
        """The values of @SystemInformation, each by its key."""
        made = []
        for key, value in zip(keys, values, strict=True):
            kind = property_kind(key)
            treatment = self._treatments.of_kind(kind, procedure, place, STRING.code)
            if isinstance(value, str):
                made += self.changed(treatment, [value], procedure, place, STRING.code)
            else:
                made.append(value)
        return made


def _is_system_header(procedure: str | None, where: Place) -> bool:
    """Whether the names of columns are the product's own."""
    return where.parameter is None and has_system_results(procedure)


def _is_outcome(table: Table, procedure: str | None) -> bool:
    """Whether a table only says how a statement went: rows modified, or that DDL is done."""
    names, types = table.header.column_names, table.header.column_types
    if len(names) != 1 or types[0] != BIGINT.code or len(table.rows) != 1:
        return False
    if names[0] == _MODIFIED:
        return True
    return takes_sql(procedure) and names[0] == _STATUS and table.rows[0] == (0,)
