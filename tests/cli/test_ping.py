"""`volttools ping`, against servers."""

import json

import pytest

from tests.cli.answering import answering, nobody, refuse, server, silent
from volttools.cli import run

__all__ = ["server"]


def test_a_server_answers(server, capsys):
    assert run(["ping", server.where]) == 0
    assert capsys.readouterr().out.startswith(f"{server.where}: 11.4.0.beta1_volttools-mock answered in ")
    assert [call.procedure for call in server.calls] == ["@Ping"]


def test_the_host_may_be_in_the_environment(server, monkeypatch):
    monkeypatch.setenv("VOLTTOOLS_HOST", server.where)
    assert run(["ping"]) == 0


def test_each_server_is_asked_and_the_worst_is_the_status(server, capsys):
    where = nobody()
    assert run(["ping", where, server.where]) == 2
    out, err = capsys.readouterr()
    assert out.startswith(f"{server.where}: ")
    assert err == f"volttools: {where}: nothing listens there (connection refused)\n"


@pytest.mark.parametrize("command", [["ping"], ["info"], ["top", "--interval", "1ms"]])
def test_hosts_may_stand_behind_an_option_as_well(command, server, capsys):
    assert run([*command, "-H", server.where]) == 0
    assert server.where in capsys.readouterr().out
    assert run([*command, server.where, "--host", server.where]) == 2
    assert "the server is given twice: as HOST and by --host" in capsys.readouterr().err


def test_json_is_an_object_a_server(server, capsys):
    where = nobody()
    assert run(["ping", where, server.where, "--json"]) == 2
    bad, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert bad == {"address": where, "error": f"{where}: nothing listens there (connection refused)"}
    assert (good["address"], good["status"], good["error"]) == (server.where, 1, None)


def test_a_server_that_answers_with_an_error_is_status_1(server, capsys):
    server.handle("@Ping", refuse)
    assert run(["ping", server.where]) == 1
    assert capsys.readouterr().err == (
        f"volttools: {server.where}: @Ping: USER_ABORT (-1): no such\\nvoter (application status 7: try again)\n"
    )


def test_a_server_that_is_silent_is_status_2(capsys):
    with silent() as where:
        assert run(["ping", where, "--timeout", "50ms"]) == 2
    assert "did not answer" in capsys.readouterr().err


def test_a_log_in_that_is_refused_is_status_2(capsys):
    with answering(users={"ann": "sesame"}) as server:
        assert run(["ping", server.where]) == 2
    assert "the server wants a user, and the log-in named none" in capsys.readouterr().err


def test_a_watch_ends_with_ctrl_c(server, monkeypatch, capsys):
    waits = []

    def pause(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("volttools.cli.ping.pause", pause)
    assert run(["ping", server.where, "--watch", "2"]) == 0
    assert waits == [2.0] * 3
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("text", ["0", "soon", "-1"])
def test_a_time_that_is_none_is_refused(text, capsys):
    assert run(["ping", "--watch", text]) == 2
    assert "invalid value for '--watch'" in capsys.readouterr().err
