"""Connections to the target, which come back."""

import asyncio

import pytest

from volttools.client.connection_settings import ConnectionSettings
from volttools.errors import CannotConnect, LoginRefused
from volttools.mock import MockServer
from volttools.replay.connections import Line, State, Target
from volttools.replay.troubles import Trouble


def target(*servers, **more):
    settings = ConnectionSettings.of(
        [(server.host, server.port) for server in servers], user="ann", password="sesame"
    )
    return Target(settings.addresses, settings.login, **more)


def line(target, *, index=0, said=None):
    def take(trouble, number, error):
        if said is not None:
            said.append((trouble, number, error))

    return Line(index, target, on_change=lambda line: None, on_trouble=take)


async def opened(line, *, is_patient=False):
    line.open(is_patient=is_patient)
    await line.opened()
    return line


def test_a_line_is_opened_once_and_closed():
    async def run():
        with MockServer() as server:
            found = await opened(line(target(server)))
            assert (found.state, found.may_send) == (State.UP, True)
            await opened(found)
            assert server.connection_count == 1
            await found.close(1.0)
            assert (found.state, found.may_send, found.losses) == (State.CLOSED, False, 0)

    asyncio.run(run())


def test_lines_are_dealt_to_the_nodes_in_turn():
    async def run():
        with MockServer() as one, MockServer() as other:
            lines = [await opened(line(target(one, other), index=index)) for index in range(4)]
            assert (one.connection_count, other.connection_count) == (2, 2)
            for each in lines:
                await each.close(1.0)

    asyncio.run(run())


@pytest.mark.parametrize("is_patient", [False, True])
def test_who_is_refused_gives_up_at_once(is_patient):
    async def run():
        with MockServer(users={"bob": "x"}) as server:
            found = await opened(line(target(server, reconnect_s=60.0)), is_patient=is_patient)
            assert found.state is State.GONE
            assert isinstance(found.error, LoginRefused)
            await found.close(1.0)

    asyncio.run(run())


def test_who_is_patient_tries_for_a_while():
    async def run():
        with MockServer() as server:
            pass
        said = []
        found = await opened(line(target(server, reconnect_s=0.15), said=said), is_patient=True)
        assert found.state is State.GONE
        assert isinstance(found.error, CannotConnect)
        assert said == [(Trouble.GIVEN_UP, 1, found.error)]

    asyncio.run(run())


def test_who_is_closed_tries_no_more():
    async def run():
        with MockServer() as server:
            pass
        found = line(target(server, reconnect_s=3600.0))
        found.open(is_patient=True)
        await asyncio.sleep(0)
        await found.close(1.0)
        assert found.state is State.CLOSED
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
