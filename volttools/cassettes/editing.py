"""Editing a cassette: nothing is written that can't be played."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from volttools.cassettes.checking import Complaint, check
from volttools.errors import CaptureError


def edit(
    path: str | Path,
    editor: Callable[[str], None],
    wants_again: Callable[[list[Complaint]], bool],
) -> tuple[bool, Path | None]:
    """Let somebody edit a copy, and put it in the place of the cassette once nothing is wrong with it.

    editor       shows the file of that name, and returns when it is closed
    wants_again  told what is wrong: whether to go on editing
    Gives whether the cassette has changed, and where the copy is that was given up, if there is one.
    """
    path = Path(path)
    check(path)  # before anybody begins
    before = path.read_bytes()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}.edited-", suffix=path.suffix)
    os.close(handle)
    copy = Path(name)
    try:
        shutil.copyfile(path, copy)
        shutil.copymode(path, copy)
        while True:
            editor(name)
            errors = _errors(copy, path)
            if not errors:
                break
            if not wants_again(errors):
                return False, copy
        is_changed = copy.read_bytes() != before
        if is_changed:
            os.replace(copy, path)
    except BaseException:
        _remove(copy)
        raise
    _remove(copy)
    return is_changed, None


def _errors(copy: Path, path: Path) -> list[Complaint]:
    try:
        return [complaint for complaint in check(copy, beside=path) if complaint.is_error]
    except CaptureError as error:
        return [Complaint(error.message)]


def _remove(copy: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        copy.unlink()
