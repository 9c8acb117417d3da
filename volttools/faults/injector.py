"""Decides which faults are injected. Asked by who has the sockets, for each connection, call and push.

    injector = Injector(Scenario.from_file("slow.toml"))
    faults = injector.connection(node=0, client="127.0.0.1:50000")
    plan = faults.opened()                       # () if nothing is to go wrong
    ticket = faults.called("Vote", invocation)   # None, or what becomes of the answer:
    plan = ticket.plan((Send(frame),))

What is decided for call n of connection c depends on the rules, the seed, n, c and the call; neither on
time nor on other connections. So who asks tells calls in the order in which the client sent them.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from volttools.codec import build, parse
from volttools.errors import DecodeError, EncodeError, UsageError
from volttools.faults.actions import Plan, Send
from volttools.faults.draws import Draw
from volttools.faults.injections import Injection
from volttools.faults.kinds import AT_CALLS, CannotApply, Kind, Place, Subject
from volttools.faults.rules import Rule, rule
from volttools.faults.scenario import Scenario, ScenarioLike, scenario_of
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginResponse
from volttools.formats.response import PUSH_HANDLES, Response
from volttools.protocol.events import Connection, Direction, Exchange, Frame
from volttools.protocol.frame_buffer import framed

MOST_LOGGED = 100_000
"""So many injections are kept in `log`; the oldest go first."""


class _Entry(NamedTuple):
    number: int
    rule: Rule


class _Pick(NamedTuple):
    """A fault that is going to be injected: by a rule, or as in a log."""

    number: int
    kind: Kind
    nth: int
    rule: Rule | None
    draw: Draw | None
    repeated: Injection | None


def empty_push(name: str) -> bytes:
    """The frame of a push that has no tables."""
    return framed(build(Response(client_handle=PUSH_HANDLES[name])))


class Injector:
    """The rules that are in force, and the log of what they did.

    Rules are put in the place of others as a whole, so another thread than that of the sockets may change
    them - one at a time.

    scenario  a Scenario, or what `scenario_of` takes
    seed      in the place of the scenario's
    on_fault  is told of each injection, by who asked for it
    """

    def __init__(
        self,
        scenario: ScenarioLike | None = None,
        *,
        seed: int | None = None,
        on_fault: Callable[[Injection], None] | None = None,
    ) -> None:
        found = scenario_of(scenario)
        self.seed = found.seed if seed is None else seed
        self.on_fault = on_fault
        self._last_number = 0
        self.entries: tuple[_Entry, ...] = ()
        self.repeated: dict[tuple[int, int, int | None], list[Injection]] = {}
        self._log: list[Injection] = []
        self._connections: dict[int, Iterator[int]] = defaultdict(lambda: itertools.count(1))
        self._take(found)

    # ------------------------------------------------------------ rules

    @property
    def rules(self) -> list[Rule]:
        """Those in force."""
        return [entry.rule for entry in self.entries]

    def add(self, what: str | Rule | Scenario, /, **keys: Any) -> list[int]:
        """Add a rule, by kind and keys as `rule` takes them, or a scenario's; gives their numbers.

        A scenario's seed is not taken. Raises UsageError.
        """
        if isinstance(what, Scenario):
            return self._take(what)
        if isinstance(what, Rule):
            if keys:
                raise UsageError(f"{next(iter(keys))}: a rule that is made has its keys already")
            return self._take(Scenario(rules=(what,)))
        return self._take(Scenario(rules=(rule(what, **keys),)))

    def remove(self, number: int) -> None:
        """Take a rule out of force. Raises UsageError if there is none."""
        left = tuple(entry for entry in self.entries if entry.number != number)
        if len(left) == len(self.entries):
            raise UsageError(f"no rule has the number {number}")
        self.entries = left

    def clear(self) -> None:
        """Take all rules out of force; the log stays."""
        self.entries = ()
        self.repeated = {}

    @property
    def log(self) -> list[Injection]:
        """What was injected, in the order in which it was."""
        return list(self._log)

    def note(self, injection: Injection) -> None:
        """Log an injection."""
        self._log.append(injection)
        if len(self._log) > MOST_LOGGED:
            del self._log[: MOST_LOGGED // 10]
        if self.on_fault is not None:
            self.on_fault(injection)

    def _take(self, scenario: Scenario) -> list[int]:
        added = [_Entry(number, one) for number, one in enumerate(scenario.rules, self._last_number + 1)]
        self._last_number += len(added)
        repeated = {key: list(found) for key, found in self.repeated.items()}
        for injection in scenario.repeated:
            place = (injection.node, injection.connection, injection.call)
            repeated.setdefault(place, []).append(injection)
        self.entries, self.repeated = (*self.entries, *added), repeated
        return [entry.number for entry in added]

    # ------------------------------------------------------ connections

    def connection(
        self, *, node: int = 0, client: str | None = None, push: Callable[[str], bytes] = empty_push
    ) -> ConnectionFaults:
        """Of the next connection that a node takes.

        client  "address:port"
        push    gives the frame of a push by its name; without it pushes have no tables
        """
        return ConnectionFaults(self, node, next(self._connections[node]), client, push)


def injector_of(given: Injector | ScenarioLike | None, seed: int | None = None) -> Injector:
    """The injector that is meant: itself, or a new one. Raises UsageError."""
    try:
        return given if isinstance(given, Injector) else Injector(given, seed=seed)
    except OSError as error:
        raise UsageError(f"can't read the faults: {error.strerror or error}", file=str(given)) from error


class ConnectionFaults:
    """The faults of one connection; asked by one thread. `on_fault` is told of each that is injected."""

    def __init__(
        self,
        injector: Injector,
        node: int,
        number: int,
        client: str | None,
        push: Callable[[str], bytes],
    ) -> None:
        self._injector = injector
        self.push = push
        self.node, self.number = node, number
        self._client = client
        self.on_fault: Callable[[Injection], None] | None = None
        self._user: str | None = None
        self._calls = self._pushes = 0
        self._matched: dict[int, int] = defaultdict(int)
        self._injected: dict[int, int] = defaultdict(int)

    def opened(self) -> Plan:
        """What becomes of the connection as it comes; () if it may go on."""
        return self._at_once(Place.CONNECT)

    def handshake(self) -> Plan:
        """What becomes of its TLS handshake; () if it may go on."""
        return self._at_once(Place.TLS)

    def login(self, user: str | None) -> Ticket | None:
        """What is to become of the answer to its log-in."""
        self._user = user or ""
        picks = [
            self._pick(entry, self.number, None)
            for entry in self._entries(Place.LOGIN)
            if entry.rule.when.is_for(None, self._user)
        ]
        return self._ticket(Place.LOGIN, picks, None, None)

    def called(self, procedure: str | None, invocation: Invocation | bytes) -> Ticket | None:
        """What is to become of the answer to the next call; its invocation, or the bytes of its body."""
        self._calls += 1
        injector = self._injector
        if not injector.entries and not injector.repeated:
            return None
        picks = []
        event: Exchange | None = None
        for place in AT_CALLS:
            for entry in self._entries(place):
                when = entry.rule.when
                if not when.is_for(procedure, self._user):
                    continue
                if when.where is not None:
                    event = event or self._event(procedure, invocation)
                    if event is None or not when.where.matches(event):
                        continue
                picks.append(self._counted(entry, self._calls))
        picks.sort(key=lambda pick: 0 if pick is None else pick.number)  # as the rules stand
        return self._ticket(AT_CALLS, picks, self._calls, procedure)

    def pushed(self, frame: bytes) -> Plan:
        """What becomes of a push."""
        self._pushes += 1
        picks = [
            self._counted(entry, self._pushes)
            for entry in self._entries(Place.PUSH)
            if entry.rule.when.is_for(None, self._user)
        ]
        ticket = self._ticket(Place.PUSH, picks, self._pushes, None)
        plan: Plan = (Send(frame),)
        return plan if ticket is None else ticket.plan(plan)

    # ---------------------------------------------------------- choosing

    def _entries(self, place: Place) -> Iterator[_Entry]:
        for entry in self._injector.entries:
            if entry.rule.kind.place is place and entry.rule.when.is_on(self.node, self.number):
                yield entry

    def _counted(self, entry: _Entry, occasion: int) -> _Pick | None:
        """Whether a rule picks what it matches, which is the next of those."""
        self._matched[entry.number] += 1
        times = entry.rule.when.times
        if times is not None and self._injected[entry.number] >= times:
            return None
        pick = self._pick(entry, self._matched[entry.number], occasion)
        if pick is not None:
            self._injected[entry.number] += 1
        return pick

    def _pick(self, entry: _Entry, count: int, occasion: int | None) -> _Pick | None:
        when = entry.rule.when
        if not when.counts(count):
            return None
        draw = Draw(self._injector.seed, entry.number, self.node, self.number, occasion or 0)
        if when.probability is not None and draw.share() >= when.probability:
            return None
        return _Pick(entry.number, entry.rule.kind, count, entry.rule, draw, None)

    def _ticket(
        self,
        place: Place | tuple[Place, ...],
        picked: list[_Pick | None],
        occasion: int | None,
        procedure: str | None,
    ) -> Ticket | None:
        places = place if isinstance(place, tuple) else (place,)
        picks = [pick for pick in picked if pick is not None]
        repeated = self._injector.repeated.get((self.node, self.number, occasion), ())
        picks += [
            _Pick(found.rule, found.kind, 0, None, None, found)
            for found in repeated
            if found.kind.place in places
        ]
        if not picks:
            return None
        return Ticket(self._injector, self, picks, occasion, procedure)

    def _at_once(self, place: Place) -> Plan:
        picked = [self._pick(entry, self.number, None) for entry in self._entries(place)]
        ticket = self._ticket(place, picked, None, None)
        if ticket is None:
            return ()
        del ticket.picks[1:]  # a connection ends once
        return ticket.plan(())

    def _event(self, procedure: str | None, invocation: Invocation | bytes) -> Exchange | None:
        """A call as `where` sees it; None if it can't be read."""
        try:
            if isinstance(invocation, bytes):
                body, invocation = invocation, parse(Invocation, invocation)
            else:
                body = build(invocation)
        except (DecodeError, EncodeError):
            return None
        frame = Frame.of(Direction.CLIENT, body)
        return Exchange(
            connection=Connection(number=self.number, client=self._client, user=self._user),
            number=self._calls,
            procedure=procedure,
            client_handle=invocation.client_handle,
            request_frame=frame,
            _invocation=invocation,
        )


