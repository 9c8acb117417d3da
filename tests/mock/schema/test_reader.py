"""DDL that users give: text, or a file."""

import pytest

from volttools.errors import UsageError
from volttools.mock.schema.reader import read_schema


def test_text_and_files_are_read(tmp_path):
    path = tmp_path / "ddl.sql"
    path.write_text(
        "\ufeff-- a file of sqlcmd's\nfile -inlinebatch END\ncreate table t (a integer);\nEND\n", "utf-8"
    )
    assert read_schema(path).schema == read_schema("create table t (a integer)").schema
    assert read_schema(None).schema.tables == {}


def test_text_that_is_a_path_is_read_as_a_file(tmp_path):
    path = tmp_path / "my ddl.sql"
    path.write_text("create table t (a integer);", "utf-8")
    assert list(read_schema(str(path)).schema.tables) == ["T"]
    other = tmp_path / "ddl"
    other.write_text("create table t (a integer);", "utf-8")
    assert list(read_schema(str(other)).schema.tables) == ["T"]
    with pytest.raises(UsageError, match=r"^can't read the schema votes\.sql: No such file"):
        read_schema("votes.sql")
    assert read_schema("").schema.tables == {}
    assert list(read_schema("create table t (a integer)").schema.tables) == ["T"]


def test_errors_name_line_column_and_what_stands_there(tmp_path):
    with pytest.raises(
        UsageError, match=r"^schema, line 3, column 6 \(at double\): type not found or user lacks"
    ):
        read_schema("-- c\ncreate table t (\n   a double);\n")
    path = tmp_path / "ddl.sql"
    path.write_text("drop table t;")
    with pytest.raises(UsageError) as caught:
        read_schema(path)
    assert str(caught.value) == (
        f"{path}, line 1, column 1 (at drop): object not found: T in statement [drop table t]"
    )


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"can't read the schema .*: No such file or directory"):
        read_schema(tmp_path / "none.sql")
    path = tmp_path / "binary.sql"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="it is no UTF-8"):
        read_schema(path)
