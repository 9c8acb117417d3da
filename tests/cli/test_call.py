"""`volttools call`, against a server."""

import json
from decimal import Decimal

import pytest

import volttools
from tests.cli.answering import answering, nobody, server, silent
from volttools.cli import run
from volttools.formats.types import BIGINT

__all__ = ["server"]


def params(server):
    return server.calls[-1].params


def test_an_answer_is_a_table(server, capsys):
    assert run(["call", "Votes", "5", "NY", "-H", server.where]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("Votes: SUCCESS, 2 rows, ")
    assert out.splitlines()[2].split() == ["ID", "NAME", "SUM"]
    assert out.splitlines()[5].split() == ["5", '"Ann"', "NULL"]


def test_the_catalog_tells_the_types(server):
    assert run(["call", "Votes", "-5", "7", "-H", server.where]) == 0
    assert params(server) == (-5, "7")
    assert run(["call", "Store", "1.50", "c0ffee", "-H", server.where]) == 0
    assert params(server) == (Decimal("1.5"), b"\xc0\xff\xee")
    assert run(["call", "Votes", "null", '"null"', "-H", server.where]) == 0
    assert params(server) == (None, "null")


def test_types_can_be_given(server):
    given = ["--types", "BIGINT,varchar, INTEGER[]", "5", "7", "[1, null]"]
    assert run(["call", "Two", *given, "-H", server.where]) == 0
    assert params(server) == (5, "7", [1, None])
    assert server.calls[-1].invocation.parameters[0].type == BIGINT.code
    assert not [call for call in server.calls if call.procedure == "@SystemCatalog"]


def test_without_types_it_goes_by_the_looks(server):
    assert run(["call", "Two", "5", "x", "[1, 2]", "-1.5", "-H", server.where]) == 0
    assert params(server) == (5, "x", [1, 2], -1.5)
    assert run(["call", "Two", "-H", server.where, "--", "--json"]) == 0
    assert params(server) == ("--json",)


def test_an_error_of_the_server_is_shown_and_is_status_1(server, capsys):
    assert run(["call", "Refuse", "-H", server.where]) == 1
    out, err = capsys.readouterr()
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0].startswith("Refuse: USER_ABORT (-1), 0 tables, ")
    assert lines[1:] == ["says no such", "voter", "says application status 7: try again"]
    assert err == ""


def test_an_error_as_json_is_one_object(server, capsys):
    assert run(["call", "Refuse", "-H", server.where, "--json"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert found["procedure"] == "Refuse"
    assert (found["status"], found["status_name"], found["status_string"]) == (
        -1,
        "USER_ABORT",
        "no such\nvoter",
    )
    assert (found["app_status"], found["app_status_string"]) == (7, "try again")


def test_an_error_with_csv_is_on_stderr(server, capsys):
    assert run(["call", "Refuse", "-H", server.where, "--csv"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == ("volttools: Refuse: USER_ABORT (-1): no such\nvoter (application status 7: try again)\n")


def test_json_has_values_as_decode_has_them(server, capsysbinary):
    assert run(["call", "Votes", "5", "NY", "-H", server.where, "--json"]) == 0
    found = json.loads(capsysbinary.readouterr().out)
    (table,) = found["tables"]
    assert table["columns"] == [["ID", "BIGINT"], ["NAME", "STRING"], ["SUM", "DECIMAL"]]
    assert table["rows"] == [[5, "Ann", None], [6, "", None]]
    assert found["latency_ns"] > 0


def test_a_server_that_names_several_hosts_is_found(server):
    assert run(["call", "Two", "-H", nobody(), "-H", server.where]) == 0
    assert run(["call", "Two", "-H", f"{nobody()},{server.where}"]) == 0


@pytest.mark.parametrize("option", ["--tap=calls.pcapng", "--dump=calls"])
def test_a_tap_can_be_decoded(server, tmp_path, option, capsys):
    assert run(["call", "Votes", "5", "NY", "-H", server.where, option]) == 0
    path = tmp_path / option.partition("=")[2]
    with volttools.open(path) as capture:
        assert [each.procedure for each in capture] == ["@SystemCatalog", "Votes"]
    assert run(["call", "Votes", "5", "NY", "-H", server.where, option]) == 2
    assert capsys.readouterr().err.endswith(
        " exists; give --overwrite to write over it; see volttools call --help\n"
    )
    assert run(["call", "Votes", "5", "NY", "-H", server.where, option, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Votes", "x", "NY"], "volttools: Votes, parameter 0: 'x' is no BIGINT\n"),
        (
            ["Votes", "9223372036854775808", "NY"],
            "parameter 0: 9223372036854775808 is out of range: BIGINT is",
        ),
        (
            ["Store", "1.5", "xyz"],
            "parameter 1: 'xyz' is no VARBINARY: write its bytes in hex, two digits each",
        ),
        (["Two", "5", "--types", "BIGNT"], "'BIGNT' is no type of a parameter"),
        (["Two", "5", "--types", "BIGINT,BIGINT"], "1 argument and 2 types: give --types one for each"),
        ([""], "volttools: there is no procedure to call: give its name\n"),
        (["Two", "--jsno"], "volttools call: no option is called '--jsno'; did you mean --json? See"),
        (["Two", "--tap", "x.dat"], "x.dat: its name doesn't tell its format"),
        (["Two", "--tap", "x.pcap"], "x.pcap: pcap files are read, not written"),
    ],
)
def test_what_can_not_be_called_is_one_sentence(server, arguments, message, capsys):
    assert run(["call", *arguments, "-H", server.where]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert not [call for call in server.calls if call.procedure in ("Votes", "Store", "Two")]


def test_a_call_that_takes_too_long_is_status_2(server, capsys):
    server.handle("Sleep", never)
    assert run(["call", "Sleep", "-H", server.where, "--timeout", "50ms"]) == 2
    assert "Sleep: no answer" in capsys.readouterr().err
    with silent() as where:
        assert run(["call", "Sleep", "-H", where, "--timeout", "0.05"]) == 2
    assert "did not answer" in capsys.readouterr().err


async def never(call):
    import asyncio

    await asyncio.Event().wait()


def test_nobody_listens(capsys):
    where = nobody()
    assert run(["call", "Two", "-H", where]) == 2
    assert capsys.readouterr().err == f"volttools: {where}: nothing listens there (connection refused)\n"


def test_a_log_in_that_is_refused_is_status_2(monkeypatch, capsys):
    with answering(users={"ann": "sesame"}) as server:
        monkeypatch.setenv("VOLTTOOLS_PASSWORD", "wrong")
        assert run(["call", "Two", "-H", server.where, "--user", "ann"]) == 2
        err = capsys.readouterr().err
        assert "wrong user or password" in err
        assert err.count("\n") == 1
        monkeypatch.setenv("VOLTTOOLS_PASSWORD", "sesame")
        assert run(["call", "Two", "-H", server.where, "--user", "ann"]) == 0
