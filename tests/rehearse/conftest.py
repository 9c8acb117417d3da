import pytest

from tests.rehearse.shop import record, shops


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """A day of the old shop, on a server that is gone."""
    path = str(tmp_path_factory.mktemp("shop") / "shop.pcapng")
    with shops(False) as (server,):
        record(server, path)
    return path


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    """The evidence goes there."""
    monkeypatch.chdir(tmp_path)
