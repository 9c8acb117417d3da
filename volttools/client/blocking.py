"""The client for programs that wait: `connect(...)`.

with connect("localhost", user="op", password="secret") as client:
    print(client.call("Results").rows)
    calls = [client.submit("Vote", phone, 3) for phone in phones]   # all in flight
    results = [call.result() for call in calls]
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from volttools.client.base_client import BaseClient, way_to
from volttools.client.connection_settings import ConnectionSettings, Target
from volttools.client.core import Core, Pending, PushEvent
from volttools.client.requests import (
    DEFAULT_IN_FLIGHT,
    UNSET,
    Requests,
    Timeout,
    catalog_timeout,
    check_in_flight,
)
from volttools.client.results import Result, failure
from volttools.client.session import Session
from volttools.client.signatures import CATALOG_CALL, Encode, Slot, encode_parameters
from volttools.client.tap import Tap, TapTarget
from volttools.client.values import parameter_of
from volttools.errors import CallTimeout
from volttools.formats.response import SUCCESS
from volttools.formats.types import WireType
from volttools.protocol.client_side import Answered
from volttools.protocol.login_strategy import LoginStrategy

_now = time.monotonic


class Call(Pending):
    """A call that was submitted."""

    answered = 0.0
    check = True
    session: Session
    _result: Result | None = None

    def __repr__(self) -> str:
        return f"<call of {self.procedure}: {'done' if self.is_settled else 'in flight'}>"

    def settle(self, status: int, body: bytes) -> None:
        """Take the answer, and when it came."""
        self.answer = Answered(self.client_handle, status, body)
        self.answered = time.monotonic()

    def done(self) -> bool:
        """Whether `result` would return, or raise, at once. Does not look at the socket."""
        return self.is_settled

    def result(self) -> Result:
        """Wait for the answer, as long as the call has time.

        Raises CallFailed for a status that is not SUCCESS (unless it was called with check=False),
        CallTimeout, ConnectionLost.
        """
        answer = self.answer or self.session.wait(self)
        result = self._result
        if result is None:
            latency_ns = round((self.answered - self.started) * 1e9)
            result = self._result = Result(self.procedure, answer.status, answer.body, latency_ns)
        if self.check and answer.status != SUCCESS:
            raise failure(result)
        return result

    def wait(self, seconds: float) -> bool:
        """Wait for its end, so long at most; whether `result` would return, or raise, at once."""
        return self.session.wait_some(self, seconds)

    def cancel(self) -> None:
        """Await it no longer. It may run nevertheless; its answer will be dropped."""
        self.session.cancel(self)


class Client(BaseClient):
    """A connection. Threads may share it: they take turns, so give each its own where that matters."""

    def __init__(
        self,
        session: Session,
        requests: Requests,
        *,
        max_in_flight: int = DEFAULT_IN_FLIGHT,
        tap: Tap | None = None,
    ) -> None:
        super().__init__(session.core)
        self._session = session
        self._requests = requests
        self._max_in_flight = max_in_flight
        self._tap = tap
        requests.build = self.server.build

    def __repr__(self) -> str:
        return f"<client of {self.address}{': closed' if self.is_closed else ''}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------- calls

    def call(
        self,
        procedure: str,
        *arguments: Any,
        timeout: Timeout = UNSET,
        batch_timeout: float | None = None,
        types: Sequence[WireType | str] | None = None,
        check: bool = True,
    ) -> Result:
        """Call a procedure, and wait for its answer.

        timeout        seconds; None: for ever
        batch_timeout  seconds for each batch of SQL, kept by the server
        types          of the parameters; by default as the catalog says, else by the values
        check          whether another status than SUCCESS raises CallFailed

        Raises EncodeError (a ValueError) before a byte is sent, CallFailed, CallTimeout, ConnectionLost.
        """
        answer = None
        requests = self._requests
        if timeout is UNSET and batch_timeout is None and types is None:
            ready = requests.ready.get((procedure, tuple(map(type, arguments))))
            if ready is not None:  # the usual case, in which nothing else is under way
                started = _now()
                answer = self._session.exchange_alone(ready, procedure, arguments, started, requests.timeout)
        if answer is None:
            seconds, encode = self._prepare(procedure, arguments, timeout, batch_timeout, types)
            pending = Pending(procedure, seconds)
            if len(self._core.pending) >= self._max_in_flight:
                self._session.make_room(self._max_in_flight, pending)
            answered = self._session.exchange(pending, encode)
            started, answer = pending.started, (answered.status, answered.body)
        status, body = answer
        result = Result(procedure, status, body, int((_now() - started) * 1e9))
        if check and status != SUCCESS:
            raise failure(result)
        return result

    def submit(
        self,
        procedure: str,
        *arguments: Any,
        timeout: Timeout = UNSET,
        batch_timeout: float | None = None,
        types: Sequence[WireType | str] | None = None,
        check: bool = True,
    ) -> Call:
        """As `call`, without waiting: `result()` of what it gives does.

        Calls gather and are sent together, at the latest when something is waited for; `flush()` sends
        them now. Where `max_in_flight` are under way it takes answers first.
        """
        seconds, encode = self._prepare(procedure, arguments, timeout, batch_timeout, types)
        call = Call(procedure, seconds)
        call.session, call.check = self._session, check
        if len(self._core.pending) >= self._max_in_flight:
            self._session.make_room(self._max_in_flight, call)
        self._session.begin(call, encode)
        return call

    def _prepare(
        self,
        procedure: str,
        arguments: tuple[Any, ...],
        timeout: Timeout,
        batch_timeout: float | None,
        types: Sequence[WireType | str] | None,
    ) -> tuple[float | None, Encode]:
        """The seconds that a call has, and its encoding; asks the catalog first where it must."""
        requests = self._requests
        if timeout is UNSET and batch_timeout is None and types is None:
            ready = requests.ready.get((procedure, tuple(map(type, arguments))))
            if ready is not None:
                return requests.timeout, lambda handle: ready.frame(procedure, handle, arguments)
        seconds = requests.timeout_of(timeout)
        if not requests.signatures.is_known and requests.must_ask(procedure, arguments, types):
            self.refresh_signatures(timeout=seconds)
        return seconds, requests.encode(procedure, arguments, seconds, batch_timeout, types)

    def flush(self) -> None:
        """Send what was submitted."""
        self._session.flush(self._requests.timeout)

    def refresh_signatures(self, *, timeout: Timeout = UNSET) -> None:
        """Ask the catalog for the types of parameters, as the first call does that needs them."""
        procedure, selector = CATALOG_CALL
        seconds = self._requests.timeout_of(timeout)
        call = Call(procedure, seconds)
        call.session, call.check = self._session, False
        try:
            self._session.begin(call, encode_parameters(procedure, [parameter_of(selector)]))
            self._requests.learn(call.result())
        except CallTimeout as error:
            raise catalog_timeout(error) from error

    def parameter_slots(self, procedure: str, *, timeout: Timeout = UNSET) -> tuple[Slot, ...] | None:
        """The types of a procedure's parameters, as the catalog tells them; None where it doesn't."""
        requests = self._requests
        if not requests.signatures.is_known and not procedure.startswith("@"):
            self.refresh_signatures(timeout=timeout)
        return requests.signatures.slots(procedure)

    # ------------------------------------------------------------- pushes

    def subscribe(self, *, timeout: Timeout = UNSET) -> None:
        """Ask for pushes: a server sends none before."""
        self.call("@Subscribe", "TOPOLOGY", timeout=timeout)

    def events(self, *, timeout: float | None = None) -> Iterator[PushEvent]:
        """Pushes as they come; ends when none has come for `timeout` seconds.

        Those that came while calls were waited for are kept, the last 256 of them. Raises
        ConnectionLost at the end of the connection.
        """
        pushes = self._core.pushes
        while True:
            deadline = None if timeout is None else time.monotonic() + timeout
            while not pushes:
                left = None if deadline is None else deadline - time.monotonic()
                try:
                    self._session.receive_some(left)
                except TimeoutError:
                    return
            yield pushes.popleft()

    def close(self) -> None:
        """Close the connection. Calls in flight fail; the server may run them nevertheless."""
        self._session.close()
        if self._tap is not None:
            self._tap.close()


def connect(
    target: Target | Iterable[Target] | ConnectionSettings | None = None,
    *,
    profile: str | None = None,
    user: str | None = None,
    password: str | None = None,
    login: LoginStrategy | None = None,
    ssl_context: ssl.SSLContext | None = None,
    connect_timeout: Timeout = UNSET,
    timeout: Timeout = UNSET,
    send_timeouts: bool = False,
    batch_timeout: float | None = None,
    signatures: bool = True,
    max_in_flight: int = DEFAULT_IN_FLIGHT,
    on_push: Callable[[PushEvent], None] | None = None,
    tap: TapTarget | Tap | None = None,
    keep_login_hashes: bool = False,
) -> Client:
    """Connect, and log in.

    target           "host", "host:port", "[::1]:21212"; several with commas or in a list are tried in turn;
                     or ConnectionSettings, which can say all that profile and environment can
    profile          settings by a name from the file of profiles
    user, password
    login            another way to log in than by password
    ssl_context      TLS by this
    connect_timeout  seconds for each host, with the log-in; None: for ever; built in: 10
    timeout          seconds for each call that says nothing; None: for ever; built in: 120
    send_timeouts    send a call's time-out along, so that the server needn't begin it when it is late
    batch_timeout    seconds for each batch of SQL, kept by the server
    signatures       ask the catalog, once, for the types of parameters
    on_push          takes pushes instead of `events()`; called by whoever reads the socket
    tap              records what passes: a file (.pcapng, .dump, .jsonl), or who is told of each exchange;
                     or a Tap, which is closed with the client
    keep_login_hashes  also the hash of the password, which is enough to log in

    What is not given is taken from the environment, VOLTTOOLS_HOST and so on, then from the profile.

    Raises LoginRefused, CannotConnect; UsageError for settings that can't be.
    """
    check_in_flight(max_in_flight)
    way = way_to(
        target,
        profile=profile,
        user=user,
        password=password,
        login=login,
        ssl_context=ssl_context,
        connect_timeout=connect_timeout,
        timeout=timeout,
    )
    requests = Requests(way.timeout, send_timeouts, batch_timeout, signatures)

    def make_core(*arguments: Any, **named: Any) -> Core:
        return Core(*arguments, **named, on_push=on_push, on_procedures_changed=requests.procedures_changed)

    opened_tap = tap if tap is None or isinstance(tap, Tap) else Tap(tap, keep_login_hashes=keep_login_hashes)
    try:
        session = Session.open(
            way.addresses,
            way.login,
            connect_timeout=way.connect_timeout,
            ssl_context=way.ssl_context,
            watch=None if opened_tap is None else opened_tap.watch,
            make_core=make_core,
        )
    except BaseException:
        if opened_tap is not None:
            opened_tap.close()
        raise
    return Client(session, requests, max_in_flight=max_in_flight, tap=opened_tap)
