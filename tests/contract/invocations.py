"""Calls: heads that are wrong, extensions, names, and what is done with handles."""

import re

from tests.contract.checks import Answer, Check, call, frame, malformed, not_found
from volttools.formats.invocation import Extension

_NAME = "00000005 4050696e67"  # @Ping
_HANDLE = "0000000000001267"  # as HANDLE
_NONE = "0000"  # parameters
_PINGED = Answer(1, "SUCCESS", ("STATUS B",), [(0,)])
_BAD_EXTENSIONS = malformed("Failed to deserialize SPI extensions: ")
_NOT_ALL = (
    "Invalid procedure for all-partition execution. Targeted procedure must be partitioned, must be partitioned on "
    "the first parameter, and must not be a system procedure."
)
_NOT_DIRECTED = (
    "Invalid procedure for all-partition execution. Targeted procedure must be partitioned on the first parameter,  "
    "be a directed procedure or part of a batch call."
)
_TIMED_OUT = Answer(-2, "Request timed out at server before execution")


def _head(name: str, hexadecimal: str, text: str | None) -> Check:
    return Check(name, "2.1", frame(hexadecimal), malformed(text))


def _extensions(hexadecimal: str) -> bytes:
    """A @Ping with a count of extensions and extensions, as they stand."""
    return frame(f"02 {_NAME} {_HANDLE} {hexadecimal} {_NONE}")


def _pinged(name: str, source: str, sends: bytes) -> Check:
    return Check(name, source, sends, _PINGED)


def _not_found(name: str, procedure: str, told: str | None = None) -> Check:
    told = procedure if told is None else told
    return Check(name, "2.2", call(procedure), not_found(told))


