"""How captures are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from volttools.compare.mapped import MappedId
from volttools.compare.rules import Rules
from volttools.errors import UsageError

MatchMode = Literal["connection", "call", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a comparison is told.

    match     "connection", "call", or "key"
    key       fields of filters that calls which belong together have in common: ("procedure", "params[0]");
              only with match "key"
    rules     what does not count
    mapped    ids of which each server makes its own: one must always become the same other one
    latency   whether it counts that B is slower
    slower    from which part on: 0.1 is 10 %
    examples  how many of each group are kept: the smallest ones
    """

    match: MatchMode = "connection"
    key: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    mapped: tuple[MappedId, ...] = ()
    latency: bool = True
    slower: float = 0.1
    examples: int = 1

    def __post_init__(self) -> None:
        if self.match not in get_args(MatchMode):
            raise UsageError(f"match is one of {', '.join(get_args(MatchMode))}, not {self.match!r}")
        if (self.match == "key") != bool(self.key):
            raise UsageError("match by key needs the fields of the key, and no other match takes them")
        if not self.slower > 0:
            raise UsageError(f"slower={self.slower!r}: give a part above 0, such as 0.1 for 10 %")
