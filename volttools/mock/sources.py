"""Who answers a call: sources, asked in order until one knows.

handlers and stubs, recording or cassette, the declared schema, system procedures, and at the end what
passes the call on or says that nobody knew it. `call.default()` is what the sources behind the one
that is being asked say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from volttools.mock.calls import Call


class Source(Protocol):
    """Something that can answer calls."""

    def answer(self, call: Call) -> Any:
        """The answer of a call (docs/mock.md), or something to await for one. None: it doesn't know the
        call, and the next source is asked; success without tables is an empty `Response`."""


class Chain:
    """Sources in their order; the last one knows every call. The list may be changed while calls come."""

    def __init__(self, sources: list[Source]) -> None:
        self.sources = sources

    def answer(self, call: Call, first: int = 0) -> Any:
        """What the first of them that knows the call says, from number `first` on."""
        for number in range(first, len(self.sources)):
            call.asked = number
            answer = self.sources[number].answer(call)
            if answer is not None:
                return answer
        raise LookupError(f"no source knows the call of {call.procedure}, not even the last one")
