import pytest

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.procedures import is_asked_by_library, sql_of, takes_sql


def test_the_procedures_that_take_sql_are_known_in_any_case():
    assert takes_sql("@adhoc")
    assert takes_sql("@AdHoc")
    assert not takes_sql("AdHoc")
    assert not takes_sql(None)


@pytest.mark.parametrize(
    ("procedure", "parameters", "sql"),
    [
        ("@AdHoc", [Parameter.of(STRING, "SELECT 1"), Parameter.of(BIGINT, 2)], "SELECT 1"),
        ("@AdHoc", [Parameter.of(STRING, None)], None),
        ("@AdHoc", [Parameter.of(BIGINT, 1)], None),
        ("@AdHoc", [], None),
        ("@AdHoc", Opaque(b"\xff"), None),
        ("Vote", [Parameter.of(STRING, "SELECT 1")], None),
    ],
)
def test_the_sql_of_a_call_is_its_first_parameter_if_the_procedure_takes_sql(procedure, parameters, sql):
    assert sql_of(Invocation(procedure=procedure, parameters=parameters)) == sql


@pytest.mark.parametrize(
    ("procedure", "parameters", "is_of_library"),
    [
        ("@Ping", [], True),
        ("@statistics", [Parameter.of(STRING, "topo"), Parameter.of(BIGINT, 0)], True),
        ("@Statistics", [Parameter.of(STRING, "TABLE")], False),
        ("@Statistics", [Parameter.of(BIGINT, 1)], False),
        ("@Statistics", Opaque(b"\xff"), False),
        ("@SystemCatalog", [], False),
        ("Vote", [], False),
    ],
)
def test_what_client_libraries_ask_by_themselves_is_known(procedure, parameters, is_of_library):
    call = Invocation(procedure=procedure, parameters=parameters)
    assert is_asked_by_library(procedure, call) is is_of_library
    assert not is_asked_by_library(None, call)
