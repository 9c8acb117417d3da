"""All that can be asked of a server's control. Paths, checks, errors and /openapi.json come of this list."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from volttools.mock.control import actions
from volttools.mock.control.requests import Field, Route

LONGEST_WAIT_S: Final = 30.0
"""So long a request may wait for calls."""

_INTEGER = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_SINCE = Field("since", _INTEGER, "only those behind the call of this number", default=0)
_RESPONSE = {
    "type": "object",
    "description": "As `response` of an exchange in docs/json.md: status, status_string, app_status,"
    " app_status_string, tables. {} is success without tables.",
}
_PARAMS = {
    "type": "array",
    "items": {
        "description": '[type, value], such as ["BIGINT", 7]; a value alone is of the type that is obvious'
    },
}

# fmt: off
ROUTES: Final = (
    Route("GET", "/", "A page that shows calls, misses and faults.", actions.page, "HTML"),
    Route("GET", "/openapi.json", "This list.", actions.openapi, "OpenAPI 3.1"),
    Route("GET", "/status", "Nodes, connections and counts.", actions.status, "nodes, connections, call_count, miss_count ..."),
    Route("GET", "/calls", "What was called, in order; the last 10,000 are kept.", actions.calls, "call_count, calls; members of a call as in docs/json.md", query=(
        Field("procedure", _TEXT, "only calls of this one"),
        _SINCE,
        Field("limit", {"type": "integer", "minimum": 1, "maximum": 10_000}, "the last so many of them", default=1000),
        Field("count", _INTEGER, "wait until there are so many", default=0),
        Field("timeout_s", {"type": "number", "maximum": LONGEST_WAIT_S}, "and no longer than this; then the status is 409", default=10.0),
    )),
    Route("GET", "/calls.pcapng", "What passed on all connections, as a capture.", actions.capture, "pcapng"),
    Route("DELETE", "/calls", "Forget calls and misses.", actions.clear_calls, "{}"),
    Route("GET", "/misses", "Calls that nothing answered, with what their clients were told.", actions.misses, "miss_count, misses", query=(_SINCE,)),

    Route("GET", "/answers", "The answers that were added.", actions.answers, "answers"),
    Route("POST", "/answers", "Answer calls of a procedure. The latest that knows a call comes first.", actions.add_answer, "the answer, with its number", body=(
        Field("procedure", _TEXT, "its name", is_required=True),
        Field("params", _PARAMS, "the parameters that a call must have; without it, any"),
        Field("response", _RESPONSE, "what is answered"),
        Field("responses", {"type": "array", "items": _RESPONSE}, "in its place: several, in the order in which they are given"),
        Field("times", {"type": "integer", "minimum": 1}, "how often the last one is given; without it, again and again"),
        Field("delay_ms", {"type": "number", "minimum": 0}, "so late"),
    ), status=HTTPStatus.CREATED),
    Route("DELETE", "/answers", "Take all of them away.", actions.clear_answers, "{}"),
    Route("DELETE", "/answers/{number}", "Take one away.", actions.remove_answer, "{}"),

    Route("POST", "/reset", "Forget calls, misses, added answers and faults, begin recorded answers anew, and let clients in. Nodes and connections stay as they are.", actions.reset, "{}"),
    Route("POST", "/disconnect", "End all connections; new ones are taken.", actions.disconnect, "{}"),
    Route("POST", "/nodes/{number}/stop", "A node dies.", actions.stop_node, "{}"),
    Route("POST", "/nodes/{number}/start", "It comes back, with a new host id.", actions.start_node, "host_id"),
    Route("POST", "/leaders", "Another host leads a partition.", actions.move_leader, "{}", body=(
        Field("partition", _INTEGER, "from 0", is_required=True),
        Field("host_id", _INTEGER, "of a node that has a copy of it", is_required=True),
    )),
    Route("POST", "/tick", "Push a topology that has changed now.", actions.tick, "{}"),
    Route("POST", "/push/{name}", "Send a push to who subscribed: topology or procedures.", actions.push, "{}"),
    Route("POST", "/logins/refuse", "Refuse log-ins from now on.", actions.refuse_logins, "{}", body=(
        Field("status", {"type": ["integer", "string"]}, 'a status of log-ins; "hang" or "close"; 1 is a full server', is_required=True),
    )),
    Route("POST", "/logins/accept", "Let clients in again.", actions.accept_logins, "{}"),

    Route("GET", "/faults", "The rules in force, and what was injected.", actions.faults, "seed, rules, injected", query=(
        Field("limit", {"type": "integer", "minimum": 1, "maximum": 10_000}, "the last so many that were injected", default=1000),
    )),
    Route("POST", "/faults", "Add a rule: a kind of fault, its values, and when.", actions.add_fault, "numbers", body=(
        Field("kind", _TEXT, "its kind; `volttools faults` lists them", is_required=True),
    ), any_members=True, status=HTTPStatus.CREATED),
    Route("DELETE", "/faults", "Take all rules away.", actions.clear_faults, "{}"),
    Route("DELETE", "/faults/{number}", "Take one away.", actions.remove_fault, "{}"),
)
# fmt: on
