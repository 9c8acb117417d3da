"""Faults of connections: as they come, in the TLS handshake, at log-in."""

from __future__ import annotations

from volttools.codec import build
from volttools.faults.actions import Close, Plan, Reset, Send, Stall, Wait
from volttools.faults.kinds import Chosen, Kind, Place, Subject
from volttools.faults.parameters import choice, duration
from volttools.formats.frame import ServerFull
from volttools.formats.login import LOGIN_STATUS, LoginResponse
from volttools.protocol.frame_buffer import framed

_FULL_STATUS = ServerFull().status
_STATUSES = {str(status): status for status in LOGIN_STATUS if status not in (0, _FULL_STATUS)}

NO_TLS = bytes(range(255, 191, -1))
"""64 bytes that are no TLS record, and no frame either: their length would be negative."""


class ConnectReset(Kind):
    """The connection is reset as soon as it is there."""

    name = "connect-reset"
    place = Place.CONNECT
    sees = "the log-in fails at once: the connection was reset, or closed"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Reset(),)


class ConnectClose(Kind):
    """The connection is closed as soon as it is there."""

    name = "connect-close"
    place = Place.CONNECT
    sees = "the log-in fails at once: the server closed the connection"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Close(),)


class ConnectStall(Kind):
    """The connection is taken, and nothing is ever said on it: a node that hangs."""

    name = "connect-stall"
    place = Place.CONNECT
    sees = "the log-in takes until the client gives up"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Stall(),)


class ServerIsFull(Kind):
    """The single byte of a server that has reached its limit of connections, and the end."""

    name = "server-full"
    place = Place.CONNECT
    sees = "the log-in is refused: the server has reached its limit of connections"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Send(build(ServerFull())), Close())


class TlsStall(Kind):
    """The client's hello of TLS is never answered."""

    name = "tls-stall"
    place = Place.TLS
    sees = "connecting takes until the client gives up"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Stall(),)


class TlsClose(Kind):
    """The connection is closed in the TLS handshake, behind the client's hello."""

    name = "tls-close"
    place = Place.TLS
    sees = "connecting fails: the server closed in the TLS handshake"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Close(),)


class TlsGarbage(Kind):
    """The client's hello of TLS is answered with bytes that are no TLS."""

    name = "tls-garbage"
    place = Place.TLS
    sees = "connecting fails: what came is no TLS"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Send(NO_TLS), Close())


class LoginDelay(Kind):
    """The log-in is answered later."""

    name = "login-delay"
    place = Place.LOGIN
    sees = "connecting takes longer, or times out"
    parameters = (duration("time", "how much later"),)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Wait(chosen["time"]), *plan)


class LoginRefused(Kind):
    """The log-in is refused with a status, and the connection closed."""

    name = "login-refused"
    place = Place.LOGIN
    lets_in = False
    sees = "the log-in is refused, with the status as the reason"
    parameters = (choice("status", "of LOGIN_STATUS; server-full is status 1", _STATUSES, default="-1"),)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Send(framed(build(LoginResponse(status=chosen["status"])))), Close())


class LoginClose(Kind):
    """The log-in is answered by the end of the connection."""

    name = "login-close"
    place = Place.LOGIN
    lets_in = False
    sees = "the log-in fails: the server closed the connection"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Close(),)


class LoginStall(Kind):
    """The log-in is never answered."""

    name = "login-stall"
    place = Place.LOGIN
    lets_in = False
    sees = "the log-in takes until the client gives up"

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        return (Stall(),)


KINDS = (
    ConnectReset,
    ConnectClose,
    ConnectStall,
    ServerIsFull,
    TlsStall,
    TlsClose,
    TlsGarbage,
    LoginDelay,
    LoginRefused,
    LoginClose,
    LoginStall,
)
