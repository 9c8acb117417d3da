"""Calls encoded by signatures, or by their values."""

import datetime

import pytest

from volttools.client.signatures import Signatures, Slot, encode_typed, slots_of
from volttools.client.values import bigint, null
from volttools.codec import parse
from volttools.errors import EncodeError, UsageError
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.types import BIGINT, INTEGER, STRING, TIMESTAMP, TINYINT, VARBINARY, VOLTTABLE

NO_REMARKS = None


def columns(procedure, *types):
    """Rows of the catalog, in order of the names of the columns, as a server sorts them."""
    rows = [
        {
            "PROCEDURE_NAME": procedure,
            "COLUMN_NAME": f"param{number}",
            "TYPE_NAME": name.removesuffix("[]"),
            "REMARKS": "ARRAY_PARAMETER" if name.endswith("[]") else NO_REMARKS,
        }
        for number, name in enumerate(types)
    ]
    return sorted(rows, key=lambda row: row["COLUMN_NAME"])


def known(*types):
    signatures = Signatures()
    signatures.learn(columns("P", *types))
    return signatures


def read(encode):
    invocation = parse(Invocation, encode(7)[PREFIX_BYTES:])
    assert invocation.client_handle == 7
    return invocation


def sent(signatures, *arguments):
    parameters = read(signatures.encode("P", arguments)).parameters
    return [(parameter.type_name, parameter.value) for parameter in parameters]


def test_parameters_stand_in_the_order_of_their_numbers():
    signatures = known(*["BIGINT"] * 2, *["VARCHAR"] * 9, "TIMESTAMP")
    types = [name for name, _ in sent(signatures, 1, 2, *"abcdefghi", 5)]
    assert types == ["BIGINT"] * 2 + ["STRING"] * 9 + ["TIMESTAMP"]


def test_parameters_of_default_procedures_stand_by_their_position():
    # Recording system-catalog: LOG(ID, LOGGED, LEVEL, TEXT), whose rows follow the alphabet.
    rows = [
        ("param0", "BIGINT", 1),
        ("param1", "TINYINT", 3),
        ("param2", "TIMESTAMP", 2),
        ("param3", "VARCHAR", 4),
    ]
    signatures = Signatures()
    signatures.learn(
        {
            "PROCEDURE_NAME": "LOG.insert",
            "COLUMN_NAME": name,
            "TYPE_NAME": kind,
            "REMARKS": None,
            "ORDINAL_POSITION": position,
        }
        for name, kind, position in rows
    )
    slots = signatures.slots("LOG.insert")
    assert [slot.kind.name for slot in slots] == ["BIGINT", "TIMESTAMP", "TINYINT", "STRING"]


def test_values_are_converted_to_the_types_of_the_catalog():
    signatures = known("TIMESTAMP", "DECIMAL", "INTEGER")
    moment = datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.UTC)
    for _ in range(2):
        names = [name for name, _ in sent(signatures, moment, "1.5", None)]
        assert names == ["TIMESTAMP", "DECIMAL", "INTEGER"]
    assert sent(signatures, 5, 3, 2)[0] == ("TIMESTAMP", 5)


def test_what_the_catalog_does_not_tell_goes_by_the_value():
    signatures = known("OTHER", "INTEGER")
    assert sent(signatures, "x", 5) == [("STRING", "x"), ("INTEGER", 5)]
    assert sent(signatures, 1) == [("BIGINT", 1)]  # another number of them: the server will say
    assert sent(Signatures(), 1, [True], 1.5) == [("BIGINT", 1), ("TINYINT[]", [1]), ("FLOAT", 1.5)]


def test_arrays():
    signatures = known("INTEGER[]", "TINYINT[]", "BIGINT")
    assert sent(signatures, [1, None], b"ab", 5) == [
        ("INTEGER[]", [1, None]),
        ("VARBINARY", b"ab"),
        ("BIGINT", 5),
    ]
    assert sent(signatures, None, [1], 5)[:2] == [("NULL", None), ("TINYINT[]", [1])]
    with pytest.raises(EncodeError, match="P, parameter 0: int is no array of INTEGER: give a list"):
        signatures.encode("P", (1, b"", 5))


def test_what_is_typed_is_sent_so():
    assert sent(known("INTEGER"), bigint(5)) == [("BIGINT", 5)]
    assert sent(known("INTEGER"), null(STRING)) == [("STRING", None)]


def test_system_procedures_get_integers():
    parameters = read(Signatures().encode("@StopNode", (2, "x", 2**40, 5.0))).parameters
    assert [parameter.type_name for parameter in parameters] == ["INTEGER", "STRING", "BIGINT", "FLOAT"]


