"""Messages and frames for tests of the protocol, built by the codec; and a conversation to play."""

from __future__ import annotations

from volttools.codec import build
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, INTEGER, STRING
from volttools.protocol.events import Connection, Damage, Exchange, Frame, Login, Push
from volttools.protocol.observer import Observer
from volttools.protocol.recognition import Recognizer

CLIENT, SERVER = 0, 1

LOGIN = build(LoginRequest(user="ann", password_hash=bytes(32)))
ACCEPTED = build(
    LoginResponse(
        host_id=0, connection_id=16, cluster_start=1_700_000_000_000, leader_address=2130706433, build="11.4"
    )
)
REFUSED = build(LoginResponse(status=-1))


def framed(body):
    return build(RawFrame(body=body))


def call(procedure="Vote", handle=1, *parameters, version=0, extensions=None):
    kinds = {int: INTEGER, str: STRING}
    found = [Parameter.of(kinds[type(value)], value) for value in parameters]
    return build(
        Invocation(
            version=version,
            procedure=procedure,
            client_handle=handle,
            extensions=extensions if version == 2 else None,
            parameters=found,
        )
    )


def extension(code, payload):
    return Extension(type=code, payload=payload)


def answer(handle=1, status=1, text=None, rows=3):
    table = Table.of([("ID", BIGINT), ("NAME", STRING)], [(n, f"row {n}") for n in range(rows)])
    return build(
        Response(client_handle=handle, status=status, status_string=text, tables=[table] if rows else [])
    )


class Conversation:
    """Plays a conversation to an `Observer`; collects what it tells.

    Each step is a second after the one before.
    """

    def __init__(self, *, at_start=True, client_side=CLIENT, server_side=SERVER, is_given=False):
        self.connection = None
        recognizer = Recognizer(
            client_side=client_side if at_start else None, server_side=server_side, is_given=is_given
        )
        self.observer = Observer(recognizer, self._connect, at_start=(at_start, at_start))
        self.events = []
        self.now_ns = 0

    def _connect(self, client_side):
        self.client_side = client_side
        self.connection = Connection(number=1)
        return self.connection

    def sends(self, side, *bodies):
        """Frames of these bodies, in one segment."""
        return self.bytes(side, b"".join(map(framed, bodies)))

    def bytes(self, side, data):
        self.now_ns += 10**9
        found = self.observer.data(side, data, self.now_ns)
        self.events += found
        return found

    def loses(self, side, length, reason="missing"):
        self.now_ns += 10**9
        found = self.observer.gap(side, length, self.now_ns, reason)
        self.events += found
        return found

    def closes(self, side, kind="fin"):
        found = self.observer.closed(side, kind, self.now_ns)
        self.events += found
        return found

    def ends(self, kind="end of capture"):
        """Both sides end; all that was told."""
        self.closes(CLIENT, kind)
        self.closes(SERVER, kind)
        return self.events

    def logs_in(self):
        self.sends(CLIENT, LOGIN)
        self.sends(SERVER, ACCEPTED)
        return self

    @property
    def exchanges(self):
        return sorted((e for e in self.events if isinstance(e, Exchange)), key=lambda e: e.number)

    @property
    def damage(self):
        return [(e.what, e.offset, e.length) for e in self.events if isinstance(e, Damage)]

    @property
    def pushes(self):
        return [e for e in self.events if isinstance(e, Push)]

    @property
    def logins(self):
        return [e for e in self.events if isinstance(e, Login)]


def frames_of(items):
    return [item for item in items if isinstance(item, Frame)]
