"""What a server says of parameters that it can't read: a cause, in Java's words.

The causes were observed at an 11.4 server. It sends its stack behind them; here is what is wrong, and where.
"""

from __future__ import annotations

import re

from volttools.errors import DecodeError
from volttools.formats.response import GRACEFUL_FAILURE, Response
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.protocol.refused_calls import read_parameters

_TOO_SHORT = "java.nio.BufferUnderflowException"

# fmt: off
_CAUSES = (  # by our own words; the first that fits
    (r"no value can have the type .* \((-?\d+)\)", r"java.lang.RuntimeException: ParameterSet doesn't support type \1"),
    (r"count (-\d+)",                              r"java.io.IOException: Array length is negative \1"),
    (r"count (\d+), but .*",                       r"java.io.IOException: Array length is greater than total buffer \1"),
    (r".*",                                        _TOO_SHORT),
)
_CAUSES_OF_COUNT = (
    (r"count (-\d+)", r"java.lang.IllegalArgumentException: Invalid parameter length \1 for ParameterSet."),
    (r".*",           _TOO_SHORT),
)
# fmt: on


def unreadable(call: Call) -> Response | None:
    """What a server answers where it can't read the parameters; None if it can."""
    parameters = read_parameters(call.invocation)
    if not isinstance(parameters, DecodeError):
        return None
    text = (
        f"Exception while deserializing procedure params, procedure={call.procedure}\n"
        f"java.lang.RuntimeException: java.util.concurrent.ExecutionException: {_cause(parameters)}\n"
        f"\tat {parameters}"
    )
    return failure(GRACEFUL_FAILURE, text)


def _cause(error: DecodeError) -> str:
    for pattern, cause in _CAUSES if error.offset else _CAUSES_OF_COUNT:
        found = re.fullmatch(pattern, error.message)
        if found is not None:
            return found.expand(cause)
    return _TOO_SHORT
