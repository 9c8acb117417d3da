"""The procedures that were given handlers, and what the catalog says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from volttools.errors import UsageError
from volttools.formats.types import WireType
from volttools.mock.answers import Answer, Handler, check_answer
from volttools.mock.schema.declarations import Declarations
from volttools.mock.schema.model import DeclaredProcedure, remarks


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

    @property
    def partition_type(self) -> WireType | None:
        """The type of its partition's key."""
        number, types = self.partitioned_on, self.types
        return None if number is None or types is None else types[number]

    def remarks(self) -> str:
        """The JSON by which clients find the partition of a call."""
        kind = self.partition_type
        return remarks(self.partitioned_on, None if kind is None else kind.code, is_read_only=self.read_only)


Described = Procedure | DeclaredProcedure
"""What is known of a procedure: by who handles it, or by the schema that declares it."""


class Procedures:
    """Procedures by name: those that were given handlers, and those that a schema declares."""

    def __init__(self, declarations: Declarations | None = None) -> None:
        self._by_name: dict[str, Procedure] = {}
        self.declarations = Declarations() if declarations is None else declarations

    def add(
        self,
        name: str,
        handler: Handler | Answer,
        types: Sequence[WireType] | None,
        partitioned_on: int | None,
        read_only: bool,
        arrays: Iterable[int] = (),
    ) -> None:
        """Add one, or replace it; UsageError for an answer that can't be given."""
        check_answer(name, handler)
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

    def handled(self) -> list[str]:
        """Names of those that have handlers."""
        return list(self._by_name)

    def described(self, name: str) -> Described | None:
        """What is known of a procedure: what its handler was given with, or else what the schema says."""
        handled = self._by_name.get(name)
        if handled is not None and handled.types is not None:
            return handled
        return self.declarations.find(name) or handled

    def listed(self) -> list[Described]:
        """Those that a catalog lists, which are the user's, sorted as a server sorts them."""
        found: dict[str, Described] = dict(self.declarations.procedures)
        for name, procedure in dict(self._by_name).items():  # one may be added meanwhile, from another thread
            if procedure.types is not None or name not in found:
                found[name] = procedure
        return [found[name] for name in sorted(found) if not name.startswith("@")]
