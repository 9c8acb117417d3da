r"""JSON lines: everything that a capture holds, for programs. Schema version 1.

Each line is one JSON object with a `kind`. Strict JSON in UTF-8: no NaN or Infinity, and
lone surrogates (bytes that are no UTF-8, as \udc80 .. \udcff) are escaped. Times are integer
nanoseconds since 1970, null where the capture has none. Values: see `values`.

    capture    the first line
      schema                1
      volttools             the version that wrote it
      files                 names, as given

    exchange   an invocation and its response
      number                in the capture, from 1
      connection            number, from 1
      client, server        "address:port" or null
      time_ns               when the invocation was seen
      procedure             null: the request is not in the capture
      client_handle
      version               of the invocation; null if it is not there or can't be read
      extensions            name -> value, in wire order; true for those without a value; of
                            versions that have them (1: batch_timeout, 2: all)
      params                [[type, value], ...]; null if not there or unreadable
      response              null: not there, not wholly there
        status, status_name, status_string
        app_status          -128: the procedure set none
        app_status_string, cluster_rtt_ms
        exception           null, or an object of its fields
        hashes              null or numbers
        tables              [{"status", "columns": [[name, type], ...], "rows": [[...], ...]}]
      latency_ns            last byte of the request to last byte of the response
      request_frame, response_frame   numbers of the frames: the order in which they were sent
      response_time_ns      when the response was seen
      notes                 remarks for people: what is missing, why there is no response
      request_part, response_part     only where bytes of the message are missing: what is there
        length              of the whole body
        missing             [[from, to], ...]: ranges of the body that are not there
        body_hex            the body; zeros in holes, cut where nothing more is there
        closed_by           what ended before it did: "fin", "rst", "end of capture"; or null
        status              of a response, if its head is there
      request_lost, response_lost, response_partial, request_partial, response_incomplete (the
      connection ended inside it), request_after_gap, response_after_gap, malformed, late
                            only where true

    fragment   an exchange of which neither message is wholly in the capture; the same fields

    login      a log-in and its answer
      connection, client, server, time_ns, latency_ns, notes, request_part, response_part,
      request_frame, response_frame, response_time_ns
      request_partial, response_partial, response_incomplete      only where true
      version, service, user, hash_scheme      null if the request is not there
      tls                   version and cipher: "TLS 1.2, TLS_RSA_WITH_AES_128_GCM_SHA256"; only of
                            connections that were decrypted
      password_hash         hex; only with keep_login_hashes
      kerberos              messages in between, if there are: {"from", "principal"} or
                            {"from", "token_bytes"} (and "token" with keep_login_hashes), and
                            their frame and time_ns
      server_full           true: refused by the one unframed byte
      response              null, or version, status, status_text, and if accepted host_id,
                            connection_id, cluster_start, leader_address, build

    push       a response that no invocation asked for
      connection, client, server, time_ns, name, client_handle, response, notes, response_part,
      response_frame
      response_partial, response_incomplete     only where true

    damage     something that could not be decoded, or not wholly
      what                  one of volttools.protocol.events.DAMAGE_KINDS
      message               a sentence for people
      exchange              number of the exchange that it touched
      connection, direction, offset, length, time_ns, file, exchange     each may be null
      frame, frame_hex      of a whole frame that can't be read: its number and its bytes
      frame_part            of a frame that is not all there and belongs to no exchange; as above

    summary    the last line: counts; see `summary`

`decode --context` adds `"context": true` to the lines that only stand near what was asked for.

Where values alone don't build the same frame again (a NaN with a payload, text that is no
UTF-8, WKT that lost digits, bytes behind a table ...), its bytes ride along, with the length
before them, as hex in `frame_hex`: of the invocation, log-in or push on top level, of a
response in `response.frame_hex`. In a line that was edited they count no more: `volttools encode`
compares the values with them.

No line holds the hash of a password, unless keep_login_hashes is given: in `frame_hex` and
`body_hex` zeros stand for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from volttools.codec import build, parse
from volttools.errors import DecodeError
from volttools.formats.exceptions import ServerException
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.login import HASH_BYTES, KerberosServiceName, LoginHead, LoginRequest, LoginResponse
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.jsonlines.values import Fidelity, Json, opaque_hex, parameter_to_json, table_to_json
from volttools.protocol.events import Connection, Damage, Event, Exchange, Frame, Login, Push
from volttools.protocol.secrets import exchange_without_secrets, push_without_secrets, without_secret_bytes
from volttools.protocol.shapes import plausible_response_head, response_head
from volttools.version import __version__

SCHEMA = 1

# What JSON allows in a string and a terminal or a careless reader does not.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def line_text(line: dict[str, Json]) -> str:
    """A line as text, without its newline; it can always be encoded as UTF-8."""
    text = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if not text.isascii():
        text = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text


def capture_line(files: Iterable[str]) -> dict[str, Json]:
    """The first line."""
    return {"kind": "capture", "schema": SCHEMA, "volttools": __version__, "files": list(files)}


def event_line(event: Event, *, keep_login_hashes: bool = False) -> dict[str, Json]:
    """The line of an event."""
    if isinstance(event, Exchange):
        return exchange_line(event, keep_login_hashes=keep_login_hashes)
    if isinstance(event, Push):
        return _push_line(event if keep_login_hashes else push_without_secrets(event))
    if isinstance(event, Login):
        return _login_line(event, keep_login_hashes)
    return _damage_line(event, keep_login_hashes)


def exchange_line(exchange: Exchange, *, keep_login_hashes: bool = False) -> dict[str, Json]:
    """An exchange."""
    if not keep_login_hashes:
        exchange = exchange_without_secrets(exchange)
    invocation, response = exchange.read_invocation(), exchange.read_response()
    line = {
        "kind": "fragment" if exchange.is_fragment else "exchange",
        "number": exchange.number,
        **_connection_fields(exchange.connection),
        "time_ns": exchange.request_frame.seen_at_ns if exchange.request_frame else None,
        "procedure": exchange.procedure,
        "client_handle": exchange.client_handle,
        "version": None,
        "params": None,
        "response": None,
    }
    request_frame, response_frame = exchange.request_frame, exchange.response_frame
    if isinstance(invocation, Invocation):
        fields, fidelity = _invocation_fields(invocation, exchange.client_handle)
        line |= fields
        if not fidelity.is_exact:
            line["frame_hex"] = _hex_of(request_frame)
    elif isinstance(invocation, DecodeError) and not _is_partial(request_frame):
        line["frame_hex"] = _hex_of(request_frame)
    if response is not None and not _is_partial(response_frame):
        line["response"] = _response_object(response, exchange.client_handle, exchange.response_frame)
    line["latency_ns"] = exchange.latency_ns
    line |= _frame_fields(request_frame, response_frame)
    line |= {name: True for name, holds in _flags(exchange, invocation, response).items() if holds}
    line |= _parts(request_frame, response_frame)
    line["notes"] = exchange.remarks
    return line


def _frame_fields(request: Frame | None, response: Frame | None) -> dict[str, Json]:
    return {
        "request_frame": request and request.number,
        "response_frame": response and response.number,
        "response_time_ns": response and response.seen_at_ns,
    }


def _is_partial(frame: Frame | None) -> bool:
    return frame is not None and not frame.is_whole


def _parts(request: Frame | None, response: Frame | None) -> dict[str, Json]:
    """What there is of messages that are not wholly there."""
    found = {}
    if request is not None and _is_partial(request):
        found["request_part"] = _part(request)
    if response is not None and _is_partial(response):
        found["response_part"] = part = _part(response)
        head = response_head(response.readable)
        if head is not None and plausible_response_head(response.body) is not None:
            part["status"] = head.status
    return found


def _part(frame: Frame) -> dict[str, Json]:
    missing = [[start, end] for start, end in frame.missing]
    return {
        "length": frame.length,
        "missing": missing,
        "body_hex": frame.body.hex(),
        "closed_by": frame.closed_by,
    }


def _is_malformed(frame: Frame | None, message: Invocation | Response | DecodeError | None) -> bool:
    """Whether a message that is all there can't be read."""
    if isinstance(message, DecodeError):
        return not _is_partial(frame)
    return isinstance(message, Invocation) and not message.is_readable


