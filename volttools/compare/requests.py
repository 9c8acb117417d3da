"""What a request asks for, so that two that ask for the same are known; each is read once, as most come again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from typing import NamedTuple

from volttools.codec import parse
from volttools.compare.mapped import MappedIds
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation, InvocationHead
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.kept import Kept
from volttools.protocol.fingerprint import fingerprint
from volttools.protocol.parameter_values import exact_value, parameters_of
from volttools.protocol.procedures import sql_of

IgnoresParameter = Callable[[str, "str | None", int, str], bool]
"""Of a procedure and statement, whether the parameter at a position, of a type, makes no other call."""


class Asked(NamedTuple):
    """What a request asks for.

    key        the same for calls of one procedure with the same parameters
    statement  the SQL of an @AdHoc without its literals; None for other procedures
    """

    key: bytes
    statement: str | None


class Requests:
    """Reads requests, and remembers the last ones: the same is asked at least twice, in A and in B.

    ignores   which parameters make no other call; None: all do
    ids       those inside of texts that each server makes for itself
    """

    MOST = 4_096
    LONGEST = 1_024  # bytes

    def __init__(self, ignores: IgnoresParameter | None = None, ids: MappedIds | None = None) -> None:
        self._ignores = ignores
        self._ids = ids
        self._known = Kept[Hashable, Asked | None](self.MOST)

    def asked(self, body: bytes) -> Asked | None:
        """What a request asks for, whatever its handle; None if it can't be read."""
        if len(body) > self.LONGEST:
            return self._read(body)
        try:
            head = parse(InvocationHead, body)
        except DecodeError:
            return None
        key = head.version, head.procedure, head.rest
        try:
            return self._known[key]
        except KeyError:
            return self._known.keep(key, self._read(body))

    def _read(self, body: bytes) -> Asked | None:
        try:
            invocation = parse(Invocation, body)
        except DecodeError:
            return None
        statement = statement_of(invocation)
        return Asked(digest((invocation.procedure, self._parameters(invocation, statement))), statement)

    def _parameters(self, invocation: Invocation, statement: str | None) -> Hashable:
        if isinstance(invocation.parameters, Opaque):
            return bytes(invocation.parameters)
        parameters = parameters_of(invocation)
        if self._ignores is None and self._ids is None:
            return tuple(map(exact_value, parameters))
        procedure = invocation.procedure or ""
        return tuple(self._value(procedure, statement, at, one) for at, one in enumerate(parameters))

    def _value(self, procedure: str, statement: str | None, at: int, parameter: Parameter) -> Hashable:
        if self._ignores is not None and self._ignores(procedure, statement, at, parameter.type_name):
            return "any"
        return (
            exact_value(parameter) if self._ids is None else self._ids.exact_value(procedure, at, parameter)
        )


def statement_of(invocation: Invocation) -> str | None:
    """The SQL of an @AdHoc without its literals; None for other procedures."""
    sql = sql_of(invocation)
    return None if sql is None else fingerprint(sql)


def invocation_of(body: bytes) -> Invocation:
    """The request of a call, whose body was read before."""
    return parse(Invocation, body)


def digest(value: Hashable) -> bytes:
    """Sixteen bytes for a value, however long that is."""
    return hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=16).digest()
