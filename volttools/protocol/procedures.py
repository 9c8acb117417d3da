"""What is known of the server's own procedures by their names."""

from __future__ import annotations

from typing import Final

from volttools.formats.invocation import Invocation

# Procedures whose first parameter is SQL.
SQL_PROCEDURES: Final = frozenset(
    {
        "@adhoc",
        "@adhoclarge",
        "@adhocspfortest",
        "@adhoc_ro_mp",
        "@adhoc_ro_sp",
        "@adhoc_rw_mp",
        "@adhoc_rw_sp",
        "@explain",
        "@explainjson",
        "@querystats",
    }
)


def takes_sql(procedure: str | None) -> bool:
    """Whether a procedure's first parameter is SQL."""
    return procedure is not None and procedure.lower() in SQL_PROCEDURES


def sql_of(invocation: Invocation) -> str | None:
    """The SQL of a call that has some; None for any other."""
    if not takes_sql(invocation.procedure) or not isinstance(invocation.parameters, list):
        return None
    value = invocation.parameters[0].value if invocation.parameters else None
    return value if isinstance(value, str) else None