def _partial_flags(request: Frame | None, response: Frame | None) -> dict[str, bool]:
    is_cut = response is not None and _is_partial(response)
    is_incomplete = is_cut and response is not None and response.was_never_sent
    return {
        "request_partial": _is_partial(request),
        "response_partial": is_cut and not is_incomplete,
        "response_incomplete": is_incomplete,
    }


def _connection_fields(connection: Connection) -> dict[str, Json]:
    return {
        "connection": connection.number,
        "client": connection.client,
        "server": connection.server,
    }


def _invocation_fields(invocation: Invocation, client_handle: int | None) -> tuple[dict[str, Json], Fidelity]:
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
        fidelity.require(invocation.version == 2)
        found: dict[str, Json] = {}
        for extension in invocation.extensions:
            payload = extension.payload
            is_plain = payload is None or isinstance(payload, int)
            fidelity.require(is_plain and extension.name not in found)
            found[extension.name] = True if payload is None else opaque_hex(payload)
        return found
    if invocation.version == 1:
        has_timeout = invocation.batch_timeout_ms is not None
        fidelity.require(invocation.batch_timeout_flag == (1 if has_timeout else -1))
        return {"batch_timeout": invocation.batch_timeout_ms} if has_timeout else {}
    fidelity.require(invocation.version == 0)
    return None