# fmt: off
CHECKS = [
    _head("version 3", "03" + "00" * 20, "Unknown ProcedureInvocationType 3"),
    _head("version -1", "ff" + "00" * 20, "Unknown ProcedureInvocationType -1"),
    _head("a call of 1 byte", "00", None),
    _head("a call of 2 bytes", "0000", None),
    _head("a name of length 0", f"00 00000000 {_HANDLE} {_NONE}", "Procedure name cannot be length zero in invocation deserialization."),
    _head("a name NULL", f"00 ffffffff {_HANDLE} {_NONE}", "Procedure name cannot be null in invocation deserialization."),
    _head("a name of length -2", f"00 fffffffe {_HANDLE} {_NONE}", "Value length is negative -2"),
    _head("a name that is longer than the frame", "00 00001000 4050696e67", "Value length is bigger than total buffer 4096"),
    _head("a batch time-out of -5 in version 1", f"01 01 fffffffb {_NAME} {_HANDLE} {_NONE}", "Timeout value can't be negative."),
    _head("a flag 0 in version 1", f"01 00 {_NAME} {_HANDLE} {_NONE}", "Unknown BatchTimeoutType 0"),
    _head("31 extensions", f"02 {_NAME} {_HANDLE} 1f {'0700' * 31} {_NONE}", "SPI extension count was > 30: possible corrupt network data."),
    _head("-1 extensions", f"02 {_NAME} {_HANDLE} ff {_NONE}", "SPI extension count was < 0: possible corrupt network data."),
    Check("an extension that isn't as long as its type", "2.1", _extensions("01 0101 00"), _BAD_EXTENSIONS),
    Check("a batch time-out of -2", "2.1", _extensions("01 0103 fffffffe"), _BAD_EXTENSIONS),
    Check("a partition of -1", "2.1", _extensions("01 0303 ffffffff"), _BAD_EXTENSIONS),
    Check("an unknown extension that is longer than the frame", "2.1", _extensions("01 320f"), _BAD_EXTENSIONS),
    Check("more extensions are counted than there are", "2.1", frame(f"02 {_NAME} {_HANDLE} 03 0400"), _BAD_EXTENSIONS),

    _pinged("version 1 without a time-out", "2.1", call("@Ping", version=1)),
    _pinged("version 1 with a time-out", "2.1", call("@Ping", version=1, timeout_ms=5000)),
    _pinged("version 2 without extensions", "2.1", call("@Ping", extensions=[])),
    _pinged("unknown extensions are skipped", "2.1", _extensions("05 0700 3201ff 6303 01020304 ff00 0002 0102")),
    _pinged("an extension may come twice", "2.1", _extensions("02 0501 03 0501 04")),
    _pinged("a priority of 127", "2.1", _extensions("01 0501 7f")),
    _pinged("a priority of -1", "2.1", _extensions("01 0501 ff")),
    _pinged("a batch call that is none", "2.1", _extensions("01 0400")),
    _pinged("bytes behind the parameters", "2.1", frame(f"00 {_NAME} {_HANDLE} {_NONE} 0102030405")),
    *(
        Check(f"handle {handle} comes back", "2.1", call("@Ping", handle=handle), Answer(1, "SUCCESS", ("STATUS B",), handle=handle))
        for handle in (0, -1, 1, -(2**63), 2**62, 2**63 - 1)
    ),
    Check("two calls with one handle are answered both", "2.4", (call("@Ping"), call("@Ping")), (_PINGED, _PINGED)),
    Check("a call is answered that comes behind one that is none", "2.1", (frame("03" + "00" * 20), call("@Ping")), (malformed("Unknown ProcedureInvocationType 3"), _PINGED)),

    _not_found("an unknown procedure", "Contract_Nosuch"),
    _not_found("an unknown procedure with an @", "@Contract_Nosuch"),
    *(_not_found(f"{name!r} is not @Ping or @AdHoc", name) for name in ("@ping", "@PING", "@adhoc", " @Ping")),
    _not_found("a name with NUL, LF and TAB", "a\0b\nc\td"),
    _not_found("a name that is no UTF-8", "a\udcffb", "a\ufffdb"),
    _not_found("a name of 2 MB", "n" * 2_000_000),
    Check("an unknown procedure comes before parameters that can't be read", "2.2", call("Contract_Nosuch", parameters=b"\xff"), not_found("Contract_Nosuch")),
    Check("default procedures are found in any case", "2.2", call("contract_T.DELETE", -1), Answer(1, columns=("modified_tuples B",), table_status=0), needs="schema"),
    Check("a change in several partitions has another table status", "3.1", call("CONTRACT_R.delete", -1), Answer(1, columns=("modified_tuples B",), table_status=-128), needs="schema"),
    Check("a procedure in another case", "2.2", call("CONTRACT_SELECT", 1), Answer(-3, re.compile(r"Procedure CONTRACT_SELECT is not present in the catalog\. This can happen if a catalog update removing the procedure occurred after the procedure was submitted but before the procedure was executed\. ?")), needs="schema"),

    _pinged("a time-out of 0 us on @Ping is ignored", "2.4", call("@Ping", extensions=[Extension(type=6, payload=0)])),
    Check("a time-out of 0 us", "2.4", call("contract_select", -1, extensions=[Extension(type=6, payload=0)]), _TIMED_OUT, needs="schema"),
    Check("a time-out of 1 us", "2.4", call("contract_select", -1, extensions=[Extension(type=6, payload=1)]), _TIMED_OUT, needs="schema"),
    Check("a time-out of -1 us is none", "2.4", call("contract_select", -1, extensions=[Extension(type=6, payload=-1)]), Answer(1, columns=("ID I, V S",), rows=[]), needs="schema"),
    Check("@Ping of all partitions", "2.4", call("@Ping", extensions=[Extension(type=2)]), Answer(-2, _NOT_ALL)),
    Check("@Ping of one partition", "2.4", call("@Ping", extensions=[Extension(type=3, payload=0)]), Answer(-2, _NOT_DIRECTED)),
    Check("a partition for a procedure that has none", "2.4", call("contract_all", -1, extensions=[Extension(type=3, payload=0)]), Answer(-2, _NOT_DIRECTED), needs="schema"),
    Check("a partition that there isn't", "2.4", call("contract_select", -1, extensions=[Extension(type=3, payload=9999)]), Answer(-2, "Partition does not exist: 9999"), needs="schema"),
    Check("a call of one partition", "2.4", call("contract_select", -1, extensions=[Extension(type=2), Extension(type=3, payload=0)]), Answer(1, columns=("ID I, V S",), rows=[]), needs="schema"),
]
# fmt: on
