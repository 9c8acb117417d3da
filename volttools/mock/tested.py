"""What a test tells a server beforehand, and what it asks of it afterwards; the larger half of `MockServer`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, overload

from volttools.errors import UsageError
from volttools.formats.types import WireType
from volttools.mock.answering import Answering, Unused
from volttools.mock.answers import Answer, Handler
from volttools.mock.asserting import check_called, check_not_called
from volttools.mock.calls import Call, ClientConnection, Journal, Listener
from volttools.mock.misses import Miss, UnmatchedCalls
from volttools.mock.passed import Passed
from volttools.mock.stubs import Stub
from volttools.mock.typed_handlers import TypedHandler

_F = TypeVar("_F", bound=Callable[..., Any])


class Tested:
    """Answers of a server, and what was called. Whoever inherits it makes the three, and knows its loop."""

    _answering: Answering
    _journal: Journal
    _passed: Passed

    def _is_in_loop(self) -> bool:
        """Whether this is called from the server's own event loop."""
        raise NotImplementedError

    # --------------------------------------------------------- answers

    def handle(
        self,
        procedure: str,
        handler: Handler | Answer,
        *,
        types: Sequence[WireType] | None = None,
        partitioned_on: int | None = None,
        read_only: bool = False,
    ) -> None:
        """Answer calls of a procedure: by a function of the call, or always the same.

        What an answer can be stands in docs/mock.md. A function runs in the server's event loop: one
        that waits is async. With `types` the catalog tells clients of the parameters, and calls
        with another number of them are refused; `partitioned_on` is the parameter, from 0, by
        which clients find the partition. System procedures can be answered so, too.
        """
        self._answering.procedures.add(procedure, handler, types, partitioned_on, read_only)

    @overload
    def procedure(
        self,
        name: _F,
        *,
        types: Sequence[WireType] | None = None,
        partitioned_on: int | None = None,
        read_only: bool = False,
    ) -> _F: ...

    @overload
    def procedure(
        self,
        name: str | None = None,
        *,
        types: Sequence[WireType] | None = None,
        partitioned_on: int | None = None,
        read_only: bool = False,
    ) -> Callable[[_F], _F]: ...

    def procedure(
        self,
        name: Any = None,
        *,
        types: Sequence[WireType] | None = None,
        partitioned_on: int | None = None,
        read_only: bool = False,
    ) -> Any:
        """A function as a procedure: `@server.procedure("Vote")`, or `@server.procedure` under its own name.

        It is called with the values of the parameters, by its annotations (docs/mock.md); they tell the
        catalog the types, unless `types` does. One annotated `Call` is the call. What it returns or
        raises answers, async or not; the function itself stays as it is.
        """

        def add(function: _F) -> _F:
            handler = TypedHandler(function)
            self._answering.procedures.add(
                name if isinstance(name, str) else function.__name__,
                handler,
                handler.types if types is None else types,
                partitioned_on,
                read_only,
                handler.arrays,
            )
            return function

        return add(name) if callable(name) else add

    def forget(self, procedure: str) -> None:
        """Take the handler of a procedure away, if it has one."""
        self._answering.procedures.remove(procedure)

    def stub(self, procedure: str) -> Stub:
        """Answers by parameters: `server.stub("Select").with_params(1).returns([(1, "a")])`; see `Stub`.

        Stubs come before handlers, the latest first."""
        return self._answering.stubs.add(procedure)

    @property
    def recorded_procedures(self) -> list[str]:
        """What can be answered from the capture or the cassette."""
        recording = self._answering.recording
        return [] if recording is None else list(recording.procedures())

    @property
    def unused_answers(self) -> list[Unused]:
        """Recorded answers and stubs that were never given."""
        return self._answering.unused()

    @property
    def misses(self) -> list[Miss]:
        """Calls that nothing answered, in order, and what their clients were told; the first 1,000."""
        return list(self._answering.misses.kept)

    @property
    def miss_count(self) -> int:
        """How many calls nothing answered."""
        return self._answering.misses.count

    @property
    def unmatched(self) -> UnmatchedCalls | None:
        """The calls of the whole run that nothing answered, those before a reset as well; what a strict
        server raises at its end. None if there were none."""
        return self._answering.misses.of_run()

    # ----------------------------------------------------------- calls

    @property
    def calls(self) -> list[Call]:
        """What was called, in order; the last `max_calls`."""
        return self._journal.calls

    @property
    def call_count(self) -> int:
        """How many calls came, kept or not."""
        return self._journal.call_count

    @property
    def connection_count(self) -> int:
        """How many connections were let in."""
        return self._journal.connection_count

    @property
    def connections(self) -> list[ClientConnection]:
        """Who is logged in."""
        return self._journal.connections

    def assert_called(self, procedure: str, *params: Any, times: int | None = None) -> None:
        """AssertionError unless a call like this came, or came as often as `times` says.

        Parameters are values or matchers (ANY, approx, regex, a function); `...` at the end stands for any
        others; none at all: whatever they were. The error tells the nearest call, and where it differs.
        """
        check_called(self.calls, procedure, params, times)

    def assert_not_called(self, procedure: str, *params: Any) -> None:
        """AssertionError if a call like this came; parameters as of `assert_called`."""
        check_not_called(self.calls, procedure, params)

    def save(self, path: str | Path, *, keep_login_hashes: bool = False) -> None:
        """Write what passed on all connections, as a tap does: .pcapng, or what else the name tells.

        The last `max_call_bytes` of it are kept. Hashes of passwords are zeros, unless they are wanted.
        UsageError if the file can't be written.
        """
        self._passed.save(path, keep_login_hashes=keep_login_hashes)

    def reset(self) -> None:
        """Forget calls, misses, stubs and what passed, and begin recorded answers anew; handlers and
        connections stay. What a strict server says at its end is of the whole run."""
        self._answering.reset()
        self._passed.clear()
        self._journal.clear()

    def clear_calls(self) -> None:
        """Forget what was called, and what was missed."""
        self._journal.clear()
        self._answering.misses.clear()

    def watch(self, listener: Listener) -> None:
        """Have a function called with each call that is answered, and the frame that is sent (`Listener`)."""
        self._journal.listeners = (*self._journal.listeners, listener)

    def wait_for_calls(
        self, count: int = 1, procedure: str | None = None, *, timeout_s: float = 10.0
    ) -> list[Call]:
        """Wait until so many calls (of a procedure) are in `calls`, and give those; TimeoutError in vain."""

        def found() -> list[Call]:
            return [call for call in self.calls if procedure in (None, call.procedure)]

        if not self.wait_until(lambda: len(found()) >= count, timeout_s=timeout_s):
            of = "" if procedure is None else f" of {procedure}"
            raise TimeoutError(f"{len(found())} calls{of} came within {timeout_s:g} s; waited for {count}")
        return found()

    def wait_until(self, condition: Callable[[], bool], *, timeout_s: float = 10.0) -> bool:
        """Wait until a condition on `calls` or `connections` holds; False if it doesn't in that time.

        It is asked whenever a call or a connection comes or goes. In the server's own event loop use
        `await asyncio.to_thread(server.wait_until, ...)`.
        """
        if self._is_in_loop():
            raise UsageError(
                "waiting here would stop the server itself; await asyncio.to_thread(server.wait_until, ...)"
            )
        return self._journal.wait_until(condition, timeout_s)
