"""What a mock server has done so far, in figures; times are arguments."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from volttools.formats.response import SUCCESS
from volttools.protocol.events import Exchange

WINDOW_S: Final = 5
MOST_SAID: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigures:
    """A node as a screen shows it."""

    number: int
    address: str
    is_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How it is at a moment. Calls are those that were answered."""

    nodes: Sequence[NodeFigures]
    open: int
    connections: int
    calls: int
    calls_per_s: float
    errors: int
    misses: int
    faults: int
    procedures: dict[str, int]
    said: Sequence[str]
    control_url: str | None

    def as_json(self) -> dict[str, Any]:
        """The summary for programs."""
        return {
            "kind": "summary",
            "connections": self.connections,
            "calls": self.calls,
            "errors": self.errors,
            "misses": self.misses,
            "faults": self.faults,
            "procedures": self.procedures,
        }


class Figures:
    """Counts answered calls."""

    def __init__(self) -> None:
        self.calls = self.errors = 0
        self.procedures: Counter[str] = Counter()
        self._said: deque[str] = deque(maxlen=MOST_SAID)
        self._by_second: deque[tuple[int, int]] = deque()

    def take(self, exchange: Exchange, now_s: float) -> None:
        """Count one."""
        self.calls += 1
        self.procedures[exchange.procedure or ""] += 1
        second = int(now_s)
        if self._by_second and self._by_second[-1][0] == second:
            self._by_second[-1] = second, self._by_second[-1][1] + 1
        else:
            self._by_second.append((second, 1))
            self._forget(now_s)
        if exchange.status != SUCCESS:
            self.errors += 1
            response = exchange.response
            text = (response.status_string or response.status_name) if response is not None else "no answer"
            self.say(f"{exchange.procedure}: {text}")

    def say(self, text: str) -> None:
        """Have a sentence shown, until others take its place."""
        self._said.append(text)

    @property
    def said(self) -> list[str]:
        """The last errors and sentences, the latest first."""
        return list(reversed(self._said))

    def calls_per_s(self, now_s: float) -> float:
        """Of the last WINDOW_S."""
        self._forget(now_s)
        return sum(count for _, count in self._by_second) / WINDOW_S

    def _forget(self, now_s: float) -> None:
        while self._by_second and self._by_second[0][0] <= now_s - WINDOW_S - 1:
            self._by_second.popleft()
