"""A Locust user that replays a capture: load from several processes and machines, with Locust's figures and page.

    from volttools.replay.locust import ReplayUser

    class Voters(ReplayUser):
        capture = "voter.pcapng"        # the target is Locust's --host

The recorded connections are dealt to the workers, and a worker's to its users, of which each makes the calls of
one connection after the other; so all workers together make each call once. There should be as many users as
connections: otherwise some are made late. When all is made, the test ends.

Locust's response times count from when a call was to be sent. Needs the extra `locust`, whose import makes
the sockets of the whole process those of gevent: don't import this elsewhere.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import MasterRunner, Runner, WorkerRunner

import volttools
from volttools.client.connection_settings import ConnectionSettings
from volttools.client.core import Pending
from volttools.client.requests import DEFAULT_TIMEOUT
from volttools.client.session import Session
from volttools.errors import CallFailed, ClientError, VoltToolsError
from volttools.formats.response import STATUS_NAMES, SUCCESS
from volttools.replay.replaying import Prepared, Wishes, check_something_is_made, prepare
from volttools.replay.safety import Nature
from volttools.replay.schedule import Planned, Schedule

_log = logging.getLogger(__name__)

_SLICE, _DONE = "volttools_slice", "volttools_done"


class _Work:
    """What this process is to do: of `count` processes it is number `index`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A new test begins."""
        self.index, self.count = 0, 1
        self.is_dealt = Event()
        self.reading = Semaphore()
        self.lines: deque[list[Planned]] | None = None
        self.left = 0
        self.processes_left = 1
        self.began_ns = 0

    def deal(self, index: int, count: int) -> None:
        """Say which part is ours."""
        self.index, self.count = index, count
        self.is_dealt.set()

    def read(self, prepared: Prepared) -> None:
        """Take the calls of our connections."""
        found: dict[int, list[Planned]] = {}
        for planned in prepared.wishes.schedule.calls(prepared.plan):
            if planned.connection % self.count == self.index:
                found.setdefault(planned.connection, []).append(planned)
        self.lines = deque(found.values())
        self.left = len(found)
        self.began_ns = time.perf_counter_ns()


_work = _Work()


def _listen(environment: Environment, **_: Any) -> None:
    """Let master and workers tell each other."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.register_message(_SLICE, lambda environment, msg: _work.deal(**msg.data))
    elif isinstance(runner, MasterRunner):
        runner.register_message(_DONE, lambda environment, msg: _process_done(environment))


def _deal(environment: Environment, **_: Any) -> None:
    """Each worker gets its part; without workers all is ours."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        return  # the master's message may be here already
    _work.reset()
    if isinstance(runner, MasterRunner):
        workers = sorted(runner.clients)
        _work.processes_left = len(workers)
        for index, worker in enumerate(workers):
            runner.send_message(_SLICE, {"index": index, "count": len(workers)}, worker)
    else:
        _work.deal(0, 1)


events.init.add_listener(_listen)
events.test_start.add_listener(_deal)


def _process_done(environment: Environment) -> None:
    _work.processes_left -= 1
    if not _work.processes_left:
        gevent.spawn(_end, environment.runner)


def _end(runner: Runner) -> None:
    """End the test; workers tell their last figures when they stop."""
    runner.stop()
    runner.quit()


def _fail(environment: Environment, error: VoltToolsError) -> None:
    """Say what went wrong; Locust's exit status tells it, too."""
    _log.error(str(error))
    environment.process_exit_code = 2


class ReplayUser(User):
    """Makes the calls of connections of a capture.

    capture    the file
    allowed    what calls may do besides reading: {Nature.WRITE}
    schedule   when they are sent; its order is not looked at: each waits for the answer of the one before
    settings   of the connection, by the keys of `ConnectionSettings.of`: {"user": "op"}
    recorded_target   the target may be the server that was recorded
    """

    abstract = True
    capture: ClassVar[str] = ""
    allowed: ClassVar[Collection[Nature]] = ()
    schedule: ClassVar[Schedule] = Schedule()
    settings: ClassVar[Mapping[str, Any]] = {}
    recorded_target: ClassVar[bool] = False

    @task
    def replay(self) -> None:
        """Make the calls of the next connection; the last one ends the test."""
        _work.is_dealt.wait()
        with _work.reading:
            if _work.lines is None:
                self._read()
        if not _work.lines:
            raise StopUser
        calls = _work.lines.popleft()
        try:
            self._make(calls, self._settings())
        except ClientError as error:
            _fail(self.environment, error)
            raise StopUser from None
        finally:
            _work.left -= 1
            if not _work.left:
                self._all_done()

    def _settings(self) -> ConnectionSettings:
        return ConnectionSettings.of(self.host, **self.settings)

    def _read(self) -> None:
        """Read the capture, once for the users of this process."""
        _work.lines = deque()  # once, also if it fails
        try:
            with volttools.open(self.capture) as capture:
                wishes = Wishes(
                    schedule=self.schedule, allowed=self.allowed, recorded_target=self.recorded_target
                )
                with prepare(capture, self._settings(), wishes) as prepared:
                    check_something_is_made(prepared.verdict)
                    _work.read(prepared)
        except VoltToolsError as error:
            _fail(self.environment, error)
            self._all_done()
            raise StopUser from None
        if not _work.left:
            self._all_done()

    def _make(self, calls: list[Planned], settings: ConnectionSettings) -> None:
        session = Session.open(
            settings.addresses,
            settings.login(),
            connect_timeout=settings.connect_timeout,
            ssl_context=settings.ssl_context(),
        )
        timeout = settings.value("timeout", DEFAULT_TIMEOUT)
        try:
            for planned in calls:
                self._call(session, planned, timeout)
        finally:
            session.close()

    def _call(self, session: Session, planned: Planned, timeout: float | None) -> None:
        """Make a call when it is due, and tell Locust."""
        due_ns = time.perf_counter_ns() if planned.due_ns is None else _work.began_ns + planned.due_ns
        pause_ns = due_ns - time.perf_counter_ns()
        if pause_ns > 0:
            time.sleep(pause_ns / 1e9)
        error: ClientError | None = None
        length = 0
        recorded = planned.recorded
        try:
            answer = session.exchange(Pending(recorded.procedure, timeout), recorded.bytes_for)
            length = len(answer.body)
            if answer.status not in (SUCCESS, recorded.status):
                name = STATUS_NAMES.get(answer.status, f"STATUS_{answer.status}")
                error = CallFailed(f"{recorded.procedure}: {name}", status=answer.status)
        except ClientError as failure:
            error = failure
        self.environment.events.request.fire(
            request_type="call",
            name=recorded.procedure,
            response_time=(time.perf_counter_ns() - due_ns) / 1e6,
            response_length=length,
            exception=error,
            context={"exchange": recorded.exchange},
        )

    def _all_done(self) -> None:
        """Nothing is left for this process."""
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(_DONE, {})
        else:
            _process_done(self.environment)
