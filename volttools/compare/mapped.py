"""Ids that each server makes for itself: one of A must always be the same other one of B, and only it.

An id is known from where it is made, an answer with one row; what is used later as a parameter, or inside of a text,
must be what became of it. Of answers with more rows one can't tell which id became which, nor of calls on connections that are no pair.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar, NamedTuple

from volttools.compare.kinds import Difference, Kind, Shown
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.protocol.parameter_values import exact_value, parameters_of
from volttools.text_values import places_of


class MappedId(NamedTuple):
    """A column of an answer, and a parameter in which its values are used; all counted from 0.

    form, value   of ids inside of texts: the text with ? for each of its values, and which of them it is; `text_values`
    """

    procedure: str
    table: int
    column: str
    use: str
    parameter: int
    form: str | None = None
    value: int = 0

    @property
    def source(self) -> tuple[str, int, str]:
        """Where it is made."""
        return self.procedure, self.table, self.column


class MappedIds:
    """What became of the ids that were seen.

    MOST   so many are known; of more, the oldest are forgotten
    """

    MOST: ClassVar[int] = 100_000

    def __init__(self, ids: Sequence[MappedId]) -> None:
        self._sources = list(dict.fromkeys(one.source for one in ids))
        self._uses: dict[str, list[MappedId]] = {}
        self._in_texts: dict[tuple[str, int, str], list[int]] = {}
        for one in dict.fromkeys(ids):
            self._uses.setdefault(one.use, []).append(one)
            if one.form is not None:
                self._in_texts.setdefault((one.use, one.parameter, one.form), []).append(one.value)
        self._procedures = {one.procedure for one in ids} | self._uses.keys()
        self._in_b: dict[tuple[int, Hashable], Hashable] = {}
        self._in_a: dict[tuple[int, Hashable], Hashable] = {}

    def concerns(self, procedure: str) -> bool:
        """Whether its calls make or use ids."""
        return procedure in self._procedures

    @property
    def knows_texts(self) -> bool:
        """Whether there are ids inside of texts."""
        return bool(self._in_texts)

    def exact_value(self, procedure: str, position: int, parameter: Parameter) -> Hashable:
        """A parameter's value as procedures see it, but for the ids inside of a text."""
        places = places_of(parameter.value) if isinstance(parameter.value, str) and self._in_texts else None
        if places is None:
            return exact_value(parameter)
        ids = self._in_texts.get((procedure, position, places.form), ())
        return places.replaced(dict.fromkeys(ids, "?"))

    def used(self, procedure: str, a: Invocation, b: Invocation) -> Iterator[Difference]:
        """Ids with which a call was made in B that are not what became of those in A."""
        ones, others = parameters_of(a), parameters_of(b)
        for use in self._uses.get(procedure, ()):
            if use.parameter >= min(len(ones), len(others)):
                continue
            one, other = ones[use.parameter], others[use.parameter]
            source = self._sources.index(use.source)
            for pair in zip(_ids_in(one, use), _ids_in(other, use), strict=False):
                found = self._wrong(source, *pair)
                if found is not None:
                    types = one.type_name, other.type_name
                    yield Difference(
                        Kind.MAPPED, parameter=use.parameter, types=types, a=found[0], b=found[1]
                    )

    def made(self, procedure: str, a: Response, b: Response) -> Iterator[Difference]:
        """Ids of answers that became others before; what became of new ones is remembered."""
        for source, (maker, table, column) in enumerate(self._sources):
            one, other = (_only(response, table, column) for response in (a, b))
            if maker != procedure or not _is_id(one) or not _is_id(other):
                continue
            found = self._wrong(source, one, other)
            if found is not None:
                yield Difference(Kind.MAPPED, table=table, columns=(column, column), a=found[0], b=found[1])
            elif (source, one) not in self._in_b:
                self._remember(source, one, other)

    def _wrong(self, source: int, one: Hashable, other: Hashable) -> tuple[Shown, Shown] | None:
        """What to show of A and B if they don't belong together."""
        instead, owner = self._in_b.get((source, one), other), self._in_a.get((source, other), one)
        if instead == other and owner == one:
            return None
        return Shown(_told(one, "B", instead, other)), Shown(_told(other, "A", owner, one))

    def _remember(self, source: int, one: Hashable, other: Hashable) -> None:
        if len(self._in_b) >= self.MOST:
            oldest = next(iter(self._in_b))
            del self._in_a[oldest[0], self._in_b.pop(oldest)]
        self._in_b[source, one], self._in_a[source, other] = other, one


def _only(response: Response, table: int, column: str) -> object:
    """The value of a column in the only row of a table; None if there are more, or none."""
    if table >= len(response.tables) or len(response.tables[table].rows) != 1:
        return None
    names = [one.name for one in response.tables[table].columns]
    return response.tables[table].rows[0][names.index(column)] if column in names else None


def _ids_in(parameter: Parameter, use: MappedId) -> list[Hashable]:
    """The id in a parameter, whatever it may be: in a text, 17 in quotes is a number as well."""
    value = parameter.value
    if use.form is None:
        return [value] if _is_id(value) else []
    places = places_of(value) if isinstance(value, str) else None
    if places is None or places.form != use.form or use.value >= len(places.values):
        return []
    return [one for one in places.values[use.value] if _is_id(one)]


def _is_id(value: object) -> bool:
    return isinstance(value, int | str) and value != ""


def _told(value: Hashable, side: str, known: Hashable, now: Hashable) -> str:
    """An id, and what it is on the other side elsewhere if that is not what it is now.

    >>> _told(17, "B", 101, 102)
    '17 (elsewhere 101 in B)'
    """
    return str(value) if known == now else f"{value} (elsewhere {known} in {side})"
