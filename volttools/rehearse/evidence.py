"""The files that a rehearsal leaves in a directory of its own, so that everybody can look for themselves."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from volttools.errors import UsageError
from volttools.jsonlines.lines import line_bytes

DEFAULT: Final = "rehearsal"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the files are."""

    directory: Path

    @classmethod
    def make(cls, directory: str | None) -> Evidence:
        """A new directory; without a name the next of rehearsal, rehearsal-2 ... that isn't there.

        UsageError for one that has files in it, or can't be made.
        """
        path = _free() if directory is None else Path(directory)
        try:
            path.mkdir(parents=True, exist_ok=True)
            is_empty = not any(path.iterdir())
        except OSError as error:
            raise UsageError(
                f"{path}: {(error.strerror or '').lower()}: the evidence can't be written there"
            ) from None
        if not is_empty:
            raise UsageError(f"{path} has files in it; name a new directory for the evidence")
        return cls(path)

    def remove_if_empty(self) -> None:
        """Leave no directory behind where there is no evidence."""
        with contextlib.suppress(OSError):
            self.directory.rmdir()

    @property
    def old(self) -> str:
        """What the old server answered."""
        return str(self.directory / "old.pcapng")

    @property
    def old_again(self) -> str:
        """What it answered the second time."""
        return str(self.directory / "old-again.pcapng")

    @property
    def new(self) -> str:
        """What the new server answered."""
        return str(self.directory / "new.pcapng")

    @property
    def rules(self) -> str:
        """What differs by itself, as rules for `volttools compare`."""
        return str(self.directory / "learned.toml")

    @property
    def ids(self) -> str:
        """Ids that each server makes for itself, as a map for `volttools compare --map`."""
        return str(self.directory / "ids.toml")

    @property
    def comparison(self) -> str:
        """All differences and latencies, as `volttools compare --json` tells them."""
        return str(self.directory / "comparison.jsonl")

    @property
    def verdict(self) -> str:
        """All that is known, as JSON."""
        return str(self.directory / "verdict.json")

    def write_comparison(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Write the comparison. Raises OSError."""
        with open(self.comparison, "wb") as stream:
            for line in lines:
                stream.write(line_bytes(dict(line)))

    def write_rules(self, text: str) -> None:
        """Write the rules. Raises OSError."""
        Path(self.rules).write_text(text, encoding="utf-8")

    def write_verdict(self, verdict: Mapping[str, Any]) -> None:
        """Write the verdict. Raises OSError."""
        text = json.dumps(verdict, ensure_ascii=False, indent=2) + "\n"
        Path(self.verdict).write_bytes(text.encode("utf-8", "backslashreplace"))  # names may be no UTF-8


def _free() -> Path:
    """The next name that isn't there."""
    path, number = Path(DEFAULT), 1
    while path.exists():
        number += 1
        path = Path(f"{DEFAULT}-{number}")
    return path
