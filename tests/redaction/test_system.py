import pytest

from volttools.redaction.system import (
    PARAMETERS,
    WORDS,
    Kind,
    column_kind,
    has_system_results,
    parameter_kind,
    property_kind,
    pushed,
)


@pytest.mark.parametrize(
    ("procedure", "index", "kind"),
    [
        ("@AdHoc", 0, Kind.SQL),
        ("@AdHoc", 3, Kind.VALUE),
        ("@Statistics", 0, Kind.WORD),
        ("@statistics", 1, Kind.NUMBER),
        ("@LoadSinglepartitionTable", 0, Kind.PARTITION),
        ("@UpdateClasses", 0, Kind.SECRET),
        ("@NewInVersion99", 0, Kind.VALUE),
        ("Statistics", 0, Kind.VALUE),
        (None, 0, Kind.VALUE),
    ],
)
def test_what_a_parameter_is_goes_by_procedure_and_position(procedure, index, kind):
    assert parameter_kind(procedure, index) is kind


def test_results_of_sql_are_rows_of_users_and_those_of_unknown_procedures_too():
    assert has_system_results("@statistics")
    assert has_system_results("@Explain")
    assert not has_system_results("@AdHoc")
    assert not has_system_results("@NewInVersion99")
    assert not has_system_results("Vote")
    assert not has_system_results(None)


def test_columns_and_properties_that_nobody_knows_are_values_unless_they_hold_a_known_word():
    assert column_kind("@Statistics", "hostname") is Kind.ADDRESS
    assert column_kind("@Statistics", "NEW") is Kind.WORD
    assert column_kind("@GetPartitionKeys", "PARTITION_KEY") is Kind.KEPT
    assert property_kind("CLIENTPORT") is Kind.KEPT
    assert property_kind("clientinterface") is Kind.ADDRESS
    assert property_kind("users") is Kind.USER
    assert property_kind("NEW") is Kind.VALUE
    assert property_kind(None) is Kind.VALUE


def test_pushes_look_like_results():
    assert pushed(2**63 - 2) == "@Statistics"
    assert pushed(2**63 - 3) == "@SystemCatalog"
    assert pushed(2**63 - 4) is None


def test_the_tables_are_in_the_case_in_which_they_are_looked_up():
    assert all(name == name.lower() for name in PARAMETERS)
    assert all(word == word.upper() for word in WORDS)
