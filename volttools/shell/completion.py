"""What can stand where the cursor is: words of SQL, names of the catalog, commands of the shell."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from volttools.shell.catalog import Catalog
from volttools.shell.commands import COMMANDS
from volttools.shell.splitting import Splitter
from volttools.shell.statements import CALL_WORDS, first_word
from volttools.sql import FUNCTIONS, KEYWORDS, Token, tokens

SYSTEM_PROCEDURES: dict[str, tuple[str, ...]] = {
    "@AdHoc": (),
    "@Explain": (),
    "@ExplainProc": (),
    "@ExplainView": (),
    "@GetPartitionKeys": ("INTEGER", "STRING", "VARBINARY"),
    "@Pause": (),
    "@Ping": (),
    "@Promote": (),
    "@QueryStats": (),
    "@Quiesce": (),
    "@Resume": (),
    "@SnapshotDelete": (),
    "@SnapshotRestore": (),
    "@SnapshotSave": (),
    "@SnapshotScan": (),
    "@Statistics": tuple(
        [
            "COMMANDLOG",
            "CPU",
            "DRCONSUMER",
            "DRPRODUCER",
            "DRROLE",
            "EXPORT",
            "GC",
            "IDLETIME",
            "IMPORTER",
            "INDEX",
            "INITIATOR",
            "IOSTATS",
            "LATENCY",
            "LIMITS",
            "LIVECLIENTS",
            "MANAGEMENT",
            "MEMORY",
            "PARTITIONCOUNT",
            "PLANNER",
            "PROCEDURE",
            "PROCEDUREDETAIL",
            "PROCEDUREINPUT",
            "PROCEDUREOUTPUT",
            "PROCEDUREPROFILE",
            "QUEUE",
            "REBALANCE",
            "SNAPSHOTSTATUS",
            "TABLE",
            "TASK",
            "TOPO",
            "TTL",
        ]
    ),
    "@StopNode": (),
    "@SwapTables": (),
    "@SystemCatalog": tuple(
        [
            "CLASSES",
            "COLUMNS",
            "FUNCTIONS",
            "INDEXINFO",
            "PRIMARYKEYS",
            "PROCEDURECOLUMNS",
            "PROCEDURES",
            "ROLES",
            "TABLES",
            "TASKS",
            "TOPICS",
            "TYPEINFO",
            "USERS",
        ]
    ),
    "@SystemInformation": ("DEPLOYMENT", "LICENSE", "OVERVIEW"),
    "@UpdateApplicationCatalog": (),
    "@UpdateClasses": (),
    "@UpdateLogging": (),
}
"""The server's own procedures that people call, and the words that their first parameter takes."""

_FIRST_WORDS = tuple(
    [
        "ALTER",
        "CALL",
        "CREATE",
        "DELETE",
        "DESCRIBE",
        "DROP",
        "EXEC",
        "EXIT",
        "EXPLAIN",
        "EXPLAINPROC",
        "HELP",
        "INSERT",
        "PARTITION",
        "SELECT",
        "SHOW",
        "TRUNCATE",
        "UPDATE",
        "UPSERT",
        "WITH",
    ]
)
_BEFORE_TABLES = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "TABLE", "VIEW", "TRUNCATE"))
_TABLE_COMMANDS = frozenset((r"\d", r"\dt", r"\explainview"))
_PROCEDURE_COMMANDS = frozenset((r"\df", r"\explainproc"))
_CHOICES = {
    "\\format": ("table", "json", "csv"),
    **dict.fromkeys(("\\timing", "\\x", "\\pager"), ("on", "off")),
}
_WORD = re.compile(r"[\w$@]*\Z")


class Completion(NamedTuple):
    """One thing that can stand there: it takes the place of the last `replaces` characters."""

    text: str
    replaces: int
    kind: str


def completions(before: str, catalog: Catalog) -> list[Completion]:
    """All that can stand behind a text, best first.

    >>> completions("sel", Catalog())
    [Completion(text='select', replaces=3, kind='keyword')]
    """
    splitter = Splitter()
    splitter.feed(before)
    text = splitter.rest.lstrip()
    if text.startswith("\\"):
        return _of_command(text, catalog)
    if splitter.inside not in ("", "-", "'", '"') or _is_inside(text):
        return []
    return _of_statement(text, catalog)


def _is_inside(text: str) -> bool:
    """Whether the text ends in a string or comment."""
    last = next(iter(deque(tokens(text), maxlen=1)), None)
    if last is None or last.kind not in ("string", "quoted", "comment", "hex"):
        return False
    if last.kind == "comment":
        return not last.text.endswith("*/")
    return len(last.text) < 2 or last.text[-1] not in "'\""


def _of_command(text: str, catalog: Catalog) -> list[Completion]:
    name, blank, argument = text.partition(" ")
    if not blank:
        return [_whole(command.name, name, command.help) for command in COMMANDS.values() if command.name.startswith(name)]  # fmt: skip
    if name == "\\explain":
        return _of_statement(argument.lstrip(), catalog)
    if name in _TABLE_COMMANDS:
        return _matching(argument.lstrip(), (("table", catalog.tables),))
    if name in _PROCEDURE_COMMANDS:
        return _matching(argument.lstrip(), (("procedure", catalog.procedures),), keeps_case=True)
    return _matching(argument.lstrip(), (("word", _CHOICES.get(name, ())),))