def _response_object(
    response: Response | DecodeError, client_handle: int | None, frame: Frame | None
) -> dict[str, Json]:
    if isinstance(response, DecodeError):
        return {"malformed": True, "error": response.message, "frame_hex": _hex_of(frame)}
    fidelity = Fidelity()
    fidelity.require(
        not (response.version or response.extra_flags or response.trailing or response.exception)
    )
    fidelity.require(response.client_handle == client_handle)
    fidelity.require_text(response.status_string)
    fidelity.require_text(response.app_status_string)
    found = _response_fields(response, fidelity)
    if not fidelity.is_exact:
        found["frame_hex"] = _hex_of(frame)
    return found


def _response_fields(response: Response, fidelity: Fidelity) -> dict[str, Json]:
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


def invocation_fields_of(body: bytes) -> dict[str, Json] | None:
    """What a line says of a call with this body; None if the call can't be read at all."""
    try:
        invocation = parse(Invocation, body)
    except DecodeError:
        return None
    fields, _ = _invocation_fields(invocation, invocation.client_handle)
    return {"client_handle": invocation.client_handle, **fields}


def response_fields_of(body: bytes) -> tuple[int | None, dict[str, Json] | None]:
    """The client handle of a response with this body, and what a line says of the rest."""
    try:
        response = parse(Response, body)
    except DecodeError:
        return None, None
    return response.client_handle, _response_fields(response, Fidelity())


def login_fields_of(body: bytes, *, keep_login_hashes: bool) -> dict[str, Json] | None:
    """What a line says of a log-in with this body; None if it can't be read."""
    try:
        return _login_request_fields(parse(LoginRequest, body), keep_login_hashes)
    except DecodeError:
        return None


def login_response_fields_of(body: bytes) -> dict[str, Json] | None:
    """What a line says of an answer to a log-in with this body; None if it can't be read."""
    try:
        return _login_response_object(parse(LoginResponse, body))
    except DecodeError:
        return None


def _exception_object(exception: ServerException | None) -> dict[str, Json] | None:
    if exception is None:
        return None
    values = {f.name: getattr(exception, f.attribute) for f in ServerException.declaration.valued_fields()}
    kept = {name: opaque_hex(value) for name, value in values.items() if value is not None and value != b""}
    return {"type_name": exception.type_name, **kept}


def _flags(
    exchange: Exchange,
    invocation: Invocation | DecodeError | None,
    response: Response | DecodeError | None,
) -> dict[str, bool]:
    request_frame, response_frame = exchange.request_frame, exchange.response_frame
    return {
        "request_lost": exchange.request_lost,
        "response_lost": exchange.response_lost,
        **_partial_flags(request_frame, response_frame),
        "request_after_gap": request_frame is not None and request_frame.after_gap,
        "response_after_gap": response_frame is not None and response_frame.after_gap,
        "malformed": _is_malformed(request_frame, invocation) or _is_malformed(response_frame, response),
        "late": exchange.is_late,
    }


