"""Faults of one call, as a handler gives them: what a server does that is slow, dying or broken.

What goes wrong without a handler, by rules, is `volttools.faults`; both make the same plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from volttools.codec import builder
from volttools.errors import UsageError
from volttools.faults.actions import Action, Close, Plan, Reset, Send
from volttools.faults.connection_kinds import NO_TLS
from volttools.formats.frame import MAX_FRAME_BYTES, PREFIX

Sends = Literal["answer", "half", "nothing", "garbage", "length"]
Then = Literal["go on", "close", "reset"]

GARBAGE = NO_TLS
"""64 bytes that no client can take for a frame: their length is negative."""

HUGE_CLAIM = builder(PREFIX)(MAX_FRAME_BYTES)
"""The length of a frame of 2 GB, of which nothing follows."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Give it as an answer, or return it from a handler; everything can be combined.

    answer   what would have been sent
    delay_s  seconds to wait first; other calls go on
    sends    "answer": all of it; "half": the first half of its frame; "nothing"; "garbage": 64 bytes
             that are no frame; "length": the claim that 2 GB follow
    then     "go on", "close" (FIN), "reset" (RST)

    >>> Fault(sends="nothing", then="close")  # the server dies with the call
    Fault(answer=None, delay_s=0.0, sends='nothing', then='close')
    """

    answer: Any = None
    delay_s: float = 0.0
    sends: Sends = "answer"
    then: Then = "go on"

    def __post_init__(self) -> None:
        for name, value, kinds in (("sends", self.sends, Sends), ("then", self.then, Then)):
            if value not in get_args(kinds):
                choices = ", ".join(repr(kind) for kind in get_args(kinds))
                raise UsageError(f"a Fault's {name} is one of {choices}, not {value!r}")
        if not self.delay_s >= 0:
            raise UsageError(f"a Fault's delay_s is a number of seconds from 0 on, not {self.delay_s!r}")

    @property
    def sends_answer(self) -> bool:
        """Whether the answer is needed, all of it or a part."""
        return self.sends in ("answer", "half")

    def plan(self, frame: bytes) -> Plan:
        """What is done in the place of sending a frame, when the delay is over.

        The frame is of no matter unless `sends_answer`.
        """
        found: list[Action] = []
        data = self.bytes_of(frame)
        if data:
            found.append(Send(data))
        if self.then != "go on":
            found.append(Reset() if self.then == "reset" else Close())
        return tuple(found)

    def bytes_of(self, frame: bytes) -> bytes:
        """What is sent in the place of a whole frame."""
        return {
            "answer": frame,
            "half": frame[: len(frame) // 2],
            "nothing": b"",
            "garbage": GARBAGE,
            "length": HUGE_CLAIM,
        }[self.sends]
