"""`volttools sql`, against a server."""

import io

from tests.cli.answering import nobody, refuse, server
from volttools.cli import run

__all__ = ["server"]


def test_a_statement_and_its_arguments_are_sent(server, capsysbinary):
    assert run(["sql", "SELECT ? FROM t", "-5", "x", "-H", server.where, "--csv"]) == 0
    assert server.calls[-1].procedure == "@AdHoc"
    assert server.calls[-1].params == ("SELECT ? FROM t", -5, "x")
    assert capsysbinary.readouterr().out == b'ID,NAME,SUM\n5,Ann,\n6,"",\n'


def test_statements_come_from_standard_input(server, monkeypatch):
    for data in (b"SELECT 1;\nSELECT 2;\n", b"SELECT '\xff'"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        assert run(["sql", "-", "-H", server.where]) == 0
        assert server.calls[-1].params == (data.decode("utf-8", "surrogateescape"),)


def test_an_error_of_the_server_is_status_1(server, capsys):
    server.handle("@AdHoc", refuse)
    assert run(["sql", "SELEC", "-H", server.where]) == 1
    assert capsys.readouterr().out.startswith("@AdHoc: USER_ABORT (-1), 0 tables, ")


def test_what_can_not_be_called_is_one_sentence(capsys):
    where = nobody()
    assert run(["sql", "SELECT 1", "-H", where]) == 2
    assert capsys.readouterr().err == f"volttools: {where}: nothing listens there (connection refused)\n"
    assert run(["sql", " "]) == 2
    assert capsys.readouterr().err == "volttools: there is no SQL to run: give a statement\n"
