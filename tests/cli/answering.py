"""A server for tests of the commands that call one."""

import contextlib
import socket

import pytest

from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, DECIMAL, INTEGER, STRING, VARBINARY
from volttools.mock import MockServer

VOTES = Table.of([("ID", BIGINT), ("NAME", STRING), ("SUM", DECIMAL)], [(5, "Ann", None), (6, "", None)])


@contextlib.contextmanager
def answering(**settings):
    """A server with some procedures; `where` has its address."""
    with MockServer(**settings) as server:
        server.where = f"{server.host}:{server.port}"
        server.handle("Votes", lambda call: VOTES, types=[BIGINT, STRING])
        server.handle("Store", lambda call: None, types=[DECIMAL, VARBINARY])
        server.handle("Two", lambda call: [VOTES, Table.of([("N", INTEGER)], [(7,)])])
        server.handle("Refuse", refuse)
        server.handle("@AdHoc", lambda call: VOTES)
        yield server


def refuse(call):
    return Response(status=-1, status_string="no such\nvoter", app_status=7, app_status_string="try again")


@pytest.fixture
def server(monkeypatch, tmp_path):
    """The server, in a working directory and an environment without what could change it."""
    for name in ("HOST", "USER", "PASSWORD"):
        monkeypatch.delenv(f"VOLTTOOLS_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    with answering() as server:
        yield server


@contextlib.contextmanager
def silent():
    """The address of one who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def nobody():
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"
