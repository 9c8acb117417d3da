"""Rules on invocations: head, extensions, and parameters that can't be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.parameter_faults import Fault, Mistake
from volttools.checks.state import ConnectionState
from volttools.errors import DecodeError
from volttools.formats.invocation import (
    EXTENSION_NAMES,
    MAX_EXTENSIONS,
    NO_TIMEOUT,
    PRIORITIES,
    TIMEOUT_FLAGS,
    Extension,
    Invocation,
)

VIOLATION, NOTE = Severity.VIOLATION, Severity.NOTE


def _unreadable(error: DecodeError, state: ConnectionState) -> Iterator[Found]:
    place = "" if error.offset is None else f" at byte {error.offset:,} of its frame"
    yield Found(f"an invocation that can't be read: {error.message}{place}", error.path)


def _empty_procedure(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    if not call.procedure:
        what = "NULL" if call.procedure is None else "empty"
        message = f"the procedure's name is {what}: the server answers with -3 under the connection's id"
        yield Found(message, "invocation.procedure")


def _timeout_flag(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    if call.batch_timeout_flag not in (None, *TIMEOUT_FLAGS):
        message = (
            f"the flag of the batch time-out is {call.batch_timeout_flag}; -1 is none, 1 that it follows"
        )
        yield Found(message, "invocation.batch_timeout_flag")


def _negative_timeout(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    # Version 1 says with its flag that there is none.
    if call.batch_timeout_ms is not None and call.batch_timeout_ms < 0:
        yield Found(
            f"a batch time-out of {call.batch_timeout_ms:,} ms; 0 is without limit, negative ones are refused",
            "invocation.batch_timeout_ms",
        )
    for path, value in _payloads(call, "batch_timeout"):
        if value < 0 and value != NO_TIMEOUT:
            yield Found(f"a batch time-out of {value:,} ms; {NO_TIMEOUT} is none, 0 without limit", path)


def _extension_count(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    if call.extensions is not None and len(call.extensions) > MAX_EXTENSIONS:
        message = f"{len(call.extensions)} extensions; the server takes {MAX_EXTENSIONS} at most"
        yield Found(message, "invocation.extensions")


def _repeated_extension(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    counts = Counter(extension.type for extension in call.extensions or ())
    for kind, count in counts.items():
        if count > 1:
            name = EXTENSION_NAMES.get(kind, str(kind))
            yield Found(
                f"extension {name} stands {count} times; the last one counts", "invocation.extensions"
            )


def _unknown_extension(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    for path, extension in _extensions(call):
        if extension.type not in EXTENSION_NAMES:
            yield Found(f"an extension of type {extension.type}, which the 11.4 server skips", path)


def _extension_length(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    for path, extension in _extensions(call):
        if extension.type in EXTENSION_NAMES and isinstance(extension.payload, bytes):
            message = f"extension {extension.name} with a payload of {len(extension.payload)} bytes: not its own length"
            yield Found(message, path)


def _priority(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    for path, value in _payloads(call, "request_priority"):
        if value not in PRIORITIES:
            yield Found(
                f"priority {value}; {PRIORITIES[0]} .. {PRIORITIES[-1]} are there, the server clips", path
            )


def _partition(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    for path, value in _payloads(call, "partition_destination"):
        if value < 0:
            yield Found(f"a call to partition {value:,}; partitions are numbered from 0", path)


def _batch_call(call: Invocation, state: ConnectionState) -> Iterator[Found]:
    for path, extension in _extensions(call):
        if extension.name == "batch_call":
            yield Found("extension batch_call is internal to the server", path)


def _extensions(call: Invocation) -> Iterator[tuple[str, Extension]]:
    for index, extension in enumerate(call.extensions or ()):
        yield f"invocation.extensions[{index}]", extension


def _payloads(call: Invocation, name: str) -> Iterator[tuple[str, int]]:
    """The values of one kind of extension, where they are numbers as they should be."""
    for path, extension in _extensions(call):
        if extension.name == name and isinstance(extension.payload, int):
            yield path, extension.payload


def _mistake(mistake: Mistake) -> Callable[[Fault, ConnectionState], Iterable[Found]]:
    """Parameters that can't be read because of one mistake."""

    def find(fault: Fault, state: ConnectionState) -> Iterator[Found]:
        if fault.mistake is mistake:
            yield Found(fault.message, f"invocation.{fault.path}")

    return find


# fmt: off
UNREADABLE_CALL: Rule[DecodeError] = Rule("unreadable-call", VIOLATION, "client", "an invocation whose extensions can't be read: answered with -3 under the connection's id", "ClientInterface.java: handleRead", _unreadable)
INVOCATION_RULES: tuple[Rule[Invocation], ...] = (
    Rule("empty-procedure",       VIOLATION, "client", "a call of a procedure without a name", "ClientInterface.java: handleRead", _empty_procedure),
    Rule("timeout-flag",          VIOLATION, "client", "version 1 with a flag that is neither -1 nor 1", "recording hand-made-versions: Unknown BatchTimeoutType", _timeout_flag),
    Rule("negative-timeout",      VIOLATION, "client", "a negative batch time-out that does not stand for none", "StoredProcedureInvocation.java", _negative_timeout),
    Rule("extension-count",       VIOLATION, "client", "more than 30 extensions", "StoredProcedureInvocation.java: 0 .. 30", _extension_count),
    Rule("extension-length",      VIOLATION, "client", "a known extension whose payload has another length", "ProcedureInvocationExtensions.java", _extension_length),
    Rule("negative-partition",    VIOLATION, "client", "a call to a partition below 0", "ProcedureInvocationExtensions.java", _partition),
    Rule("repeated-extension",    NOTE,      "client", "an extension that stands twice: the last counts", "StoredProcedureInvocation.java", _repeated_extension),
    Rule("unknown-extension",     NOTE,      "client", "an extension that the 11.4 server skips", "ProcedureInvocationExtensions.java; recording hand-made-versions", _unknown_extension),
    Rule("priority-range",        NOTE,      "client", "a priority outside of 1 .. 8: the server clips it", "ProcedureInvocationExtensions.java", _priority),
    Rule("internal-extension",    NOTE,      "client", "the extension batch_call, which is internal to the server", "ProcedureInvocationExtensions.java", _batch_call),
)
FAULT_RULES: tuple[Rule[Fault], ...] = (
    Rule("glued-call",            VIOLATION, "client", "a call that failed while it was written, with the next one behind it in one frame", "voltdbclient keeps the bytes of a call that failed; recording dump-half-written-call", _mistake(Mistake.GLUED_CALL)),
    Rule("array-without-count",   VIOLATION, "client", "an empty array without its count", "voltdbclient writes [] so", _mistake(Mistake.ARRAY_WITHOUT_COUNT)),
    Rule("array-without-type",    VIOLATION, "client", "an array with a type byte before each element in place of one before the count", "the Go client writes slices so", _mistake(Mistake.ARRAY_WITHOUT_TYPE)),
    Rule("bytes-behind-call",     VIOLATION, "client", "bytes behind the parameters: the server ignores them", "observed", _mistake(Mistake.BYTES_BEHIND)),
    Rule("unreadable-parameters", VIOLATION, "client", "parameters that can't be read: answered with -2 or -3", "ParameterSet.java", _mistake(Mistake.OTHER)),
)
# fmt: on
