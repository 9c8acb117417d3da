"""Two answers to one call: every way in which they differ.

Not compared are: handles, the round trip inside of the cluster, the server's own hashes, and bytes behind a
message or table. Answers of which these bytes are all that differs are the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from construct import Construct, GreedyBytes, Struct

from volttools.codec import parse, parser
from volttools.codec.common_rows import without_common_rows
from volttools.compare.cells import Cells, cells_of, without
from volttools.compare.columns import pair_columns
from volttools.compare.kinds import Difference, Kind, Row, Shown
from volttools.compare.mapped import MappedIds
from volttools.compare.rows import align
from volttools.compare.rules import Judge, Subject
from volttools.compare.statements import Ordering, orderings_of
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response, ResponseHead, status_name
from volttools.formats.table import Table
from volttools.formats.types import TYPES
from volttools.protocol.procedures import sql_of
from volttools.protocol.refused_calls import read_parameters
from volttools.words import counted


def are_equal_bytes(body_a: bytes, body_b: bytes) -> bool:
    """Whether two responses are equal but for their handles: many are, and need no more of a look."""
    return len(body_a) == len(body_b) and body_a.endswith(body_b[_BEHIND_HANDLE:])


def are_equal_but_times(body_a: bytes, body_b: bytes) -> bool:
    """Whether they are equal also but for the round trip inside of the cluster and hashes.

    Of most answers that is all that differs, and their tables need not be parsed.
    """
    try:
        a, b = _read_outline(body_a), _read_outline(body_b)
    except DecodeError:
        return False
    return all(getattr(a, name) == getattr(b, name) for name in _COMPARED)


def _size_through(attribute: str) -> int:
    """The bytes of a response up to a field, and with it."""
    fields = ResponseHead.declaration.wire_fields()
    behind = 1 + next(index for index, item in enumerate(fields) if item.attribute == attribute)
    return sum(item.format.sizeof() for item in fields[:behind])


def _outline() -> Construct:
    """A response up to its tables, and those as bytes."""
    fields = Response.declaration.wire_fields()
    before = next(index for index, item in enumerate(fields) if item.attribute == "tables")
    return Struct(*(item.name / item.format for item in fields[:before]), "tables" / GreedyBytes)


_SHORT = 4_096
"""Of so many bytes all rows are parsed at once in less time than it takes to look which ones are equal."""
_BEHIND_HANDLE = _size_through("client_handle")
_COMPARED = ("status", "status_string", "app_status", "app_status_string", "exception", "tables")
_read_outline = parser(_outline())


def no_answer(is_in_a: bool, judge: Judge, subject: Subject) -> Iterator[Difference]:
    """That a call had no answer in A, or in B."""
    words = ("none", "answered") if is_in_a else ("answered", "none")
    found = Difference(Kind.NO_ANSWER, detail=words, a=Shown(words[0]), b=Shown(words[1]))
    yield from _counting(judge, subject, found)


def call_differences(
    a: Invocation, b: Invocation, ids: MappedIds, judge: Judge, subject: Subject
) -> Iterator[Difference]:
    """How two calls that belong together were called differently: the first way that counts."""
    if a.procedure != b.procedure:
        names = a.procedure or "", b.procedure or ""
        found = Difference(Kind.PARAMETERS, detail=names, a=Shown(names[0]), b=Shown(names[1]))
        yield from _counting(judge, subject, found)
        return
    ones, others = read_parameters(a), read_parameters(b)
    if isinstance(ones, DecodeError) or isinstance(others, DecodeError):
        if a.parameters != b.parameters:
            yield from _counting(judge, subject, Difference(Kind.PARAMETERS, detail=("unreadable", "")))
        return
    if len(ones) != len(others):
        counts = str(len(ones)), str(len(others))
        shown = [Shown(counted(len(side), "parameter")) for side in (ones, others)]
        yield from _counting(
            judge, subject, Difference(Kind.PARAMETERS, detail=counts, a=shown[0], b=shown[1])
        )
        return
    for position, (one, other) in enumerate(zip(ones, others, strict=True)):
        values = (ids.exact_value(subject.procedure, position, parameter) for parameter in (one, other))
        if next(values) != next(values):
            found = Difference(
                Kind.PARAMETERS,
                parameter=position,
                types=(one.type_name, other.type_name),
                a=_shown(one),
                b=_shown(other),
            )
            counting = list(_counting(judge, subject, found))
            if counting:
                yield from counting
                return


def _shown(parameter: Parameter) -> Shown:
    if parameter.element_type is not None:
        return Shown(f"{parameter.type_name} of {len(parameter.value):,}")
    return Shown(parameter.value, parameter.type)


def mapped_differences(
    ids: MappedIds,
    requests: tuple[bytes, bytes],
    answers: tuple[bytes, bytes] | None,
    judge: Judge,
    subject: Subject,
) -> Iterator[Difference]:
    """Where an id that each server makes for itself became another one than elsewhere."""
    found = list(ids.used(subject.procedure, parse(Invocation, requests[0]), parse(Invocation, requests[1])))
    if answers is not None:
        a, b = _read(answers[0]), _read(answers[1])
        if isinstance(a, Response) and isinstance(b, Response):
            found += ids.made(subject.procedure, a, b)
    for difference in found:
        yield from _counting(judge, subject, difference)


def answer_differences(
    body_a: bytes, body_b: bytes, invocation: Invocation, judge: Judge, subject: Subject
) -> Iterator[Difference]:
    """How two responses differ, as far as rules let it count."""
    if min(len(body_a), len(body_b)) > _SHORT:
        body_a, body_b = without_common_rows(body_a, body_b)
    a, b = _read(body_a), _read(body_b)
    if isinstance(a, DecodeError) or isinstance(b, DecodeError):
        sides = [side.message if isinstance(side, DecodeError) else "" for side in (a, b)]
        found = Difference(
            Kind.UNREADABLE,
            detail=("unreadable" if sides[0] else "", "unreadable" if sides[1] else ""),
            a=Shown(sides[0] or "readable"),
            b=Shown(sides[1] or "readable"),
        )
        yield from _counting(judge, subject, found)
        return
    for difference in _heads(a, b, judge, subject):
        yield from _counting(judge, subject, difference)
    if a.status != b.status:
        return  # of another outcome the rest is a consequence
    if len(a.tables) != len(b.tables):
        counts = str(len(a.tables)), str(len(b.tables))
        yield from _counting(
            judge, subject, Difference(Kind.TABLES, detail=counts, a=Shown(counts[0]), b=Shown(counts[1]))
        )
    orderings = _orderings(invocation, len(a.tables))
    for number, (table_a, table_b) in enumerate(zip(a.tables, b.tables, strict=False)):
        yield from _Tables(judge, subject, number, orderings[number]).differences(table_a, table_b)


def _read(body: bytes) -> Response | DecodeError:
    try:
        return parse(Response, body)
    except DecodeError as error:
        return error


def _counting(judge: Judge, subject: Subject, difference: Difference) -> Iterator[Difference]:
    """The difference, unless a rule says that it doesn't count."""
    asked = subject._replace(
        kind=difference.kind,
        columns=difference.columns or (),
        types=tuple(filter(None, difference.types)),
        parameter=difference.parameter,
    )
    if not judge.ignores(asked):
        yield difference


