"""A server that speaks TLS, against Python's ssl: versions, trust, both sides."""

import ssl
import sys

import pytest

from tests.mock.wire import Wire
from volttools.errors import UsageError
from volttools.mock import MockServer, Tls

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def trusting(ca_pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ca_pem.decode())
    return context


def wire(server, context, name="localhost"):
    return Wire(server, wrap=lambda plain: context.wrap_socket(plain, server_hostname=name))


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_authority_calls(version, name):
    with MockServer(tls=True) as server:
        server.handle("P", 5)
        context = trusting(server.ca_pem)
        context.minimum_version = context.maximum_version = version
        with wire(server, context, name) as client:
            assert client.socket.version() == version.name.replace("_", ".")
            client.log_in()
            assert client.call("P").tables[0].rows == [(5,)]


def test_a_client_that_does_not_is_no_concern_of_others():
    with MockServer(tls=True) as server:
        stranger = ssl.create_default_context()
        with pytest.raises(ssl.SSLCertVerificationError):
            wire(server, stranger)
        with wire(server, trusting(server.ca_pem)) as client:
            assert client.log_in().connection_id == 1


def test_a_version_can_be_refused():
    with MockServer(tls=Tls(versions=(TLS_1_2, TLS_1_2))) as server:
        context = trusting(server.ca_pem)
        context.minimum_version = TLS_1_3
        with pytest.raises((ssl.SSLError, ConnectionError)):
            wire(server, context)


def test_a_plain_log_in_on_a_tls_port_ends_the_connection():
    with MockServer(tls=True) as server, Wire(server) as client:
        client.send(client.side.login())
        client.rest()
        assert server.connections == []


def test_a_hello_of_tls_on_a_plain_port_ends_the_connection():
    with MockServer() as server, pytest.raises((ssl.SSLError, ConnectionError)):
        wire(server, ssl.create_default_context())


def test_clients_can_be_asked_for_a_certificate():
    with MockServer(tls=Tls(ask_clients=True)) as server:
        context = trusting(server.ca_pem)
        context.maximum_version = TLS_1_2  # 1.3 tells a client when it reads, not in the handshake
        with pytest.raises((ssl.SSLError, ConnectionError)):
            wire(server, context)
        context = trusting(server.ca_pem)
        server.issue_certificate("app").load_into(context)
        with wire(server, context) as client:
            assert client.log_in().accepted


def test_files_of_certificates_are_used(tmp_path):
    with MockServer(tls=True) as other:
        certificate = other.issue_certificate("localhost")
        (tmp_path / "ca.pem").write_bytes(other.ca_pem)
        (tmp_path / "cert.pem").write_bytes(certificate.certificate_pem)
        (tmp_path / "key.pem").write_bytes(certificate.key_pem)
        context = trusting(other.ca_pem)
    tls = Tls(certfile=tmp_path / "cert.pem", keyfile=tmp_path / "key.pem", client_ca=tmp_path / "ca.pem")
    certificate.load_into(context)
    with MockServer(tls=tls) as server:
        with wire(server, context) as client:
            assert client.log_in().accepted
        with pytest.raises(UsageError, match="the server has made no authority: it does with tls=True"):
            _ = server.ca_pem


def test_files_that_are_no_certificates_are_named(tmp_path):
    (tmp_path / "empty.pem").write_bytes(b"")
    with pytest.raises(UsageError, match=r"can't use .*empty.pem as certificate and key: "):
        MockServer(tls=Tls(certfile=tmp_path / "empty.pem"))
    with pytest.raises(UsageError, match=r"can't use .*none.pem as certificate and key: No such file"):
        MockServer(tls=Tls(certfile=tmp_path / "none.pem"))
    with pytest.raises(UsageError, match=r"can't use .*none.pem as authorities of clients: No such file"):
        MockServer(tls=Tls(client_ca=tmp_path / "none.pem"))
    with pytest.raises(UsageError, match=r"the key none.pem needs its certificate"):
        Tls(keyfile="none.pem")


def test_without_cryptography_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.delitem(sys.modules, "volttools.certificates", raising=False)
    message = r'pip install "volttools\[tls\]", or give certfile and keyfile'
    with pytest.raises(UsageError, match=message):
        MockServer(tls=True)


def test_a_handshake_that_stalls_ends_with_the_time_for_the_log_in():
    with MockServer(tls=True, login_timeout_s=0.05) as server, Wire(server) as client:
        assert client.rest() == b""
