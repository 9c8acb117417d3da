"""What a kind of fault is. All of them are in `catalog`, from which lists, documents and the reader of
scenarios are derived.

A kind is a class, declared in one place: its name, where it applies, what it takes, what a client
sees of it, and how it changes the plan of a message. `choose` decides what is left to chance or to the
message, as plain data that goes into the log; `apply` has nothing left to decide, so that a fault of
a log is the same again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from volttools.faults.actions import Plan
from volttools.faults.draws import Draw
from volttools.faults.parameters import Parameter
from volttools.formats.frame import PREFIX_BYTES
from volttools.formats.notation import Record

Chosen = dict[str, Any]
"""What was decided for one fault; JSON."""


class Place(Enum):
    """Where a kind applies, and so what a rule may ask of."""

    CONNECT = "connect"
    TLS = "TLS"
    LOGIN = "log-in"
    RESPONSE = "response"
    PUSH = "push"
    NODE = "node"


PLACES = {
    Place.CONNECT: "a client has connected",
    Place.TLS: "a client begins its TLS handshake; nothing where none is spoken",
    Place.LOGIN: "a log-in is to be answered",
    Place.RESPONSE: "a call is to be answered",
    Place.PUSH: "a push is to be sent",
    Place.NODE: "a call is to be answered, and all connections of the node are concerned",
}

AT_CALLS = (Place.RESPONSE, Place.NODE)
"""The places at which there is a call."""


class CannotApply(Exception):
    """A fault that doesn't fit the message: it has no such field. The text says why."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fault is about.

    record  what the message is, Response or LoginResponse
    push    gives the frame of a push by its name, with the tables that it should have
    """

    record: type[Record]
    push: Callable[[str], bytes]


class Kind:
    """Base of all kinds. The docstring's first line says what happens, `sees` what a client sees."""

    name: ClassVar[str]
    place: ClassVar[Place]
    sees: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    lets_in: ClassVar[bool] = True
    """Of a kind at log-in: whether the server still lets the client in, as far as it knows."""

    @property
    def doc(self) -> str:
        """One line of help."""
        return inspect.cleandoc(self.__doc__ or "").splitlines()[0]

    def choose(self, given: Mapping[str, Any], draw: Draw, number: int, plan: Plan) -> Chosen:
        """What is done this time, as data; `number` counts what the rule matched. Raises CannotApply."""
        return dict(given)

    def apply(self, plan: Plan, chosen: Chosen, subject: Subject) -> Plan:
        """What becomes of a message. Raises CannotApply."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.name


def body_of(frame: bytes) -> bytes:
    """The message in a frame."""
    return frame[PREFIX_BYTES:]
