"""Redacts messages: a frame's body in, the body to take its place out.

    redactor = Redactor(Rules(), key)
    redactor.request(frame)                 what a client sent
    redactor.response(frame, "Vote")        what a server sent, for a call of Vote
    redactor.bodies(event)                  both, for a log-in, exchange or push
    redactor.address("10.1.2.3:21212"), redactor.user("alice"), redactor.name("VOTES")
    redactor.report                         what was touched so far

A redacted message parses to the same structure: types, counts, NULLs, handles, statuses, times. What
can't be read - a frame with holes, a malformed call - can't be told apart into values, so all behind its
head becomes zeros; its length stays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from volttools.codec import build, builder, parse, parser
from volttools.errors import DecodeError
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import INVOCATION_VERSIONS, Extension, Invocation
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table
from volttools.formats.topology import PARTITION_INTEGER
from volttools.formats.types import ARRAY, NULL, VARBINARY, VOLTTABLE
from volttools.protocol.events import Connection, Direction, Event, Exchange, Frame
from volttools.protocol.shapes import (
    is_kerberos,
    is_login_request,
    is_login_response,
    plausible_request_head,
    plausible_response_head,
)
from volttools.redaction.logins import Logins
from volttools.redaction.report import Report
from volttools.redaction.rules import Action, Place, Rules
from volttools.redaction.system import Kind, parameter_kind, pushed
from volttools.redaction.tables import Tables
from volttools.redaction.treatments import Treatment, Treatments


class Redactor:
    """Redacts the messages of captures under rules and a key; a `rewriting.Rewriter`.

    Raises UsageError for a key that is too short.
    """

    keeps_texts = False  # remarks may quote what they are about

    def __init__(self, rules: Rules, key: bytes) -> None:
        self._report = Report(rules)
        self._treatments = Treatments(rules, key, self._report.count)
        self._logins = Logins(self._treatments, self._report)
        self._tables = Tables(self._treatments, self._report)

    @property
    def report(self) -> Report:
        """What was touched so far."""
        literals = self._treatments.statements.literals
        if literals:
            self._report.other["SQL literals"] = literals
        return self._report

    # ------------------------------------------------------------ besides messages

    def address(self, address: str) -> str:
        """The pseudonym of "host", "host:port" or an address, unless addresses are kept."""
        return self._treatments.address(address)

    def user(self, name: str) -> str:
        """The pseudonym of a user, unless users are kept."""
        return self._treatments.user(name)

    def name(self, name: str) -> str:
        """The pseudonym of a procedure's name, if names are replaced."""
        return self._treatments.name(name)

    def text(self, text: str) -> str:
        """The pseudonym of any text, as if it were a value."""
        return self._treatments.pseudonyms.text(text)

    def connection(self, connection: Connection) -> Connection:
        """The connection with pseudonyms of its addresses and its user."""
        return replace(
            connection,
            client=connection.client and self.address(connection.client),
            server=connection.server and self.address(connection.server),
            user=connection.user and self.user(connection.user),
        )

    # ------------------------------------------------------------ frames and events

    def body(self, frame: Frame, procedure: str | None, *, is_login: bool) -> bytes:
        """The new body of a frame of either side; it is seen from the bytes whether it is a log-in's.

        procedure  of a response: that of the call
        """
        is_request = frame.direction is Direction.CLIENT
        return self.request(frame) if is_request else self.response(frame, procedure)

    def bodies(self, event: Event) -> list[tuple[Frame, bytes]]:
        """The frames of an event, each with its new body."""
        procedure = event.procedure if isinstance(event, Exchange) else None
        return [(frame, self.body(frame, procedure, is_login=False)) for frame in event.frames]

    # ------------------------------------------------------------ from the client

    def request(self, frame: Frame) -> bytes:
        """The new body of a client's frame."""
        body = frame.body
        if not frame.is_whole:
            return self._logins.cut(frame) or self._zeroed_request(frame)
        if is_kerberos(body):
            return self._logins.kerberos(body)
        if is_login_request(body):
            return self._logins.request(parse(LoginRequest, body))
        invocation = _readable_call(body)
        if invocation is not None:
            self._report.messages["requests"] += 1
            return build(self._invocation(invocation))
        return self._logins.odd(body) or self._zeroed_request(frame)

    def _invocation(self, invocation: Invocation) -> Invocation:
        given = invocation.parameters
        assert not isinstance(given, Opaque)
        procedure = invocation.procedure
        made = [self._parameter(procedure, index, parameter) for index, parameter in enumerate(given)]
        if procedure is not None and parameter_kind(procedure, 0) is Kind.PARTITION and given:
            made[0] = self._partition_value(given, made)
        extensions = invocation.extensions
        return invocation.replace(
            procedure=None if procedure is None else self._treatments.name(procedure),
            extensions=extensions and [self._extension(extension) for extension in extensions],
            parameters=made,
        )

    def _extension(self, extension: Extension) -> Extension:
        """An extension nobody knows may hold anything."""
        if isinstance(extension.payload, bytes):
            zeros = bytes(len(extension.payload))
            is_odd = isinstance(extension.payload, Opaque)  # a known one of a wrong length
            return extension.replace(payload=Opaque(zeros) if is_odd else zeros)
        return extension

    def _parameter(self, procedure: str | None, index: int, parameter: Parameter) -> Parameter:
        code = parameter.type if parameter.element_type is None else parameter.element_type
        place = Place(index)
        if code == NULL.code:
            return parameter
        if code == VOLTTABLE.code:
            if parameter.element_type is None:
                return parameter.replace(value=self._tables.table(parameter.value, procedure, place))
            tables = [self._tables.table(table, procedure, place) for table in parameter.value]
            return parameter.replace(value=tables)
        treatment = self._of_parameter(procedure, place, index, code)
        is_array = parameter.type == ARRAY.code
        values = parameter.value if is_array else [parameter.value]
        made = self._tables.changed(treatment, values, procedure, place, code, is_bytes=is_array)
        return parameter.replace(value=made if is_array else made[0])

    def _of_parameter(self, procedure: str | None, place: Place, index: int, code: int) -> Treatment:
        kind = parameter_kind(procedure, index)
        is_system = procedure is not None and procedure.startswith("@")
        if procedure is not None and is_system and kind is not Kind.VALUE:
            asked = self._treatments.of_system(procedure, place, code)
            if asked is not None and not (
                kind is Kind.SQL and asked.action in (Action.REPLACE, Action.ORDER)
            ):
                return asked
        return self._treatments.of_kind(kind, procedure, place, code)

    def _partition_value(self, given: list[Parameter], made: list[Parameter]) -> Parameter:
        """The bytes that were hashed, of the pseudonym of the value that they were made of.

        That is looked for in the first row of the table that is loaded.
        """
        value = given[0].value
        if given[0].type != VARBINARY.code or not value:
            return made[0]
        for old, new in zip(given, made, strict=True):
            if isinstance(old.value, Table) and old.value.rows:
                for was, becomes in zip(old.value.rows[0], new.value.rows[0], strict=True):
                    if _partition_bytes(was) == value:
                        return given[0].replace(value=_partition_bytes(becomes) or bytes(len(value)))
        return made[0]

    # ------------------------------------------------------------ from the server

    def response(self, frame: Frame, procedure: str | None) -> bytes:
        """The new body of a server's frame.

        procedure  what was called; None for a push, a log-in's answer, and where it is not known
        """
        body = frame.body
        if not frame.is_whole:
            return self._zeroed_response(frame)
        if procedure is None and is_kerberos(body):
            return self._logins.kerberos(body)
        if procedure is None and is_login_response(body):
            return self._logins.response(parse(LoginResponse, body))
        try:
            response = parse(Response, body)
        except DecodeError:
            return self._zeroed_response(frame)
        push = pushed(response.client_handle) if procedure is None else None
        self._report.messages["responses" if push is None else "pushes"] += 1
        return build(self._response(response, push or procedure))

    def _response(self, response: Response, procedure: str | None) -> Response:
        treatments = self._treatments
        message, text = response.status_string, response.app_status_string
        return response.replace(
            status_string=message and treatments.message(message),
            app_status_string=text and treatments.application_text(text),
            exception=response.exception and self._exception(response.exception, procedure),
            hashes=response.hashes and [0] * len(response.hashes),
            tables=[self._tables.table(table, procedure, Place()) for table in response.tables],
            trailing=bytes(len(response.trailing)),
        )

    def _exception(self, exception: ServerException, procedure: str | None) -> ServerException:
        treatments = self._treatments
        table, tuples = exception.table_name, exception.tuples
        return exception.replace(
            message=exception.message and treatments.message(exception.message),
            table_name=table and treatments.name(table),
            tuples=tuples and self._tuples(tuples, procedure),
            status_string=exception.status_string and treatments.message(exception.status_string),
            trailing=bytes(len(exception.trailing)),
        )

    def _tuples(self, data: bytes, procedure: str | None) -> bytes:
        """The rows that a constraint refused: a table, if it can be read."""
        try:
            table = parser(TABLE)(data)
        except DecodeError:
            return bytes(len(data))
        return builder(TABLE)(self._tables.table(table, procedure, Place(), is_system=False))

    # ------------------------------------------------------------ what can't be read

    def _zeroed_request(self, frame: Frame) -> bytes:
        self._report.count_zeroed(frame.number)
        head = plausible_request_head(frame.readable)
        if head is None:
            return bytes(len(frame.body))
        start = len(build(head.replace(rest=b"")))
        name = head.procedure or ""
        renamed = self._treatments.name(name)
        same_length = len(renamed.encode("utf-8", "replace")) == len(name.encode("utf-8", "replace"))
        if not same_length:
            return bytes(len(frame.body))
        return build(head.replace(procedure=renamed, rest=bytes(len(frame.body) - start)))

    def _zeroed_response(self, frame: Frame) -> bytes:
        self._report.count_zeroed(frame.number)
        head = plausible_response_head(frame.readable)
        if head is None:
            return bytes(len(frame.body))
        head = head.replace(rest=b"")
        start = build(head)
        return start + bytes(len(frame.body) - len(start))


def _readable_call(body: bytes) -> Invocation | None:
    """A call that can be read to its end, whether or not a server would take it."""
    try:
        found = parse(Invocation, body)
    except DecodeError:
        return None
    name = found.procedure or ""
    is_call = found.version in INVOCATION_VERSIONS and name.isprintable() and found.is_readable
    return found if is_call else None


def _partition_bytes(value: Any) -> bytes | None:
    """What is hashed of a value to find its partition; None if it can't be."""
    if isinstance(value, int) and not isinstance(value, bool):
        data: bytes = builder(PARTITION_INTEGER)(value)
        return data
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return value if isinstance(value, bytes) else None
