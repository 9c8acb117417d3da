"""Answers of what a schema declares: default procedures, and with an engine all that is SQL."""

from __future__ import annotations

from volttools.formats.response import GRACEFUL_FAILURE, UNEXPECTED_FAILURE, Response
from volttools.formats.table import TABLE_STATUS_UNSET, Table
from volttools.formats.types import BIGINT
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.counters import Counters
from volttools.mock.engine import NO_ENGINE, Engine, SqlRefused
from volttools.mock.schema.declarations import Declarations
from volttools.mock.schema.model import DeclaredProcedure
from volttools.mock.unreadable import unreadable

SINGLE_PARTITION_DML = 0
"""The status of a table `modified_tuples` of one partition; of several none is set."""

_ROWS_CHANGED = {"insert": 1, "upsert": 1, "delete": -1}


class DeclaredSource:
    """Answers procedures that DDL declares, or that a declared table has."""

    def __init__(self, declarations: Declarations, counters: Counters, engine: Engine | None) -> None:
        self._declarations = declarations
        self._counters = counters
        self._engine = engine

    def answer(self, call: Call) -> Response | None:
        """What the engine makes of its SQL; without one what a default procedure answers when all is well."""
        procedure = self._declarations.find(call.procedure)
        if procedure is None or (self._engine is None and procedure.table is None):
            return None
        wrong = unreadable(call)
        if wrong is not None:
            return wrong
        if self._engine is not None and procedure.statements:
            return self._execute(self._engine, procedure, call)
        return self._default(procedure)

    def _execute(self, engine: Engine, procedure: DeclaredProcedure, call: Call) -> Response:
        params = list(call.params)
        tables: list[Table] = []
        try:
            for statement in procedure.statements:
                count = statement.count("?") if len(procedure.statements) > 1 else len(params)
                tables += engine.execute(statement, params[:count], self._declarations.schema)
                params = params[count:]
        except SqlRefused as error:
            return failure(GRACEFUL_FAILURE, str(error))
        return Response(tables=tables)

    def _default(self, procedure: DeclaredProcedure) -> Response:
        assert procedure.table is not None
        what = procedure.name.rpartition(".")[2]
        if what == "select":
            table = self._declarations.schema.tables[procedure.table]
            return Response(tables=[Table.of([(column.name, column.type.wire) for column in table.columns])])
        if what in _ROWS_CHANGED:
            self._counters.changed_rows(procedure.table, _ROWS_CHANGED[what])
        status = TABLE_STATUS_UNSET if procedure.partitioned_on is None else SINGLE_PARTITION_DML
        return Response(tables=[Table.of([("modified_tuples", BIGINT)], [(1,)], status=status)])


def why_unanswered(declarations: Declarations, call: Call) -> Response | None:
    """What to tell who called something that is there and that only an engine or a handler could answer."""
    text = NO_ENGINE.format(procedure=call.procedure)
    if call.procedure.startswith("@AdHoc"):
        sql = str(call.params[0]) if call.params else ""
        return failure(GRACEFUL_FAILURE, f'SQL error while compiling query: Error in "{sql}" - {text}')
    if declarations.find(call.procedure) is not None:
        text = f"VOLTDB ERROR: UNEXPECTED FAILURE: {call.procedure} is declared, and {text}"
        return failure(UNEXPECTED_FAILURE, text)
    return None
