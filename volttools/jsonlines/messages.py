"""From members of a JSON line back to messages: the inverse of `message_members`, one function a message.

Each gives the body of a frame. Where a line has `frame_hex`, its values are compared with those
of that frame: as long as they say the same, the frame is taken as it is; a line that was edited
gives what its values say.

What is not said has the value that clients usually send, so that lines can be written by hand:
`{"procedure": "Vote", "params": [5, "NY"]}` is a call.
"""

from __future__ import annotations

import json
from typing import Any, get_args, get_type_hints

from volttools.codec import build, parse
from volttools.errors import DecodeError, EncodeError
from volttools.formats.exceptions import EXCEPTION_TYPES, ServerException
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import (
    EXTENSIONS,
    WITH_EXTENSIONS,
    WITH_TIMEOUT,
    Extension,
    Invocation,
    timeout_flag,
)
from volttools.formats.login import (
    HASH_BYTES,
    HASH_SCHEMES,
    KerberosServiceName,
    KerberosToken,
    LoginRequest,
    LoginResponse,
)
from volttools.formats.notation import Opaque, Record, shown
from volttools.formats.response import STATUSES, SUCCESS, Response
from volttools.jsonlines import message_members as made
from volttools.jsonlines.lines import line_text
from volttools.jsonlines.members import Members
from volttools.jsonlines.values import Json, parameter_from_json, table_from_json

INVOCATION_MEMBERS = ("procedure", "client_handle", "version", "extensions", "params", "frame_hex")
RESPONSE_MEMBERS = (
    "status",
    "status_name",
    "status_string",
    "app_status",
    "app_status_string",
    "cluster_rtt_ms",
    "exception",
    "hashes",
    "tables",
    "malformed",
    "error",
    "frame_hex",
)
LOGIN_MEMBERS = ("version", "service", "user", "hash_scheme", "password_hash", "frame_hex")
LOGIN_RESPONSE_MEMBERS = (
    "version",
    "status",
    "status_text",
    "host_id",
    "connection_id",
    "cluster_start",
    "leader_address",
    "build",
    "frame_hex",
)

_SCHEME_CODES = {name: code for code, name in HASH_SCHEMES.items()}
_EXTENSION_CODES = {kind.name: kind.code for kind in EXTENSIONS}
_EXCEPTION_CODES = {name: code for code, name in EXCEPTION_TYPES.items()}


def invocation_body(line: Members) -> bytes | None:
    """The body of a call; None where the line has none."""
    frame = framed_body(line)
    if frame is not None and _says(line, made.invocation_fields_of(frame), INVOCATION_MEMBERS):
        return frame
    if line.value("params") is None and ("params" in line or line.value("procedure") is None):
        if frame is not None:
            raise EncodeError(
                "expected the parameters of the edited call, got null: they could not be read", path="params"
            )
        return None
    return _built(_invocation(line), line)


def _invocation(line: Members) -> Invocation:
    version = line.required_number("version", WITH_EXTENSIONS if line.value("extensions") else 0)
    extensions = line.object("extensions") or Members({}, "extensions")
    if extensions.found and version not in (WITH_TIMEOUT, WITH_EXTENSIONS):
        raise EncodeError(
            f"version {version} has no extensions, version {WITH_EXTENSIONS} has", path="extensions"
        )
    timeout_ms = None
    if version == WITH_TIMEOUT:
        extensions.only("batch_timeout")
        timeout_ms = extensions.number("batch_timeout")
    procedure = line.text("procedure")
    if procedure is None:
        raise line.error("procedure", "the name of a procedure")
    return Invocation(
        version=version,
        batch_timeout_flag=timeout_flag(timeout_ms) if version == WITH_TIMEOUT else None,
        batch_timeout_ms=timeout_ms,
        procedure=procedure,
        client_handle=line.required_number("client_handle", 1),
        extensions=[_extension(extensions, name) for name in extensions.found]
        if version == WITH_EXTENSIONS
        else None,
        parameters=[
            parameter_from_json(found, f"params[{index}]")
            for index, found in enumerate(line.items("params") or [])
        ],
    )


def _extension(extensions: Members, name: str) -> Extension:
    value = extensions.value(name)
    if name in _EXTENSION_CODES:
        if value is True:
            return Extension(type=_EXTENSION_CODES[name], payload=None)
        if isinstance(value, str):
            return Extension(type=_EXTENSION_CODES[name], payload=Opaque(extensions.bytes(name) or b""))
        return Extension(type=_EXTENSION_CODES[name], payload=extensions.number(name))
    code = name.removeprefix("extension_")
    if not name.startswith("extension_") or not code.lstrip("-").isdigit():
        extensions.only(*_EXTENSION_CODES)
    payload = b"" if value is True else extensions.bytes(name)
    return Extension(type=int(code), payload=payload)


def response_body(line: Members) -> bytes | None:
    """The body of a response or push; None where the line has none."""
    found = line.object("response")
    if found is None:
        return None
    found.only(*RESPONSE_MEMBERS)
    frame = framed_body(found)
    if frame is not None:
        handle, said = made.response_fields_of(frame)
        is_same_call = handle is None or line.number("client_handle") in (None, handle)
        if is_same_call and _says(found, said, RESPONSE_MEMBERS):
            return frame
    if found.flag("malformed") and frame is None:
        raise found.error("frame_hex", "the bytes of a response that can't be read")
    return _built(_response(line, found), found)


