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

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from volttools.codec import build, builder, parse, parser
from volttools.errors import DecodeError
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import INVOCATION_VERSIONS, Extension, Invocation
from volttools.formats.login import (
    HASH_BYTES,
    SERVICES,
    KerberosServiceName,
    KerberosToken,
    LoginHead,
    LoginRequest,
    LoginResponse,
    leader_address_of,
)
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table
from volttools.formats.topology import PARTITION_INTEGER
from volttools.formats.types import ARRAY, BIGINT, NULL, STRING, TINYINT, TYPES, VARBINARY, VOLTTABLE
from volttools.protocol.events import Connection, Direction, Event, Exchange, Frame
from volttools.protocol.procedures import takes_sql
from volttools.protocol.shapes import (
    is_kerberos,
    is_login_request,
    is_login_response,
    kerberos_token_range,
    plausible_request_head,
    plausible_response_head,
)
from volttools.redaction.report import Report
from volttools.redaction.rules import Place, Rules
from volttools.redaction.system import (
    Kind,
    column_kind,
    has_system_results,
    parameter_kind,
    property_kind,
    pushed,
)
from volttools.redaction.treatments import KEPT, Treatment, Treatments

_MODIFIED = "modified_tuples"
_STATUS = "STATUS"


class Redactor:
    """Redacts the messages of captures under rules and a key; a `rewriting.Rewriter`.

    Raises UsageError for a key that is too short.
    """

    keeps_texts = False  # remarks may quote what they are about

    def __init__(self, rules: Rules, key: bytes) -> None:
        self.rules = rules
        self._report = Report(rules)
        self._treatments = Treatments(rules, key, self._count)

    def _count(self, what: str) -> None:
        self._report.other[what] += 1

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
            return self._cut_login(frame) or self._zeroed_request(frame)
        if is_kerberos(body):
            return self._kerberos(body)
        if is_login_request(body):
            return self._login_request(parse(LoginRequest, body))
        invocation = _readable_call(body)
        if invocation is not None:
            self._report.messages["requests"] += 1
            return build(self._invocation(invocation))
        return self._odd_login(body) or self._zeroed_request(frame)

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
                return parameter.replace(value=self._table(parameter.value, procedure, place))
            tables = [self._table(table, procedure, place) for table in parameter.value]
            return parameter.replace(value=tables)
        treatment = self._of_parameter(procedure, place, index, code)
        is_array = parameter.type == ARRAY.code
        values = parameter.value if is_array else [parameter.value]
        made = self._changed(treatment, values, procedure, place, code, is_bytes=is_array)
        return parameter.replace(value=made if is_array else made[0])

    def _of_parameter(self, procedure: str | None, place: Place, index: int, code: int) -> Treatment:
        kind = parameter_kind(procedure, index)
        is_system = procedure is not None and procedure.startswith("@")
        if procedure is not None and is_system and kind is not Kind.VALUE:
            asked = self._treatments.of_system(procedure, place, code)
            if asked is not None and not (kind is Kind.SQL and asked.done.startswith("replaced")):
                return asked
        return self._treatments.of_kind(kind, procedure, place, code)

    def _changed(
        self,
        treatment: Treatment,
        values: Sequence[Any],
        procedure: str | None,
        place: Place,
        code: int,
        *,
        is_bytes: bool = False,
    ) -> list[Any]:
        """The values after their treatment; counted, but for NULLs."""
        name = TYPES.name_of(code)
        number = len(values) - sum(value is None for value in values)
        self._report.count_values(procedure, place, name, treatment.done, number, treatment.rule)
        if treatment.change is None:
            return list(values)
        if is_bytes and code == TINYINT.code and treatment.done == "replaced":
            return list(self._treatments.pseudonyms.bytes_of_array(values))
        return list(map(treatment.change, values))

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

    # ------------------------------------------------------------ log-ins

    def _login_request(self, login: LoginRequest) -> bytes:
        self._report.messages["log-ins"] += 1
        if login.password_hash:
            self._count("log-in hashes")
        service = login.service
        return build(
            login.replace(
                service=service if service is None or service in SERVICES else self.text(service),
                user=None if login.user is None else self._treatments.user(login.user),
                password_hash=bytes(len(login.password_hash)),
            )
        )

    def _odd_login(self, body: bytes) -> bytes | None:
        """A log-in with a service that nobody knows, or of a version that nobody sends."""
        try:
            login = parse(LoginRequest, body)
        except DecodeError:
            return None
        if len(login.password_hash) not in HASH_BYTES.values():
            return None
        return self._login_request(login)

    def _cut_login(self, frame: Frame) -> bytes | None:
        """A log-in of which something is missing, if that much can be told."""
        try:
            login = parse(LoginRequest, frame.body)
        except DecodeError:
            return None
        if login.service not in SERVICES:
            return None
        made = self._login_request(login)
        return made if len(made) == len(frame.body) else None

    def _kerberos(self, body: bytes) -> bytes:
        self._report.messages["Kerberos messages"] += 1
        if kerberos_token_range(body) is not None:
            self._count("Kerberos tokens")
            message = parse(KerberosToken, body)
            return build(message.replace(token=bytes(len(message.token))))
        try:
            named = parse(KerberosServiceName, body)
        except DecodeError:
            head = parse(LoginHead, body)
            return build(head.replace(rest=bytes(len(head.rest))))
        principal = None if named.principal is None else self._treatments.user(named.principal)
        return build(named.replace(principal=principal, trailing=bytes(len(named.trailing))))

    def _login_response(self, login: LoginResponse) -> bytes:
        self._report.messages["log-in answers"] += 1
        host = login.leader_host
        address = None if host is None else leader_address_of(self._treatments.address(host))
        return build(login.replace(leader_address=address, trailing=bytes(len(login.trailing))))

    # ------------------------------------------------------------ from the server

    def response(self, frame: Frame, procedure: str | None) -> bytes:
        """The new body of a server's frame.

        procedure  what was called; None for a push, a log-in's answer, and where it is not known
        """
        body = frame.body
        if not frame.is_whole:
            return self._zeroed_response(frame)
        if procedure is None and is_kerberos(body):
            return self._kerberos(body)
        if procedure is None and is_login_response(body):
            return self._login_response(parse(LoginResponse, body))
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
            tables=[self._table(table, procedure, Place()) for table in response.tables],
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
        return builder(TABLE)(self._table(table, procedure, Place(), is_system=False))

    # ------------------------------------------------------------ tables

    def _table(
        self, table: Table, procedure: str | None, where: Place, *, is_system: bool | None = None
    ) -> Table:
        """A table with other values, and other names if they are replaced."""
        header = table.header
        names = header.column_names
        if table.rows:
            columns: list[Any] = list(zip(*table.rows, strict=True))
            if is_system is None:
                is_system = where.parameter is None and has_system_results(procedure)
            keys = self._keys(names, columns) if is_system else None
            for index, values in enumerate(columns):
                if values and isinstance(values[0], Opaque):
                    columns[index] = [Opaque(bytes(len(value))) for value in values]
                    continue
                place = where._replace(column=names[index] or "")
                code = header.column_types[index]
                if keys is not None and names[index] == "VALUE":
                    columns[index] = self._properties(values, keys, procedure, place)
                elif code == VOLTTABLE.code:
                    columns[index] = [self._table(value, procedure, place) for value in values]
                else:
                    treatment = self._of_column(table, procedure, place, code, is_system)
                    columns[index] = self._changed(treatment, values, procedure, place, code)
            rows = list(zip(*columns, strict=True)) if columns else table.rows
        else:
            rows = []
        if self.rules.default.names and not is_system_header(procedure, where):
            renamed = tuple(name and self._treatments.column(name) for name in names)
            header = header.replace(column_names=renamed)
        return table.replace(header=header, rows=rows, trailing=bytes(len(table.trailing)))

    def _of_column(
        self, table: Table, procedure: str | None, place: Place, code: int, is_system: bool
    ) -> Treatment:
        if is_system and procedure is not None:
            asked = self._treatments.of_system(procedure, place, code)
            if asked is not None:
                return asked
            if code not in (STRING.code, VARBINARY.code):
                return KEPT
            return self._treatments.of_kind(
                column_kind(procedure, place.column or ""), procedure, place, code
            )
        found = self._treatments.of_values(procedure, place, code)
        if found.rule is None and place.parameter is None and _is_outcome(table, procedure):
            return KEPT
        return found

    def _keys(self, names: Sequence[str | None], columns: list[Any]) -> Sequence[str | None] | None:
        """What the values of a table of keys and values belong to; None if it is no such table."""
        for name in ("KEY", "PROPERTY"):
            if name in names:
                found: Sequence[str | None] = columns[names.index(name)]
                return found
        return None

    def _properties(
        self, values: Sequence[Any], keys: Sequence[str | None], procedure: str | None, place: Place
    ) -> list[Any]:
        """The values of @SystemInformation, each by its key."""
        made = []
        for key, value in zip(keys, values, strict=True):
            kind = property_kind(key)
            treatment = self._treatments.of_kind(kind, procedure, place, STRING.code)
            if isinstance(value, str):
                made += self._changed(treatment, [value], procedure, place, STRING.code)
            else:
                made.append(value)
        return made

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


def is_system_header(procedure: str | None, where: Place) -> bool:
    """Whether the names of columns are the product's own."""
    return where.parameter is None and has_system_results(procedure)


def _readable_call(body: bytes) -> Invocation | None:
    """A call that can be read to its end, whether or not a server would take it."""
    try:
        found = parse(Invocation, body)
    except DecodeError:
        return None
    name = found.procedure or ""
    is_call = found.version in INVOCATION_VERSIONS and name.isprintable() and found.is_readable
    return found if is_call else None


def _is_outcome(table: Table, procedure: str | None) -> bool:
    """Whether a table only says how a statement went: rows modified, or that DDL is done."""
    names, types = table.header.column_names, table.header.column_types
    if len(names) != 1 or types[0] != BIGINT.code or len(table.rows) != 1:
        return False
    if names[0] == _MODIFIED:
        return True
    return takes_sql(procedure) and names[0] == _STATUS and table.rows[0] == (0,)


def _partition_bytes(value: Any) -> bytes | None:
    """What is hashed of a value to find its partition; None if it can't be."""
    if isinstance(value, int) and not isinstance(value, bool):
        data: bytes = builder(PARTITION_INTEGER)(value)
        return data
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return value if isinstance(value, bytes) else None
