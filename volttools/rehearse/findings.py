"""What is different on the new server, in words for people who know neither replay nor comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from volttools.compare import Group, Kind, Place
from volttools.compare.latency import Latency
from volttools.rehearse.rehearsing import NEW, Rehearsal
from volttools.render.comparison import call_text, ratio_text, shown_texts
from volttools.render.values import duration, visible
from volttools.words import counted

_WHOLE: Final = {
    Kind.STATUS: "is answered with {new} instead of {old}",
    Kind.MISSING: "was not called on the new server",
    Kind.EXTRA: "was called on the new server only",
    Kind.STATUS_TEXT: "has another status text",
    Kind.APP_STATUS: "has application status {new} instead of {old}",
    Kind.APP_STATUS_TEXT: "has another text of the application",
    Kind.EXCEPTION: "has another exception",
    Kind.UNREADABLE: "has an answer that can't be read",
    Kind.TABLES: "gives {new} result tables instead of {old}",
    Kind.TABLE_STATUS: "gives a table with status {new} instead of {old}",
    Kind.COLUMN_ORDER: "gives its columns in another order",
    Kind.ROWS_MISSING: "lacks rows",
    Kind.ROWS_EXTRA: "gives rows that were not there",
    Kind.ROW_ORDER: "gives its rows in another order",
    Kind.MAPPED: "has another id than elsewhere",
    Kind.LOGIN: "ends with {new} instead of {old}",
    Kind.PUSHES: "came {new} times instead of {old}",
}
_COLUMN: Final = {
    Kind.COLUMN_MISSING: "lacks column {column}",
    Kind.COLUMN_EXTRA: "has a new column {column}",
    Kind.COLUMN_NAME: "renames column {column} to {renamed}",
    Kind.COLUMN_TYPE: "gives column {column} as {new} instead of {old}",
    Kind.VALUE: "has another value in column {column}",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is different.

    procedure   whose calls
    difference  the kind, by its name in docs/compare.md; or "gone", "writes", "ended"
    what        a sentence's end: "lacks rows"
    calls       how many have it
    of          how many were compared; 0 where none was
    call        an example, as one would write it; "" without one
    old, new    what there is to see of the example
    exchanges   its numbers in the recordings of old and new
    """

    procedure: str
    difference: str
    what: str
    calls: int = 0
    of: int = 0
    call: str = ""
    old: str = ""
    new: str = ""
    exchanges: tuple[int | None, int | None] = (None, None)
    statement: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "procedure": self.procedure,
            "statement": self.statement,
            "difference": self.difference,
            "what": self.what,
            "calls": self.calls,
            "of": self.of,
            "example": {
                "call": self.call,
                "old": self.old,
                "new": self.new,
                "old_exchange": self.exchanges[0],
                "new_exchange": self.exchanges[1],
            },
        }


def findings_of(found: Rehearsal) -> Iterator[Finding]:
    """All of them, the gravest first."""
    ended = found.replays[NEW].why_ended
    if ended is not None:
        lost = sum(group.pairs for group in found.comparison.groups if group.place.kind in _LOST)
        what = (
            f"The replay on the new server ended early, with calls not made or not answered: {visible(ended)}"
        )
        yield Finding("", "ended", what, lost)
    for procedure, calls in found.missing.items():
        yield Finding(procedure, "gone", "is not there on the new server", calls)
    for group in found.coverage.changed:
        what = f"only reads on the old server, and may {_DOES[group.nature.value]} on the new one; not called"
        yield Finding(group.procedure, "writes", what, group.calls)
    for each in found.comparison.groups:
        if ended is None or each.place.kind not in _LOST:  # which the first finding tells
            yield _of_group(each)
    for latency in found.comparison.slower:
        yield _of_latency(latency)


_LOST: Final = (Kind.MISSING, Kind.NO_ANSWER)
_DOES: Final = {"write": "write", "DDL": "change the schema", "administration": "administer"}


def _of_group(group: Group) -> Finding:
    place = group.place
    example = group.examples[0]
    old, new = shown_texts(example)
    return Finding(
        place.procedure,
        place.kind.value,
        visible(group_text(place)),
        group.pairs,
        group.of,
        visible(call_text(place.procedure, example)),
        old,
        new,
        (example.a_number, example.b_number),
        place.statement,
    )


def group_text(place: Place) -> str:
    """What is different in a group: "has another value in column PRICE"."""
    old, new = place.detail
    table = f" of table {place.table + 1}" if place.table else ""
    column, renamed = (name or "(unnamed)" for name in place.columns or ("", ""))
    if place.kind is Kind.NO_ANSWER:
        return "is answered no more" if new == "none" else "is answered, and was not"
    if place.kind is Kind.PARAMETERS:
        return "was called otherwise, so its answers are not compared"
    if place.kind is Kind.VALUE and old:
        return f"has {new} instead of {old} in column {column}{table}"
    if place.kind in _COLUMN:
        return _COLUMN[place.kind].format(old=old, new=new, column=column, renamed=renamed) + table
    return _WHOLE[place.kind].format(old=old, new=new) + table


def _of_latency(latency: Latency) -> Finding:
    old, new = (
        ", ".join(
            f"{name} within {duration(ns)}"
            for name, ns in zip(("half", "95 %"), one.percentiles(50, 95), strict=True)
            if ns is not None
        )
        for one in (latency.a, latency.b)
    )
    what = f"is slower: a call takes {ratio_text(latency.ratio)}"
    return Finding(
        latency.procedure, Kind.SLOWER.value, what, latency.b.count, latency.b.count, old=old, new=new
    )


def share_text(finding: Finding) -> str:
    """How many calls have it: "12 of 120 calls"."""
    if finding.of and finding.difference not in (Kind.SLOWER.value, Kind.MISSING.value, Kind.EXTRA.value):
        return f"{finding.calls:,} of {counted(finding.of, 'call')}"
    return counted(finding.calls, "call") if finding.calls else ""
