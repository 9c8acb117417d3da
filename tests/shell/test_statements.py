"""What statements ask for."""

import pytest

from volttools.errors import UsageError
from volttools.shell.statements import Execute, Sql, Words, request_of


@pytest.mark.parametrize(
    ("statement", "procedure", "arguments"),
    [
        ("exec P;", "P", ()),
        ("EXEC P 1 2;", "P", ("1", "2")),
        ("call T.insert 1, -2.5;", "T.insert", ("1", "-2.5")),
        ("execute @Statistics TABLE, 0;", "@Statistics", ("TABLE", "0")),
        ("exec P 'a b', 'it''s', '';", "P", ('"a b"', '"it\'s"', '""')),
        ("exec P NULL, 'null';", "P", ("null", '"null"')),
        ("exec P x'00fF' X'';", "P", (b"\x00\xff", b"")),
        ("exec P [1, null, 'x'], 2;", "P", ('[1, null, "x"]', "2")),
        ("exec P 2024-01-01 /* day */, c0ffee;", "P", ("2024-01-01", "c0ffee")),
        ("exec P\n1\n,2\n;", "P", ("1", "2")),
    ],
)
def test_arguments_are_apart_by_blanks_or_commas(statement, procedure, arguments):
    assert request_of(statement) == Execute(procedure, arguments)


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("exec ;", "exec takes the name of a procedure"),
        ("exec P 1,,2;", "there is nothing between two commas"),
        ("exec P 1,;", "nothing stands behind the last comma"),
        ("exec P x'0';", "x'0' is no VARBINARY: write its bytes in hex, two digits each"),
        ("\\timng", r"there is no command \\timng; did you mean \\timing\?"),
        ("show votes;", "there is nothing called 'votes' to show: write show tables, procedures"),
    ],
)
def test_what_can_not_be_meant_is_said(statement, text):
    with pytest.raises(UsageError, match=text):
        request_of(statement)


@pytest.mark.parametrize(
    ("statement", "command", "argument"),
    [
        ("\\d Votes;", "\\d", "Votes"),
        ("\\DF\n", "\\df", ""),
        ("\\help\n", "\\?", ""),
        ("show tables", "\\d", ""),
        ("SHOW PROCEDURES;", "\\df", ""),
        ("describe votes", "\\d", "votes"),
        ("explain select 1 from t;", "\\explain", "select 1 from t"),
        ("explainproc Vote;", "\\explainproc", "Vote"),
        ("exit", "\\q", ""),
        ("quit;", "\\q", ""),
        ("help", "\\?", ""),
        ("file 'a.sql';", "\\i", "'a.sql'"),
    ],
)
def test_words_of_the_shell_and_of_sqlcmd_are_commands(statement, command, argument):
    request = request_of(statement)
    assert isinstance(request, Words)
    assert (request.command.name, request.argument) == (command, argument)


def test_all_else_is_sql_without_its_end_and_the_comments_before_it():
    assert request_of("-- all\nselect * from t; ") == Sql("select * from t")
    assert request_of(" -- only\n;") is None
    assert request_of("create table t (a int);").is_ddl
    assert not request_of("select 'create' from t;").is_ddl
