"""Servers of tests: mock servers that play, and record, the test's cassette."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

from volttools.cassettes import Cassette, RecordMode, load
from volttools.client.connection_settings import ConnectionSettings
from volttools.errors import UsageError
from volttools.mock import MockServer, Passthrough, UnmatchedCalls
from volttools.testing import active
from volttools.testing.exchanges import last_exchanges
from volttools.testing.locks import RecordingLock
from volttools.testing.names import named_cassette
from volttools.testing.network import reachable
from volttools.words import nearest


@dataclass(slots=True)
class Use:
    """One server of a test.

    cassette   what it plays; None without
    path       where that stands
    is_strict  a call without an answer fails the test
    recorded   how many interactions were recorded; known once the server is closed
    """

    server: MockServer
    cassette: Cassette | None = None
    path: Path | None = None
    is_strict: bool = False
    recorded: int = 0
    was_checked: bool = False

    def check(self) -> None:
        """UnmatchedCalls if calls had no answer, and the test is to know; once."""
        misses = self.server.misses
        if self.is_strict and misses and not self.was_checked:
            self.was_checked = True
            raise UnmatchedCalls.of(misses, len(misses))


@contextlib.contextmanager
def playing(
    path: Path | None, options: Mapping[str, Any], settings: active.Settings, mode: str | None = None
) -> Iterator[Use]:
    """A running server, with the cassette of that path or without one; it is noted for the running test.

    options  parameters of `MockServer`; with a cassette it is strict unless they say else
    mode     the record mode, where the settings say none

    Raises UsageError for what can't be, CaptureError for a cassette that is damaged.
    """
    __tracebackhide__ = True
    given = dict(options)
    _check_names(given, has_cassette=path is not None)
    use_strict = given.pop("strict", path is not None)
    with ExitStack() as stack:
        lock = None
        if path is not None:
            cassette_options, lock = _cassette_options(path, given, settings, mode, stack)
            given |= cassette_options
        stack.enter_context(reachable(_behind(given)))
        server = stack.enter_context(MockServer(**given))
        use = Use(server, given.get("cassette"), path, use_strict)
        noted = active.noted()
        if noted is not None:
            noted.append(use)
        try:
            yield use
        finally:
            if use.cassette is not None and use.cassette.is_changed:
                use.recorded = use.cassette.added
                if lock is not None:
                    lock.wrote(settings.run)


def _check_names(options: Mapping[str, Any], *, has_cassette: bool) -> None:
    """UsageError, with the name that was probably meant, for an option that a server doesn't have."""
    known = set(signature(MockServer).parameters)
    if has_cassette:
        known -= {"cassette", "recording"}  # in whose place the test's cassette stands
    for name in options:
        if name not in known:
            like = nearest(name, known)
            hint = f"did you mean {like}?" if like else "options are those of volttools.mock.MockServer"
            raise UsageError(f"a server of tests has no option {name!r}; {hint}")


def _cassette_options(
    path: Path, given: dict[str, Any], settings: active.Settings, default_mode: str | None, stack: ExitStack
) -> tuple[dict[str, Any], RecordingLock | None]:
    __tracebackhide__ = True
    mode = RecordMode.of(settings.record_mode or default_mode or "none")
    before_record = given.pop("before_record", ())
    lock = None
    if mode.records(is_new=not path.exists()):
        lock = stack.enter_context(RecordingLock(path))
        if mode is RecordMode.ALL and lock.last_run == settings.run:
            mode = RecordMode.NEW_EPISODES  # another test of this run has recorded it: both stay in it
    cassette = load(path, before_record=before_record)
    records = mode.records(is_new=cassette.is_new)
    if cassette.is_new and not records:
        raise UsageError(f"there is no cassette {_shown(path)}; to record it: {settings.how}")
    passthrough = given.get("passthrough") or (real_server(settings) if records else None)
    return {"cassette": cassette, "record_mode": mode, "passthrough": passthrough}, lock


def _behind(given: Mapping[str, Any]) -> list[str]:
    """The hosts of the real server behind, which stay within reach where the network is blocked."""
    passthrough = given.get("passthrough")
    target = passthrough.target if isinstance(passthrough, Passthrough) else passthrough
    return target.split(",") if target else []


def real_server(settings: active.Settings) -> Passthrough:
    """The server that is recorded: where the settings say, as whom the environment or the profile says.

    UsageError where nobody says which one it is.
    """
    found = ConnectionSettings.of(settings.server)
    if "hosts" not in found.given:
        raise UsageError(f"recording asks a real server, and nobody says which one: {settings.how}")
    if found.value("kerberos"):
        raise UsageError("recording logs in by password, not with a Kerberos ticket: set user and password")
    return Passthrough(
        target=",".join(str(address) for address in found.addresses),
        user=found.user,
        password=found.password(),
        ssl_context=found.ssl_context(),
    )


def volt_cassette(
    name: str,
    *,
    directory: str | os.PathLike[str] | None = None,
    record_mode: str | None = None,
    **options: Any,
) -> AbstractContextManager[MockServer]:
    """A server that plays a cassette, for a with block or `self.enterContext(...)` of unittest.

        with volt_cassette("votes") as server: ...

    name         of the cassette; it stands in cassettes/, beside the file of the caller
    directory    where it stands instead
    record_mode  none, once, new_episodes, all, where neither VOLTTOOLS_RECORD_MODE nor pytest's --volt-record
                 says one
    options      parameters of `MockServer`

    A call that has no answer fails the test at the end of the block, unless `strict=False`. Where the block
    fails, the error tells the last exchanges; pytest shows them by itself.
    """
    settings = active.settings()
    chosen = settings.cassette_dir if directory is None else Path(directory)
    caller = Path(sys._getframe(1).f_globals.get("__file__") or Path.cwd() / "here")
    return _volt_cassette(
        named_cassette(name, beside=caller, cassette_dir=chosen), options, settings, record_mode
    )


@contextlib.contextmanager
def _volt_cassette(
    path: Path, options: Mapping[str, Any], settings: active.Settings, mode: str | None
) -> Iterator[MockServer]:
    __tracebackhide__ = True
    with playing(path, options, settings, mode) as use:
        try:
            yield use.server
            use.check()
        except Exception as error:
            if active.noted() is None:
                error.add_note(_kept_exchanges(use, path.stem))
            raise


def _kept_exchanges(use: Use, name: str) -> str:
    directory = tempfile.mkdtemp(prefix="volttools-")
    return f"last exchanges:\n{last_exchanges(use.server, Path(directory) / f'{name}.pcapng')}"


def _shown(path: Path) -> str:
    """A path as a person in the working directory would write it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
