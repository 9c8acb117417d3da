"""Parameters: sets that can't be read, wrong counts, and values that don't become the declared type."""

import re
from decimal import Decimal
from typing import Any

from tests.contract.checks import Answer, Check, call
from volttools.formats.parameters import Parameter
from volttools.formats.types import (
    BIGINT,
    BOOLEAN,
    DECIMAL,
    FLOAT,
    INTEGER,
    STRING,
    TINYINT,
    VARBINARY,
    WireType,
)

_UNREADABLE = (
    "Exception while deserializing procedure params, procedure={}\n"
    "java.lang.RuntimeException: java.util.concurrent.ExecutionException: "
)
_SHORT = "java.nio.BufferUnderflowException"


def _no_type(code: int) -> str:
    return f"java.lang.RuntimeException: ParameterSet doesn't support type {code}"


# What stands in the place of a parameter set, and what a server says of it.
# fmt: off
_SETS = {
    "no count":                   ("",                       _SHORT),
    "a count of -1":              ("ffff",                   "java.lang.IllegalArgumentException: Invalid parameter length -1 for ParameterSet."),
    "a count without parameters": ("0001",                   _SHORT),
    "a value that is cut":        ("0001 06 0000",           _SHORT),
    "type DATE":                  ("0001 0c 07e8021d",       _no_type(12)),
    "type 28":                    ("0001 1c 00",             _no_type(28)),
    "an array without a count":   ("0001 9d 06",             _SHORT),
    "a negative array":           ("0001 9d 06 ffff",        "java.io.IOException: Array length is negative -1"),
    "an array that is too long":  ("0001 9d 06 0100",        r"java.io.IOException: Array length is greater than total buffer \d+"),
}
# fmt: on

_TYPE_ERROR = "VOLTDB ERROR: PROCEDURE {} TYPE ERROR FOR PARAMETER {}: org.voltdb.VoltTypeException: "
_NO_KEY = (
    r"Error sending procedure contract_select to the correct partition\. Make sure parameter values are correct\. "
    r"Parameter value {}, partition column \w+ type 5 Message: {} ?"
)


def _cause(text: str) -> str:
    return text if "\\" in text else re.escape(text)


def _unreadable(procedure: str, needs: str) -> list[Check]:
    return [
        Check(
            f"{name} in the place of parameters, {procedure}",
            "2.3",
            call(procedure, parameters=bytes.fromhex(hexadecimal)),
            Answer(
                -2,
                re.compile(
                    re.escape(_UNREADABLE.format(procedure)) + f"(?:{_cause(cause)})" + r"(?:\n\tat .*)?",
                    re.DOTALL,
                ),
            ),
            needs=needs,
        )
        for name, (hexadecimal, cause) in _SETS.items()
    ]


def _of_partition(
    name: str, value: str, message: str, *values: Any, parameters: bytes | None = None
) -> Check:
    return Check(
        name,
        "2.3",
        call("contract_select", *values, parameters=parameters),
        Answer(-3, re.compile(_NO_KEY.format(value, message))),
        needs="schema",
    )


def _count(procedure: str, expected: int, *values: Any) -> Check:
    text = f"VOLTDB ERROR: PROCEDURE {procedure} EXPECTS {expected} PARAMS, BUT RECEIVED {len(values)}"
    return Check(f"{len(values)} parameters for {procedure}", "2.3", call(procedure, *values), Answer(-2, text), needs="schema")  # fmt: skip


_ROW: dict[str, Parameter] = {
    "id": Parameter.of(INTEGER, -1),
    **{name: Parameter.of(STRING, None) for name in ("t", "n", "f", "d", "v", "ts", "vb")},
}


def _refused(column: str, wire_type: WireType, value: Any, text: str) -> Check:
    """A value of a row of CONTRACT_T that doesn't become its column's type."""
    number = list(_ROW).index(column)
    row = {**_ROW, column: Parameter.of(wire_type, value)}
    return Check(
        f"{wire_type.name} {value!r} for column {column}",
        "2.3",
        call("CONTRACT_T.upsert", *row.values()),
        Answer(-2, re.compile(re.escape(_TYPE_ERROR.format("CONTRACT_T.upsert", number)) + text)),
        needs="schema",
    )


_MISMATCH = r"The provided value: \({}\) of type: java\.lang\.{} is not a match or is out of range for the target parameter type: {}"  # fmt: skip

# fmt: off
CHECKS = [
    *_unreadable("@Ping", ""),
    *_unreadable("@AdHoc", ""),
    *_unreadable("contract_all", "schema"),
    _of_partition("parameters that can't be read, of a partition", "null", "Invalid partitionIndex: 0", parameters=b"\xff\xff"),
    _of_partition("a key that is no number", "abc", "getHashedPartitionForParameter: Unable to convert string abc to int target parameter", "abc"),
    _count("contract_all", 1),
    _count("contract_all", 1, 1, 2),
    _count("CONTRACT_R.insert", 2, 1),
    _refused("n", FLOAT, 3.0, _MISMATCH.format("3.0", "Double", "long")),
    _refused("n", STRING, "abc", r"Unable to convert string abc to long value for target parameter\."),
    _refused("n", STRING, "", r"Unable to convert string  to long value for target parameter\."),
    _refused("t", INTEGER, 300, _MISMATCH.format("300", "Integer", "byte")),
    _refused("t", INTEGER, -128, r"The provided short, int or long value: \(-128\) might be interpreted as tinyint null\. Try explicitly using a byte parameter\."),
    _refused("id", BIGINT, -(2**31), r"The provided long value: \(-2147483648\) might be interpreted as integer null\. Try explicitly using a int parameter\."),
    _refused("f", STRING, "x", r"Unable to convert string x to double value.*"),
    _refused("vb", STRING, "no hex", r".*String is not properly hex-encoded\."),
    *(
        Check(f"{name} is taken for column n", "2.3", call("CONTRACT_T.upsert", *{**_ROW, "n": value}.values()), Answer(1, columns=("modified_tuples B",), rows=[(1,)]), needs="schema")
        for name, value in {
            "TINYINT 1": Parameter.of(TINYINT, 1),
            "STRING ' 12 '": Parameter.of(STRING, " 12 "),
            "BOOLEAN true": Parameter.of(BOOLEAN, True),
            "DECIMAL 2": Parameter.of(DECIMAL, Decimal(2)),
            "NULL": Parameter.of(VARBINARY, None),
        }.items()
    ),
]
# fmt: on
