"""What extensions of a call ask for: one partition, all partitions, to be run in so much time.

Refusals and their texts were observed at an 11.4 server.
"""

from __future__ import annotations

from volttools.formats.invocation import Invocation
from volttools.formats.response import GRACEFUL_FAILURE, Response
from volttools.formats.types import BIGINT, INTEGER, SMALLINT, TINYINT
from volttools.mock.answers import failure
from volttools.mock.calls import Call
from volttools.mock.procedures import Described, Procedures
from volttools.mock.topology import Topology

_NOT_FOR_ALL = (
    "Invalid procedure for all-partition execution. Targeted procedure must be partitioned, must be partitioned on "
    "the first parameter, and must not be a system procedure."
)
_NOT_FOR_ONE = (
    "Invalid procedure for all-partition execution. Targeted procedure must be partitioned on the first parameter,  "
    "be a directed procedure or part of a batch call."
)
_TIMED_OUT = "Request timed out at server before execution"
_LESS_THAN_ANY_QUEUE_US = 1
_INTEGERS = frozenset((TINYINT, SMALLINT, INTEGER, BIGINT))


def destination(invocation: Invocation) -> int | None:
    """The partition that a call is for by its extension; None where it has none."""
    return _extension(invocation, "partition_destination")


class DirectedCheck:
    """Refuses calls whose extensions don't fit their procedure; gives directed ones their partition's key."""

    def __init__(self, procedures: Procedures, topology: Topology) -> None:
        self._procedures = procedures
        self._topology = topology

    def answer(self, call: Call) -> Response | None:
        """What a server refuses; None: it runs."""
        if not call.invocation.extensions:
            return None
        partition = destination(call.invocation)
        is_for_all = any(one.name == "all_partition" for one in call.invocation.extensions)
        if call.procedure.startswith("@"):
            return self._of_system(partition, is_for_all)
        procedure = self._procedures.described(call.procedure)
        if procedure is None:
            return None
        timeout_us = _extension(call.invocation, "request_timeout")
        if timeout_us is not None and 0 <= timeout_us <= _LESS_THAN_ANY_QUEUE_US:
            return failure(GRACEFUL_FAILURE, _TIMED_OUT)
        if procedure.types is None or (partition is None and not is_for_all):
            return None  # nothing is known of it, or nothing is asked
        if partition is None:
            return None if procedure.partitioned_on == 0 else failure(GRACEFUL_FAILURE, _NOT_FOR_ALL)
        return self._of_one(call, procedure, partition)

    def _of_system(self, partition: int | None, is_for_all: bool) -> Response | None:
        if is_for_all:
            return failure(GRACEFUL_FAILURE, _NOT_FOR_ALL)
        return None if partition is None else failure(GRACEFUL_FAILURE, _NOT_FOR_ONE)

    def _of_one(self, call: Call, procedure: Described, partition: int) -> Response | None:
        if procedure.partitioned_on != 0:
            return failure(GRACEFUL_FAILURE, _NOT_FOR_ONE)
        if partition >= self._topology.partitions:
            return failure(GRACEFUL_FAILURE, f"Partition does not exist: {partition}")
        if procedure.partition_type in _INTEGERS and call.params:
            call.converted = (self._topology.key_of(partition), *call.params[1:])
        return None


def _extension(invocation: Invocation, name: str) -> int | None:
    for extension in invocation.extensions or ():
        if extension.name == name:
            number: int = extension.payload
            return number
    return None
