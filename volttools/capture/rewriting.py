"""Frames as they are to be written: without secrets, or with other values in them.

A `Rewriter` gives the bytes and addresses that take the place of the captured ones. By default
that is `SecretsBlanker`: the hash of a password is enough to log in, so nothing that writes keeps
it unless it was told to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.protocol.events import DAMAGE_KINDS, Connection, Damage, Event, Exchange, Frame, Login, Push
from volttools.protocol.login import kerberos_message
from volttools.protocol.secrets import without_secrets
from volttools.protocol.shapes import invocation_head
from volttools.protocol.traffic import Sent, Step


class Rewriter(Protocol):
    """What takes the place of frames and connections.

    keeps_texts  whether remarks on what was captured may be written: they can quote it
    """

    keeps_texts: bool

    def body(self, frame: Frame, procedure: str | None, *, is_login: bool) -> bytes:
        """The new body of a frame. Of one that isn't whole it must be as long as the old one.

        procedure  of a response: which call it answers; None where that isn't known
        """

    def connection(self, connection: Connection) -> Connection:
        """The connection with other names."""


class SecretsBlanker:
    """Zeros for the hashes of passwords and Kerberos tokens; all else stays."""

    keeps_texts = True

    def body(self, frame: Frame, procedure: str | None, *, is_login: bool) -> bytes:
        return without_secrets(frame, is_login=is_login)

    def connection(self, connection: Connection) -> Connection:
        return connection


class Keeper(SecretsBlanker):
    """Everything stays, secrets too."""

    def body(self, frame: Frame, procedure: str | None, *, is_login: bool) -> bytes:
        return frame.body


class Rewriting:
    """Applies a rewriter to steps and events, and remembers its connections."""

    def __init__(self, rewriter: Rewriter) -> None:
        self._rewriter = rewriter
        self._connections: dict[int, Connection] = {}

    def step(self, step: Step) -> Step:
        """The step with what it is to say."""
        connection = self._connection(step.connection)
        if not isinstance(step, Sent) or step.is_full:
            return replace(step, connection=connection)
        frame = self._frame(step.frame, step.procedure, is_login=step.is_login)
        if frame is step.frame and connection is step.connection:
            return step
        return replace(step, connection=connection, frame=frame)

    def forget(self, number: int) -> None:
        """Forget a connection that is over, where there is no end of them."""
        self._connections.pop(number, None)

    def event(self, event: Event) -> Event:
        """The event with what it is to say."""
        if event.connection is None:
            return self._damage(event, None)
        connection = self._connection(event.connection)
        if isinstance(event, Exchange):
            return self._exchange(event, connection)
        if isinstance(event, Login):
            return self._login(event, connection)
        if isinstance(event, Push):
            frame = self._frame(event.frame, None, is_login=False)
            notes = self._notes(event.notes)
            return replace(event, connection=connection, frame=frame, notes=notes, _response=None)
        return self._damage(event, connection)

    def _exchange(self, exchange: Exchange, connection: Connection) -> Exchange:
        procedure = exchange.procedure
        request = exchange.request_frame and self._frame(exchange.request_frame, None, is_login=False)
        response = exchange.response_frame and self._frame(exchange.response_frame, procedure, is_login=False)
        if request is not None and (head := invocation_head(request.readable)) is not None:
            procedure = head.procedure
        return replace(
            exchange,
            connection=connection,
            procedure=procedure,
            request_frame=request,
            response_frame=response,
            notes=self._notes(exchange.notes),
            _invocation=None,
            _response=None,
        )

    def _login(self, login: Login, connection: Connection) -> Login:
        found = replace(login, connection=connection, kerberos=[], notes=self._notes(login.notes))
        if login.request_frame is not None:
            found.request_frame = self._frame(login.request_frame, None, is_login=True)
            found.request = login.request and _parsed(LoginRequest, found.request_frame)
        if login.response_frame is not None:
            found.response_frame = self._frame(login.response_frame, None, is_login=True)
            found.response = login.response and _parsed(LoginResponse, found.response_frame)
        for frame, message in login.kerberos:
            frame = self._frame(frame, None, is_login=True)
            found.kerberos.append((frame, kerberos_message(frame) or message))
        return found

    def _damage(self, damage: Damage, connection: Connection | None) -> Damage:
        frame = damage.frame and self._frame(damage.frame, None, is_login=False)
        found = replace(damage, connection=connection, frame=frame)
        if not self._rewriter.keeps_texts:
            found.message, found.file = DAMAGE_KINDS[damage.what], None
        return found

    def _notes(self, notes: list[str]) -> list[str]:
        return notes if self._rewriter.keeps_texts else []

    def _frame(self, frame: Frame, procedure: str | None, *, is_login: bool) -> Frame:
        body = self._rewriter.body(frame, procedure, is_login=is_login)
        if body is frame.body:
            return frame
        for start, end in frame.missing:  # whatever was made of them, nothing is known there
            there = body[start:end]
            body = body[:start] + bytes(len(there)) + body[end:]
        length = len(body) if frame.is_whole else frame.length
        return replace(frame, body=body, length=length, head=None)

    def _connection(self, connection: Connection) -> Connection:
        found = self._connections.get(connection.number)
        if found is None:
            found = self._connections[connection.number] = self._rewriter.connection(connection)
        return found


_L = TypeVar("_L", LoginRequest, LoginResponse)


def _parsed(kind: type[_L], frame: Frame) -> _L | None:
    try:
        return parse(kind, frame.body)
    except DecodeError:
        return None
