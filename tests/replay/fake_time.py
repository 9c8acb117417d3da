"""Time that passes only when somebody waits or works, and a target in memory: so that lag can be counted exactly."""

import asyncio
import selectors

import pytest

from volttools.client.connection_settings import Address, ConnectionSettings
from volttools.codec import build, parse
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginResponse
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import FrameBuffer, framed
from volttools.replay import connections
from volttools.replay.connections import Target
from volttools.replay.driver import Replay

LOGGED_IN = framed(
    build(LoginResponse(host_id=0, connection_id=1, cluster_start=0, leader_address=0, build="b"))
)


class Clock:
    """ns that have passed. `works(ns)`: nothing else can be done so long."""

    def __init__(self):
        self.ns = 1_000_000_000

    def now(self):
        return self.ns

    def works(self, ns):
        self.ns += ns


class _Selector(selectors.DefaultSelector):
    """Waits by letting the clock's time pass."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def select(self, timeout=None):
        assert timeout is not None, "it would wait for ever"
        self.clock.ns += max(0, round(timeout * 1e9))
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock):
        super().__init__(_Selector(clock))
        self.clock = clock

    def time(self):
        return self.clock.ns / 1e9


class MemoryTarget:
    """Answers each call `latency_ns(first parameter)` after it came; `came`: when, and that parameter."""

    def __init__(self, clock, latency_ns):
        self.clock = clock
        self.latency_ns = latency_ns
        self.came = []
        self.open = self.most_open = 0

    async def open_connection(self, connection, address, timeout, ssl_context):
        connection.connection_made(_Wire(connection, self))
        await connection.log_in()


class _Wire(asyncio.Transport):
    def __init__(self, connection, target):
        super().__init__({"sockname": Address("127.0.0.1", 1), "peername": Address("127.0.0.1", 2)})
        self.connection, self.target = connection, target
        self.buffer = FrameBuffer(2**20)
        self.is_logged_in = self.is_closed = False
        target.open += 1
        target.most_open = max(target.most_open, target.open)

    def is_closing(self):
        return self.is_closed

    def close(self):
        self.target.open -= not self.is_closed
        self.is_closed = True
        self.connection.loop.call_soon(self.connection.connection_lost, None)

    abort = close

    def write(self, data):
        loop = self.connection.loop
        for body in self.buffer.feed(data):
            if not self.is_logged_in:
                self.is_logged_in = True
                loop.call_soon(self.connection.data_received, LOGGED_IN)
                continue
            call = parse(Invocation, body)
            first = call.parameters[0].value
            self.target.came.append((self.target.clock.ns, first))
            answer = framed(build(Response(client_handle=call.client_handle)))
            loop.call_later(self.target.latency_ns(first) / 1e9, self.connection.data_received, answer)


def replay(monkeypatch, plan, schedule, *, clock, latency_ns=lambda first: 1_000_000, most_in_flight=100, on_loop=None, on_replay=lambda found: None, **more):  # fmt: skip
    """Replay a plan in the time of the clock; gives the replay, and what came at the target."""
    target = MemoryTarget(clock, latency_ns)
    monkeypatch.setattr(connections, "open_connection", target.open_connection)
    settings = ConnectionSettings.of(("127.0.0.1", 2))
    found = Replay(
        schedule.calls(plan),
        schedule.connection_count(plan),
        Target(settings.addresses, settings.login, most_in_flight=most_in_flight),
        order=schedule.order,
        timeout=None,
        now=clock.now,
        **more,
    )

    on_replay(found)

    async def run():
        if on_loop is not None:
            on_loop(asyncio.get_running_loop())
        await found.run()

    with asyncio.Runner(loop_factory=lambda: _Loop(clock)) as runner:
        runner.run(run())
    found.target = target
    return found, target.came


def about(ns):
    """A time, but for what floats in between make of it."""
    return pytest.approx(ns, abs=1_000)
