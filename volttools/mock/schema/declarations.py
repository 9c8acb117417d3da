"""The schema that a server has now, and the procedures that follow from it."""

from __future__ import annotations

from volttools.mock.schema.defaults import default_procedures
from volttools.mock.schema.model import DeclaredProcedure, Schema


class Declarations:
    """A schema that may be replaced while calls come, from any thread."""

    def __init__(self, schema: Schema | None = None) -> None:
        self.schema = Schema() if schema is None else schema
        self.replace(self.schema)

    def replace(self, schema: Schema) -> bool:
        """Take another schema; whether the procedures of the catalog are others now."""
        defaults = default_procedures(schema)
        procedures = {**defaults, **schema.procedures}
        is_changed = procedures != getattr(self, "procedures", None)
        self._defaults = {name.upper(): procedure for name, procedure in defaults.items()}
        self._upper = {name.upper() for name in schema.procedures}
        self.procedures: dict[str, DeclaredProcedure] = procedures
        self.schema = schema
        return is_changed

    def change(self, ddl: str, *, is_one_batch: bool = False) -> bool:
        """Apply DDL; whether the procedures are others now. DdlError, and nothing is changed, if it is wrong."""
        from volttools.mock.schema.changes import changed  # lark is imported for those only who have DDL

        return self.replace(changed(self.schema, ddl, is_one_batch=is_one_batch))

    def find(self, name: str) -> DeclaredProcedure | None:
        """A declared procedure; default ones are found in any case, the user's in their own."""
        if not self.procedures:
            return None
        return self.procedures.get(name) or self._defaults.get(name.upper())

    def is_in_other_case(self, name: str) -> bool:
        """Whether a name is a user's procedure's but for upper and lower case."""
        return bool(self._upper) and name.upper() in self._upper and name not in self.procedures
