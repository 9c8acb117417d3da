"""The file in which `volttools shell` keeps what was typed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from volttools.errors import UsageError

VARIABLE = "VOLTTOOLS_HISTORY"
"""Names another file; nothing in it: no file is kept."""


def history_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file, which is there then and which only its owner can read; None if none is wanted.

    UsageError if it can't be made.
    """
    given = environment.get(VARIABLE)
    if given == "":
        return None
    state = environment.get("XDG_STATE_HOME") or "~/.local/state"
    path = Path(given or Path(state) / "volttools" / "history").expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}: no history is kept there; see {VARIABLE}") from error
    return path


def is_kept(text: str) -> bool:
    """Whether a statement is kept: one that begins with a blank is not."""
    return bool(text.strip()) and not text[0].isspace()