def _of_statement(text: str, catalog: Catalog) -> list[Completion]:
    found = _WORD.search(text)
    prefix = found[0] if found else ""
    head = text[: len(text) - len(prefix)]
    first = first_word(head)
    if not head.strip():
        return _matching(prefix, (("keyword", _FIRST_WORDS),)) if prefix else []
    if first in CALL_WORDS:
        return _of_call(head.split(None, 1)[1:], text, catalog)
    if first in ("describe", "desc"):
        return _matching(prefix, (("table", catalog.tables),))
    if first == "show":
        return _matching(prefix, (("word", ("tables", "procedures", "classes")),))
    if first == "explainproc":
        return _matching(_last(text), (("procedure", catalog.procedures),), keeps_case=True)
    if first == "explain":
        return _of_statement(text.lstrip()[len(first) :].lstrip(), catalog)
    return _of_sql(head, prefix, catalog)


def _of_call(behind: list[str], text: str, catalog: Catalog) -> list[Completion]:
    """Behind exec: procedures, then the words that a system procedure takes."""
    prefix = _last(text)
    words = behind[0].split() if behind else []
    if not words or (len(words) == 1 and prefix and not text[-1].isspace() and text.endswith(words[0] + prefix[len(words[0]) :])):  # fmt: skip
        groups = (("procedure", catalog.procedures), ("system procedure", SYSTEM_PROCEDURES))
        return _matching(prefix, groups, keeps_case=True)
    selectors = {name.lower(): words for name, words in SYSTEM_PROCEDURES.items()}
    taken = selectors.get(words[0].rstrip(",").lower(), ())
    is_first = len(words) == 1
    return _matching(prefix, (("selector", taken),)) if is_first else []


def _of_sql(head: str, prefix: str, catalog: Catalog) -> list[Completion]:
    parts = [token for token in tokens(head) if token.kind != "comment" and not token.text.isspace()]
    used = _tables_used([*parts, *tokens(prefix)], catalog)
    if len(parts) > 1 and head.endswith("."):
        owner = parts[-2].text.strip('"')
        return _matching(prefix, (("column", catalog.columns_of(used.get(owner.upper(), owner))),))
    last_word = next((part.text.upper() for part in reversed(parts) if part.kind == "name"), "")
    behind = parts[-1].text.upper()
    if behind in _BEFORE_TABLES or (behind == "," and _is_list_of_tables(parts)):
        return _matching(prefix, (("table", catalog.tables),))
    if not prefix and behind == last_word and behind not in KEYWORDS:
        return []  # behind a name nothing is likelier than anything else
    of_used = [name for table in dict.fromkeys(used.values()) for name in catalog.columns_of(table)]
    every = [name for columns in catalog.columns.values() for name in columns]
    columns = of_used or every
    groups: list[tuple[str, Iterable[str]]] = [("column", columns), ("table", catalog.tables)]
    if prefix:
        groups += [("keyword", sorted(KEYWORDS)), ("function", sorted(FUNCTIONS - KEYWORDS))]
    return _matching(prefix, groups)


def _is_list_of_tables(parts: list[Token]) -> bool:
    words = [part.text.upper() for part in parts if part.text.upper() in KEYWORDS]
    return bool(words) and words[-1] in ("FROM", "JOIN", "AS")


def _tables_used(parts: list[Token], catalog: Catalog) -> dict[str, str]:
    """The tables of a statement, by their names and aliases in upper case."""
    known = {name.upper(): name for name in catalog.tables}
    found: dict[str, str] = {}
    table: str | None = None
    for part in parts:
        name = part.text.strip('"').upper()
        if part.kind not in ("name", "quoted"):
            table = None if part.text != "." else table
        elif name in known:
            table = found[name] = known[name]
        elif table is not None and name not in KEYWORDS:
            found[name], table = table, None
        elif name != "AS":
            table = None
    return found


def _matching(
    prefix: str, groups: Iterable[tuple[str, Iterable[str]]], *, keeps_case: bool = False
) -> list[Completion]:
    """The names that begin with a prefix in any case; in small letters where it is."""
    folded = prefix.upper()
    lowers = prefix != folded and prefix == prefix.lower() and not keeps_case
    found: dict[str, Completion] = {}
    for kind, names in groups:
        for name in names:
            if name.upper().startswith(folded) and name.upper() not in found:
                text = name.lower() if lowers else name
                found[name.upper()] = Completion(text, len(prefix), kind)
    return list(found.values())


def _whole(text: str, prefix: str, kind: str) -> Completion:
    return Completion(text, len(prefix), kind)


def _last(text: str) -> str:
    """The last word, with what can be in a procedure's name."""
    found = re.search(r"[\w$@.]*\Z", text)
    return found[0] if found else ""
