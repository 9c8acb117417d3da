"""From messages to members of JSON lines: the inverse of `messages`, one function a message.

`Fidelity` tells where the members don't say all; then the frame itself goes with them, in `frame_hex`.
"""

from __future__ import annotations

from typing import Any

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.exceptions import ServerException
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import WITH_EXTENSIONS, WITH_TIMEOUT, Invocation, timeout_flag
from volttools.formats.login import (
    HASH_BYTES,
    VERSIONS,
    KerberosServiceName,
    LoginRequest,
    LoginResponse,
)
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.jsonlines.values import Fidelity, Json, opaque_hex, parameter_to_json, table_to_json
from volttools.protocol.events import Frame


def invocation_fields(invocation: Invocation, client_handle: int | None) -> tuple[dict[str, Json], Fidelity]:
    """What a line says of a call, and whether that is all."""
    fidelity = Fidelity()
    fidelity.require_text(invocation.procedure)
    fidelity.require(invocation.procedure is not None)
    fidelity.require(invocation.client_handle == client_handle)
    fields: dict[str, Json] = {
        "procedure": invocation.procedure,
        "version": invocation.version,
        "params": None,
    }
    extensions = _extensions(invocation, fidelity)
    if extensions is not None:
        fields["extensions"] = extensions
    if isinstance(invocation.parameters, Opaque):
        fidelity.is_exact = False
    else:
        fields["params"] = [parameter_to_json(parameter, fidelity) for parameter in invocation.parameters]
    return fields, fidelity


def _extensions(invocation: Invocation, fidelity: Fidelity) -> dict[str, Json] | None:
    if invocation.extensions is not None:
        fidelity.require(invocation.version == WITH_EXTENSIONS)
        found: dict[str, Json] = {}
        for extension in invocation.extensions:
            payload = extension.payload
            is_plain = payload is None or isinstance(payload, int)
            fidelity.require(is_plain and extension.name not in found)
            found[extension.name] = True if payload is None else opaque_hex(payload)
        return found
    if invocation.version == WITH_TIMEOUT:
        timeout_ms = invocation.batch_timeout_ms
        fidelity.require(invocation.batch_timeout_flag == timeout_flag(timeout_ms))
        return {} if timeout_ms is None else {"batch_timeout": timeout_ms}
    fidelity.require(invocation.version == 0)
    return None


def response_object(
    response: Response | DecodeError, client_handle: int | None, frame: Frame | None
) -> dict[str, Json]:
    """A response, or why it can't be read."""
    if isinstance(response, DecodeError):
        return {"malformed": True, "error": response.message, "frame_hex": frame_hex(frame)}
    fidelity = Fidelity()
    fidelity.require(
        not (response.version or response.extra_flags or response.trailing or response.exception)
    )
    fidelity.require(response.client_handle == client_handle)
    fidelity.require_text(response.status_string)
    fidelity.require_text(response.app_status_string)
    found = response_fields(response, fidelity)
    if not fidelity.is_exact:
        found["frame_hex"] = frame_hex(frame)
    return found


def response_fields(response: Response, fidelity: Fidelity) -> dict[str, Json]:
    """What a response says, without its handle."""
    return {
        "status": response.status,
        "status_name": response.status_name,
        "status_string": response.status_string,
        "app_status": response.app_status,
        "app_status_string": response.app_status_string,
        "cluster_rtt_ms": response.cluster_rtt_ms,
        "exception": _exception_object(response.exception),
        "hashes": response.hashes,
        "tables": [table_to_json(table, fidelity) for table in response.tables],
    }


def _exception_object(exception: ServerException | None) -> dict[str, Json] | None:
    if exception is None:
        return None
    values = {f.name: getattr(exception, f.attribute) for f in ServerException.declaration.valued_fields()}
    kept = {name: opaque_hex(value) for name, value in values.items() if value is not None and value != b""}
    return {"type_name": exception.type_name, **kept}


def login_request_fields(request: LoginRequest, keep: bool) -> dict[str, Json]:
    """A log-in; `keep`: with the hash."""
    fidelity = Fidelity()
    fidelity.require_text(request.service)
    fidelity.require_text(request.user)
    fidelity.require(request.version in VERSIONS and request.hash_scheme in (None, *HASH_BYTES))
    shown = request if keep else request.replace(password_hash=bytes(len(request.password_hash)))
    if not keep:  # a reader puts in as many zeros as the scheme's digest has
        fidelity.require(len(request.password_hash) == HASH_BYTES.get(request.hash_scheme or 0))
    fields: dict[str, Json] = {
        "version": request.version,
        "service": request.service,
        "user": request.user,
        "hash_scheme": request.hash_scheme_name,
    }
    if keep:
        fields["password_hash"] = request.password_hash.hex()
    if not fidelity.is_exact:
        fields["frame_hex"] = framed_hex(build(shown))
    return fields


def kerberos_object(frame: Frame, message: Any, keep: bool) -> dict[str, Json]:
    """A message of the Kerberos exchange; `keep`: with the token."""
    found = {"from": frame.direction.value, "frame": frame.number, "time_ns": frame.seen_at_ns}
    if isinstance(message, KerberosServiceName):
        found["principal"] = message.principal
        if message.trailing:
            found["frame_hex"] = frame_hex(frame)
        return found
    found["token_bytes"] = len(message.token)
    return {**found, "token": message.token.hex()} if keep else found


def login_response_object(response: LoginResponse) -> dict[str, Json]:
    """The answer to a log-in."""
    fidelity = Fidelity()
    fidelity.require(not response.trailing)
    fidelity.require_text(response.build)
    found = {"version": response.version, "status": response.status, "status_text": response.status_text}
    if response.accepted:
        for name in ("host_id", "connection_id", "cluster_start", "leader_address", "build"):
            found[name] = getattr(response, name)
    if not fidelity.is_exact:
        found["frame_hex"] = framed_hex(build(response))
    return found


def invocation_fields_of(body: bytes) -> dict[str, Json] | None:
    """What a line says of a call with this body; None if the call can't be read at all."""
    try:
        invocation = parse(Invocation, body)
    except DecodeError:
        return None
    fields, _ = invocation_fields(invocation, invocation.client_handle)
    return {"client_handle": invocation.client_handle, **fields}


def response_fields_of(body: bytes) -> tuple[int | None, dict[str, Json] | None]:
    """The client handle of a response with this body, and what a line says of the rest."""
    try:
        response = parse(Response, body)
    except DecodeError:
        return None, None
    return response.client_handle, response_fields(response, Fidelity())


def login_fields_of(body: bytes, *, keep_login_hashes: bool) -> dict[str, Json] | None:
    """What a line says of a log-in with this body; None if it can't be read."""
    try:
        return login_request_fields(parse(LoginRequest, body), keep_login_hashes)
    except DecodeError:
        return None


def login_response_fields_of(body: bytes) -> dict[str, Json] | None:
    """What a line says of an answer to a log-in with this body; None if it can't be read."""
    try:
        return login_response_object(parse(LoginResponse, body))
    except DecodeError:
        return None


def frame_hex(frame: Frame | None) -> str:
    """A frame with its length, in hex."""
    return framed_hex(frame.body) if frame else ""


def framed_hex(body: bytes) -> str:
    """A body as a frame, with its length before it, in hex."""
    return build(RawFrame(body=body)).hex()
