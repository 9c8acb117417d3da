"""Invocations whose head a server refuses, and in what words.

Everything in front of the parameters is checked when a frame arrives, before its client handle
counts for anything; parameters are read later, by the procedure.

Source: StoredProcedureInvocation.java and ProcedureInvocationExtensions.java of the 11.4 server,
ClientInterface.handleRead; the texts were observed.
"""

from __future__ import annotations

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.invocation import (
    EXTENSION_NAMES,
    INVOCATION_VERSIONS,
    MAX_EXTENSIONS,
    NO_TIMEOUT,
    Extension,
    ExtensionCount,
    Invocation,
    InvocationHead,
    InvocationStart,
)
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter, ParametersAndMore

_NO_BATCH_TIMEOUT, _BATCH_TIMEOUT = -1, 1
_NULL = -1
_BAD_EXTENSIONS = "Failed to deserialize SPI extensions: "


class RefusedCall(Exception):
    """What the server answers, with status -3, under the connection's id; None: no text."""

    def __init__(self, status_string: str | None) -> None:
        super().__init__(status_string)
        self.status_string = status_string


def accepted_invocation(body: bytes) -> Invocation:
    """The invocation in a frame; RefusedCall for one that a server doesn't take."""
    try:
        invocation = parse(Invocation, body)
    except DecodeError:
        raise _why(body) from None
    if invocation.version != 0 or not invocation.procedure:  # only these can be read and yet be wrong
        _check_start(body)
        _check_extensions(invocation)
    return invocation


def read_parameters(invocation: Invocation) -> list[Parameter] | DecodeError:
    """The parameters as a server reads them, which ignores bytes behind them; or why it can't."""
    parameters = invocation.parameters
    if not isinstance(parameters, Opaque):
        return parameters
    try:
        return parse(ParametersAndMore, parameters).parameters
    except DecodeError as error:
        return DecodeError(error.message, offset=error.offset)


def _why(body: bytes) -> RefusedCall:
    """Why a frame can't be read as an invocation."""
    try:
        _check_start(body)
        head = parse(InvocationHead, body)
        count = parse(ExtensionCount, head.rest).count
    except RefusedCall as refused:
        return refused
    except DecodeError:
        return RefusedCall(None)
    return RefusedCall(_bad_count(count) or _BAD_EXTENSIONS)


def _check_start(body: bytes) -> None:
    try:
        start = parse(InvocationStart, body)
    except DecodeError:
        raise RefusedCall(None) from None
    if start.version not in INVOCATION_VERSIONS:
        raise RefusedCall(f"Unknown ProcedureInvocationType {start.version}")
    if start.batch_timeout_flag not in (None, _NO_BATCH_TIMEOUT, _BATCH_TIMEOUT):
        raise RefusedCall(f"Unknown BatchTimeoutType {start.batch_timeout_flag}")
    if start.batch_timeout_ms is not None and start.batch_timeout_ms < 0:
        raise RefusedCall("Timeout value can't be negative.")
    length = start.name_length
    if length == 0:
        raise RefusedCall("Procedure name cannot be length zero in invocation deserialization.")
    if length == _NULL:
        raise RefusedCall("Procedure name cannot be null in invocation deserialization.")
    if length < 0:
        raise RefusedCall(f"Value length is negative {length}")
    if length > len(start.rest):
        raise RefusedCall(f"Value length is bigger than total buffer {length}")


def _check_extensions(invocation: Invocation) -> None:
    extensions = invocation.extensions or []
    bad_count = _bad_count(len(extensions))
    if bad_count is not None:
        raise RefusedCall(bad_count)
    if any(_is_bad(extension) for extension in extensions):
        raise RefusedCall(_BAD_EXTENSIONS)


def _bad_count(count: int) -> str | None:
    if 0 <= count <= MAX_EXTENSIONS:
        return None
    wrong = "< 0" if count < 0 else f"> {MAX_EXTENSIONS}"
    return f"SPI extension count was {wrong}: possible corrupt network data."


def _is_bad(extension: Extension) -> bool:
    if extension.type not in EXTENSION_NAMES:
        return False
    if isinstance(extension.payload, bytes):  # not its own length
        return True
    least = {"batch_timeout": NO_TIMEOUT, "partition_destination": 0}.get(extension.name)
    return least is not None and extension.payload < least
