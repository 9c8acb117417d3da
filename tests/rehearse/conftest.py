import pytest

from tests.rehearse.shop import recorded_in


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    return recorded_in(tmp_path_factory.mktemp("shop"))


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    """The evidence goes there."""
    monkeypatch.chdir(tmp_path)
