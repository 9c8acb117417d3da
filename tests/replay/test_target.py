"""What is asked of the target before anything is sent to it."""

import pytest

from volttools.client.connection_settings import Address, ConnectionSettings
from volttools.errors import CallFailed, UsageError
from volttools.mock import MockServer
from volttools.replay.safety import Nature
from volttools.replay.target import check_target, fetch_catalog


@pytest.mark.parametrize("target", [Address("127.0.0.1", 21212), Address("localhost", 21212)])
def test_the_server_that_was_recorded_is_refused_by_any_name(target):
    with pytest.raises(UsageError, match=r"is the server that was recorded.*--allow-recorded-target"):
        check_target({"127.0.0.1:21212", "[::1]:21212"}, [Address("127.0.0.1", 1), target])


@pytest.mark.parametrize(
    "target", [Address("127.0.0.1", 21213), Address("127.0.0.2", 21212), Address("no such", 1)]
)
def test_others_are_not(target):
    check_target({"127.0.0.1:21212"}, [target])


def test_the_catalog_tells_what_writes():
    with MockServer() as server:
        server.handle("Get", 1, read_only=True)
        server.handle("Put", 1)
        catalog, build = fetch_catalog(ConnectionSettings.of((server.host, server.port)))
    assert [catalog.nature(name, None) for name in ("Get", "Put")] == [Nature.READ, Nature.WRITE]
    assert build.startswith("11.4")


def test_a_target_without_a_catalog_is_one_sentence():
    with MockServer() as server:
        server.handle("@SystemCatalog", lambda call: [])
        with pytest.raises(CallFailed, match="so it isn't known what writes"):
            fetch_catalog(ConnectionSettings.of((server.host, server.port)))
