"""What a recording holds, as the programs tell of theirs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.interop.foreign import Line, plain
from volttools.capture.reader import open as open_capture
from volttools.jsonlines.lines import event_line

_KEPT = ("status", "status_string", "app_status", "app_status_string", "tables")


def recorded_calls(path: Path) -> list[Line]:
    """The calls of procedures that are not the system's; AssertionError if anything is damaged."""
    found = []
    with open_capture(path) as capture:
        for event in capture.events():
            line = event_line(event)
            if line["kind"] == "exchange" and not line["procedure"].startswith("@"):
                found.append(told(line))
        assert capture.summary.damage_count == 0
    return found


def told(exchange: dict[str, Any]) -> Line:
    """What a client can tell of an exchange."""
    response = {name: exchange["response"][name] for name in _KEPT}
    params = [value for _, value in exchange["params"]]
    return plain({"procedure": exchange["procedure"], "params": params, "response": response})


def in_order(calls: Iterable[Line]) -> list[Line]:
    """Calls in flight at the same time end in any order."""
    return sorted(calls, key=json.dumps)
