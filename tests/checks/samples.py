"""For each code a conversation in which it is found: `SAMPLES` has them, in the order of the rules."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from tests.protocol.wire import (
    ACCEPTED,
    CLIENT,
    LOGIN,
    REFUSED,
    SERVER,
    Conversation,
    answer,
    call,
    extension,
    framed,
)
from volttools.checks import Finding, Verdict, check
from volttools.codec import build
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table, TableHeader
from volttools.formats.types import BIGINT, BOOLEAN, DATE, DECIMAL, STRING, TINYINT, VARBINARY
from volttools.protocol.events import Damage, Event

TOPOLOGY = 2**63 - 2


def findings(events: list[Event], verdict: Verdict | None = None) -> list[Finding]:
    return list(check(events, verdict))


def codes(events: list[Event]) -> list[str]:
    return [finding.code for finding in findings(events)]


def logged_in() -> Conversation:
    return Conversation().logs_in()


def calls(*bodies: bytes) -> list[Event]:
    """Each of these calls, answered under handle 1; then the client closes."""
    talk = logged_in()
    for body in bodies:
        talk.sends(CLIENT, body)
        talk.sends(SERVER, answer())
    return talk.ends("fin")


def invoked(**fields: Any) -> list[Event]:
    return calls(build(Invocation(procedure="Vote", **fields)))


def given(*parameters: Parameter) -> list[Event]:
    return invoked(parameters=list(parameters))


def opaque(text: str) -> list[Event]:
    """A call whose parameter set has these bytes."""
    return invoked(parameters=Opaque(bytes.fromhex(text.replace(" ", ""))))


def extended(*extensions: Extension) -> list[Event]:
    return invoked(version=2, extensions=list(extensions))


def answered(body: bytes) -> list[Event]:
    """A call with this response."""
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.sends(SERVER, body)
    return talk.ends("fin")


def responded(**fields: Any) -> list[Event]:
    return answered(build(Response(**fields)))


def with_table(table: Table) -> list[Event]:
    return responded(tables=[table])


def login(request: bytes, response: bytes | None = ACCEPTED, kind: str = "fin") -> list[Event]:
    talk = Conversation()
    talk.sends(CLIENT, request)
    if response is not None:
        talk.sends(SERVER, response)
    return talk.ends(kind)


def logins(**fields: Any) -> list[Event]:
    return login(build(LoginRequest(**{"user": "ann", "password_hash": bytes(32), **fields})))


def damaged(what: str, **fields: Any) -> list[Event]:
    return [Damage(what=what, message=f"a sentence on {what}", **fields)]


def _gap() -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.loses(SERVER, 40)
    talk.sends(CLIENT, call())
    return talk.ends("fin")


def _snapped() -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call())
    whole = framed(answer())
    talk.bytes(SERVER, whole[:30])
    talk.loses(SERVER, len(whole) - 30, "snap length")
    return talk.ends("fin")


def _cut(kind: str, closed_by: int = SERVER) -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.bytes(SERVER, framed(answer())[:30])
    talk.closes(closed_by, kind)
    return talk.ends(kind)


def _unreadable() -> list[Event]:
    talk = logged_in()
    talk.loses(SERVER, 40)
    talk.bytes(SERVER, b"\xff" * 40)
    return talk.ends("fin")


def _midstream(lost: bytes) -> list[Event]:
    talk = Conversation(at_start=False, server_side=SERVER, is_given=True)
    talk.bytes(SERVER, lost)
    talk.sends(CLIENT, call("Vote", 7))
    talk.sends(SERVER, answer(7))
    talk.sends(CLIENT, call("Vote", 8))
    talk.sends(SERVER, answer(8))
    return talk.ends("fin")


def _framing() -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, b"\x03" + call()[1:])
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer())
    return talk.ends("fin")


def _malformed() -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call())
    talk.sends(SERVER, answer())
    talk.sends(CLIENT, b"\x00\x7f")
    return talk.ends("fin")


def _too_long() -> list[Event]:
    talk = logged_in()
    body = build(Invocation(procedure="Vote", parameters=[Parameter.of(STRING, "x" * 60)]))
    talk.bytes(CLIENT, (50 * 2**20 + 1).to_bytes(4, "big") + body)
    talk.closes(SERVER)
    return talk.ends("fin")


def _unanswered(closed_by: int = SERVER, kind: str = "fin", procedure: str = "Vote") -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call(procedure))
    talk.closes(closed_by, kind)
    return talk.ends(kind)


def _request_lost() -> list[Event]:
    talk = logged_in()
    talk.loses(CLIENT, len(framed(call())))
    talk.sends(SERVER, answer())
    return talk.ends("fin")


def _late(first: int, second: int) -> list[Event]:
    """Two calls in flight with the same handle, behind one with the first handle."""
    talk = logged_in()
    talk.sends(CLIENT, call("Vote", first))
    talk.sends(SERVER, answer(first))
    talk.sends(CLIENT, call("Sleep", second))
    talk.sends(CLIENT, call("Vote", second))
    talk.sends(SERVER, answer(second))
    talk.sends(SERVER, answer(second))
    return talk.ends("fin")


def _before_login() -> list[Event]:
    talk = Conversation()
    talk.sends(CLIENT, LOGIN, call())
    talk.sends(SERVER, ACCEPTED)
    talk.sends(SERVER, answer())
    return talk.ends("fin")


def unasked(handle: int, status: int = 1) -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call("Vote", 5))
    talk.sends(SERVER, answer(5))
    talk.sends(SERVER, answer(handle, status, "Unknown BatchTimeoutType 0", rows=0))
    return talk.ends("fin")


def pushed(handle: int = TOPOLOGY, *, subscribes: bool = True, times: int = 1) -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call("@Subscribe" if subscribes else "@Ping"))
    talk.sends(SERVER, answer(rows=0))
    for _ in range(times):
        talk.sends(SERVER, answer(handle))
    return talk.ends("fin")


def _server_full() -> list[Event]:
    talk = Conversation()
    talk.sends(CLIENT, LOGIN)
    talk.bytes(SERVER, b"\x01")
    talk.closes(SERVER)
    return talk.ends("fin")


def _unreadable_extensions() -> list[Event]:
    body = bytearray(build(Invocation(version=2, procedure="Vote", extensions=[], parameters=[])))
    body[-3] = 99  # their count
    return calls(bytes(body))


def _unreadable_response() -> list[Event]:
    return answered(answer()[:-3])


def _reserved(handle: int) -> list[Event]:
    talk = logged_in()
    talk.sends(CLIENT, call("Vote", handle))
    talk.sends(SERVER, answer(handle))
    return talk.ends("fin")


def _request_lost_behind() -> list[Event]:
    talk = logged_in()
    talk.loses(CLIENT, 40)
    talk.sends(CLIENT, call("Vote", 5))
    talk.sends(SERVER, answer(5))
    return talk.ends("fin")


def _table(
    *columns: int, names: tuple[str | None, ...] | None = None, trailing: bytes = b"", error: int = 0
) -> Table:
    header = TableHeader(
        column_types=columns,
        column_names=names or tuple(f"C{n}" for n in range(len(columns))),
        length_error=error,
    )
    return Table(header=header, trailing=trailing)


BIG = BIGINT.code

# fmt: off
SAMPLES = {
    "gap":                   _gap,
    "snap-length":           _snapped,
    "cut-frame":             lambda: _cut("end of capture"),
    "unreadable":            _unreadable,
    "midstream-cut":         lambda: _midstream(bytes(20) + b"\xff" * 80),
    "one-direction":         lambda: damaged("one direction"),
    "file-cut":              lambda: damaged("file cut", offset=24_100, file="x.pcap"),
    "encrypted":             lambda: damaged("tls"),
    "partial-message":       _snapped,
    "response-lost":         _gap,
    "request-lost":          _request_lost,
    "in-flight-at-end":      lambda: _unanswered(kind="end of capture"),
    "tls-to-plain-port":     lambda: damaged("tls to plain port"),
    "plain-to-tls-port":     lambda: login(LOGIN, None),
    "closed-in-frame":       lambda: _cut("fin"),
    "broken-framing":        _framing,
    "malformed-frame":       _malformed,
    "frame-too-long":        _too_long,
    "login-version":         lambda: logins(version=2),
    "unknown-service":       lambda: logins(service="export"),
    "null-user":             lambda: logins(user=None),
    "unknown-hash-scheme":   lambda: logins(hash_scheme=7),
    "hash-length":           lambda: logins(password_hash=bytes(31)),
    "unknown-login-status":  lambda: login(LOGIN, build(LoginResponse(status=99))),
    "login-response":        lambda: login(LOGIN, ACCEPTED + b"x"),
    "unanswered":            _unanswered,
    "late-response":         lambda: _late(1, 1),
    "handle-in-use":         lambda: _late(1, 2),
    "reserved-handle":       lambda: _reserved(TOPOLOGY),
    "unasked-response":      lambda: unasked(4),
    "unreadable-call":       _unreadable_extensions,
    "empty-procedure":       lambda: calls(call(""), call("Vote")),
    "timeout-flag":          lambda: invoked(version=1, batch_timeout_flag=0),
    "negative-timeout":      lambda: extended(extension(1, -2)),
    "extension-count":       lambda: extended(*(extension(40 + n, b"") for n in range(31))),
    "extension-length":      lambda: extended(extension(5, Opaque(b"\0\0"))),
    "negative-partition":    lambda: extended(extension(3, -1)),
    "glued-call":            lambda: opaque("0002 06 00000000" + call("@Ping").hex()),
    "array-without-count":   lambda: opaque("0002 9d06 05 0000002a"),
    "array-without-type":    lambda: opaque("0001 9d 0002 06 0000000000000001 06 0000000000000002"),
    "bytes-behind-call":     lambda: opaque("0001 03 05 ff"),
    "unreadable-parameters": lambda: opaque("0001 63 00"),
    "array-too-long":        lambda: given(Parameter.array(TINYINT, [1] * (2**20 + 1))),
    "unreadable-response":   _unreadable_response,
    "response-version":      lambda: responded(version=2),
    "unknown-status":        lambda: responded(status=-77),
    "unknown-flags":         lambda: answered(build(Response(extra_flags=0x01))),
    "obsolete-flags":        lambda: responded(exception=ServerException(type=1, message="x", error_code=1)),
    "bytes-behind-response": lambda: responded(trailing=b"x"),
    "table-header-length":   lambda: with_table(_table(BIG, error=-4)),
    "no-columns":            lambda: with_table(_table()),
    "column-type":           lambda: with_table(_table(BIG, BOOLEAN.code)),
    "column-name":           lambda: with_table(_table(BIG, BIG, names=("A", None))),
    "bytes-behind-table":    lambda: with_table(_table(BIG, trailing=b"x")),
    "row-too-long":          lambda: with_table(Table.of([("V", VARBINARY)], [(bytes(2**21),)])),
    "not-utf8":              lambda: given(Parameter.of(STRING, "caf\udce9")),
    "decimal-digits":        lambda: given(Parameter.of(DECIMAL, Decimal(10) ** 26)),
    "no-date":               lambda: given(Parameter.of(DATE, 13)),
    "unknown-push":          lambda: pushed(2**63 - 60),
    "unsubscribed-push":     lambda: pushed(subscribes=False),
    "midstream":             lambda: _midstream(b""),
    "tls-alert":             lambda: damaged("tls alert"),
    "after-gap":             _request_lost_behind,
    "login-unanswered":      lambda: login(LOGIN, None, "end of capture"),
    "login-refused":         lambda: login(LOGIN, REFUSED),
    "server-full":           _server_full,
    "sha1-login":            lambda: logins(version=0, hash_scheme=None, password_hash=bytes(20)),
    "call-before-login":     _before_login,
    "shutdown":              lambda: _unanswered(procedure="@Shutdown"),
    "malformed-answered":    lambda: unasked(16, -3),
    "repeated-extension":    lambda: extended(extension(2, None), extension(2, None)),
    "unknown-extension":     lambda: extended(extension(99, b"\0")),
    "priority-range":        lambda: extended(extension(5, 9)),
    "internal-extension":    lambda: extended(extension(4, None)),
    "newer-type":            lambda: given(Parameter.of(DATE, datetime.date(2024, 2, 29))),
    "value-too-long":        lambda: given(Parameter.of(STRING, "é" * (2**19 + 1))),
    "zeros-behind-table":    lambda: with_table(_table(BIG, trailing=bytes(96))),
    "many-columns":          lambda: with_table(_table(*[BIG] * 1025)),
}
# fmt: on
