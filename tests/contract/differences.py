"""Where the mock server does something else than a real one, and knows it: the table at the end of docs/mock.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A difference. `checks`: names of those that show it; none where it isn't checked."""

    server: str
    mock: str
    checks: tuple[str, ...] = ()


KNOWN = [
    Known(
        "compiles and executes SQL",
        "executes none: what would be SQL fails with a text that says how to answer it; syntax and names are not looked at",
        (
            "@AdHoc of a table that there isn't",
            "@AdHoc of what is no SQL",
            "@AdHoc of a query that has no end",
            "@AdHoc of commit",
            "@AdHoc with fewer values than ?",
            "a query of a table without rows",
        ),
    ),
    Known(
        "keeps rows: T.delete of a key that isn't there changes 0 rows, T.select finds what was inserted",
        "counts rows: changes always 1, and finds none",
        ("T.delete without a row to find", "T.upsert, T.select, T.delete of a row"),
    ),
    Known(
        "refuses rows that violate a constraint, with CONSTRAINT VIOLATION",
        "takes every row of default procedures",
        ("T.insert of a row that there is", "NULL for the key of a partition"),
    ),
    Known(
        "11.4 can't read a parameter of type DATE",
        "takes it, as newer servers do",
        tuple(
            f"type DATE in the place of parameters, {name}" for name in ("@Ping", "@AdHoc", "contract_all")
        ),
    ),
    Known(
        "sends its Java stack behind the cause where parameters can't be read, or a procedure raises",
        "sends one line: what is wrong, and at which byte",
    ),
    Known(
        "over TLS loses calls that stand in one record with the log-in, and hangs where a record ends behind a length",
        "answers them",
    ),
    Known(
        "says no more of a procedure that it doesn't have than that it was not found",
        "says behind it what was probably meant, and what there is",
    ),
    Known("takes TLS 1.2 only", "takes TLS 1.3, too, unless `versions` says otherwise"),
    Known(
        "takes longer for the wrong password of a known user than for an unknown one",
        "takes the same time for both",
    ),
    Known(
        "has rights for users", "lets whoever is let in do everything, but what is for administrators only"
    ),
    Known("keeps its place in the order of a partition", "answers calls as they are ready"),
]

CHECKED = {name: known for known in KNOWN for name in known.checks}
"""By the name of the check."""


def table() -> str:
    """The table of docs/mock.md."""
    lines = ["| a real server | the mock |", "|---|---|"]
    lines += [f"| {known.server} | {known.mock} |" for known in KNOWN]
    return "\n".join(lines) + "\n"
