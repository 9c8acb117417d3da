"""Runs of pytest with the plugin, in a process or by itself, and a server that stands for the real one."""

import importlib.metadata
import sys

import pytest

from tests.requirements import ROOT
from volttools.cassettes import load
from volttools.mock import MockServer

IS_INSTALLED = any(
    entry.value == "volttools.pytest_plugin" for entry in importlib.metadata.entry_points(group="pytest11")
)
PLUGIN = "volttools" if IS_INSTALLED else "volttools.pytest_plugin"

CALLS = """
    import pytest

    @pytest.mark.volt_cassette
    @pytest.mark.parametrize("number", [4, 5])
    def test_double(volt_client, number):
        assert volt_client.call("Double", number).scalar() == 2 * number
"""


class Modules:
    """What inner runs import. They would take it along when they end, and it would be imported a second time:
    cryptography can't be, and classes would be others of the same name."""

    def __init__(self):
        self.kept = {}

    def pytest_unconfigure(self, config):
        for name, module in sys.modules.items():
            if not (getattr(module, "__file__", None) or "").startswith(str(config.rootpath)):
                self.kept[name] = module

    def put_back(self):
        for name, module in self.kept.items():
            sys.modules.setdefault(name, module)


@pytest.fixture(autouse=True)
def modules():
    """Set up before pytester, and so torn down behind it."""
    modules = Modules()
    yield modules
    modules.put_back()


@pytest.fixture
def run(modules, pytester, monkeypatch):
    """Runs pytest with these options, and gives its result."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others cost more than all the rest

    def run(*options, in_process=True):
        xdist = ["-p", "xdist"] if "-n" in options else []
        options = ["-p", PLUGIN, "-p", "no:cacheprovider", *xdist, *options]
        if not in_process:
            return pytester.runpytest_subprocess(*options)
        result = pytester.runpytest_inprocess(*options, plugins=[modules])
        modules.put_back()
        return result

    return run


@pytest.fixture
def real(monkeypatch):
    """The real server."""
    with MockServer(users={"op": "secret"}) as server:
        server.handle("Double", lambda call: call.params[0] * 2)
        monkeypatch.setenv("VOLTTOOLS_USER", "op")
        monkeypatch.setenv("VOLTTOOLS_PASSWORD", "secret")
        yield server


@pytest.fixture
def record(run, real):
    """Runs pytest so that it records from the real server."""

    def record(mode, *options):
        return run(f"--volt-record={mode}", f"--volt-server={real.host}:{real.port}", *options)

    return record


def recorded(path):
    return [
        interaction.params[0]
        for interaction in load(path, must_exist=True)
        if interaction.procedure == "Double"
    ]


def calls_of(real):
    return sum(call.procedure == "Double" for call in real.calls)
