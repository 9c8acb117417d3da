import csv
import io
import json
import os
import pty
import subprocess
import sys

import pytest

from tests.requirements import ROOT
from tests.samples import pcap
from volttools.cli import run

TYPES = "captures/types-all.pcap"
DEMO = "captures/demo.pcap"


@pytest.fixture
def decode(capsys, monkeypatch):
    """Run decode in the project; gives status, stdout and stderr."""
    monkeypatch.chdir(ROOT)

    def function(*arguments):
        status = run(["decode", *map(str, arguments)])
        return (status, *capsys.readouterr())

    return function


def test_csv_has_the_rows_of_the_chosen_exchanges_and_nothing_else(decode):
    assert decode("--csv", "--procedure", "TYPES.select", TYPES) == (
        0,
        "exchange,ID,T,S,I,B,F,D,V,VB,TS,P,G\n18,3,,,,,,,,,,,\n",
        "",
    )


def test_csv_of_one_exchange_has_no_column_for_its_number(decode):
    status, out, err = decode("--csv", "--exchange", 17, TYPES)
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert (status, err, len(rows)) == (0, "", 17)
    first, second, *_ = out.split("\n")
    assert first == "ID,T,S,I,B,F,D,V,VB,TS,P,G"
    assert second.startswith(
        "0,-127,-32767,-2147483647,-9223372036854775807,-1.5e+308,-99999999999999999999999999.999999999999,"
    )


def test_results_of_other_columns_are_left_out_counted_and_status_1(decode):
    status, out, err = decode("--csv", TYPES)
    assert out.startswith("exchange,modified_tuples\n1,1\n")
    assert (status, len(out.splitlines())) == (1, 17)
    assert err == (
        "volttools: 3 result tables left out, with other columns than the first: --tables DIR writes each "
        "to a file; or narrow by --procedure, --exchange or --table\n"
    )


def test_tables_writes_files_and_says_how_many(decode, tmp_path):
    target = tmp_path / "out"
    assert decode("--tables", target, TYPES) == (0, f"wrote 19 tables (33 rows) to {target}\n", "")
    index = json.loads((target / "index.json").read_text())
    assert [entry["exchange"] for entry in index] == list(range(1, 20))
    assert (target / "000018-1-TYPES.select.csv").read_text() == "ID,T,S,I,B,F,D,V,VB,TS,P,G\n3,,,,,,,,,,,\n"


@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_tables_takes_other_formats_and_filters(format, decode, tmp_path):
    arguments = ("--tables", tmp_path, "--format", format, "--procedure", "types.select", TYPES)
    assert decode(*arguments) == (0, f"wrote 2 tables (1 row) to {tmp_path}\n", "")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"000018-1-TYPES.select.{format}", f"000019-1-TYPES.select.{format}", "index.json"]
    status, out, err = decode(*arguments)
    assert (status, out) == (2, "")
    assert (
        err == f"volttools: {tmp_path} has files in it: name another directory, or overwrite (--overwrite)\n"
    )
    assert decode("--overwrite", *arguments)[0] == 0


def test_one_table_of_each_result(decode):
    status, out, err = decode("--csv", "--table", 2, "--exchange", 17, TYPES)
    assert (status, out, err) == (0, "", "volttools: no result has a table 2\n")
    assert decode("--csv", "--table", 1, "--exchange", 18, TYPES)[1].count("\n") == 2


def test_an_exchange_that_is_not_there_is_said_once(decode):
    status, out, err = decode("--csv", "--exchange", 99, TYPES)
    assert (status, out) == (2, "")
    assert err == "volttools: there is no exchange 99; the capture has 19 exchanges and 40 frames\n"


def test_a_damaged_capture_gives_what_there_is_and_status_1(decode, tmp_path):
    status, out, err = decode("--tables", tmp_path, "captures/lost-many.pcapng")
    assert status == 1
    assert out.startswith("wrote ")
    assert err == (
        "volttools: 4 responses left out, as they can't be read or were not captured as a whole: "
        "decode without --csv or --tables says why\n"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--csv", "--tables", "x"], "--csv and --tables don't go together: --tables DIR writes CSV files already"),
        (["--csv", "--json"], "--csv and --json don't go together: --csv writes whole tables only"),
        (["--csv", "-v"], "--csv and -v don't go together: --csv writes whole tables only"),
        (["--tables", "x", "--hex"], "--tables and --hex don't go together: --tables writes whole tables only"),
        (["--tables", "x", "--rows", "3"], "--tables and --rows don't go together: --tables writes whole tables only"),
        (["--csv", "--summary"], "--csv and --summary don't go together: --csv writes whole tables only"),
        (["--format", "csv"], "--format is for --tables DIR"),
        (["--csv", "--overwrite"], "--overwrite is for --tables DIR"),
        (["--table", "1"], "--table is for --csv and --tables DIR"),
        (["--tables", "x", "--format", "xls"], "invalid value for '--format': 'xls' is not one of 'csv', 'parquet', 'arrow'"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_does_not_go_together_is_refused(arguments, text, decode):
    assert decode(*arguments, DEMO) == (2, "", f"volttools decode: {text}; see volttools decode --help\n")
    assert not (ROOT / "x").exists()


def test_a_file_in_the_place_of_the_directory_is_refused(decode, tmp_path):
    (tmp_path / "file").write_text("")
    status, out, err = decode("--tables", tmp_path / "file", DEMO)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "is a file" in err


def test_parquet_without_the_extra_says_what_to_install_and_makes_nothing(tmp_path):
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from volttools.cli import run\n"
        f"sys.exit(run(['decode', '--tables', {str(tmp_path / 'x')!r}, '--format', 'parquet', {DEMO!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'volttools: columns need pyarrow and numpy (pyarrow is missing): pip install "volttools[arrow]"\n'
    )
    assert not (tmp_path / "x").exists()


def test_csv_needs_no_extra(tmp_path):
    code = (
        "import sys; sys.modules['pyarrow'] = sys.modules['numpy'] = sys.modules['pandas'] = None\n"
        "from volttools.cli import run\n"
        f"sys.exit(run(['decode', '--tables', {str(tmp_path / 'x')!r}, {TYPES!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_csv_ends_quietly_where_nobody_reads():
    command = f"{sys.executable} -m volttools decode --csv {TYPES} | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "exchange,modified_tuples\n"
    assert "Traceback" not in done.stderr


def test_on_a_terminal_control_characters_of_values_are_escapes(tmp_path):
    (tmp_path / "x.pcap").write_bytes(pcap())
    command = [
        sys.executable,
        "-m",
        "volttools",
        "decode",
        "--csv",
        "--exchange",
        "3",
        str(tmp_path / "x.pcap"),
    ]
    master, slave = pty.openpty()
    subprocess.run(command, cwd=ROOT, stdout=slave, check=True)
    os.close(slave)
    shown = os.read(master, 100_000)
    os.close(master)
    assert b"M\xc3\xbcller \\x1b[2Jnut" in shown
    assert b"\x1b" not in shown
    assert b"\x1b[2J" in subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
