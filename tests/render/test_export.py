import io
import json

import pyarrow as pa
import pyarrow.parquet
import pytest

import volttools
from tests.requirements import ROOT
from volttools.codec import build
from volttools.errors import UsageError
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.events import Connection, Direction, Exchange, Frame
from volttools.render.export import FORMATS, CsvStream, TableFiles, file_name

IDS = Table.of([("ID", BIGINT)], [(1,), (None,)])
NAMES = Table.of([("ID", BIGINT), ("NAME", STRING)], [(3, "x,y")])
TWICE = Table.of([("A", BIGINT), ("A", BIGINT), ("", BIGINT)], [(1, 2, 3)])


def exchange_of(number, *tables, procedure="P", cut=0, missing=()):
    body = build(Response(tables=list(tables)))
    frame = Frame(
        direction=Direction.SERVER,
        body=body[: len(body) - cut],
        length=len(body),
        offset=0,
        missing=list(missing),
    )
    return Exchange(connection=Connection(number=4), number=number, procedure=procedure, response_frame=frame)


def written_to(directory, *exchanges, **settings):
    """The files and their bytes, the index, and what was counted."""
    with TableFiles(directory, **settings) as files:
        for exchange in exchanges:
            files.add(exchange)
    found = {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
    return found, json.loads(found.pop("index.json")), files.written


# --------------------------------------------------------------- one CSV


def test_one_csv_has_the_rows_of_all_with_the_exchange():
    out = io.BytesIO()
    stream = CsvStream(out)
    for exchange in (exchange_of(1, IDS), exchange_of(3, IDS, IDS), exchange_of(4)):
        stream.add(exchange)
    assert out.getvalue() == b"exchange,ID\n1,1\n1,\n3,1\n3,\n3,1\n3,\n"
    assert (stream.written.tables, stream.written.rows, stream.written.is_complete) == (3, 6, True)
    assert str(stream.written) == "3 tables (6 rows)"


def test_one_csv_of_one_exchange_needs_no_number():
    out = io.BytesIO()
    CsvStream(out, with_exchange=False).add(exchange_of(1, NAMES))
    assert out.getvalue() == b'ID,NAME\n3,"x,y"\n'


def test_tables_of_other_columns_are_left_out_of_one_csv_and_counted():
    out = io.BytesIO()
    stream = CsvStream(out)
    other_type = Table.of([("ID", STRING)], [("x",)])
    stream.add(exchange_of(1, IDS, NAMES, other_type, IDS))
    assert out.getvalue() == b"exchange,ID\n1,1\n1,\n1,1\n1,\n"
    assert (stream.written.tables, stream.written.unlike, stream.written.is_complete) == (2, 2, False)


def test_one_table_of_each_result_can_be_asked_for():
    out = io.BytesIO()
    stream = CsvStream(out, table=2)
    stream.add(exchange_of(1, IDS, NAMES))
    stream.add(exchange_of(2, IDS))
    assert out.getvalue() == b'exchange,ID,NAME\n1,3,"x,y"\n'
    assert stream.written.is_complete


@pytest.mark.parametrize("how", [{"cut": 1}, {"missing": [(5, 9)]}])
def test_responses_that_cannot_be_read_are_counted(how, tmp_path):
    bad = exchange_of(1, IDS, **how)
    stream = CsvStream(io.BytesIO())
    stream.add(bad)
    assert (stream.written.unreadable, stream.written.tables) == (1, 0)
    for format in FORMATS:
        _, index, written = written_to(tmp_path / format, bad, exchange_of(2, IDS), format=format)
        assert [entry["exchange"] for entry in index] == [2]
        assert (written.unreadable, written.is_complete) == (1, False)


# ------------------------------------------------------------ files and index


def test_each_table_has_a_csv_file_and_a_line_in_the_index(tmp_path):
    files, index, written = written_to(
        tmp_path / "new" / "dir", exchange_of(1, IDS), exchange_of(19, NAMES, TWICE, procedure="@Statistics")
    )
    assert files == {
        "000001-1-P.csv": b"ID\n1\n\n",
        "000019-1-@Statistics.csv": b'ID,NAME\n3,"x,y"\n',
        "000019-2-@Statistics.csv": b'A,A,""\n1,2,3\n',
    }
    assert index[1] == {
        "file": "000019-1-@Statistics.csv",
        "exchange": 19,
        "connection": 4,
        "procedure": "@Statistics",
        "table": 1,
        "rows": 1,
        "columns": [["ID", "BIGINT"], ["NAME", "STRING"]],
    }
    assert [entry["file"] for entry in index] == list(files)
    assert str(written) == "3 tables (4 rows)"


def test_an_index_of_nothing_is_empty(tmp_path):
    files, index, written = written_to(tmp_path, exchange_of(1))
    assert (files, index, str(written)) == ({}, [], "0 tables (0 rows)")


def test_parquet_files_hold_what_to_arrow_gives_with_names_that_differ(tmp_path):
    exchange = exchange_of(2, NAMES, TWICE)
    _, index, _ = written_to(tmp_path, exchange, format="parquet")
    first, second = (pyarrow.parquet.read_table(tmp_path / entry["file"]) for entry in index)
    assert first.equals(exchange.to_arrow(0), check_metadata=True)
    assert second.to_pydict() == {"A": [1], "A_2": [2], "C3": [3]}
    assert index[1]["columns"] == [["A", "BIGINT"], ["A", "BIGINT"], ["", "BIGINT"]]


def test_arrow_files_hold_what_to_arrow_gives(tmp_path):
    exchange = exchange_of(2, TWICE)
    files, _, _ = written_to(tmp_path, exchange, format="arrow")
    with pa.ipc.open_file(tmp_path / "000002-1-P.arrow") as reader:
        assert reader.read_all().equals(exchange.to_arrow(), check_metadata=True)
    assert list(files) == ["000002-1-P.arrow"]


@pytest.mark.parametrize("format", FORMATS)
def test_all_formats_have_the_same_index_of_a_recording(format, tmp_path):
    indexes = []
    for each in ("csv", format):
        with volttools.open(ROOT / "captures" / "types-all.pcap") as capture:
            _, index, written = written_to(tmp_path / f"as-{each}", *capture, format=each, overwrite=True)
        indexes.append([{**entry, "file": None} for entry in index])
        assert (written.tables, written.rows) == (19, 33)
    assert indexes[0] == indexes[1]


@pytest.mark.parametrize(
    ("procedure", "name"),
    [
        ("Vote", "000001-2-Vote.csv"),
        ("../../etc/passwd", "000001-2-.._.._etc_passwd.csv"),
        ("/abs", "000001-2-_abs.csv"),
        ("a\\b:c\0d\ne", "000001-2-a_b_c_d_e.csv"),
        ("é日本", "000001-2-_.csv"),
        ("\udcff", "000001-2-_.csv"),
        ("x" * 500, f"000001-2-{'x' * 60}.csv"),
        ("", "000001-2-unknown.csv"),
        (None, "000001-2-unknown.csv"),
    ],
)
def test_a_file_name_is_never_a_path(procedure, name):
    assert file_name(1, 2, procedure, "csv") == name


def test_a_procedure_with_any_name_stays_in_the_directory(tmp_path):
    bad = exchange_of(1, IDS, procedure="../../x\udcff")
    files, index, _ = written_to(tmp_path / "in", bad)
    assert list(files) == ["000001-1-.._.._x_.csv"]
    assert index[0]["procedure"] == "../../x\udcff"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_directory_with_files_is_refused_unless_they_may_be_written_over(tmp_path):
    (tmp_path / "000001-1-P.csv").write_text("old")
    (tmp_path / "other.txt").write_text("kept")
    with pytest.raises(UsageError) as raised:
        TableFiles(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path} has files in it: name another directory, or overwrite (--overwrite)"
    )
    files, _, _ = written_to(tmp_path, exchange_of(1, IDS), overwrite=True)
    assert files == {"000001-1-P.csv": b"ID\n1\n\n", "other.txt": b"kept"}


def test_a_format_that_is_none_is_refused_and_nothing_is_made(tmp_path):
    with pytest.raises(UsageError, match="no format is called 'xls'; there are csv, parquet, arrow"):
        TableFiles(tmp_path / "x", format="xls")
    assert not (tmp_path / "x").exists()


def test_a_table_without_columns_is_a_file_too(tmp_path):
    nothing = Table.of([], [(), ()])
    for format in FORMATS:
        _, index, written = written_to(tmp_path / format, exchange_of(1, nothing), format=format)
        assert index[0]["columns"] == []
        assert written.tables == 1
