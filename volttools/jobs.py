"""Work that is divided among processes, each of which does one slice of it.

A slice is done by a pure function of its task. What it gives travels back by pickle, and whoever asked
for it puts the parts together.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")


class WorkerDiedError(Exception):
    """A process ended without a result: it was killed, or ran out of memory."""


def results(function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """The result of each task, in the order in which they are done; each has a process of its own.

    An exception of the function is raised here. Whoever stops asking ends the processes that are left, and
    they end by themselves where this process does, however it is ended.
    """
    workers: dict[Connection, multiprocessing.Process] = {}
    try:
        for task in tasks:
            mine, its = multiprocessing.Pipe(duplex=False)
            worker = multiprocessing.Process(target=_work, args=(its, function, task), daemon=True)
            worker.start()
            its.close()
            workers[mine] = worker
        while workers:
            for ready in cast(list[Connection], wait(list(workers))):
                worker = workers.pop(ready)
                with ready:
                    try:
                        found = ready.recv()
                    except EOFError:
                        worker.join()
                        raise WorkerDiedError(
                            f"a process that did a part of the work has ended with status {worker.exitcode}"
                        ) from None
                worker.join()
                if isinstance(found, BaseException):
                    raise found
                yield found
    finally:
        for ready, worker in workers.items():
            worker.terminate()
            worker.join()
            ready.close()


def _work(out: Connection, function: Callable[[T], R], task: T) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's, which ends the others
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    found: R | Exception
    try:
        found = function(task)
    except Exception as error:
        found = error
    out.send(found)


def _end_with_the_first() -> None:
    """Wait for the end of the process that wants the work; if it was killed, nobody wants it any more."""
    first = multiprocessing.parent_process()
    assert first is not None
    first.join()
    os._exit(1)
