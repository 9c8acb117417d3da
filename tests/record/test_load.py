"""Many calls at once, many connections in turn: through the proxy, and without it, each answer is its own,
and nothing is left behind."""

import asyncio
import contextlib
import gc
import os
import resource
import selectors
import socket
import threading

import pytest

import volttools
from tests.killing import killed_process, port_of, run_recorder
from tests.record.servers import until
from tests.requirements import require
from volttools.client import connect, connect_async
from volttools.mock import MockServer
from volttools.record import Proxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CALLS = 50_000
CONNECTIONS = 8
MANY = 1_000
ROUNDS = 3


# ------------------------------------------------------------------------ calls


def run_server(pipe):
    """In a process: a server that gives back what it gets."""
    with MockServer(max_calls=10) as server:
        server.handle("Echo", lambda call: call.params[0])
        pipe.send(server.port)
        threading.Event().wait()


def blocking(port):
    """A thread for each connection; gives what was answered to what."""
    wrong, counts = [], []

    def caller(first):
        with connect(f"127.0.0.1:{port}", signatures=False, timeout=60, connect_timeout=60) as client:
            calls = [(value, client.submit("Echo", value)) for value in range(first, CALLS, CONNECTIONS)]
            wrong.extend(value for value, call in calls if call.result().scalar() != value)
            counts.append(len(calls))

    threads = [threading.Thread(target=caller, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), wrong


def with_asyncio(port):
    """A task for each connection."""

    async def caller(first):
        async with await connect_async(
            f"127.0.0.1:{port}", signatures=False, timeout=60, connect_timeout=60
        ) as client:
            values = range(first, CALLS, CONNECTIONS)
            answers = [await client.submit("Echo", value) for value in values]
            found = [(await answer).scalar() for answer in answers]
            return len(found), [value for value, got in zip(values, found, strict=True) if value != got]

    async def main():
        return await asyncio.gather(*map(caller, range(CONNECTIONS)))

    found = asyncio.run(main())
    return sum(count for count, _ in found), [value for _, wrong in found for value in wrong]


@pytest.mark.parametrize("client", [blocking, with_asyncio])
@pytest.mark.parametrize("through_proxy", [False, True], ids=["direct", "proxy"])
def test_of_many_calls_each_answer_is_its_own(tmp_path, client, through_proxy):
    path = tmp_path / "out.pcapng"
    with contextlib.ExitStack() as running:
        _, pipe = running.enter_context(killed_process(run_server))
        port = pipe.recv()
        if through_proxy:
            arguments = ["--listen", ":0", "--to", f"127.0.0.1:{port}", "-o", str(path)]
            recorder, pipe = running.enter_context(killed_process(run_recorder, arguments))
            port = port_of(pipe)
        assert client(port) == (CALLS, [])
        if through_proxy:
            recorder.terminate()
            recorder.join()
    if through_proxy:
        with volttools.open(path) as capture:
            found = sum(
                event.invocation.parameters[0].value == event.response.tables[0].rows[0][0]
                for event in capture
            )
            assert (found, capture.summary.damage_count) == (CALLS, 0)


# ------------------------------------------------------------------------ connections


@pytest.fixture
def many_descriptors():
    """As many as may be had: each connection takes four in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    require(hard >= 5 * MANY, f"this machine allows {hard} descriptors, {5 * MANY} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def opened_and_closed(port):
    """Many blocking clients at once."""
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(
                connect(f"127.0.0.1:{port}", signatures=False, timeout=60, connect_timeout=60)
            )
            for _ in range(MANY)
        ]
        calls = [client.submit("Echo", number) for number, client in enumerate(clients)]
        assert [call.result().scalar() for call in calls] == list(range(MANY))


def opened_and_closed_with_asyncio(port):
    """Many asyncio clients at once."""

    async def one(number):
        async with await connect_async(
            f"127.0.0.1:{port}", signatures=False, timeout=60, connect_timeout=60
        ) as client:
            return (await client.call("Echo", number)).scalar()

    async def main():
        assert await asyncio.gather(*map(one, range(MANY))) == list(range(MANY))
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def tasks_in(loop):
    """How many tasks a loop of another thread has, besides the one that asks."""

    async def count():
        return len(asyncio.all_tasks()) - 1

    return asyncio.run_coroutine_threadsafe(count(), loop).result()


def resident_bytes():
    """Memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("client", [opened_and_closed, opened_and_closed_with_asyncio])
def test_a_thousand_connections_leave_nothing_behind(many_descriptors, tmp_path, client):
    with (
        MockServer(max_calls=10, max_call_bytes=1) as server,
        Proxy(to=f"127.0.0.1:{server.port}", output=str(tmp_path / "out.pcapng")) as proxy,
    ):
        server.handle("Echo", lambda call: call.params[0])
        found = []
        for _ in range(ROUNDS):
            client(proxy.port)
            until(lambda: proxy.snapshot().open == 0 and not server.connections)
            until(lambda: not proxy.recorder._disk.waiting_bytes)
            gc.collect()
            found.append(
                {
                    "descriptors": len(os.listdir("/proc/self/fd")),
                    "threads": threading.active_count(),
                    "tasks": tasks_in(proxy._loop) + tasks_in(server._loop),
                    "objects": len(gc.get_objects()),
                    "bytes": resident_bytes(),
                }
            )
        assert proxy.snapshot().connections == ROUNDS * MANY
    first, *_, last = found
    for name in ("descriptors", "threads", "tasks"):
        assert last[name] <= first[name], found
    assert last["objects"] - first["objects"] < MANY // 4, found  # of as many connections twice
    assert last["bytes"] - first["bytes"] < 10_000 * MANY, found


ANSWER = bytes(64 * 1024)
WANTED_BYTES = 4 * 2**20
"""What a server would send each client, if it could."""

SETTLED_S = 0.5
"""Nothing could be sent to anybody for so long: then all buffers on the way are full."""


def test_a_thousand_clients_that_do_not_read_cost_bounded_memory_and_hold_back_the_server(many_descriptors):
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=MANY))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
        proxy = stack.enter_context(Proxy(to=f"127.0.0.1:{listener.getsockname()[1]}"))
        writable = stack.enter_context(selectors.DefaultSelector())
        clients = []
        for _ in range(MANY):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024)
            client.connect(("127.0.0.1", proxy.port))
            clients.append(client)
            served, _ = listener.accept()
            stack.enter_context(served).setblocking(False)
            writable.register(served, selectors.EVENT_WRITE, [0])
        gc.collect()
        before = resident_bytes()
        while ready := writable.select(SETTLED_S):
            for key, _ in ready:
                with contextlib.suppress(BlockingIOError):
                    key.data[0] += key.fileobj.send(ANSWER)
                if key.data[0] >= WANTED_BYTES:
                    writable.unregister(key.fileobj)
        sent = [key.data[0] for key in writable.get_map().values()]
        assert len(sent) == MANY  # nobody got all
        assert resident_bytes() - before < MANY * 400_000
        assert proxy.snapshot().open == MANY

        clients[0].settimeout(20)
        got = 0
        while got < 2 * len(ANSWER):  # who reads gets on
            got += len(clients[0].recv(len(ANSWER)))
