"""Typing, with prompt_toolkit: keys in, statements out."""

import contextlib

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from tests.shell.answering import answering, session_with
from volttools.cli.shell_prompt import _Completer, _Kept, _SqlLexer, is_complete, typed


@pytest.fixture(scope="module")
def session():
    with answering() as server, session_with(server, completes=True) as session:
        session.catalog(wait_s=10)
        yield session


@contextlib.contextmanager
def typing(session, keys, file=None):
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
        keyboard.send_text(keys)
        yield typed(session, file, input=keyboard, output=DummyOutput())


def test_enter_runs_what_is_whole_and_else_begins_a_line(session):
    with typing(session, "select 1\rfrom t;\r\\d\rexit\r") as ask:
        assert [ask(), ask(), ask()] == ["select 1\nfrom t;", "\\d", "exit"]


def test_alt_enter_runs_it_as_it_is(session):
    with typing(session, "select 'a\x1b\r") as ask:
        assert ask() == "select 'a"


def test_ctrl_c_clears_and_ctrl_d_leaves(session):
    with typing(session, "select\x03select 1;\r\x04") as ask:
        with pytest.raises(KeyboardInterrupt):
            ask()
        assert ask() == "select 1;"
        with pytest.raises(EOFError):
            ask()


def test_statements_are_kept_whole_and_those_behind_a_blank_are_not(session, tmp_path):
    file = tmp_path / "history"
    with typing(session, "select 1\rfrom t;\r select secret;\r\\d\r", file) as ask:
        assert [ask(), ask(), ask()] == ["select 1\nfrom t;", " select secret;", "\\d"]
    assert "secret" not in file.read_text()
    kept = _Kept(FileHistory(str(file)))
    assert list(kept.load_history_strings()) == ["\\d", "select 1\nfrom t;"]


def test_a_search_can_be_left(session):
    with typing(session, "select 1;\rselect\r\x12sel\x07\x03select 2;\r") as ask:
        assert ask() == "select 1;"
        with pytest.raises(KeyboardInterrupt):
            ask()
        assert ask() == "select 2;"


def test_completions_come_from_the_catalog(session):
    def found(text):
        event = CompleteEvent(completion_requested=True)
        return [each.text for each in _Completer(session).get_completions(Document(text), event)]

    assert found("select * from vo") == ["votes"]
    assert found("exec Vo") == ["Vote"]


def test_what_is_whole():
    for text in ("", "select 1;", "\\d", "exit", "-- a", "select 1; -- done"):
        assert is_complete(text), text
    for text in ("select", "select ';", "select 1; select", "create procedure p as begin select 1;"):
        assert not is_complete(text), text


def test_colours_change_no_character():
    for text in ("select 'a\nb' from t -- c\n;", "\\d votes", "select\n\n1;"):
        line_of = _SqlLexer().lex_document(Document(text))
        lines = text.split("\n")
        assert ["".join(part[1] for part in line_of(index)) for index in range(len(lines))] == lines
