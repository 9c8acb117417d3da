"""What a tap writes, and what happens when it can't. What both clients record is in the contract."""

import subprocess
import sys

import pytest

import volttools
from tests.client.server import WELCOME, Server
from tests.requirements import ROOT
from volttools.client import connect
from volttools.client.connection_settings import Address
from volttools.client.tap import Tap
from volttools.codec import build
from volttools.errors import CannotConnect, UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginRequest
from volttools.formats.response import Response
from volttools.protocol.events import Direction
from volttools.protocol.frame_buffer import framed

KILLED = """
import os, sys
from volttools.client import connect
client = connect(sys.argv[1], tap=sys.argv[2], signatures=False)
for number in range(20):
    client.call("P", number)
client.submit("Sent", 1)
client.flush()
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("name", ["tap.pcapng", "tap.dump", "tap.jsonl", "tap.frames", "tap.hex"])
def test_a_kill_loses_nothing(tmp_path, name):
    path = tmp_path / name
    with Server() as server:
        subprocess.run([sys.executable, "-c", KILLED, server.address, str(path)], cwd=ROOT, check=False)
    if name in ("tap.frames", "tap.hex"):
        assert path.stat().st_size > 20 * 80
        return
    with volttools.open(path) as capture:
        found = [event for event in capture.events() if event.kind == "exchange"]
    assert [event.procedure for event in found if event.status is not None] == ["P"] * 20
    if name != "tap.jsonl":  # an exchange is written there when it is over
        assert [event.procedure for event in found][20:] == ["Sent"]


def test_connections_follow_one_another_in_one_file(tmp_path):
    def rejoining(connection, request):
        connection.send(connection.side.refuse(4))

    for name in ("tap.dump", "tap.pcapng"):
        path = tmp_path / name
        with (
            Server(login=rejoining) as first,
            Server() as second,
            connect([first.address, second.address], tap=path) as client,
        ):
            client.call("@Ping")
        with volttools.open(path) as capture:
            events = list(capture.events())
        assert [event.kind for event in events] == ["login", "login", "exchange"]
        assert [event.response.accepted for event in events[:2]] == [False, True]


def test_a_connection_that_fails_leaves_its_tap_closed_and_readable(tmp_path):
    path = tmp_path / "tap.pcapng"

    def garbage(connection, request):
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Server(login=garbage) as server, pytest.raises(CannotConnect):
        connect(server.address, tap=path)
    with volttools.open(path) as capture:
        assert {event.kind for event in capture.events()} == {"login", "damage"}
    assert b"HTTP/1.1 400" in path.read_bytes()


def test_a_name_that_tells_no_format_and_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match=r"tap\.txt: its name doesn't tell its format"):
        connect("localhost:1", tap=tmp_path / "tap.txt")
    with pytest.raises(UsageError, match=r"No such file or directory: the tap can't be written there"):
        connect("localhost:1", tap=tmp_path / "none" / "tap.dump")


def test_a_callback_that_fails_stops_the_tap_and_no_call():
    def fails(exchange):
        raise ValueError("no")

    with Server() as server, connect(server.address, tap=fails, signatures=False) as client:
        with pytest.warns(RuntimeWarning, match=r"the tap to .* has stopped: ValueError\('no'\)"):
            client.call("P", 1)
        assert client.call("P", 2).scalar() == 2


def test_a_disk_that_is_full_stops_the_tap_and_no_call(monkeypatch, tmp_path):
    with Server() as server, connect(server.address, tap=tmp_path / "t.dump", signatures=False) as client:

        def full(steps, events):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(client._tap._file, "write", full)
        with pytest.warns(RuntimeWarning, match="No space left on device"):
            client.call("P", 1)
        assert client.call("P", 2).scalar() == 2


def test_what_passed_before_is_recorded_with_its_times_and_what_is_gone_as_a_hole(tmp_path):
    path = tmp_path / "x.pcapng"
    call = framed(build(Invocation(procedure="P", client_handle=5)))
    answer = framed(build(Response(client_handle=5)))
    tap = Tap(path)
    watched = tap.watch(Address("127.0.0.1", 1), Address("127.0.0.1", 2), is_tls=False, time_ns=1_000)
    watched.sent(
        framed(build(LoginRequest(version=1, hash_scheme=1, user="", password_hash=bytes(32)))), 2_000
    )
    watched.received(framed(build(WELCOME)), 3_000)
    watched.forgotten(Direction.CLIENT, 500, 4_000)
    watched.sent(call, 5_000)
    watched.received(answer, 9_000)
    watched.ended(by_server=False, was_reset=False, time_ns=10_000)
    tap.close()
    with volttools.open(path) as capture:
        login, *others = capture.events()
    (exchange,) = [event for event in others if event.kind == "exchange"]
    assert (login.time_ns, exchange.time_ns, exchange.latency_ns) == (2_000, 5_000, 4_000)
    assert [event.what for event in others if event.kind == "damage"] == ["snap length"]
