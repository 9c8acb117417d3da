"""From a procedure and its arguments to the bytes of a call: what both clients do before they send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from volttools.client.extensions import timeouts
from volttools.client.results import Result
from volttools.client.signatures import CATALOG_COLUMNS, Encode, Signature, Signatures, encode_typed
from volttools.errors import CallTimeout, UsageError
from volttools.formats.response import SUCCESS
from volttools.formats.types import WireType


class Unset(Enum):
    """Stands for what was not given, where None means something."""

    UNSET = "the client's own"


UNSET: Literal[Unset.UNSET] = Unset.UNSET
Timeout = float | None | Literal[Unset.UNSET]
"""Seconds; None: wait for ever; UNSET: what the client was made with."""

DEFAULT_TIMEOUT = 120.0
"""Seconds that a call may take, as in the official Java clients."""

DEFAULT_IN_FLIGHT = 3_000
"""Calls that may be in flight on one connection; a server stops reading above 1,000 that wait."""


@dataclass(slots=True)
class Requests:
    """How a client makes calls.

    timeout             seconds, where a call says nothing
    sends_timeouts      whether a call's time-out is sent along, so that the server needn't begin what is late
    batch_timeout       seconds for each batch of SQL, where a call says nothing; None: the server's own
    asks_for_signatures whether the catalog is asked for the types of parameters
    build               of the server, from its log-in
    ready               what encodes calls that give nothing but arguments and are made as one before, by procedure
                        and types of the arguments; for others see `encode`. Empty where all take extensions
    """

    timeout: float | None = DEFAULT_TIMEOUT
    sends_timeouts: bool = False
    batch_timeout: float | None = None
    asks_for_signatures: bool = True
    build: str | None = None
    signatures: Signatures = field(default_factory=Signatures)
    ready: Mapping[tuple[str, tuple[type, ...]], Signature] = field(init=False)

    def __post_init__(self) -> None:
        is_plain = self.batch_timeout is None and not self.sends_timeouts
        self.ready = self.signatures.ready if is_plain else {}
        self.signatures.is_known = not self.asks_for_signatures

    def procedures_changed(self) -> None:
        """Ask the catalog anew when it is needed."""
        if self.asks_for_signatures:
            self.signatures.forget()

    def timeout_of(self, timeout: Timeout) -> float | None:
        """The seconds that a call has. UsageError for none at all."""
        if timeout is UNSET:
            return self.timeout
        if timeout is not None and timeout <= 0:
            raise UsageError(f"a time-out of {timeout:g} s: give a positive number, or None to wait for ever")
        return timeout

    def must_ask(self, procedure: str, arguments: Sequence[Any], types: Sequence[Any] | None) -> bool:
        """Whether the catalog is to be asked before this call."""
        if not self.asks_for_signatures or types is not None:
            return False
        return self.signatures.are_wanted(procedure, arguments)

    def learn(self, catalog: Result) -> None:
        """Take what the catalog said; if it said that it can't, go by the values from now on."""
        if catalog.status == SUCCESS and catalog.tables and set(catalog.table.columns) >= CATALOG_COLUMNS:
            self.signatures.learn(catalog.dicts())
        else:
            self.asks_for_signatures = False
            self.signatures.is_known = True

    def encode(
        self,
        procedure: str,
        arguments: Sequence[Any],
        timeout: float | None,
        batch_timeout: float | None,
        types: Sequence[WireType | str] | None,
    ) -> Encode:
        """A call. EncodeError for arguments that can't be sent so."""
        if batch_timeout is None:
            batch_timeout = self.batch_timeout
        extensions = None
        if batch_timeout is not None or self.sends_timeouts:
            extensions = timeouts(
                self.build,
                request_timeout=timeout if self.sends_timeouts else None,
                batch_timeout=batch_timeout,
            )
        if types is not None:
            return encode_typed(procedure, arguments, types, extensions)
        return self.signatures.encode(procedure, arguments, extensions)


def catalog_timeout(error: CallTimeout) -> CallTimeout:
    """The error where the catalog did not answer, and so a call was not even made."""
    return CallTimeout(
        f"{error.message} (it was asked for the types of parameters; signatures=False goes without)",
        may_have_run=False,
    )


def check_in_flight(most: int) -> None:
    """UsageError unless a call can be made at all."""
    if most < 1:
        raise UsageError(f"max_in_flight={most}: at least one call must be possible")
