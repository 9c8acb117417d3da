"""Rules on responses and pushes."""

from __future__ import annotations

from collections.abc import Iterator

from volttools.checks.finding import Found, Rule, Severity
from volttools.checks.state import ConnectionState
from volttools.errors import DecodeError
from volttools.formats.response import FIELDS_PRESENT, RESERVED_HANDLES, STATUS_NAMES, Response
from volttools.protocol.events import Push
from volttools.words import counted

VIOLATION = Severity.VIOLATION

_KNOWN_FLAGS = sum(FIELDS_PRESENT.bits.values())


def _unreadable(error: DecodeError, state: ConnectionState) -> Iterator[Found]:
    place = "" if error.offset is None else f" at byte {error.offset:,} of its frame"
    yield Found(f"a response that can't be read: {error.message}{place}", error.path)


def _version(response: Response, state: ConnectionState) -> Iterator[Found]:
    if response.version:
        yield Found(f"a response of version {response.version}; 0 is the only one", "response.version")


def _status(response: Response, state: ConnectionState) -> Iterator[Found]:
    if response.status not in STATUS_NAMES:
        yield Found(f"status {response.status}, which nobody knows", "response.status")


def _unknown_flags(response: Response, state: ConnectionState) -> Iterator[Found]:
    unknown = response.extra_flags & ~_KNOWN_FLAGS
    if unknown:
        message = f"bits {unknown:02X} of fields_present, which nobody knows; {_KNOWN_FLAGS:02X} are used"
        yield Found(message, "response.fields_present")


def _obsolete_flags(response: Response, state: ConnectionState) -> Iterator[Found]:
    bits = response.extra_flags
    if response.exception is not None or bits & FIELDS_PRESENT.bits["exception"]:
        yield Found("a serialised exception: the Java client of 11.4 fails on it", "response.exception")
    if response.hashes is not None or bits & FIELDS_PRESENT.bits["hashes"]:
        yield Found("determinism hashes: Python, Go and C++ clients misread them", "response.hashes")


def _bytes_behind(response: Response, state: ConnectionState) -> Iterator[Found]:
    if response.trailing:
        yield Found(
            f"{counted(len(response.trailing), 'byte')} too many behind the last table", "response.trailing"
        )


def _unknown_push(push: Push, state: ConnectionState) -> Iterator[Found]:
    if push.client_handle not in RESERVED_HANDLES:
        message = f"a push with the reserved handle {push.client_handle}, which nobody knows; clients drop it"
        yield Found(message, "response.client_handle")


def _unsubscribed(first: ConnectionState, state: ConnectionState) -> Iterator[Found]:
    if first.early_push is not None and first.knows_all_calls:
        yield Found(
            f"{first.early_pushes:,} pushes on a connection that had sent no @Subscribe"
            if first.early_pushes > 1
            else "a push on a connection that had sent no @Subscribe"
        )


# fmt: off
UNREADABLE_RESPONSE: Rule[DecodeError] = Rule("unreadable-response", VIOLATION, "server", "a whole response that can't be read", "ClientResponseImpl.java, VoltTable.java", _unreadable)
RESPONSE_RULES: tuple[Rule[Response], ...] = (
    Rule("response-version",      VIOLATION, "server", "a response of a version other than 0", "ClientResponseImpl.java; the C++ client asserts it", _version),
    Rule("unknown-status",        VIOLATION, "server", "a response with a status that nobody knows", "ClientResponse.java", _status),
    Rule("unknown-flags",         VIOLATION, "server", "bits of fields_present that nobody knows", "ClientResponseImpl.java", _unknown_flags),
    Rule("obsolete-flags",        VIOLATION, "server", "an exception or hashes in a response: today's clients misread them", "11.4 sends neither; its Java client throws on an exception, others misread hashes", _obsolete_flags),
    Rule("bytes-behind-response", VIOLATION, "server", "bytes behind the last table", "ClientResponseImpl.java", _bytes_behind),
)
PUSH_RULES: tuple[Rule[Push], ...] = (
    Rule("unknown-push",          VIOLATION, "server", "a push with a reserved handle that nobody knows", "Client2 of 11.4 logs and drops it", _unknown_push),
)
END_RULES: tuple[Rule[ConnectionState], ...] = (
    Rule("unsubscribed-push",     VIOLATION, "server", "a push on a connection that sent no @Subscribe, told at the end", "observed: only who sent @Subscribe gets pushes", _unsubscribed),
)
# fmt: on
