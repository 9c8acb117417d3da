"""Differences in groups: one procedure, one kind, one place; how many, and the smallest examples of each."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from volttools.compare.calls import Call
from volttools.compare.kinds import Difference, Kind, Shown
from volttools.formats.parameters import Parameter
from volttools.words import counted

_ORDER = {kind: index for index, kind in enumerate(Kind)}


class Place(NamedTuple):
    """What the differences of a group have in common; see Difference.

    statement  the SQL of an @AdHoc without its literals
    """

    procedure: str
    kind: Kind
    statement: str | None = None
    table: int | None = None
    columns: tuple[str, str] | None = None
    parameter: int | None = None
    detail: tuple[str, str] = ("", "")

    @property
    def mirrored(self) -> Place:
        """The place when A and B change places."""
        return self._replace(
            kind=self.kind.mirrored,
            columns=None if self.columns is None else (self.columns[1], self.columns[0]),
            detail=(self.detail[1], self.detail[0]),
        )

    @property
    def sentence(self) -> str:
        """What differs where, for people: "column VOTES: another value"."""
        return self._where + self._what

    @property
    def _where(self) -> str:
        table = f"table {self.table + 1}, " if self.table else ""
        if self.columns is not None:
            one, other = (name or "(unnamed)" for name in self.columns)
            return f"{table}column {one}{'' if one == other else f' ({other} in B)'}: "
        return table.replace(", ", ": ") if self.parameter is None else f"parameter {self.parameter}: "

    @property
    def _what(self) -> str:
        one, other = self.detail
        match self.kind:
            case Kind.STATUS | Kind.LOGIN:
                return f"{one} in A, {other} in B"
            case Kind.PUSHES:
                return f"notifications: {one} in A, {other} in B"
            case Kind.NO_ANSWER:
                return f"no answer in {'A' if one == 'none' else 'B'}"
            case Kind.COLUMN_TYPE | Kind.APP_STATUS | Kind.TABLES | Kind.TABLE_STATUS:
                return f"{self.kind.meaning}, {one} in A, {other} in B"
            case Kind.VALUE if one:
                return f"{one} in A, {other} in B"
            case Kind.PARAMETERS if one.isdecimal():
                return f"called with {counted(int(one), 'parameter')} in A, {other} in B"
            case Kind.PARAMETERS if one:
                return f"called otherwise: {one} in A, {other} in B"
            case Kind.PARAMETERS:
                return "called with another one"
        return self.kind.meaning


@dataclass(slots=True)
class Example:
    """One pair of calls with the difference; smaller ones are easier to look at.

    a_number, b_number   of the exchanges; None where there is none
    parameters           of the call in A, or else in B
    """

    a_number: int | None
    b_number: int | None
    a: Shown | None
    b: Shown | None
    size: int
    parameters: Sequence[Parameter] = ()

    @property
    def rank(self) -> tuple[int, int, int]:
        """The smallest first, then the first."""
        numbers = self.a_number or 0, self.b_number or 0
        return self.size, max(numbers), min(numbers)


@dataclass(slots=True)
class Group:
    """Differences of one kind in one place.

    pairs     pairs of calls that have it; for calls without a partner, calls; for log-ins, log-ins
    times     how often it occurs in them: a value may differ in many rows
    of        pairs of this procedure, or statement, that were compared
    examples  the smallest ones
    """

    place: Place
    pairs: int = 0
    times: int = 0
    of: int = 0
    examples: list[Example] = field(default_factory=list)


class Groups:
    """Collects differences.

    MOST     so many groups are kept; what else there is, is counted in `others`
    """

    MOST = 10_000

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._groups: dict[Place, Group] = {}
        self.others = 0

    def add(
        self,
        procedure: str,
        statement: str | None,
        difference: Difference,
        calls: tuple[Call | None, Call | None],
        parameters: Sequence[Parameter],
    ) -> None:
        """Take a difference of a pair, or of a call without a partner."""
        place = Place(
            procedure,
            difference.kind,
            statement,
            difference.table,
            difference.columns,
            difference.parameter,
            difference.detail,
        )
        group = self._groups.get(place)
        if group is None:
            if len(self._groups) >= self.MOST:
                self.others += 1
                return
            group = self._groups[place] = Group(place)
        group.pairs += 1
        group.times += difference.times
        a, b = calls
        example = Example(
            None if a is None else a.number,
            None if b is None else b.number,
            difference.a,
            difference.b,
            sum(call.size for call in calls if call is not None),
            parameters,
        )
        if len(group.examples) < self._examples or example.rank < group.examples[-1].rank:
            bisect.insort(group.examples, example, key=lambda one: one.rank)
            del group.examples[self._examples :]

    def __iter__(self) -> Iterator[Group]:
        """The gravest kind first, then the most frequent."""
        return iter(
            sorted(
                self._groups.values(),
                key=lambda group: (_ORDER[group.place.kind], -group.pairs, str(group.place)),
            )
        )

    def __len__(self) -> int:
        return len(self._groups)
