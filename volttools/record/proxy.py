"""A relay that records, in a thread of its own.

with Proxy(to="127.0.0.1:21212", output="out.pcapng") as proxy:
    client = FastSerializer("127.0.0.1", proxy.port)
    ...
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from volttools.errors import UsageError
from volttools.faults.injector import Injector, injector_of
from volttools.faults.scenario import ScenarioLike
from volttools.hooks import Rewrite
from volttools.record.addresses import Address, address
from volttools.record.changing import FrameChanger
from volttools.record.recorder import Recorder
from volttools.record.relay import Changer, Relay, Route
from volttools.record.statistics import Snapshot
from volttools.record.topology import TopologyRewriter, places_of


class Proxy:
    """Takes connections for servers, passes on what is said, and records it.

    to         a server, or several: "HOST:PORT"
    listen     where for each of them; by default any free port of loopback
    routes     both, in the place of `to` and `listen`: with TLS
    recorder   where to record; or `output` and what else `Recorder` takes
    rewrites   functions that may change messages on the way; see `changing`
    faults, seed   what is to go wrong on the way to clients: a scenario, its file, rules, or an `Injector`, and
                   the seed of chance in the place of the scenario's; see docs/faults.md
    rewrites_topology   give clients the addresses of the listeners in the place of the servers'
    Raises UsageError where it can't listen, and what `Recorder` raises.
    """

    def __init__(
        self,
        to: str | Sequence[str] = (),
        *,
        listen: str | Sequence[str] = (),
        routes: Sequence[Route] = (),
        recorder: Recorder | None = None,
        rewrites: Sequence[Rewrite] = (),
        rewrites_topology: bool = False,
        faults: Injector | ScenarioLike | None = None,
        seed: int | None = None,
        **recording: Any,
    ) -> None:
        if recorder is not None and recording:
            raise TypeError(f"{next(iter(recording))} is the recorder's, which is given")
        self._routes = list(routes) or routes_of(to, listen)
        self._recording = recording
        self._recorder = recorder
        self._rewrites = tuple(rewrites)
        self._rewrites_topology = rewrites_topology
        self._injector = None if faults is None else injector_of(faults, seed)
        self._places: dict[tuple[str, int], int] = {}
        self._unknown: set[str] = set()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._relay: Relay | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self.addresses: list[Address] = []

    @property
    def recorder(self) -> Recorder:
        """What records."""
        assert self._recorder is not None, "the proxy has not been started"
        return self._recorder

    @property
    def faults(self) -> Injector:
        """The rules of what goes wrong, and the log. UsageError for a proxy without faults."""
        if self._injector is None:
            raise UsageError("the proxy was made without faults; give it faults=[] to add rules later")
        return self._injector

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
        assert self._relay is not None
        self._relay.tell()
        return self.recorder.snapshot()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_loop_trouble)
        self._stop = asyncio.Event()
        recorder = self.recorder
        self._relay = relay = Relay(
            self._routes,
            recorder,
            tells_first=recorder.writes_at_once,
            changer=self._make_changer if self._rewrites or self._rewrites_topology else None,
            injector=self._injector,
        )
        self.addresses = await relay.start()
        if self._rewrites_topology:
            self._places = places_of(self._routes, self.addresses)
        self._ready.set()
        await self._stop.wait()
        await relay.stop()

    def _make_changer(self, route: Route, client: tuple[str, int], here: tuple[str, int]) -> Changer:
        rewrites = list(self._rewrites)
        if self._rewrites_topology:
            rewrites.append(TopologyRewriter(self._places, here[0], self._on_unknown_node).rewrite)
        return FrameChanger(
            str(Address(*client)),
            rewrites,
            lambda error: self.recorder.failed("a message goes on as it was", error),
        )

    def _on_unknown_node(self, node: str) -> None:
        """Say once that clients will go to a node by themselves."""
        if node not in self._unknown:
            self._unknown.add(node)
            self.recorder.say(
                f"the cluster has a node at {node}, to which clients will go around the proxy: give it a"
                f" --listen and --to {node}"
            )

    def _on_loop_trouble(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Say what asyncio could not do: accept a connection, because there are too many."""
        error = context.get("exception")
        text = str(context.get("message", "")).rstrip(".")
        self.recorder.failed(text, error if isinstance(error, Exception) else UsageError(""))


def routes_of(
    to: str | Sequence[str],
    listen: str | Sequence[str],
    *,
    listen_tls: ssl.SSLContext | None = None,
    to_tls: ssl.SSLContext | None = None,
) -> list[Route]:
    """Pairs of where to listen and where to connect to. UsageError if they make no pairs.

    listen_tls, to_tls   TLS towards clients, and servers; `record.tls` makes such contexts
    """
    servers = [to] if isinstance(to, str) else list(to)
    listeners = [listen] if isinstance(listen, str) else list(listen)
    if not servers:
        raise UsageError("there is no server to connect to: give its address")
    listeners = listeners or [":0"] * len(servers)
    if len(listeners) != len(servers):
        raise UsageError(
            f"{len(listeners)} places to listen for {len(servers)} servers: give one for each, in their order"
        )
    return [
        Route(address(here), address(there), listen_tls, to_tls)
        for here, there in zip(listeners, servers, strict=True)
    ]
