"""TLS on either side, or both; what is recorded is what was said inside."""

import socket
import ssl
import stat

import pytest
import trustme

from tests.record.servers import until, volt_server
from volttools.capture.reader import open as open_capture
from volttools.errors import UsageError
from volttools.protocol.client_side import Answered, ClientSide, LoggedIn
from volttools.record import Proxy
from volttools.record.proxy import routes_of
from volttools.record.tls import (
    CA_FILE,
    KEY_FILE,
    client_context,
    default_folder,
    own_context,
    server_context,
)


@pytest.fixture(scope="module")
def server_tls(tmp_path_factory):
    """A server's context, and the file of its CA."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return context, str(path)


def called(port, context=None):
    """The status of a call."""
    side = ClientSide()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        sock = plain if context is None else context.wrap_socket(plain, server_hostname="localhost")
        with sock:
            sock.sendall(side.login())
            events = []
            while not any(isinstance(event, LoggedIn) for event in events):
                events += side.receive(sock.recv(65536))
            sock.sendall(side.call("Echo")[1])
            while not any(isinstance(event, Answered) for event in events):
                data = sock.recv(65536)
                assert data
                events += side.receive(data)
    return events[-1].response.status


@pytest.mark.parametrize("clients_speak_tls", [False, True])
@pytest.mark.parametrize("server_speaks_tls", [False, True])
def test_calls_go_through_and_are_recorded_as_they_were_meant(
    server_tls, tmp_path, clients_speak_tls, server_speaks_tls
):
    context, ca = server_tls
    path = str(tmp_path / "out.pcapng")
    own, ca_file = own_context([], tmp_path / "ca")
    with volt_server(tls=context if server_speaks_tls else None) as port:
        routes = routes_of(
            f"localhost:{port}",
            [],
            listen_tls=own if clients_speak_tls else None,
            to_tls=client_context(ca_file=ca) if server_speaks_tls else None,
        )
        with Proxy(routes=routes, output=path) as proxy:
            trusting = ssl.create_default_context(cafile=str(ca_file)) if clients_speak_tls else None
            assert called(proxy.port, trusting) == 1
            until(lambda: proxy.snapshot().open == 0)
            assert not proxy.recorder.trouble
    with open_capture(path) as capture:
        assert [(e.procedure, e.status, e.connection.is_tls) for e in capture] == [("Echo", 1, False)]
        assert capture.summary.damage_count == 0


def test_a_server_that_is_not_trusted_is_not_spoken_to(server_tls):
    context, _ = server_tls
    with volt_server(tls=context) as port:
        routes = routes_of(f"localhost:{port}", [], to_tls=client_context())
        with Proxy(routes=routes) as proxy, pytest.raises(OSError):  # noqa: PT011
            called(proxy.port)
        assert proxy.recorder.trouble[0].startswith(f"can't connect to localhost:{port}: TLS: ")
        routes = routes_of(f"localhost:{port}", [], to_tls=client_context(insecure=True))
        with Proxy(routes=routes) as proxy:
            assert called(proxy.port) == 1


def test_the_ca_is_made_once_and_its_key_is_its_owners(tmp_path):
    folder = tmp_path / "new"
    for _ in range(2):
        context, ca = own_context(["db.example", "10.0.0.7", "0.0.0.0"], folder)
        assert context.cert_store_stats() is not None
        first = ca.read_bytes()
    assert ca.read_bytes() == first
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"no key", None])
def test_a_folder_with_something_else_is_said(tmp_path, content):
    own_context([], tmp_path)
    if content is None:
        (tmp_path / CA_FILE).write_bytes(b"no certificate")
    else:
        (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        own_context([], tmp_path)
    assert (
        str(caught.value) == f"{tmp_path} holds no CA of the proxy's: delete {CA_FILE} and {KEY_FILE} there"
    )


def test_a_folder_that_can_not_be_made_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="it is to hold the proxy's CA"):
        own_context([], tmp_path / "file" / "folder")


def test_files_that_are_no_certificates_are_said(tmp_path):
    path = tmp_path / "x.pem"
    path.write_bytes(b"nothing")
    for make in (lambda: client_context(ca_file=str(path)), lambda: server_context(str(path))):
        with pytest.raises(UsageError, match=r"x\.pem can't be used for TLS: it is to hold"):
            make()
    with pytest.raises(UsageError, match=r"none\.pem: No such file or directory"):
        server_context(str(tmp_path / "none.pem"))


def test_the_folder_is_where_such_data_goes(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert str(default_folder()) == "/data/volttools"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/ann")
    assert str(default_folder()) == "/home/ann/.local/share/volttools"