def _heads(a: Response, b: Response, judge: Judge, subject: Subject) -> Iterator[Difference]:
    if a.status != b.status:
        names = status_name(a.status), status_name(b.status)
        shown = [
            Shown(f"{name}: {text}" if text else name)
            for name, text in zip(names, (a.status_string, b.status_string), strict=True)
        ]
        yield Difference(Kind.STATUS, detail=names, a=shown[0], b=shown[1])
        return
    yield from _texts(Kind.STATUS_TEXT, a.status_string, b.status_string, judge, subject)
    if a.app_status != b.app_status:
        numbers = str(a.app_status), str(b.app_status)
        yield Difference(Kind.APP_STATUS, detail=numbers, a=Shown(numbers[0]), b=Shown(numbers[1]))
    yield from _texts(Kind.APP_STATUS_TEXT, a.app_status_string, b.app_status_string, judge, subject)
    if a.exception != b.exception:
        yield Difference(Kind.EXCEPTION, a=Shown(repr(a.exception)), b=Shown(repr(b.exception)))


def _texts(kind: Kind, a: str | None, b: str | None, judge: Judge, subject: Subject) -> Iterator[Difference]:
    if a == b:
        return
    patterns = judge.patterns(subject._replace(kind=kind))
    if a is not None and b is not None and without(a, patterns) == without(b, patterns):
        return
    detail = ("none" if a is None else "", "none" if b is None else "")
    yield Difference(
        kind, detail=detail, a=Shown(a, TYPES.code_of("STRING")), b=Shown(b, TYPES.code_of("STRING"))
    )


