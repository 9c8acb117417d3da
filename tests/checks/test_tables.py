from tests.checks.samples import SAMPLES, codes, findings, given, with_table
from volttools.formats.parameters import Parameter
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, BOOLEAN, STRING, VARBINARY, VOLTTABLE


def found_in(code):
    found = next(f for f in findings(SAMPLES[code]()) if f.code == code)
    return found.message, found.place.path


def test_a_table_is_told_with_what_is_wrong():
    assert found_in("table-header-length") == (
        "the header's length is 4 less than it takes; some readers rely on it",
        "response.tables[0].header",
    )
    assert found_in("no-columns")[0] == "a table without columns; the Java client rejects it"
    assert found_in("many-columns")[0] == "1,025 columns; SQL has 1,024 at most"
    assert found_in("column-type") == (
        "a column of type BOOLEAN (23), which client libraries can't read",
        "response.tables[0].header.column_types[1]",
    )
    assert found_in("column-name") == (
        "a column's name is NULL",
        "response.tables[0].header.column_names[1]",
    )
    assert found_in("bytes-behind-table")[0] == "1 byte too many behind the rows, within the table"
    assert found_in("zeros-behind-table")[0].startswith("96 zero bytes behind the rows")


def test_a_name_that_is_not_utf8_is_told():
    (found,) = findings(with_table(Table.of([("caf\udce9", BIGINT)])))
    assert found.message == "a column's name is not UTF-8"


def test_ordinary_tables_are_fine():
    assert codes(with_table(Table.of([("", BIGINT), ("", STRING)], [(1, "x")]))) == []


def test_a_row_is_measured_in_bytes_where_it_may_be_too_long():
    assert codes(with_table(Table.of([("V", VARBINARY)], [(bytes(2**21 - 4),)]))) == []
    assert codes(with_table(Table.of([("V", VARBINARY)], [(bytes(2**21 - 3),)]))) == ["row-too-long"]
    texts = Table.of([("A", STRING), ("B", STRING)], [("é" * 2**20, "x")])
    (found,) = findings(with_table(texts))
    assert found.message == "a row of 2,097,161 bytes; 2,097,152 is the most"
    assert found.place.path == "response.tables[0].rows[0]"


def test_the_tables_of_parameters_are_the_clients():
    table = Table.of([("A", BIGINT), ("B", BOOLEAN)], [(1, True)])
    (found,) = findings(given(Parameter.of(VOLTTABLE, table)))
    assert (found.code, found.side) == ("column-type", "client")
    assert found.place.path == "invocation.parameters[0].value.header.column_types[1]"
