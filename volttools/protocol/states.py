"""The states of a connection, and what leads from one to another.

One table holds for both ends: the client sends what the server receives. It has every
step that a connection can take, by who takes it:

- A connection begins with a log-in, or with the one byte of a server that is full.
- Between log-in and answer there may be a Kerberos exchange: the server names itself,
  then tokens go to and fro.
- A log-in is accepted or refused; behind a refusal comes only the end.
- Then invocations and responses come in any number and order; a push is a response that
  nobody asked for.
- Either side may close at any time. There is no log-out.

A step that is not in the table is a `ProtocolError` that names side, state and step. Not
in the table: which response belongs to which invocation; the sides keep that.

Source: ClientInterface.java of the 11.4 server; what a real server does at the edges is in
the docstrings of both sides.
"""

from __future__ import annotations

from enum import Enum

from volttools.errors import ProtocolError
from volttools.protocol.events import Direction


class State(Enum):
    """Where a connection is."""

    CONNECTED = "connected"  # nothing was said
    LOGGING_IN = "logging in"  # the log-in awaits its answer
    KERBEROS = "exchanging Kerberos tokens"
    READY = "ready"
    REFUSED = "refused"  # the server closes
    CLOSED = "closed"


class Step(Enum):
    """What a side can do."""

    LOGIN = "a log-in"
    SERVER_FULL = "the byte of a full server"
    KERBEROS_SERVICE = "a Kerberos service name"
    KERBEROS_TOKEN = "a Kerberos token"
    ACCEPT = "an accepted log-in"
    REFUSE = "a refused log-in"
    INVOCATION = "an invocation"
    RESPONSE = "a response"
    CLOSE = "the end"


_C, _S = Direction.CLIENT, Direction.SERVER

# fmt: off
TRANSITIONS: dict[State, dict[tuple[Direction, Step], State]] = {
    State.CONNECTED: {
        (_C, Step.LOGIN):            State.LOGGING_IN,
        (_S, Step.SERVER_FULL):      State.REFUSED,
    },
    State.LOGGING_IN: {
        (_S, Step.ACCEPT):           State.READY,
        (_S, Step.REFUSE):           State.REFUSED,
        (_S, Step.SERVER_FULL):      State.REFUSED,  # it is written before the log-in is read
        (_S, Step.KERBEROS_SERVICE): State.KERBEROS,
    },
    State.KERBEROS: {
        (_C, Step.KERBEROS_TOKEN):   State.KERBEROS,
        (_S, Step.KERBEROS_TOKEN):   State.KERBEROS,
        (_S, Step.ACCEPT):           State.READY,
        (_S, Step.REFUSE):           State.REFUSED,
    },
    State.READY: {
        (_C, Step.INVOCATION):       State.READY,
        (_S, Step.RESPONSE):         State.READY,
    },
    State.REFUSED: {},
    State.CLOSED: {},
}
# fmt: on


def next_state(state: State, side: Direction, step: Step) -> State:
    """Where a step leads; ProtocolError for one that can't be taken there."""
    if step is Step.CLOSE:
        return State.CLOSED
    found = TRANSITIONS[state].get((side, step))
    if found is None:
        raise ProtocolError(f"{step.value} from the {side.value} on a connection that is {state.value}")
    return found
