"""MockServer: a server in this process, for blocking tests and for asyncio."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from volttools.errors import UsageError
from volttools.faults.injector import Injector, injector_of
from volttools.faults.scenario import ScenarioLike
from volttools.mock.answering import Answering, Recorded
from volttools.mock.calls import Journal
from volttools.mock.control.answers import AddedAnswers
from volttools.mock.declaring import Declaring
from volttools.mock.engine import Engine
from volttools.mock.kerberos import Kerberos
from volttools.mock.listening import admin_ports_of, places_of
from volttools.mock.logins import Doorkeeper, Refusal, check_refusal
from volttools.mock.matching import Match
from volttools.mock.misses import told_beside
from volttools.mock.nodes import Cluster, Node
from volttools.mock.passed import Passed
from volttools.mock.passthrough import Passthrough
from volttools.mock.schema.reader import read_schema
from volttools.mock.service import Service
from volttools.mock.system import Facts, System
from volttools.mock.tested import Tested
from volttools.mock.tls import Tls, TlsSide
from volttools.mock.topology import Topology, new_ring
from volttools.protocol.partitioning import RING_TOKENS

if TYPE_CHECKING:
    from volttools.capture.keylogs import KeyLogLike
    from volttools.cassettes import BeforeRecord, Cassette, RecordMode
    from volttools.certificates import Authority, Certificate
    from volttools.mock.control.listener import Control
    from volttools.mock.recorded import Latency, OnExhausted, Recording

_T = TypeVar("_T")

DEFAULT_BUILD = "11.4.0.beta1_volttools-mock"


class MockServer(Tested, Declaring):
    """A server that real clients believe.

        with MockServer() as server: ...          # in a thread of its own
        async with MockServer() as server: ...    # in the running event loop

    host, port        where it listens; port 0 takes a free one. Several nodes have ports in a row, or with
                      a host each all the same port
    admin_port        where administrators connect, of the first node; 0 takes a free one, None: nowhere
    users             {"op": "secret"}: only they are let in; None: everybody, as with security off
    kerberos          a `Kerberos`: how log-ins with the service "kerberos" are taken
    recording         answers of captures, for what has no handler; see `from_capture`
    cassette          a cassette, or its path: answers, and what is recorded (docs/cassettes.md)
    record_mode       "none", "once", "new_episodes", "all"; with `passthrough`
    before_record     functions that may change or drop what is about to be recorded
    match             a `Match`: which calls are the same as recorded ones
    on_exhausted      what a call gets that comes more often than recorded: "repeat" the last answer, or "fail"
    latency           of recorded answers: "none", "recorded", or a factor
    passthrough       "host:21212", or a `Passthrough`: where calls go that nothing here answers
    strict            calls without an answer raise UnmatchedCalls when the server is closed
    schema            DDL as text, or the path of a file of it (docs/schema.md)
    engine            an `Engine`: what runs SQL, which the mock doesn't by itself
    nodes             how many nodes the cluster has; each has an address, and knows the others
    partitions        how many the topology has; the recording's, or one a node
    k_factor          copies of each partition beside the first; 1 where there are several nodes
    host_id           of the first node
    ring_tokens       on the ring of the topology; fewer make answers smaller
    tick_s            seconds from one look at the topology to the next, where a change is pushed
    election_s        seconds after a node's loss in which calls of what it led are dropped
    tls               True, or a `Tls`: the port speaks TLS from the first byte
    build             the build string, or the recording's; what stands before its "_" is the version
    login_timeout_s   how long a log-in may take; then the connection ends
    hangup_timeout_s  how long a client may leave its answers unread; then the connection ends
    faults            what is to go wrong: a scenario, its file, rules, or an `Injector`; see docs/faults.md
    seed              of chance in faults, in the place of the scenario's
    max_calls         how many calls are kept in `calls`; at most `max_call_bytes` of them, and as many bytes
                      of what passed, for `save`
    control_port      where programs in any language control it, over HTTP (docs/control.md); 0 takes a free
                      port, None: nowhere
    control_host      the address of that; other machines reach it if it isn't loopback
    """

    def __init__(
        self,
        *,
        host: str | Sequence[str] = "127.0.0.1",
        port: int = 0,
        admin_port: int | None = None,
        users: Mapping[str, str] | None = None,
        tls: Tls | bool = False,
        kerberos: Kerberos | None = None,
        recording: Recording | None = None,
        cassette: Cassette | str | Path | None = None,
        record_mode: RecordMode | str = "none",
        before_record: BeforeRecord | Iterable[BeforeRecord] = (),
        match: Match | None = None,
        on_exhausted: OnExhausted = "repeat",
        latency: Latency = "none",
        passthrough: Passthrough | str | None = None,
        strict: bool = False,
        schema: str | Path | None = None,
        engine: Engine | None = None,
        nodes: int = 1,
        partitions: int | None = None,
        k_factor: int | None = None,
        host_id: int = 0,
        ring_tokens: int = RING_TOKENS,
        tick_s: float = 5.0,
        election_s: float = 0.25,
        build: str | None = None,
        login_timeout_s: float = 30.0,
        hangup_timeout_s: float = 30.0,
        faults: Injector | ScenarioLike | None = None,
        seed: int | None = None,
        max_calls: int = 10_000,
        max_call_bytes: int = 64 * 2**20,
        control_port: int | None = None,
        control_host: str = "127.0.0.1",
    ) -> None:
        recorded = Recorded(
            recording=recording,
            cassette=cassette,
            record_mode=record_mode,
            before_record=before_record,
            match=match,
            on_exhausted=on_exhausted,
            latency=latency,
        )
        self._answering = Answering(
            recorded, passthrough, strict=strict, declarations=read_schema(schema), engine=engine
        )
        recording = self._answering.recording
        self.faults = injector_of(faults, seed)
        self._added = AddedAnswers()
        self._control: Control | None = None
        self._control_wanted = None if control_port is None else (control_host, control_port)
        self._journal = Journal(max_calls, max_call_bytes)
        self._passed = Passed(max_call_bytes)
        self._doorkeeper = Doorkeeper(users)
        wanted = places_of(host, port, nodes)
        self._tls = _tls_side(tls, wanted[0][0])
        build = build or (recording and recording.build) or DEFAULT_BUILD
        started_ns = time.time_ns()
        topology = Topology.of(
            new_ring(
                nodes if partitions is None and nodes > 1 else partitions,
                ring_tokens,
                recorded=None if recording is None else recording.ring,
            ),
            first_host_id=host_id,
            nodes=nodes,
            k_factor=k_factor,
        )
        facts = Facts(
            topology=topology,
            procedures=self._answering.procedures,
            counters=self._answering.counters,
            gate=self._answering.gate,
            build=build,
            started_ns=started_ns,
            now_ns=time.time_ns,
            hosts=lambda connection: self._cluster.facts(connection.host_id, connection.local),
            connections=lambda: self._journal.connections,
            push_procedures=self._push_procedures,
            shut_down=lambda: self._cluster.shut_down(),
            users=tuple(users or ()),
            engine=engine,
        )
        self._system = System(
            facts,
            {
                "@StopNode": lambda call: self._cluster.stop_by_call(call),
                "@PrepareStopNode": lambda call: self._cluster.prepare_stop_by_call(call),
            },
        )

        sources = [*self._answering.checks(self._system), self._added, *self._answering.sources(self._system)]

        def new_service(host_id: int) -> Service:
            return Service(
                host_id=host_id,
                doorkeeper=self._doorkeeper,
                procedures=self._answering.procedures,
                counters=self._answering.counters,
                system=self._system,
                journal=self._journal,
                sources=sources,
                passed=self._passed,
                kerberos=kerberos,
                build=build,
                started_ms=started_ns // 10**6,
                login_timeout_s=login_timeout_s,
                hangup_timeout_s=hangup_timeout_s,
                refusal=self._cluster.refusal,
                node_down=self._cluster.go_down,
                injector=self.faults,
                ssl_context=None if self._tls is None else self._tls.context,
            )

        self._cluster = Cluster(
            topology,
            new_service,
            wanted,
            admin_ports=admin_ports_of(host, admin_port, nodes),
            tick_s=tick_s,
            election_s=election_s,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None
        self._is_running = False

    def __repr__(self) -> str:
        where = f" at {self.host}:{self.port}" if self._is_running else ", not running"
        return f"<mock server{where}>"

    @classmethod
    def from_capture(
        cls,
        *files: str | Path,
        keylog: KeyLogLike | None = None,
        match: Match | None = None,
        on_exhausted: OnExhausted = "repeat",
        latency: Latency = "none",
        **given: Any,
    ) -> Self:
        """A server that answers as recorded, in captures or cassettes; `given` as for the class.

        A call with the same procedure and parameters gets the bytes of the recorded response, in
        the order of the calls. Handlers come first. @SystemInformation
        OVERVIEW, @Statistics TOPO, @GetPartitionKeys, @Ping and @Subscribe are this server's own,
        or clients would go to the recorded one; the hash ring is the recorded one.
        Raises CaptureError for what is no capture, UsageError for one without answers.
        """
        from volttools.mock.recorded import Recording  # reading captures takes a while to import

        recording = Recording.of(
            *files, match=match, on_exhausted=on_exhausted, latency=latency, keylog=keylog
        )
        return cls(recording=recording, **given)

    # ------------------------------------------------------------ life

    def start(self) -> Self:
        """Listen, in a thread with an event loop; UsageError if the address can't be had."""
        self._check_fresh()
        started: threading.Event = threading.Event()
        failures: list[BaseException] = []
        self._thread = threading.Thread(
            target=self._run, args=(started, failures), name="volttools mock server", daemon=True
        )
        self._thread.start()
        started.wait()
        if failures:
            self.close()
            raise failures[0]
        try:
            self._start_control()
        except UsageError:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End it: no connection, task, thread or descriptor is left. May be called again.

        Writes the cassette, if something was recorded. UnmatchedCalls if the server is strict.
        """
        thread = self._thread
        if thread is threading.current_thread():
            raise UsageError("a handler can't close its own server: that would wait for itself")
        if thread is None:
            return
        self._close_control()
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        thread.join()
        self._answering.finish()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with told_beside(error):
            self.close()

    async def __aenter__(self) -> Self:
        self._check_fresh()
        self._loop = asyncio.get_running_loop()
        self._cluster.start()
        self._is_running = True
        try:
            self._start_control()
        except UsageError:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._close_control)  # what it is doing may wait for this loop
        await self._stop()
        self._is_running = False
        with told_beside(error):
            self._answering.finish()

    async def _stop(self) -> None:
        await self._cluster.stop()
        await self._answering.close()

    def _start_control(self) -> None:
        if self._control_wanted is not None:
            from volttools.mock.control.listener import Control  # not needed by most

            self._control = Control(self, *self._control_wanted)

    def _close_control(self) -> None:
        if self._control is not None:
            self._control.close()

    def _check_fresh(self) -> None:
        if self._loop is not None or self._thread is not None:
            raise UsageError("this server has been started already; make another one")

    def _run(self, started: threading.Event, failures: list[BaseException]) -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:
            failures.append(error)
        finally:
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._cluster.start()
        self._is_running = True
        started.set()
        try:
            await self._stopping.wait()
        finally:
            self._is_running = False
            await self._stop()

    # --------------------------------------------------------- address

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, of the first node; UsageError before it was started."""
        return self.nodes[0].address

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.address[1]

    @property
    def nodes(self) -> list[Node]:
        """All nodes, up or down."""
        return self._cluster.nodes

    @property
    def control_url(self) -> str:
        """Where it is controlled over HTTP: "http://127.0.0.1:40123"."""
        if self._control is None:
            raise UsageError("nothing controls the server: it needs control_port, and to be started")
        return self._control.url

    @property
    def topology(self) -> Topology:
        """Partitions, who leads them, and the ring, as clients are told."""
        return self._cluster.topology

    @property
    def ca_pem(self) -> bytes:
        """The authority that a client has to trust, as PEM; made on the spot."""
        return self._authority().ca_pem

    def issue_certificate(self, *names: str) -> Certificate:
        """A certificate of the server's authority, for a client: (certificate_pem, key_pem)."""
        return self._authority().issue(*(names or ("client",)))

    def _authority(self) -> Authority:
        if self._tls is None or self._tls.authority is None:
            raise UsageError("the server has made no authority: it does with tls=True")
        return self._tls.authority

    # --------------------------------------------------------- log-ins

    @property
    def added(self) -> AddedAnswers:
        """Answers that were added while it ran, over HTTP; they come before handlers."""
        return self._added

    def refuse_logins(self, refusal: Refusal) -> None:
        """Refuse log-ins from now on: with a status (LOGIN_STATUS; 1 is the byte of a full server),
        "hang" or "close"."""
        check_refusal(refusal)
        self._doorkeeper.refusal = refusal

    def accept_logins(self) -> None:
        """Let clients in again."""
        self._doorkeeper.refusal = None

    @property
    def login_refusal(self) -> Refusal | None:
        """How log-ins are refused; None: they aren't."""
        return self._doorkeeper.refusal

    def push_topology(self) -> None:
        """Send the topology to all connections that subscribed."""
        self._in_loop(lambda: self._cluster.push("topology", self._cluster.topology.tables))

    def push_procedures(self) -> None:
        """Send the list of procedures to all connections that subscribed."""
        self._in_loop(self._push_procedures)

    def _push_procedures(self) -> None:
        self._cluster.push("procedures", lambda: [self._system.procedures_table()])

    def _procedures_changed(self) -> None:
        if self._is_running:
            self.push_procedures()

    # ----------------------------------------------------------- nodes

    def stop_node(self, node: int) -> None:
        """A node of this index dies: its connections end, new ones are refused. Calls in flight to what it
        led are answered with -7 (reads of several partitions with -8), others lead, and at the next tick
        subscribers get the topology. Where too few are left, the rest end themselves soon after."""
        self._in_loop(lambda: self._cluster.lose(self._node(node)))

    def start_node(self, node: int) -> int:
        """It comes back at its address; its new host id. It leads again some ticks later."""
        return self._in_loop(lambda: self._cluster.bring_back(self._node(node)))

    def move_leader(self, partition: int, host_id: int) -> None:
        """Let another host lead a partition; UsageError if it has no copy."""
        self._in_loop(lambda: self._cluster.move_leader(partition, host_id))

    def tick(self) -> None:
        """Do now what is done every `tick_s`: push a topology that has changed, or spread the leaders."""
        self._in_loop(self._cluster.tick)

    def _node(self, index: int) -> Node:
        if not 0 <= index < len(self.nodes):
            raise UsageError(f"there is no node {index}: nodes are 0 .. {len(self.nodes) - 1}")
        return self.nodes[index]

    def disconnect(self) -> None:
        """End all connections, as a server that dies; new ones are still taken."""
        self._in_loop(self._cluster.disconnect)

    # -------------------------------------------------------- the loop

    def _is_in_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _in_loop(self, action: Callable[[], _T]) -> _T:
        """Do something in the server's event loop, and wait for it where that isn't this one."""

        async def act() -> _T:
            return action()

        if self._loop is None or not self._is_running:
            raise UsageError("the server is not running")
        if self._is_in_loop():
            return action()
        return asyncio.run_coroutine_threadsafe(act(), self._loop).result()


def _tls_side(tls: Tls | bool, host: str) -> TlsSide | None:
    if tls is False:
        return None
    return TlsSide(Tls() if tls is True else tls, host)
