"""A relay that records, in a thread of its own.

with Proxy(to="127.0.0.1:21212", output="out.pcapng") as proxy:
    client = FastSerializer("127.0.0.1", proxy.port)
    ...
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from volttools.errors import UsageError
from volttools.record.addresses import Address, address
from volttools.record.recorder import Recorder
from volttools.record.relay import Changer, Relay, Route
from volttools.record.statistics import Snapshot

_T = TypeVar("_T")


class Proxy:
    """Takes connections for servers, passes on what is said, and records it.

    to         a server, or several: "HOST:PORT"
    listen     where for each of them; by default any free port of loopback
    routes     both, in the place of `to` and `listen`: with TLS
    recorder   where to record; or `output` and what else `Recorder` takes
    changer    makes what changes the bytes of a connection
    Raises UsageError where it can't listen, and what `Recorder` raises.
    """

    def __init__(
        self,
        to: str | Sequence[str] = (),
        *,
        listen: str | Sequence[str] = (),
        routes: Sequence[Route] = (),
        recorder: Recorder | None = None,
        changer: Callable[[Route], Changer] | None = None,
        **recording: Any,
    ) -> None:
        if recorder is not None and recording:
            raise TypeError(f"{next(iter(recording))} is the recorder's, which is given")
        self._routes = list(routes) or routes_of(to, listen)
        self._recording = recording
        self._recorder = recorder
        self._changer = changer
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self.addresses: list[Address] = []

    @property
    def recorder(self) -> Recorder:
        """What records."""
        assert self._recorder is not None, "the proxy has not been started"
        return self._recorder

    @property
    def port(self) -> int:
        """Where the first server can be reached."""
        return self.addresses[0].port

    @property
    def ports(self) -> list[int]:
        """Where each server can be reached."""
        return [found.port for found in self.addresses]

    def start(self) -> Self:
        """Listen."""
        if self._recorder is None:
            self._recorder = Recorder(**self._recording)
        self._thread = threading.Thread(target=self._run, name="volttools proxy", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            self._recorder.close()
            raise self._failure
        return self

    def stop(self) -> None:
        """End all connections, and write what was recorded."""
        if self._thread is None or not self._thread.is_alive():
            return
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self.recorder.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def snapshot(self) -> Snapshot:
        """The statistics of this moment."""
        if self._thread is None or not self._thread.is_alive() or self._loop is None:
            return self.recorder.snapshot()
        return asyncio.run_coroutine_threadsafe(self._snapshot(), self._loop).result()

    async def _snapshot(self) -> Snapshot:
        return self.recorder.snapshot()

    def _run(self) -> None:
        try:
            asyncio.run(self._relay())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _relay(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_loop_trouble)
        self._stop = asyncio.Event()
        recorder = self.recorder
        relay = Relay(self._routes, recorder, tells_first=recorder.writes_at_once, changer=self._changer)
        self.addresses = await relay.start()
        self._ready.set()
        await self._stop.wait()
        await relay.stop()

    def _on_loop_trouble(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Say what asyncio could not do: accept a connection, because there are too many."""
        error = context.get("exception")
        text = str(context.get("message", "")).rstrip(".")
        self.recorder.failed(text, error if isinstance(error, Exception) else UsageError(""))


def routes_of(to: str | Sequence[str], listen: str | Sequence[str]) -> list[Route]:
    """Pairs of where to listen and where to connect to. UsageError if they make no pairs."""
    servers = [to] if isinstance(to, str) else list(to)
    listeners = [listen] if isinstance(listen, str) else list(listen)
    if not servers:
        raise UsageError("there is no server to connect to: give its address")
    listeners = listeners or [":0"] * len(servers)
    if len(listeners) != len(servers):
        raise UsageError(
            f"{len(listeners)} places to listen for {len(servers)} servers: give one for each, in their order"
        )
    return [Route(address(here), address(there)) for here, there in zip(listeners, servers, strict=True)]
