"""Handlers in a Python file: `volttools mock --handlers FILE.py`.

    def Vote(phone: int, contestant: int):   # the values of the parameters, by annotations or as they come
        return 0

    async def Slow(call):                    # one parameter that is called call: the call
        ...

    HANDLERS = {"VOTES.insert": insert, "@Statistics": [(1, "a")]}    # names that Python hasn't, and constants
    READ_ONLY = ["Slow"]                                              # what the catalog says of procedures

Every function that the file defines answers the procedure of its name, unless it begins with "_".
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from volttools.errors import UsageError
from volttools.mock.answers import check_answer
from volttools.mock.server import MockServer
from volttools.mock.typed_handlers import TypedHandler
from volttools.rule_files import matches_any
from volttools.scripts import MODULE, run_script

NAMED = "HANDLERS"
READ_ONLY = "READ_ONLY"


@dataclass(frozen=True)
class Handlers:
    """What a file says.

    answers     by procedure: functions, and answers that are always the same
    read_only   procedures that only read
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    read_only: frozenset[str] = frozenset()


def read_handlers(path: str) -> Handlers:
    """What answers procedures.

    UsageError for a file that can't be run, has none, or one whose annotations have no type.
    """
    names = run_script(path)
    found = {name: value for name, value in names.items() if _is_own_function(name, value)}
    named = names.get(NAMED, {})
    if not isinstance(named, Mapping) or not all(isinstance(name, str) and name for name in named):
        raise UsageError(f"{path}: {NAMED} is {named!r}; it is a dict of handlers by the names of procedures")
    for function in [value for value in named.values() if inspect.isfunction(value)]:
        found.pop(function.__name__, None)  # it has another name there
    found |= named
    if not found:
        raise UsageError(f"{path} defines no function, and no {NAMED}: nothing would be answered by it")
    for name, handler in found.items():
        _check(path, name, handler)
    return Handlers(found, _read_only(path, names.get(READ_ONLY, ()), found))


def use_handlers(server: MockServer, handlers: Handlers, read_only: Sequence[str] = ()) -> None:
    """Let a server answer by them.

    read_only   patterns of names of procedures that only read, beside those that the file tells
    """
    for name, handler in handlers.answers.items():
        is_read_only = name in handlers.read_only or matches_any(read_only, name)
        if callable(handler) and not _wants_call(handler):
            server.procedure(name, read_only=is_read_only)(handler)
        else:
            server.handle(name, handler, read_only=is_read_only)


def _read_only(path: str, named: Any, answers: Mapping[str, Any]) -> frozenset[str]:
    if not isinstance(named, (list, tuple, set)):
        raise UsageError(f"{path}: {READ_ONLY} is {named!r}; it is a list of the names of procedures")
    for name in named:
        if not isinstance(name, str) or name not in answers:
            raise UsageError(f"{path}: {READ_ONLY} has {name!r}, which nothing in the file answers")
    return frozenset(named)


def _check(path: str, name: str, handler: Any) -> None:
    try:
        if not callable(handler):
            check_answer(name, handler)
        elif not _wants_call(handler):
            TypedHandler(handler)
    except UsageError as error:
        raise UsageError(str(error), file=path) from None


def _wants_call(handler: Any) -> bool:
    return list(inspect.signature(handler).parameters) == ["call"]


def _is_own_function(name: str, value: Any) -> bool:
    return inspect.isfunction(value) and value.__module__ == MODULE and not name.startswith("_")
