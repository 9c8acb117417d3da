"""What the control of a mock server does: one function a route, in the thread of its request."""

from __future__ import annotations

import math
import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from volttools.codec import parse
from volttools.errors import EncodeError
from volttools.formats.response import Response
from volttools.jsonlines.members import Members
from volttools.jsonlines.messages import response_body
from volttools.jsonlines.values import Fidelity, Json, parameter_from_json, parameter_to_json
from volttools.mock.control.answers import AddedAnswer
from volttools.mock.control.openapi import document
from volttools.mock.control.page import page_reply
from volttools.mock.control.requests import Refused, Reply, Request
from volttools.mock.exchanges import call_object

if TYPE_CHECKING:
    from volttools.mock.control.listener import Control

_PAUSE_S: Final = 0.2
"""So soon a request that waits for calls notices that the server ends."""

MOST_RESPONSES: Final = 10_000


# --------------------------------------------------------------- looking


def page(control: Control, request: Request) -> Reply:
    """The page for people."""
    return page_reply()


def openapi(control: Control, request: Request) -> Json:
    """What can be asked for, in OpenAPI's form."""
    return document(control.routes, control.url)


def status(control: Control, request: Request) -> Json:
    """How the server is."""
    server = control.server
    return {
        "nodes": [
            {
                "number": node.index,
                "host_id": node.host_id,
                "host": node.host,
                "port": node.port,
                "is_up": node.is_up,
            }
            for node in server.nodes
        ],
        "partitions": server.topology.partitions,
        "connections": [
            {
                "number": connection.number,
                "host_id": connection.host_id,
                "user": connection.user,
                "client": f"{connection.peer[0]}:{connection.peer[1]}",
                "subscribed": connection.subscribed,
            }
            for connection in server.connections
        ],
        "connection_count": server.connection_count,
        "call_count": server.call_count,
        "miss_count": server.miss_count,
        "answer_count": len(server.added.listed()),
        "login_refusal": server.login_refusal,
        "fault_count": len(server.faults.log),
    }


def calls(control: Control, request: Request) -> Json:
    """What was called; waits for so many calls where that is asked for."""
    server, asked = control.server, request.query

    def found() -> list[Any]:
        return [
            call
            for call in server.calls
            if call.number > asked["since"] and asked["procedure"] in (None, call.procedure)
        ]

    wanted = asked["count"]
    if wanted:
        until = time.monotonic() + asked["timeout_s"]
        while len(found()) < wanted and not control.is_closing:
            left = until - time.monotonic()
            if left <= 0:
                of = "" if asked["procedure"] is None else f" of {asked['procedure']}"
                raise Refused(
                    HTTPStatus.CONFLICT,
                    f"{len(found())} calls{of} came within {asked['timeout_s']:g} s; waited for {wanted}",
                )
            server.wait_until(lambda: len(found()) >= wanted, timeout_s=min(left, _PAUSE_S))
    return {
        "call_count": server.call_count,
        "calls": [call_object(call) for call in found()[-asked["limit"] :]],
    }


def misses(control: Control, request: Request) -> Json:
    """Calls that nothing answered."""
    server = control.server
    return {
        "miss_count": server.miss_count,
        "misses": [
            {"number": miss.number, "procedure": miss.procedure, "text": miss.text}
            for miss in server.misses
            if miss.number > request.query["since"]
        ],
    }


def clear_calls(control: Control, request: Request) -> Json:
    """Forget what was called."""
    control.server.clear_calls()
    return {}


def capture(control: Control, request: Request) -> Reply:
    """What passed, as a capture."""
    with tempfile.TemporaryDirectory(prefix="volttools-") as directory:
        file = Path(directory, "calls.pcapng")
        control.server.save(file)
        return Reply(
            file.read_bytes(),
            "application/octet-stream",
            {"Content-Disposition": 'attachment; filename="calls.pcapng"'},
        )


# --------------------------------------------------------------- answers


def add_answer(control: Control, request: Request) -> Json:
    """Add an answer."""
    body = request.body
    procedure = body.text("procedure")
    if not procedure:
        raise body.error("procedure", "the name of a procedure")
    given = body.items("params")
    params = None
    if given is not None:
        params = tuple(parameter_from_json(value, f"params[{index}]") for index, value in enumerate(given))
    times = body.number("times")
    if times is not None and times < 1:
        raise body.error("times", "a whole number from 1 on")
    answer = control.server.added.add(
        procedure, _responses(body), params=params, delay_s=_delay(body), times=times
    )
    return _answer_object(answer)


def answers(control: Control, request: Request) -> Json:
    """The answers that were added."""
    return {"answers": [_answer_object(answer) for answer in control.server.added.listed()]}


def remove_answer(control: Control, request: Request) -> Json:
    """Take one away."""
    number = request.path["number"]
    _require(
        any(answer.id == number for answer in control.server.added.listed()),
        HTTPStatus.NOT_FOUND,
        f"There is no answer {number}",
    )
    control.server.added.remove(number)
    return {}


def clear_answers(control: Control, request: Request) -> Json:
    """Take all away."""
    control.server.added.clear()
    return {}


