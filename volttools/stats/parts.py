"""The digest of a capture by several processes, each of which counts a part of its connections."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

from volttools.capture.conversations import MAX_OPEN
from volttools.capture.keylogs import KeyLogLike
from volttools.capture.parts import SLOTS, NotDivisibleError, Part, numbers_of
from volttools.capture.reader import Progress
from volttools.capture.reader import open as open_capture
from volttools.capture.sources import Source
from volttools.jobs import Tell, WorkerDiedError, results
from volttools.protocol.events import Event
from volttools.stats.digest import MOST_GROUPS, Digest
from volttools.stats.keys import key_of

KEYS = ("procedure", "minute", "status")
"""What parts can be counted by, besides parameters: other keys may ask for numbers in the capture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be counted, as it is given to `open` and `key_of`; a part of it, of so many."""

    files: Sequence[str]
    by: str = "procedure"
    ports: Sequence[int] = ()
    keylog: Sequence[KeyLogLike] = ()
    part: int = 0
    parts: int = 1


def digest_of_parts(task: Task, jobs: int, on_progress: Progress = lambda done, total: None) -> Digest:
    """The digest, by so many processes; equal to that of one.

    on_progress  as `open` has it: how much the slowest of them has read
    Raises NotDivisibleError where only one can do it.
    """
    if not (task.by in KEYS or task.by.startswith("param:")):
        raise NotDivisibleError(f"{task.by} may differ between parts and the whole")
    streams = [source.name for source in map(Source, task.files) if source.is_stream]
    if streams:
        raise NotDivisibleError(f"{streams[0]} can be read only once")
    parts = min(jobs, SLOTS)
    tasks = [replace(task, part=part, parts=parts) for part in range(parts)]
    whole = Digest(key_of(task.by))
    numbered, unsure = [], []
    read = [0] * parts

    def on_told(number: int, told: tuple[int, int | None]) -> None:
        read[number], total = told
        on_progress(min(read), total)

    try:
        for digest, its, turns in results(count_part, tasks, on_told):
            whole.merge(digest)
            numbered.append(its)
            unsure.append(turns)
    except WorkerDiedError as error:
        raise NotDivisibleError(str(error)) from None
    if whole.connections > MAX_OPEN:
        raise NotDivisibleError("there are more connections than are known at once")
    if whole.others is not None or len(whole.groups) > 2 * MOST_GROUPS:
        raise NotDivisibleError("there are too many groups")
    whole.renumber(numbers_of(numbered, unsure))
    return whole


def count_part(task: Task, tell: Tell) -> tuple[Digest, array[int], array[int]]:
    """The digest of a part, the packets in which its calls were numbered, and where those are unsure.

    tell  called with bytes read and their number, if known, as `open` has it
    """
    part = Part(task.part, task.parts)
    digest = Digest(key_of(task.by))
    capture = open_capture(
        *task.files,
        ports=task.ports,
        keylog=task.keylog,
        part=part,
        on_progress=lambda done, total: tell((done, total)),
    )

    def wants(event: Event) -> bool:
        part.check(event)
        return True

    digest.add_all(capture.events(), wants)
    if digest.others is not None:
        raise NotDivisibleError("there are too many groups")
    return digest, part.numbered, part.unsure
