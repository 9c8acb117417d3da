"""The procedures that were given handlers, and what the catalog says of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from volttools.errors import UsageError
from volttools.formats.types import WireType
from volttools.mock.answers import Answer, Handler


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """One procedure.

    handler         a function of the call, or an answer that is always the same
    types           of its parameters; None where they are not declared: any call will do
    arrays          numbers of the parameters that are arrays of their type
    partitioned_on  number of the parameter that is its partition's key, from 0; None: multi-partition
    read_only       whether it only reads
    """

    name: str
    handler: Handler | Answer
    types: tuple[WireType, ...] | None = None
    arrays: frozenset[int] = frozenset()
    partitioned_on: int | None = None
    read_only: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise UsageError("a procedure needs a name")
        if self.partitioned_on is not None and not 0 <= self.partitioned_on < len(self.types or ()):
            raise UsageError(
                f"{self.name} is partitioned on parameter {self.partitioned_on}, counted from 0, "
                f"and declares {len(self.types or ())}: give its types"
            )

    def remarks(self) -> str:
        """The JSON by which clients find the partition of a call."""
        facts: dict[str, Any] = {"compound": False}
        if self.partitioned_on is not None and self.types is not None:
            facts["partitionParameter"] = self.partitioned_on
            facts["partitionParameterType"] = self.types[self.partitioned_on].code
        facts["readOnly"] = self.read_only
        facts["singlePartition"] = self.partitioned_on is not None
        return json.dumps(facts, separators=(",", ":"))


class Procedures:
    """Procedures by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Procedure] = {}

    def add(
        self,
        name: str,
        handler: Handler | Answer,
        types: Sequence[WireType] | None,
        partitioned_on: int | None,
        read_only: bool,
        arrays: Iterable[int] = (),
    ) -> None:
        """Add one, or replace it."""
        self._by_name[name] = Procedure(
            name=name,
            handler=handler,
            types=None if types is None else tuple(types),
            arrays=frozenset(arrays),
            partitioned_on=partitioned_on,
            read_only=read_only,
        )

    def remove(self, name: str) -> None:
        """Take one away, if it is there."""
        self._by_name.pop(name, None)

    def find(self, name: str) -> Procedure | None:
        """The procedure of that name; names are case-sensitive."""
        return self._by_name.get(name)

    def listed(self) -> list[Procedure]:
        """Those that a catalog lists: the users', sorted as a server sorts them."""
        named = dict(self._by_name)  # a handler may be added meanwhile, from another thread
        return [named[name] for name in sorted(named) if not name.startswith("@")]