def _responses(body: Members) -> list[Response]:
    if ("response" in body) == ("responses" in body):
        raise EncodeError("expected either a response, or several in responses", path="response")
    if "response" in body:
        return [_response(body.value("response"), "response")]
    items = body.items("responses") or []
    if not 1 <= len(items) <= MOST_RESPONSES:
        raise body.error("responses", f"1 to {MOST_RESPONSES:,} responses")
    return [_response(item, f"responses[{index}]") for index, item in enumerate(items)]


def _response(found: Json, path: str) -> Response:
    """A response as docs/json.md has it."""
    if not isinstance(found, dict):
        raise EncodeError("expected an object such as docs/json.md has for a response", path=path)
    try:
        data = response_body(Members({"response": found, "client_handle": 0}))
    except EncodeError as error:
        error.path = (error.path or "response").replace("response", path, 1)
        raise
    assert data is not None
    return parse(Response, data)


def _delay(body: Members) -> float:
    value = body.value("delay_ms")
    if value is None:
        return 0.0
    if type(value) not in (int, float) or not (0 <= value <= 3.6e6 and math.isfinite(value)):
        raise body.error("delay_ms", "milliseconds, up to an hour")
    return float(value) / 1000


def _answer_object(answer: AddedAnswer) -> Json:
    return {
        "number": answer.id,
        "procedure": answer.procedure,
        "params": None
        if answer.params is None
        else [parameter_to_json(each, Fidelity()) for each in answer.params],
        "responses": len(answer.responses),
        "delay_ms": answer.delay_s * 1000,
        "times": answer.times,
        "given": answer.given,
        "is_used_up": answer.is_used_up,
    }


# ---------------------------------------------------------------- server


def reset(control: Control, request: Request) -> Json:
    """As it was in the beginning, but for its nodes and connections."""
    server = control.server
    server.added.clear()
    server.accept_logins()
    with control.lock:
        server.faults.clear()
    server.reset()
    return {}


def disconnect(control: Control, request: Request) -> Json:
    """End all connections."""
    control.server.disconnect()
    return {}


def stop_node(control: Control, request: Request) -> Json:
    """A node dies."""
    control.server.stop_node(_node(control, request))
    return {}


def start_node(control: Control, request: Request) -> Json:
    """It comes back."""
    return {"host_id": control.server.start_node(_node(control, request))}


def _node(control: Control, request: Request) -> int:
    """The number of the node that is asked for, if there is one."""
    number: int = request.path["number"]
    last = len(control.server.nodes) - 1
    _require(0 <= number <= last, HTTPStatus.NOT_FOUND, f"There is no node {number}; nodes are 0 .. {last}")
    return number


def move_leader(control: Control, request: Request) -> Json:
    """Another host leads a partition."""
    partition, host_id = request.body.number("partition"), request.body.number("host_id")
    if partition is None or host_id is None:
        raise EncodeError("expected a whole number", path="partition" if partition is None else "host_id")
    control.server.move_leader(partition, host_id)
    return {}


def tick(control: Control, request: Request) -> Json:
    """What happens every tick."""
    control.server.tick()
    return {}


def push(control: Control, request: Request) -> Json:
    """Send a push."""
    pushes = {"topology": control.server.push_topology, "procedures": control.server.push_procedures}
    name = request.path["name"]
    _require(
        name in pushes, HTTPStatus.NOT_FOUND, f"There is no push {name!r}; there are {', '.join(pushes)}"
    )
    pushes[name]()
    return {}


def refuse_logins(control: Control, request: Request) -> Json:
    """Refuse log-ins."""
    status = request.body.value("status")
    if type(status) not in (int, str):
        raise request.body.error("status", 'a status of log-ins, "hang" or "close"')
    control.server.refuse_logins(status)
    return {}


def accept_logins(control: Control, request: Request) -> Json:
    """Take them again."""
    control.server.accept_logins()
    return {}


# ---------------------------------------------------------------- faults


def faults(control: Control, request: Request) -> Json:
    """Rules in force, and what was injected."""
    found = control.server.faults
    return {
        "seed": found.seed,
        "rules": [{"number": entry.number, "rule": str(entry.rule)} for entry in found.entries],
        "injected": [injection.as_json() for injection in found.log[-request.query["limit"] :]],
        "injected_count": len(found.log),
    }


def add_fault(control: Control, request: Request) -> Json:
    """Add a rule."""
    found = control.server.faults
    keys = dict(request.body.found)
    kind = keys.pop("kind")
    if not isinstance(kind, str):
        raise request.body.error("kind", "the name of a kind of fault")
    with control.lock:
        return {"numbers": found.add(kind, **keys)}


def remove_fault(control: Control, request: Request) -> Json:
    """Take a rule away."""
    found = control.server.faults
    number = request.path["number"]
    with control.lock:
        _require(
            any(entry.number == number for entry in found.entries),
            HTTPStatus.NOT_FOUND,
            f"There is no rule {number}",
        )
        found.remove(number)
    return {}


def clear_faults(control: Control, request: Request) -> Json:
    """Take all rules away."""
    with control.lock:
        control.server.faults.clear()
    return {}


def _require(holds: bool, status: HTTPStatus, text: str) -> None:
    if not holds:
        raise Refused(status, text)
