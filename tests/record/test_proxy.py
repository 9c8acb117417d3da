"""Real clients through the proxy: as without it, and all of it recorded."""

import socket
import threading

import pytest
import voltdbclient

from tests.record.servers import BUILD, connected, listening, received, until, volt_server
from volttools.capture.reader import open as open_capture
from volttools.errors import UsageError
from volttools.protocol.client_side import Answered, ClientSide, LoggedIn
from volttools.record import Proxy, Recorder


@pytest.fixture(scope="module")
def server():
    with volt_server() as port:
        yield port


def called(port, *values):
    """Calls of the official client; what came back."""
    client = voltdbclient.FastSerializer("127.0.0.1", port, username="ann", password="secret")
    procedure = voltdbclient.VoltProcedure(
        client, "Echo", [voltdbclient.FastSerializer.VOLTTYPE_STRING] * len(values)
    )
    found = procedure.call(list(values))
    client.close()
    return found


def test_the_official_client_sees_no_difference_and_all_is_recorded(server, tmp_path):
    path = str(tmp_path / "out.pcapng")
    straight = called(server, "a", "é")
    with Proxy(to=f"127.0.0.1:{server}", output=path) as proxy:
        through = called(proxy.port, "a", "é")
    assert (straight.status, straight.tables[0].tuples) == (through.status, through.tables[0].tuples)
    with open_capture(path) as capture:
        login, exchange = list(capture.events())
        assert capture.summary.damage_count == 0
    assert (login.request.user, login.response.build) == ("ann", BUILD)
    assert not any(login.request.password_hash)
    assert exchange.response.tables[0].rows == [(0, "a"), (1, "é")]
    assert exchange.connection.server == f"127.0.0.1:{server}"
    assert exchange.connection.closed_by == "client"


def test_every_answer_of_many_connections_is_its_own(server, tmp_path):
    path = str(tmp_path / "out.pcapng")
    failures = []

    def run(port, number):
        try:
            side = ClientSide()
            with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
                sock.sendall(side.login())
                while not any(isinstance(e, LoggedIn) for e in side.receive(sock.recv(65536))):
                    pass
                sock.sendall(b"".join(side.call(f"P{number}_{i}")[1] for i in range(50)))
                answered = 0
                while answered < 50:
                    answered += sum(isinstance(e, Answered) for e in side.receive(sock.recv(65536)))
        except Exception as error:
            failures.append(error)

    with Proxy(to=f"127.0.0.1:{server}", output=path) as proxy:
        threads = [threading.Thread(target=run, args=(proxy.port, n)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: proxy.snapshot().open == 0)
        assert proxy.snapshot().calls == 1_000
    assert not failures
    with open_capture(path) as capture:
        assert len({(e.connection.number, e.procedure) for e in capture if e.status == 1}) == 1_000
        assert capture.summary.damage_count == 0


def test_an_event_is_told_as_soon_as_it_is_known(server):
    events = []
    with Proxy(to=f"127.0.0.1:{server}", on_event=events.append) as proxy:
        called(proxy.port, "x")
        until(lambda: len(events) == 2)
        assert [event.kind for event in events] == ["login", "exchange"]


def test_a_proxy_can_be_asked_while_it_runs(server):
    with Proxy(to=f"127.0.0.1:{server}") as proxy:
        for _ in range(3):
            called(proxy.port)
        until(lambda: proxy.snapshot().open == 0)
        found = proxy.snapshot()
    assert (found.connections, found.calls, found.errors) == (3, 3, 0)
    assert proxy.snapshot().calls == 3


def test_with_writes_at_once_a_byte_is_in_the_file_before_it_arrives(tmp_path):
    path = tmp_path / "out.pcapng"
    with (
        listening() as listener,
        Proxy(to=f"127.0.0.1:{listener.getsockname()[1]}", output=str(path), writes_at_once=True) as proxy,
        connected(proxy, listener) as (client, server),
    ):
        for number in range(20):
            data = b"\xff\xff\xff\xff%08d" % number
            client.sendall(data)
            assert received(server, len(data)) == data
            assert data in path.read_bytes()


def test_several_servers_have_each_their_own_port(server):
    with volt_server() as other, Proxy(to=[f":{server}", f":{other}"]) as proxy:
        assert len(set(proxy.ports)) == 2
        for port in proxy.ports:
            assert called(port, "x").tables[0].tuples == [[0, "x"]]


@pytest.mark.parametrize(
    ("to", "listen", "message"),
    [
        ([], [], "there is no server to connect to: give its address"),
        (["a", "b"], [":1"], "1 places to listen for 2 servers: give one for each, in their order"),
    ],
)
def test_what_makes_no_pairs_is_refused(to, listen, message):
    with pytest.raises(UsageError) as caught:
        Proxy(to=to, listen=listen)
    assert str(caught.value) == message


def test_a_recorder_has_its_own_settings():
    with pytest.raises(TypeError, match="output is the recorder's, which is given"):
        Proxy(to=":1", recorder=Recorder(), output="x")


def test_a_proxy_that_was_not_started_can_be_stopped():
    Proxy(to=":1").stop()