def _push_line(push: Push) -> dict[str, Json]:
    response = push.read_response()
    line = {
        "kind": "push",
        **_connection_fields(push.connection),
        "time_ns": push.frame.seen_at_ns,
        "name": push.name,
        "client_handle": push.client_handle,
        "response": None,
    }
    if not push.is_partial:
        line["response"] = _response_object(response, push.client_handle, push.frame)
    line["response_frame"] = push.frame.number
    line |= {name: True for name, holds in _partial_flags(None, push.frame).items() if holds}
    return {**line, **_parts(None, push.frame), "notes": push.remarks}


def _login_line(login: Login, keep: bool) -> dict[str, Json]:
    request, response = login.request, login.response
    line: dict[str, Json] = {
        "kind": "login",
        **_connection_fields(login.connection),
        "time_ns": login.time_ns,
        "version": None,
        "service": None,
        "user": None,
        "hash_scheme": None,
    }
    if request is not None:
        line |= _login_request_fields(request, keep)
    if login.connection.tls is not None:
        line["tls"] = login.connection.tls
    if login.kerberos:
        line["kerberos"] = [_kerberos_object(frame, message, keep) for frame, message in login.kerberos]
    if login.server_full:
        line["server_full"] = True
    line["response"] = None if response is None else _login_response_object(response)
    line["latency_ns"] = login.latency_ns
    request_frame, response_frame = login.request_frame, login.response_frame
    line |= _frame_fields(request_frame, response_frame)
    line |= {name: True for name, holds in _partial_flags(request_frame, response_frame).items() if holds}
    return {**line, **_login_parts(login, keep), "notes": login.remarks}


def _login_parts(login: Login, keep: bool) -> dict[str, Json]:
    """What there is of a log-in that is not wholly there; its answer has a status of its own kind."""
    request, response = login.request_frame, login.response_frame
    if not keep:
        request = request and without_secret_bytes(request, is_login=True)
        response = response and without_secret_bytes(response, is_login=True)
    found = _parts(request, response)
    if "response_part" in found and login.response_frame is not None:
        part = found["response_part"]
        part.pop("status", None)
        with suppress(DecodeError):
            part["status"] = parse(LoginHead, login.response_frame.readable).code
    return found


def _login_request_fields(request: LoginRequest, keep: bool) -> dict[str, Json]:
    fidelity = Fidelity()
    fidelity.require_text(request.service)
    fidelity.require_text(request.user)
    fidelity.require(request.version in (0, 1) and request.hash_scheme in (None, *HASH_BYTES))
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


def _kerberos_object(frame: Frame, message: Any, keep: bool) -> dict[str, Json]:
    found = {"from": frame.direction.value, "frame": frame.number, "time_ns": frame.seen_at_ns}
    if isinstance(message, KerberosServiceName):
        found["principal"] = message.principal
        if message.trailing:
            found["frame_hex"] = _hex_of(frame)
        return found
    found["token_bytes"] = len(message.token)
    return {**found, "token": message.token.hex()} if keep else found


def _login_response_object(response: LoginResponse) -> dict[str, Json]:
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


def _damage_line(damage: Damage, keep: bool) -> dict[str, Json]:
    line: dict[str, Json] = {
        "kind": "damage",
        "what": damage.what,
        "message": damage.message,
        "connection": damage.connection.number if damage.connection else None,
        "direction": damage.direction.value if damage.direction else None,
        "offset": damage.offset,
        "length": damage.length,
        "time_ns": damage.seen_at_ns,
        "file": damage.file,
        "exchange": damage.exchange,
    }
    frame = damage.frame
    if frame is not None and damage.exchange is None:
        shown = frame if keep else without_secret_bytes(frame)
        line["frame"] = frame.number
        if frame.is_whole:
            line["frame_hex"] = _hex_of(shown)
        else:
            line["frame_part"] = _part(shown)
    return line


def _hex_of(frame: Frame | None) -> str:
    return framed_hex(frame.body) if frame else ""


def framed_hex(body: bytes) -> str:
    """A body as a frame, with its length before it, in hex."""
    return build(RawFrame(body=body)).hex()
