"""Two servers of the example, and what clients did on the old one."""

import contextlib
import runpy

from tests.requirements import ROOT
from volttools.client.connection_settings import ConnectionSettings
from volttools.compare import Rules, Settings
from volttools.mock import MockServer

EXAMPLE = runpy.run_path(str(ROOT / "examples" / "rehearse.py"))
open_shop, record = EXAMPLE["open_shop"], EXAMPLE["record"]


def settings_of(server):
    return ConnectionSettings.of((server.host, server.port), environment={})


def where(server):
    return f"{server.host}:{server.port}"


def settings(rules="", **more):
    """Times don't count, as the machine may be busy."""
    return Settings(rules=Rules.from_text(rules), examples=5, latency=False, **more)


@contextlib.contextmanager
def shops(*are_new):
    """Servers, each as it was or as it is after the upgrade."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(MockServer(max_calls=100_000)) for _ in are_new]
        for server, is_new in zip(servers, are_new, strict=True):
            open_shop(server, is_new=is_new)
        yield servers


def recorded_in(directory):
    """A day of the old shop, on a server that is gone."""
    path = str(directory / "shop.pcapng")
    with shops(False) as (server,):
        record(server, path)
    return path


def sent(server):
    """What was called, but for the server's own procedures."""
    return [call.procedure for call in server.calls if not call.procedure.startswith("@")]
