"""A Locust user that replays a capture: load from several processes and machines, with Locust's figures and page.

    from volttools.replay.locust import ReplayUser

    class Voters(ReplayUser):
        capture = "voter.pcapng"        # the target is Locust's --host

The recorded connections are dealt to the workers, and a worker's to its users, of which each makes the calls of
one connection after the other; so all workers together make each call once. There should be as many users as
connections: otherwise some are made late. The first call is made when all users are there, however slowly Locust
lets them come: who came late would miss its times. When all is made, the test ends.

Locust's response times count from when a call was to be sent. A user waits for the answer of each call before it makes
the next one; with `Order.CAUSAL` it thinks as long as its client did, and with `Order.NONE` it waits for nothing: a call
that is due while its connection is busy goes by another one. Values that the server made (`map_file`) are those of
the same process: what was made on another's connections is not known. Needs the extra `locust`, whose import makes
the sockets of the whole process those of gevent: don't import this elsewhere.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, islice
from typing import Any, ClassVar

import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.pool import Pool
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, MasterRunner, Runner, WorkerRunner

import volttools
from volttools.client.connection_settings import ConnectionSettings
from volttools.client.core import Pending
from volttools.client.requests import DEFAULT_TIMEOUT
from volttools.client.session import Session
from volttools.client.signatures import Encode
from volttools.errors import CallFailed, ClientError, EncodeError, UsageError, VoltToolsError
from volttools.formats.response import SUCCESS, status_name
from volttools.replay.replaying import Prepared, Wishes, check_something_is_made, prepare
from volttools.replay.report import held_back_text
from volttools.replay.safety import Nature
from volttools.replay.schedule import Order, Planned, Schedule
from volttools.replay.substitution import Substitution
from volttools.replay.values import read_rules
from volttools.words import counted

_log = logging.getLogger(__name__)

_SLICE, _DONE = "volttools_slice", "volttools_done"
_LOOK_AGAIN_S = 0.001
_LOOK_FOR_WORKERS_S = 1
_UNDER_WAY = (STATE_SPAWNING, STATE_RUNNING)


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
        self.working: set[str] = set()  # names of the workers that have calls to make
        self.began_ns = 0
        self.substitution: Substitution | None = None

    def deal(self, index: int, count: int) -> None:
        """Say which part is ours."""
        self.index, self.count = index, count
        self.is_dealt.set()

    def read(self, prepared: Prepared, users: int) -> None:
        """Take the calls of our connections, for so many users."""
        rules = prepared.wishes.rules
        self.substitution = None if rules is None else Substitution(rules)
        found: dict[int, list[Planned]] = {}
        for planned in prepared.wishes.schedule.calls(prepared.plan):
            if planned.connection % self.count == self.index:
                found.setdefault(planned.connection, []).append(planned)
        self.lines = deque(found.values())
        self.left = len(found)
        self._begin(islice(self.lines, users))
        self.began_ns = time.perf_counter_ns()

    def take(self) -> list[Planned]:
        """The calls of the next connection."""
        assert self.lines
        calls = self.lines.popleft()
        self._begin([calls])
        return calls

    def _begin(self, lines: Iterable[list[Planned]]) -> None:
        """From now on who needs values of these calls waits for them, even where they are made late."""
        if self.substitution is not None:
            for planned in chain.from_iterable(lines):
                self.substitution.begins(planned)


_work = _Work()


def _listen(environment: Environment, **_: Any) -> None:
    """Let master and workers tell each other."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.register_message(_SLICE, lambda environment, msg: _work.deal(**msg.data))
    elif isinstance(runner, MasterRunner):
        runner.register_message(_DONE, lambda environment, msg: _done(environment, msg.node_id, **msg.data))
    environment.events.spawning_complete.add_listener(lambda **_: _deal(environment))


def _begin(environment: Environment, **_: Any) -> None:
    _work.reset()


