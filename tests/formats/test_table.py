from __future__ import annotations

import dataclasses

import pytest

from volttools.codec import build, parse
from volttools.formats.table import Column, Table, TableHeader
from volttools.formats.types import BIGINT, STRING


def test_columns_have_names_and_types() -> None:
    table = Table.of([("ID", BIGINT), ("X", 99)])
    assert table.columns == [Column("ID", 6), Column("X", 99)]
    assert [column.type_name for column in table.columns] == ["BIGINT", "UNKNOWN_99"]
    assert table.status == -128


def test_a_null_name_is_shown_as_an_empty_one() -> None:
    table = Table(header=TableHeader(column_types=(6,), column_names=(None,)))
    assert table.columns == [Column("", 6)]
    assert parse(Table, build(table)) == table


def test_the_header_is_shared_and_cannot_be_changed() -> None:
    data = build(Table.of([("ID", BIGINT)]))
    first, second = parse(Table, data), parse(Table, data)
    assert first.header is second.header
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.header.status = 5  # type: ignore[misc]
    first.rows.append((1,))
    assert second.rows == []
    changed = first.replace(header=first.header.replace(status=5))
    assert (changed.status, second.status) == (5, -128)


def test_the_same_header_with_another_length_before_it_is_another_header() -> None:
    python = bytes.fromhex("00000005 80 0001 06 00000001 41 00000000")
    java = bytes.fromhex("00000009 80 0001 06 00000001 41 00000000")
    for data, error in [(python, -4), (java, 0)] * 2:
        table = parse(Table, data)
        assert table.header.length_error == error
        assert table.columns == [Column("A", 6)]
        assert build(table) == data


def test_a_header_that_is_only_the_start_of_a_known_one_is_read_anew() -> None:
    long = Table.of([("A", STRING), ("B", STRING)])
    for table in (long, Table.of([("A", STRING)]), long, Table.of([])):
        assert parse(Table, build(table)) == table


def test_tables_compare_by_what_they_hold() -> None:
    assert Table.of([("A", BIGINT)], [(1,)]) == Table.of([("A", BIGINT)], [(1,)])
    assert Table.of([("A", BIGINT)], [(1,)]) != Table.of([("A", BIGINT)], [(2,)])
