"""Work that is divided among processes, each of which does one slice of it.

A slice is done by a pure function of its task. What it gives travels back by pickle, and whoever asked
for it puts the parts together. Meanwhile it may tell how far it is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")
Tell = Callable[[Any], None]
"""Tells who asked for the work something of it, before it is done."""


class WorkerDiedError(Exception):
    """A process ended without a result: it was killed, or ran out of memory."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What is no result, but told of it."""

    word: Any


def results(
    function: Callable[[T, Tell], R],
    tasks: Sequence[T],
    on_told: Callable[[int, Any], None] = lambda number, word: None,
) -> Iterator[R]:
    """The result of each task, in the order in which they are done; each has a process of its own.

    function  gets a task, and something to call with what is to be told meanwhile
    on_told   called with the number of a task, from 0, and what was told of it
    An exception of the function is raised here. Whoever stops asking ends the processes that are left, and
    they end by themselves where this process does, however it is ended.
    """
    workers: dict[Connection, multiprocessing.Process] = {}
    numbers: dict[Connection, int] = {}
    try:
        for number, task in enumerate(tasks):
            mine, its = multiprocessing.Pipe(duplex=False)
            worker = multiprocessing.Process(target=_work, args=(its, function, task), daemon=True)
            worker.start()
            its.close()
            workers[mine], numbers[mine] = worker, number
        while workers:
            for ready in cast(list[Connection], wait(list(workers))):
                worker = workers[ready]
                try:
                    found = ready.recv()
                except (EOFError, OSError):  # before what it says, or in the middle of it
                    worker.join()
                    raise WorkerDiedError(
                        f"a process that did a part of the work has ended with status {worker.exitcode}"
                    ) from None
                if isinstance(found, _Told):
                    on_told(numbers[ready], found.word)
                    continue
                del workers[ready]
                ready.close()
                worker.join()
                if isinstance(found, BaseException):
                    raise found
                yield found
    finally:
        for ready, worker in workers.items():
            worker.terminate()
            worker.join()
            ready.close()


def _work(out: Connection, function: Callable[[T, Tell], R], task: T) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's, which ends the others
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    found: R | Exception
    try:
        found = function(task, lambda word: out.send(_Told(word)))
    except Exception as error:
        found = error
    out.send(found)


def _end_with_the_first() -> None:
    """Wait for the end of the process that wants the work; if it was killed, nobody wants it any more."""
    first = multiprocessing.parent_process()
    assert first is not None
    first.join()
    os._exit(1)
