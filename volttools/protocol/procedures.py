"""What is known of the server's own procedures by their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


# What client libraries ask on their own behalf: the procedure, and what its first parameter may be then.
_OF_LIBRARIES: Final[Mapping[str, Collection[str] | None]] = {
    "@ping": None,
    "@subscribe": None,
    "@getpartitionkeys": None,
    "@statistics": ("TOPO",),
    "@systemcatalog": ("PROCEDURES", "PROCEDURECOLUMNS"),
    "@systeminformation": ("OVERVIEW",),
}


def may_be_of_library(procedure: str | None) -> bool:
    """Whether client libraries call a procedure by themselves, with some parameters at least."""
    return procedure is not None and procedure.lower() in _OF_LIBRARIES


def is_asked_by_library(procedure: str | None, invocation: Invocation | None) -> bool:
    """Whether it is a call that client libraries make by themselves: to learn the topology and the
    procedures, to be told when they change, and to see whether the server is there."""
    if procedure is None or not may_be_of_library(procedure):
        return False
    selectors = _OF_LIBRARIES[procedure.lower()]
    if selectors is None:
        return True
    if invocation is None or not isinstance(invocation.parameters, list) or not invocation.parameters:
        return False
    first = invocation.parameters[0].value
    return isinstance(first, str) and first.upper() in selectors


def takes_sql(procedure: str | None) -> bool:
    """Whether a procedure's first parameter is SQL."""
    return procedure is not None and procedure.lower() in SQL_PROCEDURES


def sql_of(invocation: Invocation) -> str | None:
    """The SQL of a call that has some; None for any other."""
    if not takes_sql(invocation.procedure) or not isinstance(invocation.parameters, list):
        return None
    value = invocation.parameters[0].value if invocation.parameters else None
    return value if isinstance(value, str) else None
