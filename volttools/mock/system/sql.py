"""@AdHoc and its kin: DDL changes the schema; SQL is for an engine. @Explain, @ExplainProc, @ExplainView."""

from __future__ import annotations

from typing import Any

from volttools.formats.response import UNEXPECTED_FAILURE, Response
from volttools.formats.table import Table
from volttools.formats.types import STRING
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.engine import SqlRefused
from volttools.mock.schema.errors import DdlError
from volttools.mock.system.facts import STATUS_OK, Facts, SystemProcedure, refused

_NO_PLAN = "RETURN RESULTS TO STORED PROCEDURE\n (the mock server plans nothing)\n"
_PLAN = (("EXECUTION_PLAN", STRING),)
_PROCEDURE_PLAN = (("STATEMENT_NAME", STRING), ("SQL_STATEMENT", STRING), ("EXECUTION_PLAN", STRING))
_VIEW_PLAN = (("TASK", STRING), ("EXECUTION_PLAN", STRING))


class Sql:
    """What is asked in SQL."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def procedures(self) -> dict[str, SystemProcedure]:
        """By name."""
        return {
            "@AdHoc": self._ad_hoc,
            "@AdHocLarge": self._ad_hoc,
            "@AdHocSpForTest": self._ad_hoc,
            "@Explain": self._explain,
            "@ExplainProc": self._explain_procedure,
            "@ExplainView": self._explain_view,
        }

    def _ad_hoc(self, call: Call) -> Response | None:
        """None: SQL that no engine is there for."""
        from volttools.mock.schema.changes import is_ddl
        from volttools.mock.schema.splitting import statements

        wrong = _wrong_parameters(call)
        if wrong is not None:
            return refused(wrong)
        text, *params = call.params
        if call.procedure == "@AdHocSpForTest":
            params = params[1:]
        found = [statement.text for statement in statements(text)]
        if not found or text.lstrip().startswith("--"):
            return refused("Failed to plan, no SQL statement provided.")
        kinds = {is_ddl(statement) for statement in found}
        if len(kinds) > 1:
            return refused("DDL mixed with DML and queries is unsupported.")
        if kinds == {True}:
            return self._change(text)
        if params and len(found) > 1:
            return refused(
                "The @AdHoc stored procedure when called with more than one parameter must be passed a single "
                "parameterized SQL statement as its first parameter. Pass each parameterized SQL statement to a "
                "separate callProcedure invocation."
            )
        if self._facts.engine is None:
            return None
        tables: list[Table] = []
        try:
            for statement in found:
                tables += self._facts.engine.execute(
                    statement, params, self._facts.procedures.declarations.schema
                )
        except SqlRefused as error:
            return refused(str(error))
        return Response(tables=tables)

    def _change(self, ddl: str) -> Response:
        declarations = self._facts.procedures.declarations
        try:
            is_changed = declarations.change(ddl, is_one_batch=True)
        except DdlError as error:
            return refused(error.status)
        self._facts.counters.keep_rows(declarations.schema.tables)
        if is_changed:
            self._facts.push_procedures()
        return Response(tables=[STATUS_OK])

    def _explain(self, call: Call) -> Response:
        from volttools.mock.schema.changes import is_ddl
        from volttools.mock.schema.splitting import statements

        if not call.params:
            text = (
                "VOLTDB ERROR: UNEXPECTED FAILURE: java.lang.ArrayIndexOutOfBoundsException: "
                "Index 0 out of bounds for length 0"
            )
            return failure(UNEXPECTED_FAILURE, text)
        found = [statement.text for statement in statements(str(call.params[0]))]
        if not found:
            return refused("Failed to plan, no SQL statement provided.")
        if any(map(is_ddl, found)):
            return refused("Explain doesn't support DDL.")
        return Response(tables=[Table.of(_PLAN, [(_NO_PLAN,)]) for _ in found])

    def _explain_procedure(self, call: Call) -> Response:
        name = str(call.params[0]) if call.params else ""
        procedure = self._facts.procedures.declarations.find(name)
        if procedure is None and self._facts.procedures.find(name) is None:
            return refused(f"Procedure {name} not in catalog")
        statements = () if procedure is None else procedure.statements
        rows: list[tuple[Any, ...]] = [
            (f"sql{number}", f"{statement};", _NO_PLAN) for number, statement in enumerate(statements)
        ]
        return Response(tables=[Table.of(_PROCEDURE_PLAN, rows)])

    def _explain_view(self, call: Call) -> Response:
        name = str(call.params[0]) if call.params else ""
        view = self._facts.procedures.declarations.schema.table(name)
        if view is None or view.kind != "VIEW":
            return refused(f"View {name} does not exist.")
        return Response(tables=[Table.of(_VIEW_PLAN, [("", "No query plan is being used.")])])


def _wrong_parameters(call: Call) -> str | None:
    if not call.params:
        return "Adhoc system procedure requires at least the query parameter."
    if not isinstance(call.params[0], str):
        return "Adhoc system procedure requires the query parameter to be of String type."
    return None