def _deal(environment: Environment) -> None:
    """All users were asked for: each worker that has some gets its part; without workers all is ours."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner) or _work.is_dealt.is_set():
        return  # the master deals; and once: users may be more or fewer later
    _work.deal(0, 1)
    if isinstance(runner, MasterRunner):
        gevent.spawn(_deal_to_workers, runner)


def _deal_to_workers(runner: MasterRunner) -> None:
    """Wait until all users are there: Locust says so after a second, whether all workers have told it or not."""
    while runner.user_count < runner.target_user_count:
        gevent.sleep(_LOOK_AGAIN_S)
        if runner.state not in _UNDER_WAY:
            return
    workers = sorted(name for name, node in runner.clients.items() if node.user_count)
    working = _work.working = set(workers)
    for index, worker in enumerate(workers):
        runner.send_message(_SLICE, {"index": index, "count": len(workers)}, worker)
    while working and working is _work.working:  # another test has others
        gevent.sleep(_LOOK_FOR_WORKERS_S)
        is_under_way = runner.state in _UNDER_WAY
        for worker in sorted(working):
            node = runner.clients.get(worker)
            if node.state == STATE_MISSING if node is not None else is_under_way:
                _log.error(f"worker {worker} has gone: the calls that it had left are not made")
                _done(runner.environment, worker, 2)
        if not is_under_way:
            return


events.init.add_listener(_listen)
events.test_start.add_listener(_begin)


def _done(environment: Environment, worker: str, exit_code: int | None) -> None:
    """Note that a worker has nothing left; what failed there is told by the master's exit status as well."""
    if worker not in _work.working:
        return
    environment.process_exit_code = exit_code or environment.process_exit_code
    _work.working.discard(worker)
    if not _work.working:
        gevent.spawn(_end, environment.runner)


def _end(runner: Runner) -> None:
    """End the test; workers tell their last figures when they stop."""
    runner.stop()
    runner.quit()


def _fail(environment: Environment, error: VoltToolsError) -> None:
    """Say what went wrong; Locust's exit status tells it, too."""
    _log.error(str(error))
    environment.process_exit_code = 2


def _tell_what_is_not_made(prepared: Prepared) -> None:
    """Locust's figures are of what is sent only."""
    for group in prepared.verdict.held_back:
        _log.warning(f"held back {held_back_text(group)} (allowed = {{Nature.{group.nature.name}}} sends it)")
    for why, times in prepared.plan.left_out.items():
        _log.warning(f"left out {times:,}: {why}")


def _no_values_of(planned: Planned) -> None:
    """Nobody is to wait for what a call would have made."""
    if _work.substitution is not None:
        _work.substitution.failed(planned)


def _open(settings: ConnectionSettings) -> Session:
    return Session.open(
        settings.addresses,
        settings.login(),
        connect_timeout=settings.connect_timeout,
        ssl_context=settings.ssl_context(),
    )


def _sleep_until(ns: int) -> None:
    pause_ns = ns - time.perf_counter_ns()
    if pause_ns > 0:
        time.sleep(pause_ns / 1e9)


