"""Procedure invocations: what a client sends to run a procedure, versions 0, 1 and 2.

Sources: StoredProcedureInvocation.java, ProcedureInvocation.java and
ProcedureInvocationExtensions.java of the 11.4 server; recordings hand-made-versions.pcap,
java-client2.pcap (extensions), dump-half-written-call.dump (a set that can't be read).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from construct import Construct, GreedyBytes, Int8sb, Int32sb, Int64sb, Pass, Switch, this

from volttools.formats.notation import (
    Counted,
    Mapped,
    Opaque,
    OrOpaque,
    Record,
    Sized,
    Text,
    field,
    present_if,
    record,
)
from volttools.formats.parameters import PARAMETER_SET, Parameter


class ExtensionType(NamedTuple):
    """A known extension of version 2 invocations."""

    code: int
    name: str
    payload: Construct
    doc: str


# fmt: off
EXTENSIONS = (
    ExtensionType(1, "batch_timeout",         Int32sb, "ms for each batch of SQL; -1 none, 0 without limit"),
    ExtensionType(2, "all_partition",         Pass,    "run on every partition"),
    ExtensionType(3, "partition_destination", Int32sb, "partition id; the first parameter becomes that partition's key"),
    ExtensionType(4, "batch_call",            Pass,    "internal to the server: each row of the one table is a call"),
    ExtensionType(5, "request_priority",      Int8sb,  "1 highest .. 8 lowest; 0 is the system's own"),
    ExtensionType(6, "request_timeout",       Int32sb, "us that are left; checked when the call is scheduled"),
)
# fmt: on
MAX_TIMEOUT = 2**31 - 1
"""The longest time-out of an extension, in its unit."""
INVOCATION_VERSIONS = (0, 1, 2)
WITH_TIMEOUT = 1
WITH_EXTENSIONS = 2
"""The version with a batch time-out of its own, and the one with extensions."""

TIMEOUT_FLAGS = (-1, 1)
"""In version 1: no batch time-out, or one follows."""

MAX_EXTENSIONS = 30
PRIORITIES = range(1, 9)
"""What clients may ask for; the server clips what lies outside."""

NO_TIMEOUT = -1
"""The only negative batch time-out that is none; others are refused."""


def timeout_flag(batch_timeout_ms: int | None) -> int:
    """What version 1 says before a batch time-out, or that there is none."""
    return TIMEOUT_FLAGS[batch_timeout_ms is not None]


EXTENSION_NAMES = {kind.code: kind.name for kind in EXTENSIONS}


def _length_of_code(code: int) -> int:
    return 0 if code == 0 else (1 << (code - 1) if 0 < code < 32 else -1)


def _code_of_length(length: int) -> int:
    if length & (length - 1):
        raise ValueError(f"an extension's payload has 0, 1, 2, 4, 8 ... bytes, not {length}")
    return length.bit_length()


EXTENSION_LENGTH = Mapped(
    Int8sb, _length_of_code, _code_of_length, "i8 length: n stands for 2^(n-1), 0 for none"
)


@record
class Extension(Record):
    """A piece of additional information. Unknown ones are skipped by the server, and kept here."""

    type: int = field(Int8sb, "1 .. 6 are known, see EXTENSIONS")
    payload: Any = field(
        Sized(
            EXTENSION_LENGTH,
            OrOpaque(
                Switch(this.type, {kind.code: kind.payload for kind in EXTENSIONS}, default=GreedyBytes)
            ),
        ),
        "by type; bytes of an unknown one",
        default=None,
    )

    @property
    def name(self) -> str:
        """Such as "batch_timeout"."""
        return EXTENSION_NAMES.get(self.type, f"extension_{self.type}")


@record
class Invocation(Record):
    """A call of a stored procedure.

    Parameters that can't be read, or behind which more bytes follow, stand as `Opaque`
    bytes: the official Python client glues a call that failed half-written to the next.
    """

    version: int = field(Int8sb, "0, 1 (batch time-out), 2 (extensions)", default=0)
    batch_timeout_flag: int | None = field(
        present_if(this.version == 1, Int8sb), "-1 none, 1 a time-out follows", default=None
    )
    batch_timeout_ms: int | None = field(
        present_if((this.version == 1) & (this.batch_timeout_flag == 1), Int32sb),
        "ms; 0 without limit",
        default=None,
    )
    procedure: str | None = field(Text, "its name, case-sensitive; not NULL")
    client_handle: int = field(Int64sb, "chosen by the client; the response has the same", default=1)
    extensions: list[Extension] | None = field(
        present_if(this.version == 2, Counted(Int8sb, Extension.declaration)),
        "at most 30; only in version 2",
        default=None,
    )
    parameters: list[Parameter] | Opaque = field(
        OrOpaque(PARAMETER_SET), "i16 count, then type and value of each", default=[]
    )

    @property
    def is_readable(self) -> bool:
        """Whether the parameters could be read."""
        return not isinstance(self.parameters, Opaque)


@record
class InvocationHead(Record):
    """An invocation up to its client handle: all that pairing and listing need."""

    version: int = field(Int8sb, "as Invocation")
    batch_timeout_flag: int | None = field(
        present_if(this.version == 1, Int8sb), "as Invocation", default=None
    )
    batch_timeout_ms: int | None = field(
        present_if((this.version == 1) & (this.batch_timeout_flag == 1), Int32sb),
        "as Invocation",
        default=None,
    )
    procedure: str | None = field(Text, "as Invocation")
    client_handle: int = field(Int64sb, "as Invocation")
    rest: bytes = field(GreedyBytes, "extensions and parameters", default=b"")


@record
class InvocationStart(Record):
    """An invocation up to the length of its name: what says why a server refuses it."""

    version: int = field(Int8sb, "as Invocation")
    batch_timeout_flag: int | None = field(
        present_if(this.version == 1, Int8sb), "as Invocation", default=None
    )
    batch_timeout_ms: int | None = field(
        present_if((this.version == 1) & (this.batch_timeout_flag == 1), Int32sb),
        "as Invocation",
        default=None,
    )
    name_length: int = field(Int32sb, "of the procedure's name")
    rest: bytes = field(GreedyBytes, "from the name on", default=b"")


@record
class ExtensionCount(Record):
    """What follows the client handle in version 2."""

    count: int = field(Int8sb, "0 .. 30")
    rest: bytes = field(GreedyBytes, "extensions and parameters", default=b"")
