"""What is declared of a procedure, and what its catalog remarks say."""

import pytest

from volttools.errors import UsageError
from volttools.formats.types import BIGINT, STRING
from volttools.mock.procedures import Procedure, Procedures


def test_remarks_are_those_of_a_real_server():
    # As recorded for the procedures Fail and CONTESTANTS.delete.
    single = Procedure(name="P", handler=None, types=(STRING, BIGINT), partitioned_on=1)
    assert single.remarks() == (
        '{"compound":false,"partitionParameter":1,"partitionParameterType":6,'
        '"readOnly":false,"singlePartition":true}'
    )
    multi = Procedure(name="P", handler=None, read_only=True)
    assert multi.remarks() == '{"compound":false,"readOnly":true,"singlePartition":false}'


def test_the_list_is_sorted_as_a_server_sorts_and_without_system_procedures():
    procedures = Procedures()
    for name in ("b", "a", "Z", "@AdHoc"):
        procedures.add(name, None, None, None, False)
    assert [procedure.name for procedure in procedures.listed()] == ["Z", "a", "b"]
    assert procedures.find("@AdHoc") is not None
    assert procedures.find("B") is None


def test_the_parameter_of_the_partition_has_a_type():
    with pytest.raises(UsageError, match="P is partitioned on parameter 1, counted from 0, and declares 1"):
        Procedure(name="P", handler=None, types=(BIGINT,), partitioned_on=1)
    with pytest.raises(UsageError, match="declares 0: give its types"):
        Procedure(name="P", handler=None, partitioned_on=0)
    with pytest.raises(UsageError, match="a procedure needs a name"):
        Procedure(name="", handler=None)
