"""The asyncio client."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys

import pytest

from tests.client.contract import ClientContract
from tests.client.server import WELCOME, Server, echo
from tests.client.tls import contexts
from tests.requirements import ROOT
from volttools.client import connect_async
from volttools.errors import CallTimeout, CannotConnect, ConnectionLost
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.notation import Opaque


class Turned:
    """An AsyncClient behind the blocking client's methods."""

    def __init__(self, runner, client):
        self._runner, self._client = runner, client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def call(self, *arguments, **options):
        return self._runner.run(self._client.call(*arguments, **options))

    def submit(self, *arguments, **options):
        return self._runner.run(self._client.submit(*arguments, **options))

    def result(self, future):
        async def wait():
            return await future

        return self._runner.run(wait())

    def parameter_slots(self, *arguments):
        return self._runner.run(self._client.parameter_slots(*arguments))

    def subscribe(self):
        self._runner.run(self._client.subscribe())

    def close(self):
        self._runner.run(self._client.close())

    def events(self, **options):
        events = self._client.events(**options)
        with contextlib.suppress(StopAsyncIteration):
            while True:
                yield self._runner.run(anext(events))


@contextlib.contextmanager
def connected(target, **options):
    with asyncio.Runner() as runner:
        address = target.address if isinstance(target, Server) else target
        client = Turned(runner, runner.run(connect_async(address, **options)))
        try:
            yield client
        finally:
            client.close()


class TestContract(ClientContract):
    def connect(self, target, **options):
        return connected(target, **options)


def run(main, **options):
    """Run main(client, server) against an echo."""

    async def with_server():
        with Server(**options) as server:
            async with await connect_async(server.address, signatures=False) as client:
                await main(client, server)

    asyncio.run(with_server())


def test_calls_of_one_turn_are_written_together():
    async def main(client, server):
        results = await asyncio.gather(*[client.call("P", number) for number in range(100)])
        assert [result.scalar() for result in results] == list(range(100))
        assert len(server.reads) < 10

    run(main)


def test_a_cancelled_call_leaves_the_connection_usable():
    async def main(client, server):
        task = asyncio.create_task(client.call("Never", 1))
        while not client.in_flight:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.in_flight == 0
        assert (await client.call("P", 2)).scalar() == 2

    run(main, answer=lambda invocation: None if invocation.procedure == "Never" else echo(invocation))


def test_a_cancelled_future_costs_nothing_but_its_answer():
    async def main(client, server):
        first, second = await client.submit("P", 1), await client.submit("P", 2)
        first.cancel()
        assert (await second).scalar() == 2
        assert client.in_flight == 0

    run(main)


def test_a_message_is_called_as_it_is():
    seen = []

    def answer(invocation):
        seen.append(invocation)
        return echo(invocation)

    async def main(client, server):
        invocation = Invocation(
            version=2,
            procedure="P",
            client_handle=77,
            extensions=[Extension(type=5, payload=3)],
            parameters=Opaque(b"\0\1\6\0\0\0\0\0\0\0\5"),
        )
        result = await client.call_invocation(invocation)
        assert result.scalar() == 5
        assert (seen[-1].version, seen[-1].extensions[0].payload) == (2, 3)
        assert seen[-1].client_handle == result.response.client_handle

    run(main, answer=answer)


def test_asyncio_s_own_timeout_works_as_well():
    async def main(client, server):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.call("P")
        assert client.in_flight == 0

    run(main, answer=lambda _: None)


def test_a_call_that_gets_no_turn_was_not_sent():
    async def main():
        with Server(lambda _: None) as server:
            async with await connect_async(server.address, signatures=False, max_in_flight=1) as client:
                first = await client.submit("First", timeout=30)
                with pytest.raises(CallTimeout) as caught:
                    await client.call("Second", timeout=0.05)
                assert str(caught.value) == (
                    f"Second: 1 calls are in flight to {server.address}, and it had no turn within 0.05 s;"
                    " it was not sent"
                )
                assert not caught.value.may_have_run
                waiting = asyncio.create_task(client.call("Third", timeout=30))
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.wait([waiting])
                first.cancel()
        assert [call.procedure for call in server.invocations] == ["First"]

    asyncio.run(main())


