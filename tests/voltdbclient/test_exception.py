"""What old servers say of an error, as the official client has it."""

import pytest
import voltdbclient as official

from volttools.codec import build, builder
from volttools.formats.exceptions import SERVER_EXCEPTION, ServerException
from volttools.formats.response import Response
from volttools.voltdbclient import FastSerializer, VoltException, VoltResponse


def read(exception):
    body = build(Response(status=-2, exception=exception))
    theirs = official.VoltResponse._from_body(official.FastSerializer(), body)
    return theirs.exception, VoltResponse.read(body).exception


@pytest.mark.parametrize(
    "exception",
    [
        ServerException(type=1, message="engine", error_code=5),
        ServerException(type=2, message="sql", sql_state=b"23505"),
        ServerException(type=4, message="generic"),
    ],
)
def test_exceptions_are_the_official_clients_and_print_their_message_too(exception):
    theirs, ours = read(exception)
    for name in ("type", "typestr", "message"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert str(ours) == str(theirs).rstrip("\n") + f"\n  message: {exception.message}"


def test_a_constraint_failure_is_printed():
    exception = ServerException(
        type=3, message="dup", sql_state=b"23505", constraint_type=4, table_name="T", tuples=b"\xff"
    )
    found = VoltException.of(exception)
    assert found.type == VoltException.VOLTEXCEPTION_CONSTRAINTFAILURE
    assert found.buffer == [255]
    assert str(found).splitlines() == [
        "VoltException: type: Constraint Failure",
        "  SQL code: 23505",
        "  Constraint violation type: 4 (PRIMARY_KEY)",
        "  on table: T",
        "  message: dup",
    ]
    assert "Exception: VoltException: type: Constraint" in str(
        VoltResponse.read(build(Response(exception=exception)))
    )


def test_a_message_that_is_not_ascii_and_hashes_are_read():
    body = build(Response(exception=ServerException(type=4, message="é"), hashes=[1, 2]))
    assert VoltResponse.read(body).exception.message == "é"


def test_the_values_of_exception_types_are_the_official_clients():
    for name in ("NONE", "EEEXCEPTION", "SQLEXCEPTION", "CONSTRAINTFAILURE", "GENERIC"):
        name = f"VOLTEXCEPTION_{name}"
        assert getattr(VoltException, name) == getattr(official.VoltException, name)
    assert (VoltException().type, VoltException().typestr) == (0, "None")


def test_an_exception_is_read_from_a_buffer():
    client = FastSerializer()
    exception = ServerException(type=2, message="sql", sql_state=b"23505")
    client.read_buffer.set(builder(SERVER_EXCEPTION)(exception) + b"\0\0\0\0")
    assert VoltException(client).sql_state_bytes == "23505"
    assert VoltException(client).type == VoltException.VOLTEXCEPTION_NONE
