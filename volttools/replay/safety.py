"""Which calls write, and which are held back unless somebody asked for them.

What a procedure does is told by the target's catalog (readOnly in the remarks of @SystemCatalog PROCEDURES),
what @AdHoc does by its statements. What is unknown counts as a write.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from volttools.protocol.events import Exchange
from volttools.protocol.procedures import is_asked_by_library, may_be_of_library
from volttools.sql import tokens


class Nature(Enum):
    """What a call does; each of these may do all that stands before it."""

    READ = "read"
    WRITE = "write"
    DDL = "DDL"
    ADMIN = "administration"


_SEVERITY: Final = {nature: rank for rank, nature in enumerate(Nature)}

OPTIONS: Final = {Nature.WRITE: "--writes", Nature.DDL: "--ddl", Nature.ADMIN: "--admin"}
"""What lets calls through that are held back otherwise."""

# In lower case, as a server finds them in any. Source: SystemProcedureCatalog.java of the 11.4 server.
_READING = frozenset({
    "@explain", "@explaincatalog", "@explainjson", "@explainproc", "@explainview", "@gethashinatorconfig",
    "@getpartitionkeys", "@ping", "@querystats", "@snapshotscan", "@statistics", "@subscribe",
    "@systemcatalog", "@systeminformation", "@validatepartitioning",
})  # fmt: skip
_WRITING = frozenset({"@loadmultipartitiontable", "@loadsinglepartitiontable", "@swaptables"})
_DEFINING = frozenset({"@updateapplicationcatalog", "@updateclasses"})
_EXPLAINING = frozenset({"@explain", "@explainjson", "@querystats"})
_ADHOC_READING = frozenset({"@adhoc_ro_mp", "@adhoc_ro_sp"})

_READING_WORDS = frozenset({"SELECT", "WITH"})
_DEFINING_WORDS = frozenset(
    {"ALTER", "CREATE", "DR", "DROP", "EXPORT", "IMPORT", "PARTITION", "REPLICATE", "SET"}
)


def is_of_library(exchange: Exchange) -> bool:
    """Whether it is a call that client libraries make by themselves."""
    name = exchange.procedure
    return may_be_of_library(name) and is_asked_by_library(name, exchange.invocation)


def nature_of_sql(procedure: str, sql: str) -> Nature:
    """What SQL does that a procedure such as @AdHoc runs: the gravest of its statements.

    >>> nature_of_sql("@AdHoc", "select 1 from t; -- and then\\n delete from t").value
    'write'
    """
    if procedure.lower() in _EXPLAINING or procedure.lower() in _ADHOC_READING:
        return Nature.READ
    return max(map(_nature_of_word, _first_words(sql)), key=_SEVERITY.__getitem__, default=Nature.WRITE)


def _nature_of_word(word: str) -> Nature:
    if word in _READING_WORDS:
        return Nature.READ
    if word in _DEFINING_WORDS:
        return Nature.DDL
    return Nature.WRITE  # also what nobody knows


def _first_words(sql: str) -> Iterator[str]:
    """The first word of each statement; "" for one that begins with none."""
    is_at_start = True
    for token in tokens(sql):
        if token.kind == "comment" or not token.text.strip() or (is_at_start and token.text == "("):
            continue
        if token.text == ";":
            is_at_start = True
        elif is_at_start:
            is_at_start = False
            yield token.text.upper() if token.kind == "name" else ""


class Catalog:
    """What the target's procedures do."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """rows   of @SystemCatalog PROCEDURES, by name of the column"""
        self._reading: dict[str, bool] = {}
        for row in rows:
            name, remarks = row.get("PROCEDURE_NAME"), row.get("REMARKS")
            if isinstance(name, str):
                self._reading[name] = _says_read_only(remarks)

    def knows(self, procedure: str) -> bool:
        """Whether the target has it; of the server's own procedures that isn't told."""
        return procedure.startswith("@") or procedure in self._reading

    def nature(self, procedure: str, sql: Nature | None) -> Nature:
        """What a call does; `sql`: what its SQL does, if it has some."""
        if sql is not None:
            return sql
        if not procedure.startswith("@"):
            return Nature.READ if self._reading.get(procedure) else Nature.WRITE
        name = procedure.lower()
        if name in _READING:
            return Nature.READ
        if name in _WRITING or name.startswith("@adhoc"):
            return Nature.WRITE
        return Nature.DDL if name in _DEFINING else Nature.ADMIN


def _says_read_only(remarks: object) -> bool:
    try:
        found = json.loads(remarks) if isinstance(remarks, str) else None
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("readOnly") is True


@dataclass(slots=True)
class Group:
    """Calls of one procedure that do the same: how many, and whether they are made."""

    procedure: str
    nature: Nature
    calls: int
    is_known: bool
    is_made: bool


@dataclass(slots=True)
class Verdict:
    """What may be made of a plan, by procedure and what the SQL does; made of the catalog."""

    groups: dict[tuple[str, str | None], Group] = field(default_factory=dict)

    @property
    def held_back(self) -> list[Group]:
        """What is not made, the most frequent first."""
        return sorted(
            (group for group in self.groups.values() if not group.is_made), key=lambda group: -group.calls
        )

    @property
    def made(self) -> int:
        """How many calls are made."""
        return sum(group.calls for group in self.groups.values() if group.is_made)

    @property
    def unknown(self) -> list[Group]:
        """What the target does not have."""
        return [group for group in self.groups.values() if not group.is_known]

    def of(self, procedure: str, sql: str | None) -> Group:
        """What becomes of a call."""
        return self.groups[procedure, sql]


def judge(
    tally: Counter[tuple[str, str | None]], catalog: Catalog, allowed: Collection[Nature] = ()
) -> Verdict:
    """Which of the calls are made: those that read, and those of the natures that are allowed."""
    verdict = Verdict()
    for (procedure, sql), calls in tally.items():
        nature = catalog.nature(procedure, None if sql is None else Nature(sql))
        is_made = nature is Nature.READ or nature in allowed
        verdict.groups[procedure, sql] = Group(procedure, nature, calls, catalog.knows(procedure), is_made)
    return verdict
