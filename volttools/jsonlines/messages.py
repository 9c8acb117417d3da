"""From JSON lines back to messages: the inverse of `lines`.

A line with `frame_hex` gives just that frame; remove it, and the values count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from volttools.codec import build, parse
from volttools.errors import DecodeError, UsageError
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import EXTENSIONS, Extension, Invocation
from volttools.formats.login import HASH_BYTES, HASH_SCHEMES, LoginRequest, LoginResponse
from volttools.formats.notation import Record
from volttools.formats.response import Response
from volttools.jsonlines.values import Json, parameter_from_json, table_from_json
from volttools.protocol.events import Direction

_SCHEME_CODES = {name: code for code, name in HASH_SCHEMES.items()}
_EXTENSION_CODES = {kind.name: kind.code for kind in EXTENSIONS}


def messages_from_json(line: dict[str, Json]) -> list[Record]:
    """The messages of a line in the order they were sent; none for lines without messages.

    A frame that can't be parsed comes as a RawFrame, which already has its length.
    Raises UsageError for a line that isn't of schema version 1.
    """
    return [message for _, message in _messages(line)]


def frames_from_json(line: dict[str, Json]) -> list[tuple[Direction, bytes]]:
    """The frames of a line, each with its length before it, and who sent it."""
    return [
        (direction, build(message if isinstance(message, RawFrame) else RawFrame(body=build(message))))
        for direction, message in _messages(line)
    ]


def _messages(line: dict[str, Json]) -> list[tuple[Direction, Record]]:
    try:
        return _READERS[line["kind"]](line)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UsageError(f"not a line of schema version 1: {type(error).__name__}: {error}") from error


def _exchange(line: dict[str, Json]) -> list[tuple[Direction, Record]]:
    found: list[tuple[Direction, Record]] = []
    if "frame_hex" in line:
        found.append((Direction.CLIENT, _framed(Invocation, line["frame_hex"])))
    elif line["params"] is not None:
        found.append((Direction.CLIENT, _invocation(line)))
    return [*found, *_response(line)]


def _invocation(line: dict[str, Json]) -> Invocation:
    version, extensions = line["version"], line.get("extensions") or {}
    timeout = extensions.get("batch_timeout") if version == 1 else None
    return Invocation(
        version=version,
        batch_timeout_flag=None if version != 1 else -1 if timeout is None else 1,
        batch_timeout_ms=timeout,
        procedure=line["procedure"],
        client_handle=line["client_handle"],
        extensions=[_extension(*item) for item in extensions.items()] if version == 2 else None,
        parameters=[parameter_from_json(parameter) for parameter in line["params"]],
    )


def _extension(name: str, value: Json) -> Extension:
    if name in _EXTENSION_CODES:
        return Extension(type=_EXTENSION_CODES[name], payload=None if value is True else value)
    payload = b"" if value is True else bytes.fromhex(value)
    return Extension(type=int(name.removeprefix("extension_")), payload=payload)


def _response(line: dict[str, Json]) -> list[tuple[Direction, Record]]:
    found = line["response"]
    if found is None:
        return []
    if "frame_hex" in found:
        return [(Direction.SERVER, _framed(Response, found["frame_hex"]))]
    response = Response(
        client_handle=line["client_handle"],
        status=found["status"],
        status_string=found["status_string"],
        app_status=found["app_status"],
        app_status_string=found["app_status_string"],
        cluster_rtt_ms=found["cluster_rtt_ms"],
        hashes=found["hashes"],
        tables=[table_from_json(table) for table in found["tables"]],
    )
    return [(Direction.SERVER, response)]


def _login(line: dict[str, Json]) -> list[tuple[Direction, Record]]:
    found: list[tuple[Direction, Record]] = []
    if "frame_hex" in line:
        found.append((Direction.CLIENT, _framed(LoginRequest, line["frame_hex"])))
    elif line["version"] is not None:
        found.append((Direction.CLIENT, _login_request(line)))
    response = line["response"]
    if response is None:
        return found
    if "frame_hex" in response:
        return [*found, (Direction.SERVER, _framed(LoginResponse, response["frame_hex"]))]
    values = {name: value for name, value in response.items() if name != "status_text"}
    return [*found, (Direction.SERVER, LoginResponse(**values))]


def _login_request(line: dict[str, Json]) -> LoginRequest:
    scheme = _SCHEME_CODES[line["hash_scheme"]]
    digest = bytes.fromhex(line["password_hash"]) if "password_hash" in line else bytes(HASH_BYTES[scheme])
    return LoginRequest(
        version=line["version"],
        hash_scheme=None if line["version"] == 0 else scheme,
        service=line["service"],
        user=line["user"],
        password_hash=digest,
    )


_READERS: dict[str, Callable[[dict[str, Json]], list[tuple[Direction, Record]]]] = {
    "capture": lambda line: [],
    "exchange": _exchange,
    "fragment": _exchange,
    "login": _login,
    "push": _response,
    "damage": lambda line: [],
    "summary": lambda line: [],
}

_R = TypeVar("_R", bound=Record)


def _framed(kind: type[_R], text: str) -> Record:
    frame = parse(RawFrame, bytes.fromhex(text))
    try:
        message = parse(kind, frame.body)
    except DecodeError:
        return frame
    return message if build(message) == frame.body else frame
