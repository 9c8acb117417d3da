"""Where the answers of a mock server come from: its sources, in order, and what was left of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from volttools.errors import UsageError
from volttools.formats.response import Response
from volttools.mock.calls import Call
from volttools.mock.checking import Gate, ParameterCheck
from volttools.mock.counters import Counters
from volttools.mock.declared import DeclaredSource, why_unanswered
from volttools.mock.directed import DirectedCheck
from volttools.mock.engine import Engine
from volttools.mock.handlers import HandlerSource
from volttools.mock.matching import Match
from volttools.mock.misses import Misses
from volttools.mock.passthrough import Passthrough, PassthroughSource
from volttools.mock.procedures import Procedures
from volttools.mock.schema.declarations import Declarations
from volttools.mock.sources import Source
from volttools.mock.stubs import Stub, StubSource
from volttools.mock.system import System, SystemSource
from volttools.mock.unreadable import unreadable

if TYPE_CHECKING:
    from volttools.cassettes import BeforeRecord, Cassette, RecordMode
    from volttools.client.results import Result
    from volttools.mock.recorded import Latency, OnExhausted, RecordedAnswer, Recording

Unused = Union["RecordedAnswer", Stub]


@dataclass(kw_only=True)
class Recorded:
    """What was recorded, and how it is played: the parameters of `MockServer` of the same names."""

    recording: Recording | None = None
    cassette: Cassette | str | Path | None = None
    record_mode: RecordMode | str = "none"
    before_record: BeforeRecord | Iterable[BeforeRecord] = ()
    match: Match | None = None
    on_exhausted: OnExhausted = "repeat"
    latency: Latency = "none"


class Answering:
    """The sources of one server, or of all nodes of a cluster.

    recording  None where nothing was recorded
    cassette   None where none is played or recorded
    """

    def __init__(
        self,
        recorded: Recorded,
        passthrough: Passthrough | str | None,
        *,
        strict: bool,
        declarations: Declarations | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.procedures = Procedures(declarations)
        self.counters = Counters()
        self.gate = Gate(self.procedures)
        self.engine = engine
        self.stubs = StubSource()
        self.recording = recorded.recording
        self.cassette: Cassette | None = None
        self._records = False
        self._strict = strict
        self._passthrough = Passthrough(target=passthrough) if isinstance(passthrough, str) else passthrough
        self._asked: list[PassthroughSource] = []
        if recorded.cassette is not None:
            self._use_cassette(recorded.cassette, recorded)
        else:
            _check_without_cassette(recorded)
        self.misses = Misses(self.recording, self.stubs, self.procedures, self._why_unanswered)

    def _use_cassette(self, cassette: Cassette | str | Path, how: Recorded) -> None:
        from volttools.cassettes import Cassette, RecordMode, load  # these read captures
        from volttools.mock.recorded import Recording

        if self.recording is not None:
            raise UsageError("a server has a recording or a cassette, not both")
        mode = RecordMode.of(how.record_mode)
        if not isinstance(cassette, Cassette):
            cassette = load(cassette, before_record=how.before_record)
        elif how.before_record:
            raise UsageError("the cassette is loaded already: give before_record to load() or Cassette()")
        self._records = mode.records(is_new=cassette.is_new)
        if self._records and self._passthrough is None:
            raise UsageError(
                f"record mode {mode.value} asks a real server what {cassette.path} doesn't have: give its address as "
                "passthrough"
            )
        if cassette.is_new and not self._records:
            raise UsageError(f"there is no cassette {cassette.path}; another record mode than none makes one")
        self.cassette = cassette
        self._is_cleared = not mode.plays()
        self.recording = Recording(match=how.match, on_exhausted=how.on_exhausted, latency=how.latency)
        if mode.plays():
            self.recording.add_events(cassette.events())

    def checks(self, system: System) -> list[Source]:
        """Who is asked before the sources."""
        directed = DirectedCheck(self.procedures, system.topology)
        return [self.gate, ParameterCheck(self.procedures), directed]

    def sources(self, system: System) -> list[Source]:
        """Who answers the calls of a node, in the order in which they are asked."""
        sources: list[Source] = [self.stubs, HandlerSource(self.procedures)]
        if self.recording is not None:
            from volttools.mock.recorded import RecordingSource

            sources.append(RecordingSource(self.recording, leaves_out=system.is_about_the_node))
        passed_on = self._passed_on(system.is_about_the_node)
        declared = DeclaredSource(self.procedures.declarations, self.counters, self.engine)
        return [*sources, *passed_on, declared, SystemSource(system), self.misses]

    def _why_unanswered(self, call: Call) -> Response | None:
        why = why_unanswered(self.procedures.declarations, call)
        return why and (unreadable(call) or why)

    def _passed_on(self, leaves_out: Callable[[Call], bool]) -> list[Source]:
        if self._passthrough is None or (self.cassette is not None and not self._records):
            return []
        source = PassthroughSource(
            self._passthrough,
            leaves_out=leaves_out,
            record=self._record if self.cassette is not None else None,
        )
        self._asked.append(source)
        return [source]

    def _record(self, call: Call, result: Result) -> None:
        from volttools.cassettes import Interaction

        assert self.cassette is not None
        if self._is_cleared:  # only now, so that a server that isn't there costs no cassette
            self.cassette.clear()
            self._is_cleared = False
        self.cassette.add(
            Interaction(
                invocation=call.invocation,
                response=result.response,
                time_ns=call.time_ns,
                latency_ns=result.latency_ns,
            )
        )

    def unused(self) -> list[Unused]:
        """Recorded answers and stubs that were never given."""
        recorded: Sequence[Any] = () if self.recording is None else list(self.recording.answers())
        return [*(answer for answer in recorded if not answer.given), *self.stubs.unused()]

    def reset(self) -> None:
        """Forget stubs and misses, and begin what was recorded anew."""
        self.stubs.clear()
        self.misses.clear()
        if self.recording is not None:
            self.recording.rewind()

    async def close(self) -> None:
        """Leave the real server; in the event loop."""
        for source in self._asked:
            await source.close()

    def finish(self) -> None:
        """Write the cassette, if there is something new in it. UnmatchedCalls if the server is strict and
        calls had no answer, before a reset or after; only once."""
        if self.cassette is not None and self.cassette.is_changed:
            self.cassette.save()
        unmatched = self.misses.of_run()
        if self._strict and unmatched is not None:
            self._strict = False
            raise unmatched


def _check_without_cassette(how: Recorded) -> None:
    """UsageError for what is only for a cassette, so that nobody believes that it did something."""
    default = Recorded()
    for name in ("record_mode", "before_record", "match", "on_exhausted", "latency"):
        if getattr(how, name) != getattr(default, name):
            raise UsageError(
                f"{name} is for a cassette, which was not given; what a capture is played with is said to from_capture"
            )