class ReplayUser(User):
    """Makes the calls of connections of a capture.

    capture    the file
    allowed    what calls may do besides reading: {Nature.WRITE}
    schedule   when they are sent, and what waits for what, as far as it is said above; TOTAL is not possible
    map_file   rules for values that the server made: `volttools replay --dry-run --map FILE` writes them
    most_sessions   connections of a user that waits for nothing
    settings   of the connection, by the keys of `ConnectionSettings.of`: {"user": "op"}
    recorded_target   the target may be the server that was recorded
    """

    abstract = True
    capture: ClassVar[str] = ""
    allowed: ClassVar[Collection[Nature]] = ()
    schedule: ClassVar[Schedule] = Schedule()
    settings: ClassVar[Mapping[str, Any]] = {}
    recorded_target: ClassVar[bool] = False
    map_file: ClassVar[str | None] = None
    most_sessions: ClassVar[int] = 50

    @task
    def replay(self) -> None:
        """Make the calls of the next connection; the last one ends the test."""
        _work.is_dealt.wait()
        with _work.reading:
            if _work.lines is None:
                self._read()
        if not _work.lines:
            raise StopUser
        calls = _work.take()
        try:
            self._make(calls, self._settings())
        except ClientError as error:
            _fail(self.environment, error)
            for planned in calls:
                _no_values_of(planned)
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
                if self.schedule.order is Order.TOTAL:
                    raise UsageError("order total: Locust's users don't wait for each other")
                wishes = Wishes(
                    schedule=self.schedule,
                    allowed=self.allowed,
                    recorded_target=self.recorded_target,
                    recorded_target_option="recorded_target = True",
                    rules=None if self.map_file is None else read_rules(self.map_file),
                )
                with prepare(capture, self._settings(), wishes) as prepared:
                    if _work.index == 0:  # each process finds the same
                        _tell_what_is_not_made(prepared)
                    check_something_is_made(prepared.verdict)
                    users = self.environment.runner.user_count
                    _work.read(prepared, users)
                    if _work.left > users:
                        _log.warning(
                            f"{_work.left:,} connections, but {counted(users, 'user')}:"
                            " some are made late, when a user is free (-u)"
                        )
        except VoltToolsError as error:
            _fail(self.environment, error)
            self._all_done()
            raise StopUser from None
        if not _work.left:
            self._all_done()

    def _make(self, calls: list[Planned], settings: ConnectionSettings) -> None:
        """Make the calls of a connection."""
        if self.schedule.order is Order.NONE:
            self._make_unordered(calls, settings)
            return
        session = _open(settings)
        answered_ns = 0
        try:
            for planned in calls:
                due_ns = self._due_ns(planned)
                _sleep_until(max(due_ns, answered_ns + planned.think_ns) if planned.think_ns else due_ns)
                self._call(session, planned, due_ns, settings)
                answered_ns = time.perf_counter_ns()
        finally:
            session.close()

    def _make_unordered(self, calls: list[Planned], settings: ConnectionSettings) -> None:
        """The same, each call by a connection that is free; a new one where none is."""
        free: list[Session] = []

        def make(planned: Planned, due_ns: int) -> None:
            try:
                session = free.pop() if free else _open(settings)
            except ClientError as error:
                _no_values_of(planned)
                self._tell(planned, due_ns, error)
                return
            if self._call(session, planned, due_ns, settings):
                free.append(session)
            else:
                session.close()

        under_way = Pool(self.most_sessions)
        try:
            for planned in calls:
                due_ns = self._due_ns(planned)
                _sleep_until(due_ns)
                under_way.spawn(make, planned, due_ns)  # waits where there are too many
            under_way.join()
        finally:
            under_way.kill()
            for session in free:
                session.close()

    def _due_ns(self, planned: Planned) -> int:
        return time.perf_counter_ns() if planned.due_ns is None else _work.began_ns + planned.due_ns

    def _call(self, session: Session, planned: Planned, due_ns: int, settings: ConnectionSettings) -> bool:
        """Make a call, and tell Locust; whether the connection can be used on."""
        timeout = settings.value("timeout", DEFAULT_TIMEOUT)
        error: ClientError | EncodeError | None = None
        length, is_usable = 0, True
        recorded, substitution = planned.recorded, _work.substitution
        encode: Encode = recorded.bytes_for
        if substitution is not None:
            while any(substitution.waits_for(planned)):
                gevent.sleep(_LOOK_AGAIN_S)
            encode = substitution.encoder(planned, encode)
        try:
            answer = session.exchange(Pending(recorded.procedure, timeout), encode)
            length = len(answer.body)
            if substitution is not None:
                substitution.answered(planned, answer.status, answer.body)
            if answer.status not in (SUCCESS, recorded.status):
                text = f"{recorded.procedure}: {status_name(answer.status)}"
                error = CallFailed(text, status=answer.status)
        except (ClientError, EncodeError) as failure:
            error, is_usable = failure, False
            _no_values_of(planned)
        self._tell(planned, due_ns, error, length)
        return is_usable

    def _tell(self, planned: Planned, due_ns: int, error: Exception | None, length: int = 0) -> None:
        """Give Locust what became of a call."""
        self.environment.events.request.fire(
            request_type="call",
            name=planned.recorded.procedure,
            response_time=(time.perf_counter_ns() - due_ns) / 1e6,
            response_length=length,
            exception=error,
            context={"exchange": planned.recorded.exchange},
        )

    def _all_done(self) -> None:
        """Nothing is left for this process."""
        runner, exit_code = self.environment.runner, self.environment.process_exit_code
        if runner.state not in _UNDER_WAY:
            return  # stopped by people, who may start it again
        if isinstance(runner, WorkerRunner):
            runner.send_message(_DONE, {"exit_code": exit_code})
        else:
            gevent.spawn(_end, runner)