@pytest.mark.parametrize("value", [-(2**31), 2**31, "x", 1.5])
def test_a_value_that_does_not_fit_is_named_also_when_the_shape_is_known(value):
    signatures = known("VARCHAR", "INTEGER")
    sent(signatures, "a", 1)
    with pytest.raises(EncodeError, match=r"^P, parameter 1: "):
        signatures.encode("P", ("a", value))(7)


def test_only_calls_whose_values_need_no_conversion_are_ready():
    signatures = known("FLOAT")
    for value in (5, True, None):
        sent(signatures, value)
    assert not signatures.ready
    sent(signatures, 5.0)
    assert [*signatures.ready] == [("P", (float,))]


def test_another_catalog_ends_what_is_ready():
    signatures = Signatures()
    sent(signatures, 5)
    assert signatures.ready
    signatures.learn(columns("P", "FLOAT"))
    assert not signatures.ready
    assert sent(signatures, 5) == [("FLOAT", 5.0)]
    sent(signatures, 5.0)
    signatures.forget()
    assert not signatures.ready
    assert signatures.slots("P") is None
    assert sent(signatures, 5) == [("BIGINT", 5)]


def test_text_that_is_no_unicode_is_refused_or_kept():
    assert sent(known("VARCHAR"), "\udcff") == [("STRING", "\udcff")]
    with pytest.raises(EncodeError):
        known("VARCHAR").encode("P", ("\ud800",))(7)


def test_extensions_make_a_version_2_of_the_same_call():
    signatures = known("INTEGER")
    invocation = read(signatures.encode("P", (5,), [Extension(type=5, payload=4)]))
    assert (invocation.version, invocation.extensions[0].payload) == (2, 4)
    assert invocation.parameters[0].type_name == "INTEGER"


def test_the_catalog_is_wanted_where_it_tells_something():
    signatures = Signatures()
    assert signatures.are_wanted("P", (1,))
    assert not signatures.are_wanted("P", ())
    assert not signatures.are_wanted("@AdHoc", ("select 1",))
    assert not signatures.are_wanted("P", (bigint(1),))
    signatures.learn([])
    assert not signatures.are_wanted("P", (1,))
    signatures.forget()
    assert signatures.are_wanted("P", (1,))


def test_rows_that_name_no_parameter_are_passed_over():
    signatures = Signatures()
    signatures.learn([{"PROCEDURE_NAME": "P", "COLUMN_NAME": None, "TYPE_NAME": "INTEGER", "REMARKS": None}])
    assert sent(signatures, 1) == [("BIGINT", 1)]


def test_types_by_name():
    assert slots_of([BIGINT, "integer", "VARCHAR", "bigint[]"]) == [
        Slot(BIGINT),
        Slot(INTEGER),
        Slot(STRING),
        Slot(BIGINT, is_array=True),
    ]
    for wrong in ("INT4", "NUMERIC", ""):
        with pytest.raises(UsageError, match="is no type of a parameter; write BIGINT, VARCHAR"):
            slots_of([wrong])
    with pytest.raises(UsageError, match="P: 1 parameters, and 2 types for them"):
        encode_typed("P", (1,), ["INTEGER", "INTEGER"])
    invocation = read(encode_typed("P", (1, b"x"), [TINYINT, VARBINARY]))
    assert [parameter.type_name for parameter in invocation.parameters] == ["TINYINT", "VARBINARY"]


def test_tables_and_times_have_signatures_too():
    assert slots_of(["VOLTTABLE", "timestamp"]) == [Slot(VOLTTABLE), Slot(TIMESTAMP)]


@pytest.mark.shared
def test_the_catalog_of_a_real_server(shared_captures):
    import volttools

    with volttools.open(shared_captures / "system-catalog.pcap") as capture:
        (catalog,) = [
            exchange.response.tables[0]
            for exchange in capture
            if exchange.procedure == "@SystemCatalog"
            and exchange.invocation.parameters[0].value == "PROCEDURECOLUMNS"
        ]
    names = [column.name for column in catalog.columns]
    signatures = Signatures()
    signatures.learn(dict(zip(names, row, strict=True)) for row in catalog.rows)
    parameters = read(
        signatures.encode("EchoArrays", ([1], [2], [3], [0.5], ["x"], [5], ["1.5"], [b"x"], [], []))
    ).parameters
    assert [parameter.type_name for parameter in parameters] == [
        *("SMALLINT[]", "INTEGER[]", "BIGINT[]", "FLOAT[]", "STRING[]", "TIMESTAMP[]", "DECIMAL[]"),
        *("VARBINARY[]", "GEOGRAPHY_POINT[]", "GEOGRAPHY[]"),
    ]
