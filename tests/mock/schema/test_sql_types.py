"""The types of columns."""

from volttools.formats.types import BOOLEAN, INTEGER, VOLTTABLE
from volttools.mock.schema.sql_types import BY_NAME, DEFAULT_SIZES, SIZED, sql_type_of


def test_other_names_are_the_same_types():
    assert BY_NAME["INT"] is BY_NAME["INTEGER"] is sql_type_of(INTEGER)
    assert BY_NAME["REAL"] is BY_NAME["FLOAT"]
    assert "DOUBLE" not in BY_NAME


def test_what_no_column_has_is_other():
    assert (sql_type_of(VOLTTABLE).name, sql_type_of(VOLTTABLE).length) == ("OTHER", -1)
    assert (sql_type_of(BOOLEAN).name, sql_type_of(BOOLEAN).jdbc) == ("BOOLEAN", 1111)


def test_every_sized_type_has_a_default_size():
    assert set(DEFAULT_SIZES) == SIZED