def _response(line: Members, found: Members) -> Response:
    tables = [
        table_from_json(table, found.place(f"tables[{index}]"))
        for index, table in enumerate(found.items("tables") or [])
    ]
    default = Response()
    return Response(
        client_handle=line.required_number("client_handle", default.client_handle),
        status=_status(found),
        status_string=found.text("status_string"),
        app_status=found.required_number("app_status", default.app_status),
        app_status_string=found.text("app_status_string"),
        cluster_rtt_ms=found.required_number("cluster_rtt_ms", default.cluster_rtt_ms),
        exception=_exception(found.object("exception")),
        hashes=found.items("hashes"),
        tables=tables,
    )


def _status(found: Members) -> int:
    """The status by its number or its name; both must say the same."""
    name = found.text("status_name")
    value = found.value("status")
    if isinstance(value, str):
        status = found.choice("status", STATUSES)
    else:
        status = found.required_number("status", STATUSES.get(name or "", SUCCESS))
    if name is not None and name != (known := Response(status=status).status_name):
        raise EncodeError(
            f"{shown(name)} is not the name of status {status}, which is {known}: change both, or leave one out",
            path=found.place("status_name"),
        )
    return status


def _exception(found: Members | None) -> ServerException | None:
    if found is None:
        return None
    declared = {f.name: f for f in ServerException.declaration.valued_fields()}
    hints = get_type_hints(ServerException)
    found.only("type_name", *declared)
    values: dict[str, Any] = {}
    for name in found.found:
        if name == "type_name":
            continue
        attribute = declared[name].attribute
        is_bytes = bytes in (hints[attribute], *get_args(hints[attribute]))
        values[attribute] = found.bytes(name) if is_bytes else found.value(name)
    if "type" not in values:
        values["type"] = found.choice("type_name", _EXCEPTION_CODES)
    return ServerException(**values)


def login_body(line: Members) -> bytes | None:
    """The body of a log-in; None where the line has none. Zeros stand for a hash that it doesn't tell."""
    frame = framed_body(line)
    if frame is not None:
        said = made.login_fields_of(frame, keep_login_hashes="password_hash" in line)
        if _says(line, said, LOGIN_MEMBERS):
            return frame
    if line.value("version") is None and line.value("user") is None:
        return None
    version = line.required_number("version", 1)
    scheme = line.choice("hash_scheme", _SCHEME_CODES, "SHA-256" if version else "SHA-1")
    digest = line.bytes("password_hash")
    request = LoginRequest(
        version=version,
        hash_scheme=scheme if version else None,
        service=line.text("service", "database"),
        user=line.text("user", ""),
        password_hash=bytes(HASH_BYTES[scheme]) if digest is None else digest,
    )
    return _built(request, line)


def login_response_body(line: Members) -> bytes | None:
    """The body of the answer to a log-in; None where the line has none."""
    found = line.object("response")
    if found is None:
        return None
    found.only(*LOGIN_RESPONSE_MEMBERS)
    frame = framed_body(found)
    if frame is not None and _says(found, made.login_response_fields_of(frame), LOGIN_RESPONSE_MEMBERS):
        return frame
    status = found.required_number("status", LoginResponse().status)
    accepted = LoginResponse(status=status).accepted
    response = LoginResponse(
        version=found.required_number("version", 0),
        status=status,
        host_id=found.number("host_id", 0 if accepted else None),
        connection_id=found.number("connection_id", 1 if accepted else None),
        cluster_start=found.number("cluster_start", 0 if accepted else None),
        leader_address=found.number("leader_address", 0 if accepted else None),
        build=found.text("build", "" if accepted else None),
    )
    return _built(response, found)


def kerberos_body(found: Members) -> bytes:
    """The body of a message of the Kerberos exchange. Zeros stand for a token that it doesn't tell."""
    found.only("from", "frame", "time_ns", "principal", "token_bytes", "token", "frame_hex")
    frame = framed_body(found)
    if frame is not None and _principal(frame) == found.text("principal"):
        return frame
    if "principal" in found:
        return _built(KerberosServiceName(principal=found.text("principal")), found)
    token = found.bytes("token")
    size = found.required_number("token_bytes", 0)
    if token is None and not 0 <= size <= _MOST_TOKEN_BYTES:
        raise found.error("token_bytes", "the length of a token")
    return _built(KerberosToken(token=bytes(size) if token is None else token), found)


_MOST_TOKEN_BYTES = 2**20


def _principal(frame: bytes) -> str | None:
    try:
        return parse(KerberosServiceName, frame).principal
    except DecodeError as error:
        raise EncodeError(f"the bytes name no service: {error.message}", path="frame_hex") from None


def framed_body(found: Members) -> bytes | None:
    """The body of the frame in `frame_hex`."""
    data = found.bytes("frame_hex")
    if data is None:
        return None
    try:
        return parse(RawFrame, data).body
    except DecodeError:
        raise found.error("frame_hex", "a frame with its length before it, in hex") from None


def _says(found: Members, said: dict[str, Json] | None, names: tuple[str, ...]) -> bool:
    """Whether an object still says what its frame says, in all that it says of the message."""
    if said is None:
        return True  # it can't be read, so it can't have been edited
    said = json.loads(line_text(said))
    return all(
        name == "frame_hex" or name not in found or found.value(name) == said.get(name) for name in names
    )


def _built(message: Record, found: Members) -> bytes:
    """The body of a message; errors have the path of a line."""
    try:
        return build(message)
    except EncodeError as error:
        path = (error.path or "").partition(".")[2].replace("parameters[", "params[").replace("].value", "]")
        error.path = found.place(path) if path else found.path or None
        raise
