"""The end of the chain: calls that no source knew, told in the same words to everybody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volttools.errors import VoltToolsError
from volttools.formats.response import Response
from volttools.mock.answers import UNEXPECTED_FAILURE, failure
from volttools.mock.calls import Call
from volttools.mock.differences import cut
from volttools.mock.stubs import StubSource

if TYPE_CHECKING:
    from volttools.mock.recorded import Recording

log = logging.getLogger("volttools.mock")

MOST_KEPT = 1_000
_MOST_SAID = 20
_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Miss:
    """A call that nothing answered.

    number     as of the `Call`
    procedure  that was called
    text       what its client was told; both cut, if they are very long
    """

    number: int
    procedure: str
    text: str

    def __str__(self) -> str:
        return f"call {self.number}: {self.text}"


class UnmatchedCalls(VoltToolsError, AssertionError):
    """Calls came to a strict server that it had no answer for.

    misses  all of them, or the first 1,000
    count   how many there were
    """

    def __init__(self, message: str, misses: list[Miss] | None = None, count: int | None = None) -> None:
        super().__init__(message)
        self.misses = misses or []
        self.count = len(self.misses) if count is None else count

    @classmethod
    def of(cls, misses: list[Miss], count: int) -> UnmatchedCalls:
        """The error for so many misses, of which these were kept."""
        lines = [f"  {miss}" for miss in misses[:_MOST_SAID]]
        if count > len(lines):
            lines.append(f"  and {count - len(lines):,} more")
        calls = "1 call had" if count == 1 else f"{count:,} calls had"
        return cls("\n".join([f"{calls} no answer in the mock server:", *lines]), misses, count)


class Misses:
    """Answers every call as a server does that doesn't have the procedure, and says what it looked for.

    count, kept  since the last reset: how many there were, and the first of them
    """

    def __init__(
        self,
        recording: Recording | None,
        stubs: StubSource,
        explain: Callable[[Call], Response | None] = lambda call: None,
    ) -> None:
        self._recording = recording
        self._stubs = stubs
        self._explain = explain
        self.count = 0
        self.kept: list[Miss] = []
        self._count_of_run = 0
        self._kept_of_run: list[Miss] = []

    def answer(self, call: Call) -> Response:
        """UNEXPECTED_FAILURE, with the nearest stub, or call that was recorded; of what is there and needs
        somebody to answer it, how that is done."""
        unlike_stubs = self._stubs.why_not(call)
        explained = self._explain(call) if self._recording is None and unlike_stubs is None else None
        text = unlike_stubs or (explained and explained.status_string) or self._text(call)
        kept = cut(text, _MOST_CHARACTERS)
        log.warning("%s", kept)
        call.is_miss = True
        miss = Miss(call.number, cut(call.procedure, _MOST_CHARACTERS), kept)
        self.count += 1
        self._count_of_run += 1
        for misses in (self.kept, self._kept_of_run):
            if len(misses) < MOST_KEPT:
                misses.append(miss)
        return explained or failure(UNEXPECTED_FAILURE, text)

    def clear(self) -> None:
        """Forget them; of the whole run they stay known."""
        self.count, self.kept = 0, []

    def of_run(self) -> UnmatchedCalls | None:
        """All of the whole run, forgotten or not; None if there were none."""
        count = self._count_of_run
        return UnmatchedCalls.of(list(self._kept_of_run), count) if count else None

    def _text(self, call: Call) -> str:
        name = call.procedure.encode(errors="surrogateescape").decode(errors="replace")  # what is no UTF-8
        not_found = f"Procedure {name} was not found"
        if self._recording is None:
            return not_found
        from volttools.mock.recorded import procedures_in_words

        why = self._recording.why_not(call.invocation)
        return why or f"{not_found}. Recorded were calls of {procedures_in_words(self._recording)}"
