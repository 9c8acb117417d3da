"""Python files of users: run, and their errors told with file and line."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from volttools.errors import UsageError

MODULE: Final = "volttools_script"
"""The `__module__` of what a script defines itself."""

ScriptError = Exception | SystemExit
SCRIPT_ERRORS: Final = (Exception, SystemExit)
"""What a script may raise; sys.exit() in it ends no command."""


def run_script(path: str) -> dict[str, Any]:
    """Run a file; the names that it defines. UsageError, with the line, for one that can't be run."""
    module = ModuleType(MODULE)
    module.__file__ = path
    try:
        exec(compile(Path(path).read_bytes(), path, "exec"), module.__dict__)
    except SCRIPT_ERRORS as error:
        raise UsageError(script_error(path, error)) from None
    return module.__dict__


def script_error(path: str, error: ScriptError) -> str:
    """An error of a script in words, with the line in it."""
    return f"{script_place(path, error)}: {_text(error)}"


def script_place(path: str, error: ScriptError) -> str:
    """File and line."""
    if isinstance(error, SyntaxError):
        return path if error.lineno is None else f"{path}, line {error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == path:
            return f"{path}, line {frame.lineno}"
    return path


def _text(error: ScriptError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
