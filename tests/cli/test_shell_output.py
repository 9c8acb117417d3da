"""What the shell prints."""

import json

import pytest

from tests.cli.test_shell import OPTIONS
from tests.shell.answering import answering, session_with
from volttools.cli.shell_output import ShellOutput


@pytest.fixture(scope="module")
def session():
    with answering() as server, session_with(server) as session:
        yield session


def shown(session, text, *, interactive=False, **options):
    output = ShellOutput(OPTIONS | options, session.settings, interactive=interactive)
    for outcome in session.run_text(text):
        output.show(outcome)


@pytest.fixture(autouse=True)
def _usual_settings(session):
    session.settings.__init__()


def test_answers_and_listings_are_json(session, capsys):
    shown(session, "\\format json\n exec Vote 5 x; show tables")
    answer, listing = map(json.loads, capsys.readouterr().out.splitlines())
    assert answer["tables"][0]["rows"] == [[5, "counted"]]
    assert listing["tables"][0]["rows"][0] == ["VOTES", "TABLE", "PHONE"]


def test_errors_are_apart_from_csv(session, capsys):
    shown(session, "\\format csv\nshow tables\nselec 1;")
    captured = capsys.readouterr()
    assert captured.out == "TABLE,KIND,PARTITIONED_ON\nVOTES,TABLE,PHONE\nPEOPLE,TABLE,\n"
    assert captured.err.endswith("@AdHoc: GRACEFUL_FAILURE (-2): unexpected token: SELEC\n")


def test_the_bytes_are_shown_as_decode_does(session, capsys):
    shown(session, "exec Vote 5 x;\\hex\n")
    found = capsys.readouterr().out
    assert "    Invocation  client" in found
    assert "00 00 00 00 04 56 6f 74  65" in found


def test_notes_stand_among_answers_where_somebody_reads_along(session, capsys):
    shown(session, "\\timing\n", interactive=True)
    assert capsys.readouterr() == ("Timing is on.\n", "")
    shown(session, "\\timing\n")
    assert capsys.readouterr() == ("", "Timing is off.\n")


@pytest.mark.parametrize("interactive", [True, False])
@pytest.mark.parametrize("pager", ["on", "off"])
def test_what_is_longer_than_the_screen_is_paged(session, monkeypatch, capsys, interactive, pager):
    paged = []
    monkeypatch.setattr("click.echo_via_pager", lambda text, color: paged.append(text))
    monkeypatch.setenv("LINES", "5")
    monkeypatch.setenv("COLUMNS", "100")
    shown(session, f"\\pager {pager}\nselect 1;", interactive=interactive)
    out = capsys.readouterr().out
    if interactive and pager == "on":
        assert paged[0].endswith("(2 rows)\n")
        assert "(2 rows)" not in out
    else:
        assert (paged, "(2 rows)" in out) == ([], True)
