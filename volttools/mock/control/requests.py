"""What was asked: a route, the values of its path and query, and the JSON of its body, all checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from volttools.errors import EncodeError
from volttools.jsonlines.members import Members
from volttools.words import nearest


class Refused(Exception):
    """A request that is answered with an error: its status and one sentence."""

    def __init__(self, status: HTTPStatus, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a query, or a member of a body.

    schema   as JSON Schema says it: {"type": "integer"}
    default  of a query's value that isn't given
    """

    name: str
    schema: Mapping[str, Any]
    help: str
    is_required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that fits its route.

    path   the numbers and words in the path, by name
    query  by name, with defaults
    body   the JSON object, whose members' names are known
    """

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Members


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent where JSON isn't."""

    content: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


Action = Callable[[Any, Request], Any]
"""Gets the `Control`; gives a `Reply`, or what is sent as JSON."""


@dataclass(frozen=True, slots=True)
class Route:
    """Something that can be asked for.

    path    {number} stands for a whole number, {name} for a word
    status  where it goes well
    body    members of the object that is sent; None: none is
    any_members  whether the body may have others
    gives   what comes back, in words
    """

    method: str
    path: str
    summary: str
    action: Action
    gives: str
    query: tuple[Field, ...] = ()
    body: tuple[Field, ...] | None = None
    any_members: bool = False
    status: HTTPStatus = HTTPStatus.OK

    def match(self, path: str) -> dict[str, Any] | None:
        """The values in a path; None if it is another's."""
        found = re.fullmatch(
            self.path.replace("{number}", r"(?P<number>\d{1,18})").replace("{name}", r"(?P<name>[^/]+)"), path
        )
        if found is None:
            return None
        return {name: int(text) if name == "number" else text for name, text in found.groupdict().items()}


_NUMBERS: Final = {"integer": (int, "a whole number"), "number": (float, "a number")}


def find(routes: Iterable[Route], method: str, target: str) -> tuple[Route, dict[str, Any], dict[str, Any]]:
    """The route of a request, with the values of path and query. Raises Refused."""
    parts = urlsplit(target)
    path = unquote(parts.path, errors="replace")
    found = {route.method: (route, values) for route in routes if (values := route.match(path)) is not None}
    if not found:
        like = nearest(path, {route.path for route in routes})
        hint = f"did you mean {like}?" if like else "GET /openapi.json lists what is there"
        raise Refused(HTTPStatus.NOT_FOUND, f"There is nothing at {path}; {hint}")
    if method not in found:
        allowed = ", ".join(found)
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {allowed}, not {method}", Allow=allowed)
    route, values = found[method]
    return route, values, _query(route, parts.query)


def _query(route: Route, text: str) -> dict[str, Any]:
    known = {one.name: one for one in route.query}
    values = {one.name: one.default for one in route.query}
    try:
        given = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"The query can't be read: {error}") from None
    for name, value in given:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none"
            raise Refused(HTTPStatus.BAD_REQUEST, f"{route.path} has no query {name!r}; {there}")
        values[name] = _value(known[name], value)
    return values


def _value(one: Field, text: str) -> Any:
    if one.schema.get("type") not in _NUMBERS:
        return text
    kind, words = _NUMBERS[one.schema["type"]]
    try:
        found = kind(text)
        if not one.schema.get("minimum", 0) <= found <= one.schema.get("maximum", 2**63):
            raise ValueError
    except ValueError:
        limit = f" up to {one.schema['maximum']}" if "maximum" in one.schema else ""
        raise Refused(HTTPStatus.BAD_REQUEST, f"{one.name}: expected {words}{limit}, got {text!r}") from None
    return found


def body_of(route: Route, data: bytes) -> Members:
    """The object that was sent. Raises Refused, EncodeError."""
    if not data.strip():
        found: Any = {}
    else:
        try:
            found = json.loads(data, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"The body is no JSON: {error}") from None
    members = Members(found)
    if route.body is None:
        if found:
            raise Refused(HTTPStatus.BAD_REQUEST, f"{route.method} {route.path} takes no body")
        return members
    if not route.any_members:
        members.only(*(one.name for one in route.body))
    for one in route.body:
        if one.is_required and one.name not in members:
            raise EncodeError("it is missing", path=one.name)
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
