"""How answers are shown: tables, CSV, JSON, again and again."""

import json

import pytest

from tests.cli.answering import VOTES, refuse, server
from tests.cli.lines import lines_of
from tests.pauses import Pauses
from volttools.cli import run

__all__ = ["server"]


@pytest.fixture
def three_pauses(monkeypatch):
    """Ctrl-C in the third pause."""
    pauses = Pauses(3)
    monkeypatch.setattr("volttools.cli.calling.pause", pauses)
    return pauses


def test_several_tables_are_apart_in_csv(server, capsysbinary):
    assert run(["call", "Two", "-H", server.where, "--csv"]) == 0
    assert capsysbinary.readouterr().out == b'ID,NAME,SUM\n5,Ann,\n6,"",\n\nN\n7\n'


def test_one_table_can_be_asked_for(server, capsysbinary):
    assert run(["call", "Two", "-H", server.where, "--csv", "--table", "2"]) == 0
    assert capsysbinary.readouterr().out == b"N\n7\n"
    assert run(["call", "Two", "-H", server.where, "--json", "--table", "2"]) == 0
    assert [table["rows"] for table in json.loads(capsysbinary.readouterr().out)["tables"]] == [[[7]]]
    assert run(["call", "Two", "-H", server.where, "--table", "3"]) == 2
    assert capsysbinary.readouterr().err == b"volttools: Two gave 2 tables, so there is no --table 3\n"


def test_rows_can_be_limited(server, capsys):
    assert run(["call", "Two", "-H", server.where, "--rows", "1"]) == 0
    assert "and 1 more row" in capsys.readouterr().out


def test_a_watch_calls_on_one_connection_until_ctrl_c(server, three_pauses, capsysbinary):
    assert run(["call", "Votes", "5", "x", "-H", server.where, "--csv", "--watch", "500ms"]) == 0
    assert three_pauses == [0.5] * 3
    assert capsysbinary.readouterr().out == b"ID,NAME,SUM\n" + b'5,Ann,\n6,"",\n' * 3
    calls = [call for call in server.calls if call.procedure == "Votes"]
    assert len(calls) == 3
    assert len({call.connection for call in calls}) == 1


def test_a_watch_goes_on_after_an_error_and_has_the_status_of_the_last_answer(server, three_pauses, capsys):
    answers = iter([VOTES, refuse(None), VOTES])
    server.handle("Flaky", lambda call: next(answers))
    assert run(["call", "Flaky", "-H", server.where, "--json", "--watch", "2"]) == 0
    found = lines_of(capsys.readouterr().out)
    assert [each["status"] for each in found] == [1, -1, 1]


def test_a_watch_ends_where_the_connection_does(server, monkeypatch, capsys):
    monkeypatch.setattr("volttools.cli.calling.pause", lambda seconds: server.disconnect())
    assert run(["call", "Two", "-H", server.where, "--watch", "2"]) == 2
    err = capsys.readouterr().err
    assert server.where in err
    assert err.count("\n") == 1
