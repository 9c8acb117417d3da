"""The servers that checks are played with: mocks of this process, or a real one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.contract.checks import Answer, Check, Welcome, call, login
from tests.contract.playing import Target
from volttools.client import connect
from volttools.client.connection_settings import ConnectionSettings
from volttools.formats.login import LOGIN_TIMEOUT_S
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, INTEGER, STRING
from volttools.mock import MockServer

SCHEMA = Path(__file__).with_name("schema.sql")
_IMPATIENT_S = 0.5
_DROPPED = (
    "drop procedure contract_select if exists",
    "drop procedure contract_all if exists",
    "drop table contract_t if exists",
    "drop table contract_r if exists",
)


def ddl() -> str:
    """The statements of schema.sql: a server takes nothing that begins with a line of comment."""
    return SCHEMA.read_text().partition("\n")[2]


class CantPlay(Exception):
    """A check that this server isn't for, and why."""


class Mocks:
    """A mock server for each kind of check."""

    is_mock = True

    def __init__(self, plain: MockServer, secured: MockServer, impatient: MockServer) -> None:
        self._plain = Target(_settings(plain), LOGIN_TIMEOUT_S)
        self._secured = Target(
            _settings(secured, user="op", password="secret"), LOGIN_TIMEOUT_S, has_security=True
        )
        self._impatient = Target(_settings(impatient), _IMPATIENT_S)

    def of(self, check: Check) -> Target:
        """Whom to play a check with."""
        if check.needs == "login limit":
            return self._impatient
        return self._secured if check.security else self._plain


@contextlib.contextmanager
def mocks() -> Iterator[Mocks]:
    """Mock servers, while they run."""
    with (
        MockServer(schema=SCHEMA, partitions=2) as plain,
        MockServer(users={"op": "secret"}) as secured,
        MockServer(login_timeout_s=_IMPATIENT_S) as impatient,
    ):
        plain.handle("contract_select", Table.of([("ID", INTEGER), ("V", STRING)]))
        plain.handle("contract_all", Table.of([("C1", BIGINT)], [(0,)]))
        yield Mocks(plain, secured, impatient)


def _settings(server: MockServer, **given: str) -> ConnectionSettings:
    return ConnectionSettings.of(server.address, environment={}, **given)


class Real:
    """A real server: what it is like is asked first."""

    is_mock = False

    def __init__(self, settings: ConnectionSettings, *, may_change: bool) -> None:
        self._may_change = may_change
        self._target = Target(settings, LOGIN_TIMEOUT_S)
        with self._target.connect() as connection:
            connection.send(login())
            self._target.has_security = not Welcome().fits(connection.next(), connection.id)
        with self._target.connect() as connection:
            connection.log_in(self._target.login())
            connection.send(call("contract_select", -1))
            self._has_schema = Answer(1, columns=("ID I, V S",)).fits(connection.next(), connection.id)

    def of(self, check: Check) -> Target:
        """Whom to play a check with; CantPlay where this server isn't the one."""
        if check.security is not None and check.security != self._target.has_security:
            raise CantPlay(f"security is {'on' if self._target.has_security else 'off'} here")
        if check.needs == "schema" and not self._has_schema:
            raise CantPlay("the tables of schema.sql are not there: --volt-changes")
        if check.needs == "changes" and not self._may_change:
            raise CantPlay("nothing may be defined: --volt-changes")
        return self._target


@contextlib.contextmanager
def real(settings: ConnectionSettings, *, may_change: bool) -> Iterator[Real]:
    """A real server, with the tables of the checks meanwhile where it may be changed."""
    if not may_change:
        yield Real(settings, may_change=False)
        return
    (address,) = settings.addresses
    given = {key: value.value for key, value in settings.given.items() if key != "hosts"}
    with connect(address, **given) as client:
        for statement in _DROPPED:
            client.call("@AdHoc", statement)
        client.call("@AdHoc", ddl())
        try:
            yield Real(settings, may_change=True)
        finally:
            for statement in _DROPPED:
                client.call("@AdHoc", statement)
