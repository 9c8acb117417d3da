import pytest

from volttools.mock import MockServer, Tls
from volttools.testing.connected import connected


@pytest.fixture(autouse=True)
def _environment_of_a_real_server(monkeypatch, tmp_path):
    (tmp_path / "profiles.toml").write_text('[default]\nhosts = "db1"\nuser = "real"\npassword = "x"\n')
    (tmp_path / "profiles.toml").chmod(0o600)
    monkeypatch.setenv("VOLTTOOLS_PROFILES", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("VOLTTOOLS_TLS", "true")


def test_nothing_of_the_environment_is_used():
    with MockServer() as server, connected(server) as client:
        client.call("@Ping")
        assert [connection.user for connection in server.connections] == [""]


def test_the_first_user_logs_in():
    users = {"op": "secret", "other": "x"}
    with MockServer(users=users) as server, connected(server, users) as client:
        client.call("@Ping")
        assert [connection.user for connection in server.connections] == ["op"]


@pytest.mark.parametrize("tls", [True, Tls()])
def test_a_server_with_tls_is_trusted(tls):
    with MockServer(tls=tls) as server, connected(server) as client:
        client.call("@Ping")
