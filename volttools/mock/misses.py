"""The end of the chain: calls that no source knew, told in the same words to everybody."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volttools.errors import VoltToolsError
from volttools.formats.response import UNEXPECTED_FAILURE, Response
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.differences import cut
from volttools.mock.procedures import Procedures
from volttools.mock.stubs import StubSource
from volttools.words import nearest

if TYPE_CHECKING:
    from volttools.mock.recorded import Recording

log = logging.getLogger("volttools.mock")

MOST_KEPT = 1_000
_MOST_SAID = 20
_MOST_CHARACTERS = 2_000
_MOST_NAMES = 8


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
        procedures: Procedures,
        explain: Callable[[Call], Response | None] = lambda call: None,
    ) -> None:
        self._recording = recording
        self._stubs = stubs
        self._procedures = procedures
        self._explain = explain
        self.count = 0
        self.kept: list[Miss] = []
        self._count_of_run = 0
        self._kept_of_run: list[Miss] = []

    def answer(self, call: Call) -> Response:
        """UNEXPECTED_FAILURE, with the nearest stub, or call that was recorded; of what is there and needs
        somebody to answer it, how that is done."""
        response = self._response(call)
        text = response.status_string or ""
        kept = cut(text, _MOST_CHARACTERS)
        log.warning("%s", kept)
        call.is_miss = True
        miss = Miss(call.number, cut(call.procedure, _MOST_CHARACTERS), kept)
        self.count += 1
        self._count_of_run += 1
        for misses in (self.kept, self._kept_of_run):
            if len(misses) < MOST_KEPT:
                misses.append(miss)
        return response

    def clear(self) -> None:
        """Forget them; of the whole run they stay known."""
        self.count, self.kept = 0, []

    def of_run(self) -> UnmatchedCalls | None:
        """All of the whole run, forgotten or not; None if there were none."""
        count = self._count_of_run
        return UnmatchedCalls.of(list(self._kept_of_run), count) if count else None

    def _response(self, call: Call) -> Response:
        unlike_stubs = self._stubs.why_not(call)
        if unlike_stubs is not None:
            return failure(UNEXPECTED_FAILURE, unlike_stubs)
        unlike_recorded = None if self._recording is None else self._recording.why_not(call.invocation)
        explained = self._explain(call)
        if explained is None:
            return failure(UNEXPECTED_FAILURE, unlike_recorded or self._not_found(call))
        if unlike_recorded is None:
            return explained
        return explained.replace(status_string=f"{explained.status_string}. {unlike_recorded}")

    def _not_found(self, call: Call) -> str:
        """The server's words, and behind them what is there."""
        name = call.procedure.encode(errors="surrogateescape").decode(errors="replace")  # what is no UTF-8
        there = {
            "handlers of": self._procedures.handled(),
            "stubs of": self._stubs.procedures(),
            "declared procedures": list(self._procedures.declarations.procedures),
            "recorded calls of": [] if self._recording is None else list(self._recording.procedures()),
        }
        text = f"Procedure {name} was not found"
        if not any(there.values()):
            return text
        like = nearest(cut(name), (known for names in there.values() for known in names))
        meant = "" if like is None else f" Did you mean {like}?"
        named = "; ".join(f"{kind} {_in_words(names)}" for kind, names in there.items() if names)
        return f"{text}.{meant} There are {named}"


def _in_words(names: list[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(cut(name) for name in names[:_MOST_NAMES]) + more


@contextlib.contextmanager
def told_beside(error: BaseException | None) -> Iterator[None]:
    """Let what a block raised be told; what its end finds is noted with it."""
    try:
        yield
    except UnmatchedCalls as unmatched:
        if error is None:
            raise
        error.add_note(str(unmatched))
