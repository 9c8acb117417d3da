r"""JSON lines: everything that a capture holds, for programs. Schema version 1.

Each line is one JSON object with a `kind`. Strict JSON in UTF-8: no NaN or Infinity, and
lone surrogates (bytes that are no UTF-8, as \udc80 .. \udcff) are escaped. Times are integer
nanoseconds since 1970, null where the capture has none. Values: see `values`.

    capture    the first line
      schema                1
      volttools             the version that wrote it
      files                 names, as given
      cassette              1; only of cassettes: its own schema

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

A line that begins with a blank goes on with the one before it: so cassettes stand in files, in which a response
may also be `{"in_file": name}`, of a file in the directory beside (docs/cassettes.md).

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

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.login import (
    LoginHead,
)
from volttools.formats.response import Response
from volttools.jsonlines.message_members import (
    frame_hex,
    invocation_fields,
    kerberos_object,
    login_request_fields,
    login_response_object,
    response_object,
)
from volttools.jsonlines.values import Json
from volttools.protocol.events import Connection, Damage, Event, Exchange, Frame, Login, Push
from volttools.protocol.secrets import exchange_without_secrets, push_without_secrets, without_secret_bytes
from volttools.protocol.shapes import plausible_response_head, response_head
from volttools.version import __version__

SCHEMA = 1

# What JSON allows in a string and a terminal or a careless reader does not.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def line_text(line: dict[str, Json], *, separators: tuple[str, str] = (",", ":")) -> str:
    """A line as text, without its newline; it can always be encoded as UTF-8."""
    text = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=separators)
    if not text.isascii():
        text = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text


def line_bytes(line: dict[str, Json]) -> bytes:
    """A line as it stands in a file, with its newline."""
    return line_text(line).encode() + b"\n"


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
        fields, fidelity = invocation_fields(invocation, exchange.client_handle)
        line |= fields
        if not fidelity.is_exact:
            line["frame_hex"] = frame_hex(request_frame)
    elif isinstance(invocation, DecodeError) and not _is_partial(request_frame):
        line["frame_hex"] = frame_hex(request_frame)
    if response is not None and not _is_partial(response_frame):
        line["response"] = response_object(response, exchange.client_handle, exchange.response_frame)
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
        line["response"] = response_object(response, push.client_handle, push.frame)
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
        line |= login_request_fields(request, keep)
    if login.connection.tls is not None:
        line["tls"] = login.connection.tls
    if login.kerberos:
        line["kerberos"] = [kerberos_object(frame, message, keep) for frame, message in login.kerberos]
    if login.server_full:
        line["server_full"] = True
    line["response"] = None if response is None else login_response_object(response)
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
            line["frame_hex"] = frame_hex(shown)
        else:
            line["frame_part"] = _part(shown)
    return line
