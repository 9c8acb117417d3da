"""A loop that waits for what it was asked to, not for whole milliseconds."""

import asyncio
import select
import sys

import pytest

from volttools.replay.punctual import punctual_loop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is asyncio's own loop")


async def nap(seconds):
    await asyncio.sleep(seconds)


def test_it_waits_by_what_counts_in_microseconds(monkeypatch):
    waits = []

    def note(reading, writing, failing, timeout):
        waits.append(timeout)
        return reading, [], []

    monkeypatch.setattr(select, "select", note)
    with asyncio.Runner(loop_factory=punctual_loop) as runner:
        runner.run(nap(0.0007))
    assert waits, "epoll would have rounded it up to 1 ms"
    assert max(waits) <= 0.0007


def test_an_epoll_with_a_number_that_select_does_not_take_waits_all_the_same(monkeypatch):
    def too_high(*_):
        raise ValueError("filedescriptor out of range in select()")

    monkeypatch.setattr(select, "select", too_high)
    with asyncio.Runner(loop_factory=punctual_loop) as runner:
        runner.run(nap(0.0007))


def test_sockets_wake_it():
    async def echo(reader, writer):
        writer.write(await reader.readexactly(3))
        writer.close()

    async def talk():
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hey")
        found = await reader.read()
        writer.close()
        server.close()
        return found

    with asyncio.Runner(loop_factory=punctual_loop) as runner:
        assert runner.run(talk()) == b"hey"
