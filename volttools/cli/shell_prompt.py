"""Where statements are typed, with prompt_toolkit: editing, completion, colours, history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import completion_is_selected, has_focus
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from volttools.cli.shell_history import is_kept
from volttools.shell.completion import completions
from volttools.shell.session import Session
from volttools.shell.splitting import Splitter
from volttools.sql import is_builtin, tokens

_WAIT_S = 0.5  # for the catalog, where somebody asked for completions
_STYLE = Style.from_dict(
    {
        "prompt": "bold",
        "continuation": "ansibrightblack",
        "sql-keyword": "bold ansiblue",
        "sql-string": "ansigreen",
        "sql-number": "ansimagenta",
        "sql-comment": "ansibrightblack",
        "sql-command": "ansicyan",
    }
)


def typed(session: Session, file: Path | None, **terminal: Any) -> Callable[[], str]:
    """What asks for statements: gives what was typed. EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C.

    file       of the history; None: it is kept in memory
    terminal   input and output of prompt_toolkit, for tests
    """
    history: History = InMemoryHistory() if file is None else FileHistory(str(file))
    prompt: PromptSession[str] = PromptSession(
        history=_Kept(history),
        completer=_Completer(session),
        complete_while_typing=True,
        lexer=_SqlLexer(),
        multiline=True,
        prompt_continuation=_continuation,
        key_bindings=_keys(),
        style=_STYLE,
        include_default_pygments_style=False,
        **terminal,
    )
    return lambda: prompt.prompt([("class:prompt", session.prompt)])


def is_complete(text: str) -> bool:
    """Whether Enter runs a text: nothing in it waits for its end."""
    splitter = Splitter()
    splitter.feed(text + "\n")
    return splitter.is_empty


def _continuation(width: int, number: int, wrap_count: int) -> StyleAndTextTuples:
    return [("class:continuation", "-> ".rjust(width))]


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def _(event: KeyPressEvent) -> None:
        """Run what is whole; go on with it in the next line otherwise."""
        buffer = event.current_buffer
        if is_complete(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.newline()

    @keys.add("enter", filter=completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        """Take the completion, and run nothing yet."""
        event.current_buffer.complete_state = None

    return keys


class _Kept(History):
    """A history without the statements that begin with a blank."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def load_history_strings(self) -> Iterable[str]:
        return self._history.load_history_strings()

    def append_string(self, string: str) -> None:
        if is_kept(string):
            super().append_string(string)

    def store_string(self, string: str) -> None:
        self._history.store_string(string)


class _Completer(Completer):
    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        wait_s = _WAIT_S if complete_event.completion_requested else 0.0
        for found in completions(document.text_before_cursor, self._session.catalog(wait_s)):
            yield Completion(found.text, -found.replaces, display_meta=found.kind)


class _SqlLexer(Lexer):
    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines: list[StyleAndTextTuples] = [[]]
        text = document.text
        if text.startswith("\\"):
            command = text.split(None, 1)[0]
            lines[0].append(("class:sql-command", command))
            text = text[len(command) :]
        for token in tokens(text):
            style = _style_of(token.kind, token.text)
            first, *more = token.text.split("\n")
            lines[-1].append((style, first))
            for part in more:
                lines.append([(style, part)])
        return lambda number: lines[number] if number < len(lines) else []


def _style_of(kind: str, text: str) -> str:
    if kind == "name":
        return "class:sql-keyword" if is_builtin(text) else ""
    return {"hex": "class:sql-string"}.get(kind, f"class:sql-{kind}" if kind in _STYLED else "")


_STYLED = ("string", "number", "comment")
