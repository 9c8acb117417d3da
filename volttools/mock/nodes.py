"""The nodes of a mock server: listening, going down, coming back, and telling those who subscribed.

Lives in one event loop. What follows a loss is what a real cluster of three was seen to do; its times are
settings, so that tests needn't wait for them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from volttools.errors import UsageError
from volttools.formats.response import GRACEFUL_FAILURE, PUSH_HANDLES, RESPONSE_UNKNOWN, TXN_RESTART, Response
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.listening import listens, listens_no_more
from volttools.mock.overview import HostFacts
from volttools.mock.service import Service
from volttools.mock.topology import ClusterLost, Topology

END_S = 0.5
"""So long the nodes that are left of a lost cluster go on before they end themselves."""

STOP_S = 0.02
"""So long after @StopNode is answered the node is gone."""

RETRY_S = 0.1
"""So long after its port could not be had a node tries again to come back."""

_DROPPED_TEXT = (
    "Transaction dropped due to change in mastership. It is possible the transaction was committed"
)
_RESTARTED_TEXT = (
    "VOLTDB ERROR: TRANSACTION RESTART Transaction being restarted due to fault recovery or shutdown."
)
_WILDCARDS = ("0.0.0.0", "::")


class Node:
    """One node. `index` stays with its address; `host_id` is new each time that it comes back."""

    def __init__(
        self,
        cluster: Cluster,
        index: int,
        host_id: int,
        wanted: tuple[str, int],
        admin_port: int | None = None,
    ) -> None:
        self.index = index
        self.host_id = host_id
        self.started_ms = 0
        self.service: Service | None = None
        self._cluster = cluster
        self._wanted = wanted
        self._address: tuple[Any, ...] | None = None
        self._admin: Service | None = None
        self._admin_port = admin_port

    def __repr__(self) -> str:
        where = f" on {self.host}:{self.port}" if self._address else ""
        return f"<node {self.index}, host {self.host_id}{where}: {'up' if self.is_up else 'down'}>"

    @property
    def is_up(self) -> bool:
        """Whether it listens."""
        return self.service is not None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, also while it is down; UsageError before it was started."""
        if self._address is None:
            raise UsageError("the server listens nowhere yet: use it in a with block, or start() it")
        return self._address[0], self._address[1]

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.address[1]

    @property
    def admin_port(self) -> int | None:
        """Where administrators connect, too; None: nowhere."""
        return self._admin_port

    @property
    def services(self) -> list[Service]:
        """Of its ports, while it is up."""
        return [service for service in (self.service, self._admin) if service is not None]

    def start(self) -> None:
        """Listen; UsageError if that can't be."""
        service = self._cluster.new_service(self.host_id)
        self._address = service.start(*(self._wanted if self._address is None else self.address))
        self.service = service
        listens(*self.address)
        if self._admin_port is not None:
            admin = self._cluster.new_service(self.host_id)
            admin.connection_ids = service.connection_ids
            admin.is_admin = True
            self._admin_port = admin.start(self.host, self._admin_port)[1]
            listens(self.host, self._admin_port)
            self._admin = admin
        self.started_ms = time.time_ns() // 10**6

    def forget(self) -> None:
        """It won't come back."""
        if self._address is not None:
            listens_no_more(*self.address)
            if self._admin_port is not None:
                listens_no_more(self.host, self._admin_port)

    def halt(self) -> list[Service]:
        """Close all sockets at once; what were the node's services, whose tasks may not have ended yet."""
        services = self.services
        self.service = self._admin = None
        for service in services:
            service.halt()
        return services


