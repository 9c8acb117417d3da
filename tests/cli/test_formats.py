import json

from volttools.cli import run


def test_without_a_name_it_lists_what_there_is(capsys):
    assert run(["formats"]) == 0
    assert "LoginRequest" in capsys.readouterr().out


def test_a_name_gives_its_reference(capsys):
    assert run(["formats", "invocation"]) == 0
    assert "client_handle" in capsys.readouterr().out


def test_as_json(capsys):
    assert run(["formats", "--json", "LoginRequest"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"]["LoginRequest"]["fields"]
