"""What has to be remembered of a connection to judge what comes later. Some numbers, no frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from volttools.checks.finding import Place
from volttools.formats.response import PING_HANDLE, is_push_handle
from volttools.protocol.events import Damage, Direction, Event, Exchange, Login, Push

SUBSCRIBE: Final = "@subscribe"

# Behind these, a frame that can't be read may be none. What can't be read itself was sent as it is.
_LOSSES: Final = frozenset(("gap", "snap length", "incomplete frame", "midstream", "file cut"))


def answers_malformed(push: Push) -> bool:
    """Whether it answers a call that the server could not read, under the connection's id."""
    return bool(push.notes) and "malformed" in push.notes[0]


@dataclass(slots=True)
class ConnectionState:
    """One connection so far; `note` takes each event before it is judged.

    saw_login          its log-in is in the capture, so every call is, but for damage (`may_miss_calls`)
    damaged            whose bytes can't be relied on any more, as some are missing
    login_answer       number of the frame that answered the log-in
    handles_vary       the client gives its calls different handles
    malformed_answers  responses under the connection's id, to calls that the server could not read
    early_pushes       pushes before any subscription; `early_push` is where the first of them stands,
                       `early_push_ns` when it was seen
    """

    saw_login: bool = False
    may_miss_calls: bool = False
    damaged: set[Direction] = field(default_factory=set)
    login_answer: int | None = None
    handles_vary: bool = False
    malformed_answers: int = 0
    is_subscribed: bool = False
    early_pushes: int = 0
    early_push: Place | None = None
    early_push_ns: int | None = None
    _first_handle: int | None = None

    def note(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, Login):
            self._note_login(event)
        elif isinstance(event, Exchange):
            self._note_exchange(event)
        elif isinstance(event, Push):
            self._note_push(event)

    def note_damage(self, damage: Damage) -> None:
        """Take damage, after it was judged: from here on something may be missing."""
        hurt = set(Direction) if damage.direction is None else {damage.direction}
        if damage.is_error:
            self.may_miss_calls = self.may_miss_calls or Direction.CLIENT in hurt
        if damage.what in _LOSSES and damage.is_error:
            self.damaged |= hurt

    @property
    def knows_all_calls(self) -> bool:
        """Whether every call that was made is known."""
        return self.saw_login and not self.may_miss_calls

    def _note_login(self, login: Login) -> None:
        self.saw_login = self.saw_login or login.request_frame is not None
        if login.response_frame is not None:
            self.login_answer = login.response_frame.number

    def _note_exchange(self, exchange: Exchange) -> None:
        handle = exchange.client_handle
        if handle is not None and handle != PING_HANDLE:
            if self._first_handle is None:
                self._first_handle = handle
            self.handles_vary = self.handles_vary or handle != self._first_handle
        if (exchange.procedure or "").lower() == SUBSCRIBE and exchange.request_frame is not None:
            self.is_subscribed = True
            # It is told when it is answered; what was pushed in between is rightly so.
            if self.early_push is not None and exchange.request_frame.number < (self.early_push.frame or 0):
                self.early_pushes, self.early_push = 0, None

    def _note_push(self, push: Push) -> None:
        if is_push_handle(push.client_handle):
            if not self.is_subscribed:
                self.early_pushes += 1
                if self.early_push is None:
                    self.early_push, self.early_push_ns = Place.of(push), push.time_ns
        elif answers_malformed(push):
            self.malformed_answers += 1
