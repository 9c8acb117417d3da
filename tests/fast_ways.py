"""Each fast way held against the slow one that says what is right: for any message, and for any capture."""

from __future__ import annotations

import io
import json
import pickle
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.capture.long_way import the_long_way
from volttools.capture.parts import NotDivisibleError
from volttools.capture.reader import open as open_capture
from volttools.codec import build, parse, quick_check
from volttools.codec.common_rows import without_common_rows
from volttools.compare import compare, connections, waiting
from volttools.compare.spool import Spool
from volttools.errors import DecodeError, VoltToolsError
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Record
from volttools.formats.response import Response
from volttools.jobs import Tell
from volttools.jsonlines.lines import event_line
from volttools.protocol.frames import Frame
from volttools.protocol.heads import add_answers, add_calls, head_of
from volttools.render.summary import Tally, summary_line
from volttools.stats import parts
from volttools.stats.digest import Digest
from volttools.stats.figures import figures
from volttools.stats.keys import key_of
from volttools.stats.parts import Task, digest_of_parts

# ---------------------------------------------------------------- messages


def is_read(kind: type[Record], body: bytes) -> bool:
    """What `parse` says; an invocation's parameters must be read as well."""
    try:
        found = parse(kind, body)
    except DecodeError:
        return False
    return not isinstance(found, Invocation) or found.is_readable


def check_quick_check(kind: type[Record], body: bytes) -> None:
    """What is said to be readable is read."""
    if quick_check(kind, body):
        assert is_read(kind, body)


def check_heads(kind: type[Record], bodies: Sequence[bytes]) -> None:
    """Frames that are split and whose heads are read in one loop are those that were put together."""
    stream = b"".join(build(RawFrame(body=body)) for body in bodies)
    found: list[Frame] = []
    add = add_calls if kind is Invocation else add_answers
    add(stream, 0, 1, None, False, found)
    for frame, body in zip(found, bodies, strict=False):
        assert frame.body == body
        assert frame.head == head_of(frame.direction, body)


def check_common_rows(body_a: bytes, body_b: bytes) -> None:
    """Responses are equal with and without the rows that both have, and can be read or not."""

    def are_equal(bodies: Sequence[bytes]) -> bool | str:
        try:
            one, other = (repr(parse(Response, body)) for body in bodies)
        except DecodeError:
            return "unreadable"
        return one == other

    assert are_equal(without_common_rows(body_a, body_b)) == are_equal((body_a, body_b))


# ---------------------------------------------------------------- captures


def check_short_way(data: bytes) -> None:
    """Plain packets give the events that all packets give; steps, too."""

    def found() -> Any:
        capture = open_capture(io.BytesIO(data))
        lines = [event_line(event, keep_login_hashes=True) for event in capture.events()]
        return lines, capture.summary, [repr(step) for step in open_capture(io.BytesIO(data)).steps()]

    short = _outcome(found)
    with the_long_way():
        assert _outcome(found) == short


def check_summary(data: bytes) -> None:
    """Events that are counted many at a time are counted as one by one."""
    whole, one_by_one = Tally(), Tally()

    def all_at_once() -> Any:
        whole.add_all(open_capture(io.BytesIO(data)).events())
        return summary_line(whole), whole.messages

    def by_parsing() -> Any:
        for event in open_capture(io.BytesIO(data)).events():
            event_line(event)  # which looks at all of it, as `decode` does
            one_by_one.add(event)
        return summary_line(one_by_one), one_by_one.messages

    assert _outcome(all_at_once) == _outcome(by_parsing)


def check_parts(files: Sequence[bytes], rng: random.Random) -> str:
    """What parts count is what one counts, or is refused; says which."""
    by = rng.choice(("procedure", "status", "param:0", "minute"))

    def results(
        function: Callable[[Task, Tell], Any], tasks: Sequence[Task], on_told: Callable[[int, Any], None]
    ) -> Iterator[Any]:
        for number, task in rng.sample(list(enumerate(tasks)), len(tasks)):
            yield pickle.loads(pickle.dumps(function(task, partial(on_told, number))))

    with tempfile.TemporaryDirectory(prefix="volttools-fuzz-") as folder:
        paths = [str(Path(folder) / f"{number}.pcap") for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            Path(path).write_bytes(data)

        def whole() -> Any:
            digest = Digest(key_of(by))
            digest.add_all(open_capture(*paths).events())
            return json.dumps(figures(digest, []))

        def divided() -> Any:
            return json.dumps(figures(digest_of_parts(Task(files=paths, by=by), rng.choice((2, 3, 8))), []))

        with patch.object(parts, "results", results):
            try:
                found = _outcome(divided)
            except NotDivisibleError:
                return "parts refused"
            assert found == _outcome(whole)
    return "parts counted"


def check_overflow(data_a: bytes, data_b: bytes) -> None:
    """A comparison is the same where everything waits on disk."""

    def found(**options: Any) -> Any:
        a, b = (open_capture(io.BytesIO(data)).events() for data in (data_a, data_b))
        return compare(a, b, **options)

    in_memory = _outcome(found)
    with patch.object(waiting, "MOST_IN_MEMORY", 1), patch.object(connections, "MOST_WAITING", 0):
        assert _outcome(lambda: found(spool=Spool(io.BytesIO(), memory=0))) == in_memory


def _outcome(function: Callable[[], Any]) -> Any:
    """What a function gives, or the sentence that it raises."""
    try:
        return function()
    except VoltToolsError as error:
        return str(error)
