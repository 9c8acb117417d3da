"""Parameter sets: a count, then values with their types; arrays are one-dimensional.

Sources: ParameterSet.java and SerializationHelper.java of the 11.4 server; recordings
types-*.pcap and java-types.pcap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from construct import GreedyBytes, IfThenElse, Int8sb, Int16sb, this

from volttools.formats.notation import Counted, Record, field, present_if, record
from volttools.formats.types import ARRAY, TYPES, ArrayValue, Value, WireType


@record
class Parameter(Record):
    """One parameter of an invocation: its type byte and its value."""

    type: int = field(Int8sb, "code of the wire type; -99 (9D) for an array")
    element_type: int | None = field(
        present_if(this.type == ARRAY.code, Int8sb), "of an array's elements", default=None
    )
    value: Any = field(
        IfThenElse(this.type == ARRAY.code, ArrayValue(this.element_type), Value(this.type)),
        "as in a row of a table; of an array: count and elements",
        default=None,
    )

    @classmethod
    def of(cls, kind: WireType, value: Any) -> Parameter:
        """A scalar: `Parameter.of(BIGINT, 42)`."""
        return cls(type=kind.code, value=value)

    @classmethod
    def array(cls, kind: WireType, values: Sequence[Any]) -> Parameter:
        """An array: `Parameter.array(BIGINT, [1, None, 3])`."""
        return cls(type=ARRAY.code, element_type=kind.code, value=list(values))

    @property
    def type_name(self) -> str:
        """Such as "BIGINT" or "BIGINT[]"."""
        if self.element_type is not None:
            return f"{TYPES.name_of(self.element_type)}[]"
        return TYPES.name_of(self.type)


MAX_BYTE_ARRAY = 2**20
"""Elements of a TINYINT array that the server reads (SerializationHelper.readArray)."""

PARAMETER_SET = Counted(Int16sb, Parameter.declaration)


@record
class ParametersAndMore(Record):
    """A parameter set as the server reads it: it ignores what follows."""

    parameters: list[Parameter] = field(PARAMETER_SET, "as Invocation")
    trailing: bytes = field(GreedyBytes, "such as the call that was glued behind", default=b"")