def _orderings(invocation: Invocation, tables: int) -> tuple[Ordering | None, ...]:
    """What the SQL says of each table; None where there is none, or one can't tell which statement made it."""
    sql = sql_of(invocation)
    found = () if sql is None else orderings_of(sql)
    return found if len(found) == tables else (None,) * tables


class _Tables:
    """Two tables at one place of two answers."""

    def __init__(self, judge: Judge, subject: Subject, number: int, ordering: Ordering | None) -> None:
        self._judge = judge
        self._subject = subject
        self._number = number
        self._ordering = ordering

    def differences(self, a: Table, b: Table) -> Iterator[Difference]:
        """Every way in which they differ."""
        for difference in self._all(a, b):
            placed = difference._replace(table=self._number)
            yield from _counting(self._judge, self._subject, placed)

    def _all(self, a: Table, b: Table) -> Iterator[Difference]:
        if a.status != b.status:
            numbers = str(a.status), str(b.status)
            yield Difference(Kind.TABLE_STATUS, detail=numbers, a=Shown(numbers[0]), b=Shown(numbers[1]))
        if a.header == b.header and a.rows == b.rows:
            return
        pairs = pair_columns(a.columns, b.columns)
        yield from self._columns(a, b, pairs.paired, pairs.is_moved)
        for index in pairs.only_a:
            name, type_name = a.columns[index].name, a.columns[index].type_name
            yield Difference(
                Kind.COLUMN_MISSING, columns=(name, name), types=(type_name, ""), a=Shown(type_name)
            )
        for index in pairs.only_b:
            name, type_name = b.columns[index].name, b.columns[index].type_name
            yield Difference(
                Kind.COLUMN_EXTRA, columns=(name, name), types=("", type_name), b=Shown(type_name)
            )
        yield from self._rows(a, b, pairs.paired)

    def _columns(
        self, a: Table, b: Table, paired: list[tuple[int, int]], is_moved: bool
    ) -> Iterator[Difference]:
        for at_a, at_b in paired:
            one, other = a.columns[at_a], b.columns[at_b]
            names, types = (one.name, other.name), (one.type_name, other.type_name)
            if one.name != other.name:
                yield Difference(
                    Kind.COLUMN_NAME, columns=names, types=types, a=Shown(one.name), b=Shown(other.name)
                )
            if one.type != other.type:
                yield Difference(
                    Kind.COLUMN_TYPE,
                    columns=names,
                    detail=types,
                    types=types,
                    a=Shown(types[0]),
                    b=Shown(types[1]),
                )
        if is_moved:
            shown = [Shown(", ".join(column.name for column in table.columns)) for table in (a, b)]
            yield Difference(Kind.COLUMN_ORDER, a=shown[0], b=shown[1])

    def _rows(self, a: Table, b: Table, paired: list[tuple[int, int]]) -> Iterator[Difference]:
        widths = _width(a), _width(b)
        compared: list[tuple[Cells, tuple[str, str], tuple[str, str]]] = []
        for at_a, at_b in paired:
            if at_a < widths[0] and at_b < widths[1]:
                one, other = a.columns[at_a], b.columns[at_b]
                names, types = (one.name, other.name), (one.type_name, other.type_name)
                cells = self._cells((at_a, at_b), (one.type, other.type), names, types)
                if cells is not None:
                    compared.append((cells, names, types))
        columns = [cells for cells, _, _ in compared]
        found = align(a.rows, b.rows, columns)
        yield from self._single(Kind.ROWS_MISSING, a, found.only_a)
        yield from self._single(Kind.ROWS_EXTRA, b, found.only_b)
        values: dict[tuple[int, tuple[str, str]], Difference] = {}
        for at_a, at_b, differing in found.different:
            for index in differing:
                cells, names, types = compared[index]
                one, other = a.rows[at_a][cells.a], b.rows[at_b][cells.b]
                detail = _detail(one, other)
                known = values.get((index, detail))
                if known is not None:
                    values[index, detail] = known._replace(times=known.times + 1)
                    continue
                code_a, code_b = a.columns[cells.a].type, b.columns[cells.b].type
                values[index, detail] = Difference(
                    Kind.VALUE,
                    columns=names,
                    types=types,
                    detail=detail,
                    a=Shown(one, code_a),
                    b=Shown(other, code_b),
                )
        yield from values.values()
        if not found.is_in_order and self._order_counts(a, b, paired, found.same):
            yield self._order_difference(a, b, found.same)

    def _single(self, kind: Kind, table: Table, rows: list[int]) -> Iterator[Difference]:
        if not rows:
            return
        header = table.header
        row = Row(header.column_types, header.column_names, table.rows[rows[0]])
        shown = Shown(row)
        is_in_a = kind is Kind.ROWS_MISSING
        yield Difference(kind, a=shown if is_in_a else None, b=None if is_in_a else shown, times=len(rows))

    def _cells(
        self, place: tuple[int, int], codes: tuple[int, int], names: tuple[str, str], types: tuple[str, str]
    ) -> Cells | None:
        """How a column is compared; None if a rule says not at all."""
        subject = self._subject._replace(kind=Kind.VALUE, columns=names, types=types)
        judge = self._judge
        if judge.ignores(subject):
            return None
        return cells_of(
            place,
            codes,
            tolerance=judge.tolerance(subject),
            within_us=judge.within_us(subject),
            patterns=judge.patterns(subject),
        )

    def _order_counts(
        self, a: Table, b: Table, paired: list[tuple[int, int]], same: list[tuple[int, int]]
    ) -> bool:
        order = self._judge.order(self._subject._replace(kind=Kind.ROW_ORDER))
        if order != "auto":
            return order == "strict"
        ordering = self._ordering
        if ordering is None or ordering.columns is None:
            return False
        places = _sorted_by(ordering.columns, a, dict(paired))
        if places is None:
            return True
        # rows that sort alike may change places: what they are sorted by may not
        keys_a = [repr([a.rows[row][at] for at in places[0]]) for row, _ in sorted(same)]
        keys_b = [repr([b.rows[row][at] for at in places[1]]) for row in sorted(row for _, row in same)]
        return keys_a != keys_b

    def _order_difference(self, a: Table, b: Table, same: list[tuple[int, int]]) -> Difference:
        """The first row that stands elsewhere."""
        others = [other for _, other in sorted(same)]
        ranks = {other: rank for rank, other in enumerate(sorted(others))}
        for rank, (one, other) in enumerate(sorted(same)):
            if ranks[other] != rank:
                row = Row(a.header.column_types, a.header.column_names, a.rows[one])
                instead = next(index for index, r in ranks.items() if r == rank)
                return Difference(
                    Kind.ROW_ORDER,
                    a=Shown(row),
                    b=Shown(Row(b.header.column_types, b.header.column_names, b.rows[instead])),
                )
        raise AssertionError("rows that are in order were said not to be")


def _width(table: Table) -> int:
    """Columns that have values: behind a type that nobody knows nothing can be told apart."""
    return len(table.rows[0]) if table.rows else len(table.columns)


def _detail(one: object, other: object) -> tuple[str, str]:
    """What became of what, where one of them is NULL: that is another mistake than a wrong value."""
    if one is None or other is None:
        return _nature(one), _nature(other)
    return "", ""


def _nature(value: object) -> str:
    return "NULL" if value is None else "empty" if value in ("", b"") else "a value"


def _sorted_by(
    names: tuple[str, ...], table: Table, partners: dict[int, int]
) -> tuple[list[int], list[int]] | None:
    """Where the columns of an ORDER BY stand in A and in B; None if one is not in the result."""
    known = {column.name.upper(): index for index, column in reversed(list(enumerate(table.columns)))}
    places = []
    for name in names:
        at = int(name) - 1 if name.isdecimal() else known.get(name)
        if at is None or at not in partners:
            return None
        places.append(at)
    return places, [partners[at] for at in places]
