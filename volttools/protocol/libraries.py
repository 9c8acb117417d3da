"""Which client library is at work, told from what it sends.

No client says its name. But each has its habits: versions of log-in and invocation, client
handles, extensions, and the calls that it makes on its own. The rules stand in `_judge`, each
with the habit that it looks for; recordings of each client are their source. Where two clients can't be told apart, the answer is None.
"""

from __future__ import annotations

from typing import Final

from construct import Int64sb

from volttools.codec import parse
from volttools.errors import DecodeError
from volttools.formats.invocation import WITH_EXTENSIONS, Invocation, InvocationHead
from volttools.formats.response import PING_HANDLE
from volttools.protocol.frames import CallHead

PYTHON: Final = "voltdbclient (Python)"
PYTHON_ASYNC: Final = "voltclient (Python)"
JAVA: Final = "Java Client"
JAVA_2: Final = "Java Client2"
CPP: Final = "C++"
GO: Final = "Go"
NODE: Final = "Node.js"

MAX_INVOCATIONS: Final = 12
"""So many are looked at; the calls that a client makes on its own are among the first."""

_LOWEST_HANDLE: Final = -(2**63)
_DISCOVERY: Final = frozenset(("@SystemInformation", "@Subscribe"))
_DIGITS: Final = frozenset(b"0123456789")


class LibraryGuess:
    """Collects the habits of one connection's client; `name` is the guess so far."""

    __slots__ = ("_handles", "_names", "_seen", "_versions", "is_sure", "name")

    def __init__(self) -> None:
        self.name: str | None = None
        self.is_sure = False
        self._seen = 0
        self._handles: list[int] = []
        self._versions: set[int] = set()
        self._names: set[str | None] = set()

    def invocation(self, head: CallHead | InvocationHead, body: bytes) -> str | None:
        """Take an invocation; the guess so far."""
        self._seen += 1
        self._handles.append(head.client_handle)
        self._versions.add(head.version)
        self._names.add(head.procedure)
        found = self._judge(head, body)
        if found is not None:
            self.name = found
            # The Java clients look alike until one of them uses what the other hasn't.
            self.is_sure = found != JAVA
        self.is_sure = self.is_sure or self._seen >= MAX_INVOCATIONS
        return self.name

    def _judge(self, head: CallHead | InvocationHead, body: bytes) -> str | None:
        handle = head.client_handle
        # C++ counts all its calls upwards from the lowest number.
        if self._seen > 1 and max(self._handles) < _LOWEST_HANDLE + 2**32:
            return CPP
        if head.version == WITH_EXTENSIONS:
            return self._judge_version_2(head, body)
        if head.version != 0:
            return None
        # Node.js writes a counter as eight ASCII digits where the number should be.
        if _is_digits(handle):
            return NODE
        # Go asks for the topology with an interval of 1, old Java clients with 0; both with -2.
        if handle == -2 and head.procedure == "@Statistics":
            interval = _last_number(body)
            return GO if interval == 1 else JAVA if interval == 0 else None
        if handle == -1 and head.procedure == "@Subscribe":
            return JAVA
        # voltdbclient gives every call the handle 1.
        if self._seen > 1 and set(self._handles) == {1}:
            return PYTHON
        # voltclient asks who and where the nodes are, counting its own calls like any others.
        if self._versions == {0} and self._names & _DISCOVERY and self._counts_up():
            return PYTHON_ASYNC
        return None

    def _judge_version_2(self, head: CallHead | InvocationHead, body: bytes) -> str | None:
        try:
            extensions = parse(Invocation, body).extensions or []
        except DecodeError:
            return None
        names = {extension.name for extension in extensions}
        if "request_timeout" in names:  # only Client2 tells how much time is left
            return JAVA_2
        if "request_priority" in names:
            # Client2 always has one, Client only if told to; and Client asks for TOPO with an interval.
            if head.procedure == "@Statistics" and head.client_handle < 0:
                return JAVA if _last_number(body) is not None else JAVA_2
            return None
        if self._versions == {2}:
            return JAVA
        # voltclient uses version 2 for this one thing; the Java clients use it for everything.
        return PYTHON_ASYNC if names == {"all_partition", "partition_destination"} else None

    def _counts_up(self) -> bool:
        """Whether the handles are those of one counter."""
        counted = [handle for handle in self._handles if handle != PING_HANDLE]
        return len(counted) > 1 and counted[0] > 0 and counted == sorted(set(counted))


def _is_digits(handle: int) -> bool:
    return handle > 0 and set(Int64sb.build(handle)) <= _DIGITS


def _last_number(body: bytes) -> int | None:
    """The last parameter of an invocation, if it is a number behind another one."""
    try:
        parameters = parse(Invocation, body).parameters
    except DecodeError:
        return None
    if not isinstance(parameters, list) or len(parameters) < 2:
        return None
    value = parameters[-1].value
    return value if isinstance(value, int) else None
