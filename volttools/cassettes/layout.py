"""How a cassette stands in a file: JSON lines for people.

The objects are those of `decode --json` (docs/json.md), so types are exact, and every command reads a
cassette as a capture. But each goes over several lines, of which the second and following begin with a
blank, so that a review shows what changed:

    {"kind": "capture", "schema": 1, "cassette": 1, "volttools": "1.0"}
    {"kind": "exchange",
     "procedure": "Select",
     "params": [["BIGINT", 7]],
     "response": {
      "status": 1,
      "tables": [
       {"columns": [["ID", "BIGINT"], ["NAME", "STRING"]],
        "rows": [
         [7, "Ann"]]}]},
     "time_ns": 1774366090834247000,
     "latency_ns": 1485000}

What is as usual is left out: version 0, no application status, no notes; and what a cassette is not about:
connections, handles, numbers of frames.

JSON rather than YAML: no number becomes a date, no NO becomes false, no library is needed, and there is one
form of a value in everything that volttools writes.
"""

from __future__ import annotations

from typing import Any, Final

from volttools.formats.response import APP_STATUS_UNSET
from volttools.formats.table import TABLE_STATUS_UNSET
from volttools.jsonlines.lines import SCHEMA, exchange_line, line_text
from volttools.protocol.events import Exchange, Login
from volttools.version import __version__

CASSETTE_SCHEMA: Final = 1
WIDTH: Final = 100
"""A value that is not longer stands on one line."""

_MEMBERS = (
    *("kind", "procedure", "version", "extensions", "params", "response", "time_ns", "latency_ns"),
    "frame_hex",
)
_USUAL: dict[str, Any] = {
    "version": 0,
    "time_ns": None,
    "latency_ns": None,
}
_USUAL_RESPONSE: dict[str, Any] = {
    "status_string": None,
    "app_status": APP_STATUS_UNSET,
    "app_status_string": None,
    "cluster_rtt_ms": 0,
    "exception": None,
    "hashes": None,
    "tables": [],
}
_USUAL_TABLE = {"status": TABLE_STATUS_UNSET}
_A_LINE_EACH = ("rows",)


def head_line() -> dict[str, Any]:
    """The first object of a file."""
    return {"kind": "capture", "schema": SCHEMA, "cassette": CASSETTE_SCHEMA, "volttools": __version__}


def login_line(login: Login) -> dict[str, Any] | None:
    """What a mock server needs to know of a log-in: the build of the server. Nothing of who logged in."""
    if login.response is None or not login.response.accepted:
        return None
    return {"kind": "login", "response": {"build": login.response.build}}


def interaction_line(exchange: Exchange) -> dict[str, Any]:
    """What a cassette says of an exchange; secrets are blanked."""
    said = exchange_line(exchange)
    line = {name: said[name] for name in _MEMBERS if name in said and said[name] != _USUAL.get(name, ...)}
    response = {
        name: value
        for name, value in said["response"].items()
        if name != "status_name" and value != _USUAL_RESPONSE.get(name, ...)
    }
    if "tables" in response and "frame_hex" not in response:  # of which the reader compares what is said
        response["tables"] = [
            {name: value for name, value in table.items() if value != _USUAL_TABLE.get(name, ...)}
            for table in response["tables"]
        ]
    line["response"] = response
    return line


def laid_out(line: dict[str, Any]) -> str:
    """An object as it stands in a file, with its newline.

    >>> print(laid_out({"kind": "exchange", "params": [["BIGINT", 7]]}), end="")
    {"kind": "exchange",
     "params": [["BIGINT", 7]]}
    """
    if line.get("kind") == "capture":
        return _text(line) + "\n"
    members = [f"{_text(name)}: {_value(name, value, 1)}" for name, value in line.items()]
    return "{" + ",\n ".join(members) + "}\n"


def _value(name: str, value: Any, depth: int) -> str:
    """A value, on one line if it fits."""
    text = _text(value)
    if not (isinstance(value, list | dict) and value) or (
        len(text) + depth <= WIDTH and not _has_rows(name, value)
    ):
        return text
    blanks = "\n" + " " * (depth + 1)
    if isinstance(value, list):
        return "[" + blanks + f",{blanks}".join(_value("", each, depth + 1) for each in value) + "]"
    members = [f"{_text(each)}: {_value(each, value[each], depth + 1)}" for each in value]
    if name:
        return "{" + blanks + f",{blanks}".join(members) + "}"
    return "{" + f",{blanks}".join(members) + "}"


def _has_rows(name: str, value: Any) -> bool:
    """Whether rows are in there: those have a line each, however short."""
    if name in _A_LINE_EACH:
        return True
    if isinstance(value, dict):
        return any(_has_rows(each, inner) and inner for each, inner in value.items())
    return isinstance(value, list) and any(
        isinstance(each, dict) and _has_rows("", each) for each in value[:_ENOUGH]
    )


_ENOUGH = 100
"""Of a longer list so many are looked at: it doesn't fit on a line anyway."""


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return line_text(value, separators=(", ", ": "))
    text = line_text({"": value}, separators=(", ", ": "))
    return text[len('{"": ') : -1]
