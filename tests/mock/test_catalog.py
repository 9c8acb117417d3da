"""The catalog's tables, compared with rows that a real server gave."""

from volttools.formats.types import BOOLEAN, INTEGER, STRING
from volttools.mock.catalog import procedure_columns_table, procedures_table
from volttools.mock.procedures import Procedure

INSERT = Procedure(name="CONTESTANTS.insert", handler=None, types=(INTEGER, STRING))
SINGLE = Procedure(name="Fail", handler=None, types=(INTEGER,), partitioned_on=0)


def test_procedures_are_listed_as_recorded():
    # Recording async-in-flight.
    remarks = '{"compound":false,"readOnly":false,"singlePartition":false}'
    (row,) = procedures_table([INSERT]).rows
    assert row == (
        None, None, "CONTESTANTS.insert", None, None, None, remarks, 0, "CONTESTANTS.insert",
    )  # fmt: skip


def test_parameters_are_listed_as_recorded():
    # Recording system-catalog, whose servers count them in another order.
    rows = procedure_columns_table([INSERT]).rows
    assert rows[1] == (
        None, None, "CONTESTANTS.insert", "param1", 1, 12, "VARCHAR", 1048576, 1048576, None, None, 2,
        None, None, None, None, 1048576, 2, "", "CONTESTANTS.insert",
    )  # fmt: skip
    assert rows[0][3:12] == ("param0", 1, 4, "INTEGER", 31, 4, None, 2, 2)


def test_the_parameter_of_the_partition_is_marked():
    (row,) = procedure_columns_table([SINGLE]).rows
    assert row[12] == "PARTITION_PARAMETER"


def test_what_is_not_declared_and_types_without_columns_do_no_harm():
    assert procedure_columns_table([Procedure(name="P", handler=None)]).rows == []
    (row,) = procedure_columns_table([Procedure(name="P", handler=None, types=(BOOLEAN,))]).rows
    assert row[5:8] == (1111, "BOOLEAN", None)
