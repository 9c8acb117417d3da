"""What is wrong with a cassette, for people who edited one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volttools.capture.jsonlines_file import JsonLinesFile, looks_like_json_lines
from volttools.capture.packets import detect
from volttools.capture.side_files import IN_FILE, directory_of
from volttools.cassettes.layout import CASSETTE_SCHEMA
from volttools.errors import CaptureError, EncodeError
from volttools.jsonlines.lines import SCHEMA
from volttools.protocol.events import Damage, Exchange

_FIRST_LINE = json.dumps({"kind": "capture", "schema": SCHEMA, "cassette": CASSETTE_SCHEMA})


_FIRST = re.compile(rb"[^\n]*(?:\n[ \t][^\n]*)*")  # with the lines that go on with it


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong. line: of the file, from 1, where it is known; is_error: it can't be played so."""

    text: str
    line: int | None = None
    is_error: bool = True

    def __str__(self) -> str:
        return self.text if self.line is None else f"line {self.line:,}: {self.text}"


def check(path: str | Path, *, beside: str | Path | None = None) -> list[Complaint]:
    """All that is wrong with a cassette, in the order of its lines. CaptureError for a file that is none.

    beside  the file beside which its side files stand, if that is another one
    """
    path = Path(path)
    named = path if beside is None else Path(beside)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaptureError(error.strerror or str(error), file=str(path)) from error
    if not looks_like_json_lines(data[:64]):
        raise CaptureError(_no_cassette(path, data), file=str(path))
    complaints: list[Complaint] = []
    count = 0
    with path.open("rb") as stream:
        lines = JsonLinesFile(
            stream, file=str(named), on_error=lambda line, error: complaints.append(_of(line, error))
        )
        for event in lines:
            if isinstance(event, Exchange):
                count += 1
                complaints += _of_exchange(event, data)
            elif isinstance(event, Damage):
                complaints.append(Complaint(event.message))
    complaints += _of_head(data)
    complaints += _of_side_files(named, data)
    if not count and not complaints:
        complaints.append(Complaint("no call with its answer is in there", is_error=False))
    return sorted(complaints, key=lambda complaint: complaint.line or 0)


def _no_cassette(path: Path, data: bytes) -> str:
    """What a file is that begins with no JSON."""
    if detect(data[:4]) == "other":
        return "it doesn't begin as a cassette: a JSON object"
    return (
        f"this is a capture: `volttools check {path}` checks it, "
        f"`volttools cassette from-capture {path} -o FILE` makes a cassette of it"
    )


def _of(line: int, error: EncodeError) -> Complaint:
    return Complaint(f"{error.path}: {error.message}" if error.path else error.message, line)


def _of_head(data: bytes) -> list[Complaint]:
    try:
        head = json.loads(_FIRST.match(data)[0])  # type: ignore[index]  # it matches anything
    except ValueError:
        return []
    if not isinstance(head, dict) or head.get("kind") != "capture":
        return [Complaint(f"the first line names no schema: begin with {_FIRST_LINE}", 1, False)]
    version: Any = head.get("cassette", CASSETTE_SCHEMA)
    if type(version) is not int or version > CASSETTE_SCHEMA:
        return [Complaint(f"schema {version!r} of cassettes; this volttools knows {CASSETTE_SCHEMA}", 1)]
    return []


def _of_exchange(exchange: Exchange, data: bytes) -> list[Complaint]:
    place = exchange.request_frame or exchange.response_frame
    line = None if place is None else data.count(b"\n", 0, place.offset) + 1
    if exchange.request_frame is None:
        return [Complaint("an answer without a call", line)]
    if exchange.response_frame is None:
        return [Complaint(f"the call of {exchange.procedure} has no answer, so it isn't played", line, False)]
    if exchange.response is None:
        return [Complaint(f"the answer of {exchange.procedure} can't be read", line, False)]
    return []


def _of_side_files(path: Path, data: bytes) -> list[Complaint]:
    directory = directory_of(path)
    if not directory.is_dir():
        return []
    return [
        Complaint(f"nothing refers to {directory.name}/{each.name}", is_error=False)
        for each in sorted(directory.iterdir())
        if f'"{IN_FILE}": "{each.name}"'.encode() not in data
    ]
