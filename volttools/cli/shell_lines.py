"""Where statements are typed without prompt_toolkit: line by line, with what Python's readline can do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import click

from volttools.shell.session import Session
from volttools.shell.splitting import Splitter


def typed_lines(session: Session, read: Callable[[str], str] = input) -> Callable[[], str]:
    """What asks for statements: lines until all in them is whole. EOFError at the end of input."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  input() edits lines then

    def ask() -> str:
        splitter, text = Splitter(), ""
        while True:
            try:
                line = read(prompt_of(session, splitter)) + "\n"
            except (EOFError, KeyboardInterrupt):
                click.echo()  # behind the prompt
                raise
            text += line
            splitter.feed(line)
            if splitter.is_empty:
                return text

    return ask


def prompt_of(session: Session, splitter: Splitter) -> str:
    """The prompt; within a statement the sign of what is open."""
    prompt = session.prompt
    sign = splitter.inside
    return f"{sign}> ".rjust(len(prompt)) if sign else prompt
