"""Errors of DDL, as a server frames them."""

from volttools.mock.schema.errors import DdlError, compiler_error, plain_error


def test_each_kind_has_its_frame():
    error = DdlError("unexpected token: X", position=3)
    error.statement = 2
    assert error.status == '[Ad Hoc DDL Input:2]: DDL Error: "unexpected token: X"'
    assert compiler_error("x").status == '[Ad Hoc DDL Input]: VoltDB DDL Error: "x"'
    assert plain_error("x").status == "x"
    assert {one.problem for one in (compiler_error("x"), plain_error("x"))} == {"x"}
