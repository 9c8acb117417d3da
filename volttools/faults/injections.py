"""What was injected, as it stands in the log: one JSON object a line, enough to do it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from volttools.errors import UsageError
from volttools.faults.catalog import KINDS
from volttools.faults.kinds import Chosen, Kind
from volttools.words import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One fault that was injected.

    rule        number of the rule, from 1; of one that was added later, counted on
    kind        what was done, and `chosen`: with which values
    node        as `node` of rules; connection: its number there, from 1
    call        number of the call on the connection, of all its calls; of a push, of its pushes; else None
    procedure   of the call
    skipped     why it could not be done after all; None: it was
    """

    rule: int
    kind: Kind
    node: int
    connection: int
    call: int | None
    procedure: str | None
    chosen: Chosen
    skipped: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For a line of the log."""
        found: dict[str, Any] = {
            "rule": self.rule,
            "kind": self.kind.name,
            "node": self.node,
            "connection": self.connection,
        }
        for name in ("call", "procedure"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        found["chosen"] = self.chosen
        if self.skipped is not None:
            found["skipped"] = self.skipped
        return found

    def as_line(self) -> str:
        """A line of the log, with its end: a file *.jsonl of such lines is a scenario."""
        return json.dumps(self.as_json(), ensure_ascii=False) + "\n"

    def __str__(self) -> str:
        values = " ".join(f"{name}={value!r}" for name, value in self.chosen.items())
        of = "" if self.procedure is None else f" of {self.procedure}"
        call = (
            "" if self.call is None else f", {'push' if self.procedure is None else 'call'} {self.call}{of}"
        )
        skipped = "" if self.skipped is None else f" (not done: {self.skipped})"
        place = (
            f"connection {self.connection}{call}"
            if not self.node
            else f"node {self.node}, connection {self.connection}{call}"
        )
        return f"fault {self.kind.name}{' ' if values else ''}{values}: {place}, by rule {self.rule}{skipped}"


def injection_of(line: str, *, file: str | None = None, number: int = 1) -> Injection:
    """An injection of a line of a log. Raises UsageError that names file, line and key."""
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UsageError(f"line {number}: no JSON: {error}", file=file) from None
    try:
        if not isinstance(found, dict):
            raise _Bad("expected an object, as the log of faults has it")
        return _read(found)
    except _Bad as error:
        raise UsageError(f"line {number}: {error}", file=file) from None


class _Bad(ValueError):
    pass


def _read(found: Mapping[str, Any]) -> Injection:
    kind = KINDS.get(str(found.get("kind")))
    if kind is None:
        like = nearest(str(found.get("kind")), KINDS)
        raise _Bad(f"kind: there is no {found.get('kind')!r}{f'; did you mean {like}?' if like else ''}")
    for key, least in (("rule", 0), ("node", 0), ("connection", 1)):
        if type(found.get(key)) is not int or found[key] < least:
            raise _Bad(f"{key}: expected a whole number from {least} on, got {found.get(key)!r}")
    call, chosen = found.get("call"), found.get("chosen", {})
    if call is not None and type(call) is not int:
        raise _Bad(f"call: expected a whole number, got {call!r}")
    if not isinstance(chosen, dict):
        raise _Bad(f"chosen: expected an object, got {chosen!r}")
    return Injection(
        rule=found["rule"],
        kind=kind,
        node=found["node"],
        connection=found["connection"],
        call=call,
        procedure=found.get("procedure"),
        chosen=chosen,
        skipped=found.get("skipped"),
    )
