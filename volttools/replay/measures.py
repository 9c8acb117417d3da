"""What a replay counts and measures while it runs: in flat memory, whatever its length."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from volttools.formats.response import SUCCESS, status_name
from volttools.histogram import Histogram

MOST_EXAMPLES: Final = 10
LAG_OF_CONCERN_NS: Final = 2_000_000
"""A replayer that is later than this with one call of a hundred isn't the load that was asked for."""

TIMED_OUT: Final = "no answer in time"
CONNECTION_LOST: Final = "the connection broke; the call may have run"
NOT_SENT: Final = "not sent"


@dataclass(slots=True)
class Example:
    """A call that went wrong: the first of its kind."""

    exchange: int
    procedure: str
    what: str
    text: str


@dataclass(slots=True)
class OfProcedure:
    """What became of the calls of one procedure; latency from when they were sent, in ns."""

    calls: int = 0
    failed: int = 0
    latency: Histogram = field(default_factory=Histogram)


@dataclass(slots=True)
class Measures:
    """All that is counted.

    sent          calls that were written
    statuses      answers by status
    failures      calls that went wrong, by what: also those answered with another status than SUCCESS,
                  unless the recorded call was answered with the same
    as_recorded   answers that failed as they did when they were recorded
    healed        answers that succeeded and had failed when they were recorded
    from_intended   ns from when a call was to be sent to its answer, what it had to wait for included
    from_sent     ns from when it was sent
    lag           ns that the replayer itself was late
    waited        calls that had to wait for the target: for an answer, a connection, or room
    """

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    as_recorded: int = 0
    healed: int = 0
    from_intended: Histogram = field(default_factory=Histogram)
    from_sent: Histogram = field(default_factory=Histogram)
    lag: Histogram = field(default_factory=Histogram)
    waited: int = 0
    losses: int = 0
    procedures: dict[str, OfProcedure] = field(default_factory=dict)
    examples: dict[tuple[str, str], Example] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Calls that were answered, however."""
        return self.statuses.total()

    @property
    def failed(self) -> int:
        """Calls that went wrong."""
        return self.failures.total()

    @property
    def on_time(self) -> float | None:
        """The part of the calls that left within the time that is of no concern; None where none had a time."""
        lag = self.lag
        if not lag.count:
            return None
        return (
            sum(bucket.times for bucket in lag.buckets() if bucket.greatest <= LAG_OF_CONCERN_NS) / lag.count
        )

    @property
    def is_late(self) -> bool:
        """Whether the replayer was so late that its figures are not those of the load that was asked for."""
        late_ns = self.lag.percentile(99)
        return late_ns is not None and late_ns > LAG_OF_CONCERN_NS

    def answer(
        self, procedure: str, exchange: int, status: int, recorded: int | None, text: str | None
    ) -> None:
        """An answer; `recorded`: with which status the call was answered then."""
        self.statuses[status] += 1
        if status == SUCCESS:
            self.healed += recorded not in (SUCCESS, None)
        elif status == recorded:
            self.as_recorded += 1
        else:
            self.fail(procedure, exchange, status_name(status), text or "")

    def fail(self, procedure: str, exchange: int, what: str, text: str) -> None:
        """A call that went wrong."""
        self.failures[what] += 1
        self.of(procedure).failed += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.setdefault((procedure, what), Example(exchange, procedure, what, text))

    def of(self, procedure: str) -> OfProcedure:
        """What is counted of a procedure."""
        found = self.procedures.get(procedure)
        if found is None:
            found = self.procedures[procedure] = OfProcedure()
        return found


def percentiles(histogram: Histogram) -> dict[str, Any]:
    """The figures of a histogram as JSON, in ns."""
    p50, p95, p99, p999 = histogram.percentiles(50, 95, 99, 99.9)
    return {
        "count": histogram.count,
        "p50_ns": p50,
        "p95_ns": p95,
        "p99_ns": p99,
        "p99.9_ns": p999,
        "max_ns": histogram.maximum,
    }
