from __future__ import annotations

import pytest

from tests.formats.response_samples import EXCEPTIONS
from tests.formats.type_samples import EMPTY_TABLE
from volttools.codec import build, parse, parser
from volttools.formats.exceptions import EXCEPTION_TYPES, SERVER_EXCEPTION, ServerException
from volttools.formats.notation import Record
from volttools.formats.response import Response
from volttools.formats.table import TABLE


def test_every_type_has_a_sample() -> None:
    sampled = {sample.message.type for sample in EXCEPTIONS if isinstance(sample.message, ServerException)}
    assert sampled > set(EXCEPTION_TYPES)


@pytest.mark.parametrize(
    "message", [sample.message for sample in EXCEPTIONS], ids=[str(s) for s in EXCEPTIONS]
)
def test_an_exception_in_a_response_is_kept(message: Record) -> None:
    assert isinstance(message, ServerException)
    response = Response(exception=message)
    assert parse(Response, build(response)) == response
    assert parser(SERVER_EXCEPTION)(SERVER_EXCEPTION.build(message)) == message


def test_names_of_types() -> None:
    assert ServerException(type=2).type_name == "SQLException"
    assert ServerException(type=50).type_name == "exception 50"


def test_the_rows_of_a_constraint_failure_are_a_table() -> None:
    failure = EXCEPTIONS[3].message
    assert isinstance(failure, ServerException)
    assert failure.tuples is not None
    assert parser(TABLE)(failure.tuples) == EMPTY_TABLE
