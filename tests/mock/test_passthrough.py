"""A real server behind the mock one; here another mock plays it."""

import socket

import pytest

from tests.mock.wire import connected
from volttools.formats.invocation import Extension
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT, STRING
from volttools.mock import MockServer, Passthrough


@pytest.fixture
def real():
    with MockServer(users={"mock": "secret"}) as server:
        server.handle("Double", lambda call: call.params[0] * 2, types=(BIGINT,))
        server.handle("Fail", Response(status=-9, status_string="not today", app_status=3))
        yield server


def to(real, **given):
    return Passthrough(target=f"{real.host}:{real.port}", user="mock", password="secret", **given)


def test_a_miss_goes_to_the_real_server(real):
    with MockServer(passthrough=to(real)) as server, connected(server) as wire:
        server.handle("Own", 1)
        assert wire.call("Own").tables[0].rows == [(1,)]
        assert wire.call("Double", 4).tables[0].rows == [(8,)]
        failed = wire.call("Fail")
        assert (failed.status, failed.status_string, failed.app_status) == (-9, "not today", 3)
        assert wire.call("None").status_string.startswith("Procedure None was not found")
        names = [row[2] for row in wire.call("@SystemCatalog", "PROCEDURES").tables[0].rows]
    assert [call.procedure for call in real.calls] == ["Double", "Fail", "None", "@SystemCatalog"]
    assert names == ["Double", "Fail"]
    assert server.misses == []


def test_what_is_about_the_node_stays_here(real):
    with MockServer(passthrough=to(real)) as server, connected(server) as wire:
        rows = wire.call("@SystemInformation").tables[0].rows
        assert (0, "CLIENTPORT", str(server.port)) in rows
        wire.call("@Ping")
    assert real.calls == []


def test_calls_go_on_as_they_came_over_one_connection(real):
    with MockServer(passthrough=to(real)) as server, connected(server) as one, connected(server) as two:
        one.call("Double", Parameter.of(BIGINT, 1), extensions=[Extension(type=5, payload=3)])
        two.call("Double", Parameter.of(STRING, "x"))
        first, second = real.calls
        assert len(real.connections) == 1
    assert (first.invocation.version, first.invocation.extensions[0].payload) == (2, 3)
    assert second.invocation.parameters[0].type == STRING.code


def test_many_in_flight_are_answered_each_with_its_own(real):
    with MockServer(passthrough=to(real)) as server, connected(server) as wire:
        numbers = {wire.start("Double", number): number for number in range(200)}
        for _ in range(200):
            event = wire.event()
            assert event.response.tables[0].rows == [(2 * numbers[event.client_handle],)]


def test_a_handler_may_ask_for_it(real):
    with MockServer(passthrough=to(real)) as server, connected(server) as wire:

        @server.procedure("Double")
        async def doubled(*params):
            raise AssertionError

        async def ask(call):
            return await call.default()

        server.handle("Double", ask)
        assert wire.call("Double", 4).tables[0].rows == [(8,)]


def test_a_server_that_is_lost_is_asked_again_when_it_is_back(real):
    with MockServer(passthrough=to(real)) as server, connected(server) as wire:
        wire.call("Double", 1)
        real.disconnect()
        answers = [wire.call("Double", 2) for _ in range(2)]
        assert answers[-1].tables[0].rows == [(4,)]


def test_one_that_is_not_there_is_said_to_the_client():
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with MockServer(passthrough=address) as server, connected(server) as wire:
        response = wire.call("Double", 1)
    assert response.status == -3
    assert response.status_string.startswith(f"Double was passed on to {address}, in vain: ")


def test_wrong_credentials_are_said_and_never_shown(real):
    wrong = Passthrough(target=f"{real.host}:{real.port}", user="mock", password="hunter2")
    with MockServer(passthrough=wrong) as server, connected(server) as wire:
        text = wire.call("Double", 1).status_string
    assert "in vain" in text
    assert "hunter2" not in text + repr(wrong)
