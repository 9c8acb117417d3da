"""What became of the interactions of all tests: missing, unused, recorded.

A test's outcome is plain data, since it may come from another process.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from volttools.testing.playing import Use

_MOST_SAID: Final = 10


def outcome_of(uses: Iterable[Use], root: Path) -> list[dict[str, Any]]:
    """What became of each cassette of a test; empty where it had none. Paths are told from `root`."""
    return [_of_use(use, root) for use in uses if use.path is not None]


def _of_use(use: Use, root: Path) -> dict[str, Any]:
    path = use.path
    assert path is not None
    return {
        "cassette": os.path.relpath(path, root) if path.is_relative_to(root) else str(path),
        "recorded": use.recorded,
        "missing": [str(miss) for miss in use.server.misses],
        "unused": {
            str(answer.number): str(answer)
            for answer in use.server.unused_answers
            if hasattr(answer, "number")  # else it is a stub
        },
    }


@dataclass(slots=True)
class Outcomes:
    """The outcomes of all tests.

    Several tests may share a cassette: what none of them asked for is unused, if all of them passed.
    """

    _missing: dict[str, list[str]] = field(default_factory=dict)
    _recorded: dict[str, int] = field(default_factory=dict)
    _unused: dict[str, dict[str, str]] = field(default_factory=dict)
    _of_failed: set[str] = field(default_factory=set)

    def add(self, test: str, found: Iterable[Mapping[str, Any]], *, has_passed: bool) -> None:
        """Take what `outcome_of` gave for a test."""
        for each in found:
            cassette = each["cassette"]
            if each["missing"]:
                self._missing.setdefault(test, []).extend(each["missing"])
            if each["recorded"]:
                self._recorded[cassette] = self._recorded.get(cassette, 0) + each["recorded"]
            if not has_passed:
                self._of_failed.add(cassette)
            before = self._unused.get(cassette)
            unused = each["unused"]
            self._unused[cassette] = {
                number: text for number, text in unused.items() if before is None or number in before
            }

    def lines(self) -> list[str]:
        """All that is to be said, for people; empty if there is nothing."""
        lines = []
        for test, misses in sorted(self._missing.items()):
            lines += _block(f"{test}: {_count(len(misses), 'call')} had no answer", misses)
        for cassette, unused in sorted(self._unused.items()):
            if unused and cassette not in self._of_failed:
                lines += _block(f"{cassette}: no test asked for", list(unused.values()))
        for cassette, count in sorted(self._recorded.items()):
            lines.append(f"{cassette}: {_count(count, 'interaction')} recorded")
        return lines


def _block(head: str, items: list[str]) -> list[str]:
    more = len(items) - _MOST_SAID
    return [
        head,
        *(f"  {item}" for item in items[:_MOST_SAID]),
        *([f"  and {more:,} more"] if more > 0 else []),
    ]


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
