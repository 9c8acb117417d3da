"""What a mock server answers from, read again when it changes: captures, and a file of handlers.

Asked now and then, it looks at times and sizes. What has changed is read once it has stayed the same
from one look to the next, so that nothing is read while it is being written. Connections stay; where
something can't be read, that is told, and what was there before goes on answering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from volttools.capture.keylogs import KeyLogLike
from volttools.capture.sources import Source
from volttools.errors import CaptureError, UsageError, VoltToolsError
from volttools.mock.calls import Call
from volttools.mock.handler_file import Handlers, read_handlers, use_handlers
from volttools.mock.recorded import Recording
from volttools.mock.server import MockServer
from volttools.rule_files import matches_any
from volttools.words import counted

LOOK_S: Final = 0.5
"""Seconds from one look to the next."""

State = tuple[tuple[str, int, int], ...]


def captures_in(paths: Iterable[str]) -> list[str]:
    """The files that are meant: those given, and all captures of directories. UsageError if there are none."""
    found: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            found.append(path)
            continue
        inside = [str(file) for file in _files(path) if _is_capture(file)]
        if not inside:
            raise UsageError(f"{path}: no capture is in there")
        found += inside
    return found


def _files(directory: str) -> list[Path]:
    return sorted(file for file in Path(directory).iterdir() if file.is_file() and file.name[0] != ".")


def _is_capture(file: Path) -> bool:
    try:
        _, content = Source(file).open()
    except CaptureError:
        return False
    content.close()
    return True


def state_of(path: str) -> State:
    """What tells that a file, or something in a directory, has changed."""
    try:
        files = _files(path) if Path(path).is_dir() else [Path(path)]
        stats = [(file, file.stat()) for file in files]
    except OSError:
        return ()
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in stats)


class _Watched:
    """Something that is read again when it has changed and then stayed the same."""

    def __init__(self, paths: Sequence[str], read: Callable[[], str]) -> None:
        self._paths, self._read = paths, read
        self._seen = self._used = self._state()

    def _state(self) -> list[State]:
        return [state_of(path) for path in self._paths]

    def look(self) -> str | None:
        """Read it if it has changed; what is to be told."""
        state, before = self._state(), self._seen
        self._seen = state
        if state == self._used or state != before:
            return None
        self._used = state
        try:
            return self._read()
        except (VoltToolsError, OSError) as error:
            return f"{error}; what was there before goes on answering"


def _as_recorded(call: Call) -> Any:
    """What is asked behind handlers: first of all what was recorded."""
    return call.default()


class Reloading:
    """Reads captures and handlers, and again when `look` finds them changed.

    read_only  patterns of names of procedures that only read, says the catalog then
    recording  what the captures say; None without captures
    Raises what reading them raises.
    """

    def __init__(
        self,
        captures: Sequence[str],
        handlers: str | None,
        *,
        keylog: KeyLogLike | None = None,
        read_only: Sequence[str] = (),
        **how: Any,
    ) -> None:
        self._captures, self._handlers = captures, handlers
        self._keylog, self._how = keylog, how
        self._read_only = read_only
        self._reading: frozenset[str] = frozenset()
        self._server: MockServer | None = None
        self._watched: list[_Watched] = []  # before they are read, so that no change is missed
        if captures:
            self._watched.append(_Watched([path for path in captures if path != "-"], self._reload_captures))
        if handlers is not None:
            self._watched.append(_Watched([handlers], self._reload_handlers))
        self.recording = self._record() if captures else None
        self._read_handlers = Handlers() if handlers is None else read_handlers(handlers)

    def serve(self, server: MockServer) -> None:
        """Let a server, which has the recording, have the handlers, and what changes.

        Raises UsageError for a pattern of `read_only` that is no procedure's.
        """
        for pattern in self._read_only if self._server is None else ():
            if not any(matches_any([pattern], name) for name in self._procedures(server)):
                raise UsageError(
                    f"--read-only {pattern!r}: no procedure of that name was recorded or has a handler"
                )
        self._server = server
        use_handlers(server, self._read_handlers, self._read_only)
        self._list_what_reads(server)

    def look(self) -> list[str]:
        """Read what has changed; sentences on that."""
        return [told for watched in self._watched if (told := watched.look()) is not None]

    def _procedures(self, server: MockServer) -> set[str]:
        """Names of what is recorded, or handled by the file; not of the server's own."""
        return {
            name
            for name in (*server.recorded_procedures, *self._read_handlers.answers)
            if not name.startswith("@")
        }

    def _list_what_reads(self, server: MockServer) -> None:
        """Have recorded procedures that only read in the catalog, which lists what has a handler."""
        handled = self._read_handlers.answers.keys()
        reading = {name for name in self._procedures(server) - handled if matches_any(self._read_only, name)}
        for name in self._reading - reading - handled:
            server.forget(name)
        for name in reading:
            server.handle(name, _as_recorded, read_only=True)
        self._reading = frozenset(reading)

    def _record(self) -> Recording:
        return Recording.of(*captures_in(self._captures), keylog=self._keylog, **self._how)

    def _reload_captures(self) -> str:
        assert self.recording is not None
        assert self._server is not None
        self.recording.become(self._record())
        self._list_what_reads(self._server)
        return "the captures have changed, and were read again"

    def _reload_handlers(self) -> str:
        assert self._handlers is not None
        assert self._server is not None
        before, self._read_handlers = self._read_handlers, read_handlers(self._handlers)
        for procedure in before.answers.keys() - self._read_handlers.answers.keys():
            self._server.forget(procedure)
        self.serve(self._server)
        return f"{self._handlers} has changed: {counted(len(self._read_handlers.answers), 'handler')}"