class Ticket:
    """The faults of one answer, in the order of their rules."""

    def __init__(
        self,
        injector: Injector,
        faults: ConnectionFaults,
        picks: list[_Pick],
        occasion: int | None,
        procedure: str | None,
    ) -> None:
        self._injector = injector
        self._faults = faults
        self.picks = picks
        self._occasion = occasion
        self._procedure = procedure

    @property
    def lets_in(self) -> bool:
        """Of a log-in: whether there is an answer of the server's to change; else its plan is asked for ()."""
        return all(pick.kind.lets_in for pick in self.picks)

    def plan(self, plan: Plan) -> Plan:
        """What becomes of what would be done; each fault is logged."""
        for pick in self.picks:
            plan = self._injected(pick, plan)
        return plan

    def _injected(self, pick: _Pick, plan: Plan) -> Plan:
        kind = pick.kind
        subject = Subject(LoginResponse if kind.place is Place.LOGIN else Response, self._faults.push)
        chosen: dict[str, Any] = {}
        skipped = None
        try:
            if pick.repeated is not None:
                chosen = pick.repeated.chosen
            else:
                assert pick.rule is not None
                assert pick.draw is not None
                chosen = kind.choose(pick.rule.given, pick.draw, pick.nth, plan)
            plan = kind.apply(plan, chosen, subject)
        except CannotApply as error:
            skipped = str(error)
        except (KeyError, TypeError, ValueError) as error:  # values of a log that was edited
            if pick.repeated is None:
                raise
            skipped = f"the log's values are none of {kind.name}: {error}"
        injection = Injection(
            rule=pick.number,
            kind=kind,
            node=self._faults.node,
            connection=self._faults.number,
            call=self._occasion,
            procedure=self._procedure,
            chosen=chosen,
            skipped=skipped,
        )
        self._injector.note(injection)
        if self._faults.on_fault is not None:
            self._faults.on_fault(injection)
        return plan