class Cluster:
    """Nodes with one topology.

    new_service  (host id) -> what serves the connections of a node
    tick_s       seconds between two looks at whether the topology is to be pushed
    admin_ports  of each node; None: it has none
    election_s   seconds after a loss in which calls of what the lost node led are dropped
    """

    def __init__(
        self,
        topology: Topology,
        new_service: Callable[[int], Service],
        wanted: list[tuple[str, int]],
        *,
        admin_ports: list[int] | None = None,
        tick_s: float,
        election_s: float,
    ) -> None:
        self.topology = topology
        self.new_service = new_service
        self.is_lost = False
        self.nodes = [
            Node(self, index, host_id, address, None if admin_ports is None else admin_ports[index])
            for index, (host_id, address) in enumerate(zip(topology.hosts, wanted, strict=True))
        ]
        self._tick_s, self._election_s = tick_s, election_s
        self._electing: list[int | None] = []
        self._is_changed = self._is_unbalanced = False
        self._timers: set[asyncio.TimerHandle] = set()
        self._ended: list[Service] = []

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Let all nodes listen, or none; UsageError where one can't."""
        try:
            for node in self.nodes:
                node.start()
        except UsageError:
            self._halt_all()
            raise
        if len(self.nodes) > 1:
            self._later(self._tick_s, self._tick_again)

    async def stop(self) -> None:
        """End every connection, task and timer."""
        for timer in self._timers:
            timer.cancel()
        self._halt_all()
        for service in self._ended:
            await service.stop()
        for node in self.nodes:
            node.forget()

    def services(self) -> list[Service]:
        """Of the nodes that are up."""
        return [service for node in self.nodes for service in node.services]

    def disconnect(self) -> None:
        """End every connection; the nodes go on."""
        for service in self.services():
            service.disconnect()

    # --------------------------------------------------------- changes

    def lose(self, node: Node) -> None:
        """A node dies: its connections end, its port refuses, and what was in flight to it fails elsewhere.

        Where what is left can't go on, it answers @Ping for END_S more and then ends itself.
        """
        if not node.is_up:
            raise UsageError(f"node {node.index} is down already")
        led = [number for number in range(self.topology.partitions) if self._is_led_by(number, node)]
        was_initiator = self._is_led_by(None, node)
        self._halt(node)
        try:
            self.topology.lose(node.host_id)
        except ClusterLost:
            self._end()
            return
        self._is_changed = True
        affected: list[int | None] = [*led, None] if was_initiator else [*led]
        self._electing += affected
        self._later(self._election_s, lambda: self._elected(affected))
        for service in self.services():
            service.settle_calls(lambda call: self._fate(call, affected))

    def bring_back(self, node: Node) -> int:
        """A node comes back at its address, with the new host id that is given."""
        if node.is_up:
            raise UsageError(f"node {node.index} is up already")
        if self.is_lost:
            raise UsageError("the cluster is lost: too few nodes were left. Make another one")
        host_id = node.host_id = self.topology.next_host_id
        node.start()
        self.topology.rejoin()
        self._is_changed = self._is_unbalanced = True
        return host_id

    def go_down(self, host_id: int, for_s: float | None) -> None:
        """What the fault node-down does: a node is lost, and comes back after so many seconds.

        Where it is the only one, it comes back as it was: nobody is left to whom it would be new.
        """
        node = self._node_of(host_id)
        if node is None:
            return
        is_alone = len(self.nodes) == 1
        if is_alone:
            self._halt(node)
        else:
            self.lose(node)

        def come_back() -> None:
            if node.is_up or self.is_lost:
                return
            try:
                if is_alone:
                    node.start()
                else:
                    self.bring_back(node)
            except UsageError:  # somebody else has its port: perhaps not for long
                self._later(RETRY_S, come_back)

        if for_s is not None:
            self._later(for_s, come_back)

    def move_leader(self, partition: int, host_id: int) -> None:
        """Let another host lead a partition."""
        self.topology.move_leader(partition, host_id)
        self._is_changed = True

    def shut_down(self) -> None:
        """@Shutdown: new calls are answered no more, and END_S later all connections end."""
        self._end()

    def stop_by_call(self, call: Call) -> Response:
        """@StopNode: a node goes, if the cluster can do without it."""
        wrong = _wrong_host_id(call)
        if wrong is not None:
            return failure(GRACEFUL_FAILURE, wrong)
        (host_id,) = call.params
        node = self._node_of(host_id)
        if node is None:
            return failure(GRACEFUL_FAILURE, f"Invalid Host Id or Host Id not member of cluster: {host_id}")
        reason = None
        if self.topology.k_factor == 0:
            reason = "Stopping individual nodes is only allowed on a K-safe cluster."
        elif not self.topology.can_lose(host_id):
            reason = "Cluster doesn't have enough replicas."
        if reason is not None:
            text = f"It's unsafe to shutdown node {host_id}. Cannot stop the requested node. {reason}"
            return failure(GRACEFUL_FAILURE, f"{text} Use shutdown to stop the cluster.")
        self._later(STOP_S, lambda: self.lose(node) if node.is_up else None)
        return Response(status_string="SUCCESS")

    def prepare_stop_by_call(self, call: Call) -> Response:
        """@PrepareStopNode: a node leads no more, as far as others can."""
        host_id: Any = call.params[0] if call.params else None
        if _wrong_host_id(call) is not None or self._node_of(host_id) is None:
            return failure(GRACEFUL_FAILURE, f"@PrepareStopNode: {host_id} is not valid.")
        if self.topology.k_factor == 0:
            text = "Stopping individual nodes is only allowed on a K-safe cluster"
            return failure(GRACEFUL_FAILURE, f"@PrepareStopNode: {text}")
        self.topology.resign(host_id)
        self._is_changed = True
        return Response(status_string="SUCCESS")

    def tick(self) -> None:
        """What happens every `tick_s`: push a topology that changed; spread the leaders some time after a
        node's return, to be pushed the next time."""
        if self._is_changed:
            self._is_changed = False
            self.push("topology", self.topology.tables)
        elif self._is_unbalanced:
            self._is_unbalanced = False
            self._is_changed = self.topology.balance()

    def push(self, name: str, tables: Callable[[], list[Any]]) -> None:
        """Send a push to all who subscribed at a node that is up."""
        response = Response(client_handle=PUSH_HANDLES[name], tables=tables())
        for service in self.services():
            service.push(response)

    # ---------------------------------------------------------- asking

    def facts(self, asked: int, local: tuple[Any, ...]) -> list[HostFacts]:
        """The nodes that are up, for a client that asked this host at that address: that one comes first."""
        living = sorted(
            (node for node in self.nodes if node.is_up),
            key=lambda node: (node.host_id != asked, node.host_id),
        )
        return [
            HostFacts(
                host_id=node.host_id,
                host=local[0] if node.host_id == asked or node.host in _WILDCARDS else node.host,
                port=node.port,
                admin_port=-1 if node.admin_port is None else node.admin_port,
                started_ms=node.started_ms,
            )
            for node in living
        ]

    def refusal(self, call: Call) -> Response | None:
        """What answers a call that came while its leader is not known."""
        if self._electing and call.procedure[:1] != "@" and call.partition in self._electing:
            return failure(RESPONSE_UNKNOWN, _DROPPED_TEXT)
        return None

    # ---------------------------------------------------------- within

    def _node_of(self, host_id: Any) -> Node | None:
        return next((node for node in self.nodes if node.is_up and node.host_id == host_id), None)

    def _is_led_by(self, partition: int | None, node: Node) -> bool:
        return self.topology.leader(partition) == node.host_id

    def _fate(self, call: Call, affected: list[int | None]) -> Response | None:
        """What becomes of a call in flight at a node that lives on; None: nothing happens to it."""
        if call.partition in affected:
            return failure(RESPONSE_UNKNOWN, _DROPPED_TEXT)
        if call.partition is None and call.is_read_only:
            return failure(TXN_RESTART, _RESTARTED_TEXT)
        return None

    def _elected(self, affected: list[int | None]) -> None:
        for partition in affected:
            self._electing.remove(partition)

    def _end(self) -> None:
        self.is_lost = True
        for service in self.services():
            service.is_dying = True
        self._later(END_S, self._halt_all)

    def _halt_all(self) -> None:
        for node in self.nodes:
            self._halt(node)

    def _halt(self, node: Node) -> None:
        self._ended = [*(ended for ended in self._ended if ended.is_serving), *node.halt()]

    def _tick_again(self) -> None:
        self.tick()
        self._later(self._tick_s, self._tick_again)

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        def act() -> None:
            self._timers.discard(timer)
            action()

        timer = asyncio.get_running_loop().call_later(seconds, act)
        self._timers.add(timer)


def _wrong_host_id(call: Call) -> str | None:
    """What a server says of parameters that are no host id."""
    if not call.params:
        return "@StopNode must provide hostId"
    if len(call.params) == 1 and isinstance(call.params[0], int):
        return None
    kind = "java.lang.String" if isinstance(call.params[0], str) else type(call.params[0]).__name__
    return f"@StopNode must have one Integer parameter specified. Provided type was {kind}"
