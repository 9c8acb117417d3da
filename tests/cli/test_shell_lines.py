"""Typing without prompt_toolkit."""

import pytest

from tests.shell.answering import answering, session_with
from volttools.cli.shell_lines import typed_lines


def test_lines_are_read_until_all_is_whole():
    prompts = []
    lines = iter(["select 'a", "b'", "from t; select 1", ";", "\\d"])

    def read(prompt):
        prompts.append(prompt)
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    with answering() as server, session_with(server) as session:
        ask = typed_lines(session, read)
        assert ask() == "select 'a\nb'\nfrom t; select 1\n;\n"
        assert ask() == "\\d\n"
        with pytest.raises(EOFError):
            ask()
        width = len(session.prompt)
        continued = [f"{sign}> ".rjust(width) for sign in ("'", "-", "-")]
        assert prompts == [session.prompt, *continued, session.prompt, session.prompt]
