"""Key files: who has the key can tell which pseudonym stands for which guess."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from volttools.errors import UsageError
from volttools.redaction.pseudonyms import MIN_KEY_BYTES

_KEY_BYTES = 32


def random_key() -> bytes:
    """A key that nobody will have again."""
    return secrets.token_bytes(_KEY_BYTES)


def new_key(path: str | Path) -> None:
    """Write a new key, in hex, to a new file that only its owner can read.

    Raises UsageError if the file is there already: what a lost key made equal can't be made again.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError("is there already, and a key is never overwritten", file=str(path)) from None
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")


def read_key(path: str | Path) -> bytes:
    """The key in a file: its bytes, without white space around them.

    Raises UsageError for too few of them.
    """
    key = Path(path).read_bytes().strip()
    if len(key) < MIN_KEY_BYTES:
        raise UsageError(
            f"a key needs at least {MIN_KEY_BYTES} bytes, and this has {len(key)};"
            " volttools redact --new-key FILE makes one",
            file=str(path),
        )
    return key
