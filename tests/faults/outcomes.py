"""What clients see of each kind: a row a kind, for mock server and proxy, blocking and asyncio alike.

A row says what connecting, the first call and the second call come to, as patterns: "ok", a value, or
an error's class and text.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field

from tests.client.test_aio import connected as connected_async
from tests.record.servers import until
from volttools.client import connect
from volttools.errors import VoltToolsError
from volttools.faults.catalog import KINDS
from volttools.faults.kinds import AT_CALLS

SHORT_S = 0.15
LONG_S = 60.0
"""How long a client waits where nothing comes, and where something does."""

LOST = "ConnectionLost: Vote: the call may have run"
NOT_SENT = "ConnectionLost: Vote: it was not sent"
LATE = "CallTimeout: Vote: no answer from .* within"
CLOSED = "CannotConnect: .* the server closed the connection instead of answering the log-in"
CLOSED_TLS = "CannotConnect: .* TLS"
SILENT = "CannotConnect: .* (within 0.15 s|the TLS handshake in time)"
GONE = "CannotConnect: .* nothing listens there|CannotConnect: .* reset"


@dataclass(frozen=True, kw_only=True)
class Row:
    keys: dict = field(default_factory=dict)
    login: str = "ok"
    first: str = "1"
    second: str = "2"
    events: tuple[str, ...] = ()
    again: str = "ok"
    tls: bool = False


# fmt: off
ROWS = {
    "connect-reset":  Row(login="CannotConnect: .* (closed the connection|reset|Connect call failed)"),
    "connect-close":  Row(login="CannotConnect: .* (closed the connection|reset)"),
    "connect-stall":  Row(login=SILENT),
    "server-full":    Row(login="LoginRefused: .* has reached its limit of connections"),
    "tls-stall":      Row(login=SILENT, tls=True),
    "tls-close":      Row(login=CLOSED_TLS, tls=True),
    "tls-garbage":    Row(login=CLOSED_TLS, tls=True),
    "login-delay":    Row(keys={"time": "30ms"}),
    "login-refused":  Row(keys={"status": "4"}, login="LoginRefused: .* the node is rejoining its cluster"),
    "login-close":    Row(login=CLOSED),
    "login-stall":    Row(login=SILENT),
    "login-corrupt":  Row(keys={"field": "status", "bytes": "03"}, login="LoginRefused: .* unknown hash scheme"),
    "delay":          Row(keys={"time": "30ms"}),
    "jitter":         Row(keys={"mean": "20ms", "spread": "5ms"}),
    "ramp":           Row(keys={"start": "20ms", "end": "30ms", "calls": 2}),
    "drop":           Row(first=LATE),
    "close-before":   Row(first=f"{LOST}.* the server closed the connection", second=NOT_SENT),
    "close-within":   Row(first=f"{LOST}.* 27 bytes of a message that is not whole", second=NOT_SENT),
    "close-after":    Row(second="ConnectionLost: Vote: "),
    "reset":          Row(first=f"{LOST}.* (reset|closed the connection)", second=NOT_SENT),
    "stall":          Row(first=LATE, second=LATE),
    "stall-within":   Row(first=LATE, second=LATE),
    "trickle":        Row(keys={"pause": "0.1ms"}),
    "duplicate":      Row(events=("unasked",)),
    "reorder":        Row(keys={"at_most": "30ms"}),
    "length":         Row(first=f"{LOST}.* a frame of length 2,147,483,647", second=NOT_SENT),
    "status":         Row(keys={"status": "RESPONSE_UNKNOWN"}, first=r"CallFailed: Vote: RESPONSE_UNKNOWN \(-7\): Transaction dropped"),
    "busy":           Row(first=r"CallFailed: Vote: SERVER_UNAVAILABLE \(-5\): Server is paused"),
    "wrong-handle":   Row(first=LATE, events=("unasked",)),
    "corrupt":        Row(keys={"field": "status", "bytes": "f7"}, first="CallFailed: Vote: OPERATIONAL_FAILURE"),
    "push":           Row(events=("topology",)),
    "graceful-stop":  Row(events=("graceful stop",)),
    "push-drop":      Row(),
    "push-delay":     Row(keys={"time": "30ms"}, events=("topology",)),
    "node-down":      Row(first=LOST, second=NOT_SENT, again=GONE),
}
# fmt: on

CLIENTS = {"blocking": connect, "asyncio": connected_async}


def arm(injector, name):
    """Put a kind in force, for the first call or push of the first connection."""
    kind = KINDS[name]
    counted = {"call": 1} if kind.place in AT_CALLS or name.startswith("push-") else {}
    procedure = {"procedure": "Vote"} if kind.place in AT_CALLS else {}
    injector.add(name, connection=1, **counted, **procedure, **ROWS[name].keys)


def check(name, client_kind, address, *, tls=None, push=None):
    """Drive a client through a fault, and hold what it saw against the row."""
    row, connecting = ROWS[name], CLIENTS[client_kind]

    def connected(timeout_s):
        return connecting(
            address, connect_timeout=timeout_s, signatures=False, **({"ssl_context": tls} if tls else {})
        )

    with contextlib.ExitStack() as stack:
        client = []
        wait_s = SHORT_S if row.login == SILENT else LONG_S
        seen = told(lambda: client.append(stack.enter_context(connected(wait_s))))
        assert re.match(row.login, seen), seen
        if client:
            calls(row, client[0], push)

    def once_more():
        with connected(LONG_S):
            pass

    seen = told(once_more)
    assert re.match(row.again, seen), seen


def calls(row, client, push):
    if push is not None:
        client.subscribe()
        push()
    for value, expected in ((1, row.first), (2, row.second)):
        wait_s = SHORT_S if expected == LATE else LONG_S
        seen = told(lambda value=value, wait_s=wait_s: client.call("Vote", value, timeout=wait_s).scalar())
        assert re.match(expected, seen), seen
    events = client.events(timeout=LONG_S)
    assert tuple(next(events).name for _ in row.events) == row.events
    if row.second == "2":
        assert [event.name for event in client.events(timeout=0.001)] == []


def told(action):
    """What an action comes to."""
    try:
        value = action()
    except VoltToolsError as error:
        return f"{type(error).__name__}: {error}"
    return "ok" if value is None else str(value)


__all__ = ["CLIENTS", "ROWS", "arm", "check", "until"]
