"""@SystemCatalog: every selector, from the schema and the handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.mock.calls import Call
from volttools.mock.catalog import procedure_columns_table, procedures_table
from volttools.mock.schema import catalog
from volttools.mock.schema.model import Schema
from volttools.mock.system.facts import Facts, SystemProcedure, refused


class Catalog:
    """What there is to be called and asked."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._tables: dict[str, Callable[[], Table]] = {
            "TABLES": lambda: catalog.tables_table(self._schema),
            "COLUMNS": lambda: catalog.columns_table(self._schema),
            "INDEXINFO": lambda: catalog.indexes_table(self._schema),
            "PRIMARYKEYS": lambda: catalog.primary_keys_table(self._schema),
            "PROCEDURES": lambda: procedures_table(facts.procedures.listed()),
            "PROCEDURECOLUMNS": lambda: procedure_columns_table(facts.procedures.listed()),
            "FUNCTIONS": lambda: catalog.functions_table(self._schema),
            "CLASSES": lambda: catalog.classes_table(self._schema, sorted(facts.classes)),
            "USERS": lambda: catalog.users_table(facts.users),
            "ROLES": lambda: catalog.roles_table(self._schema),
            "TYPEINFO": catalog.types_table,
            "TASKS": lambda: catalog.tasks_table(self._schema),
            "TOPICS": catalog.topics_table,
        }

    @property
    def _schema(self) -> Schema:
        return self._facts.procedures.declarations.schema

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {"@SystemCatalog": self._system_catalog}

    def procedures_table(self) -> Table:
        """What PROCEDURES answers, and what is pushed."""
        return self._tables["PROCEDURES"]()

    def _system_catalog(self, call: Call) -> Response:
        selector: Any = call.params[0] if call.params else None
        table = self._tables.get(selector.upper()) if isinstance(selector, str) else None
        if table is None:
            return refused(f"Invalid @SystemCatalog selector: {selector}")
        return Response(tables=[table()])
