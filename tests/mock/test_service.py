"""What the connections of a server share: many of them, and their end together."""

import socket

from tests.mock.wire import connected
from volttools.mock import MockServer


def test_hundreds_of_connections_are_served_side_by_side():
    with MockServer() as server:
        server.handle("P", lambda call: call.connection.id)
        wires = [connected(server) for _ in range(300)]
        for number, wire in enumerate(wires, 1):
            wire.start("P")
            assert wire.event().response.tables[0].rows == [(number,)]
        assert [connection.id for connection in server.connections] == list(range(1, 301))
        for wire in wires:
            wire.socket.close()
        assert server.wait_until(lambda: not server.connections)


def test_a_server_can_lose_its_connections_and_take_new_ones():
    with MockServer() as server, connected(server) as wire:
        server.disconnect()
        assert wire.rest() == b""
        with connected(server) as again:
            assert again.call("@Ping").status == 1


def test_it_listens_on_ipv6_as_well():
    with MockServer(host="::1") as server:
        with socket.create_connection(server.address) as client:
            assert client.getpeername()[:2] == ("::1", server.port)
        with connected(server) as wire:
            rows = wire.call("@SystemInformation").tables[0].rows
            assert (0, "IPADDRESS", "::1") in rows