def test_a_server_that_does_not_read_holds_calls_back():
    async def main():
        reads = asyncio.Event()

        def stuck(connection, request):
            connection.send(connection.side.accept(WELCOME))
            asyncio.run_coroutine_threadsafe(reads.wait(), loop).result()

        loop = asyncio.get_running_loop()
        with Server(login=stuck) as server:
            async with await connect_async(server.address, signatures=False) as client:
                made = 0
                data = bytes(2**20)
                futures = []
                with contextlib.suppress(CallTimeout):
                    while made < 100:
                        futures.append(await client.submit("P", data, timeout=0.2))
                        made += 1
                assert made < 100
                await asyncio.wait(futures)
                assert all(isinstance(future.exception(), CallTimeout) for future in futures)
                reads.set()
                assert (await client.call("P", 5, timeout=30)).scalar() == 5

    asyncio.run(main())


def test_the_catalog_is_asked_once_by_all_who_need_it():
    async def main():
        with Server() as server:
            async with await connect_async(server.address) as client:
                await asyncio.gather(*[client.call("P", number) for number in range(10)])
        assert [call.procedure for call in server.invocations].count("@SystemCatalog") == 1

    asyncio.run(main())


def test_tls_carries_calls_of_any_size_and_no_record_ends_behind_a_length():
    async def main():
        ours, theirs = contexts()
        with Server(ssl_context=ours) as server:
            address = f"localhost:{server.port}"
            async with await connect_async(address, ssl_context=theirs, signatures=False) as client:
                calls = [client.call("P", number, "x" * 5_000) for number in range(20)]
                results = await asyncio.gather(*calls, client.call("P", 20, "x" * 100_000))
                assert [result.scalar() for result in results] == list(range(21))
        assert max(map(len, server.reads)) <= 16384
        assert all(len(read) != 4 for read in server.reads)
        with (
            Server() as server,
            pytest.raises(
                CannotConnect, match="the server closed the connection during the TLS handshake: a plain port"
            ),
        ):
            await connect_async(server.address, ssl_context=theirs, connect_timeout=60)
        with (
            Server(ssl_context=ours) as server,
            pytest.raises(CannotConnect, match=r"is not for the address 127\.0\.0\.1"),
        ):
            await connect_async(f"127.0.0.1:{server.port}", ssl_context=theirs)

    asyncio.run(main())


def test_nothing_is_left_behind_by_a_loop_that_ends_with_calls_in_flight():
    async def main():
        with Server(lambda _: None) as server:
            client = await connect_async(server.address)
            future = await client.submit("@Ping")
            await client.close()
            assert isinstance(future.exception(), ConnectionLost)
            assert repr(client) == f"<asyncio client of {server.address}: closed>"
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@contextlib.contextmanager
def echo_process():
    """The benchmarks' server: in a process of its own, for thousands of connections."""
    command = [sys.executable, "-m", "benchmarks.echo_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            yield int(server.stdout.readline())
        finally:
            server.stdin.close()


@pytest.mark.slow
def test_a_thousand_connections_three_times_leave_nothing_behind():
    async def once(port):
        clients = await asyncio.gather(
            *[connect_async(("127.0.0.1", port), connect_timeout=60, signatures=False) for _ in range(1000)]
        )
        results = await asyncio.gather(*[client.call("P", 1) for client in clients])
        assert all(result.status == 1 for result in results)
        await asyncio.gather(*[client.close() for client in clients])

    async def main():
        with echo_process() as port:
            counts = []
            for _ in range(3):
                await once(port)
                gc.collect()
                counts.append((len(os.listdir("/proc/self/fd")), len(gc.get_objects())))
            assert asyncio.all_tasks() == {asyncio.current_task()}
        (first_open, first_objects), _, (last_open, last_objects) = counts
        assert last_open == first_open
        assert last_objects < first_objects + 1000

    asyncio.run(main())


@pytest.mark.slow
def test_fifty_thousand_calls_of_eight_connections_each_get_their_own_answer():
    async def main():
        with Server() as server:
            clients = [await connect_async(server.address, signatures=False) for _ in range(8)]
            numbers = await asyncio.gather(*[numbered(client, 6_250) for client in clients])
            assert numbers == [list(range(6_250))] * 8
            for client in clients:
                await client.close()

    async def numbered(client, count):
        answers = [await client.submit("P", number) for number in range(count)]
        return [(await answer).scalar() for answer in answers]

    asyncio.run(main())
