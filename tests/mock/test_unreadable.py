"""The causes are in tests/contract, as a server tells them."""

import pytest

from tests.contract.checks import call
from tests.mock.wire import connected
from volttools.mock import MockServer


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("0001 06 0000", "java.nio.BufferUnderflowException\n\tat expected 8 bytes, 2 are left at byte 3"),
        ("0001 09 fffffffe", "java.nio.BufferUnderflowException\n\tat length -2 at byte 3"),
        ("0001 9d06ffff", "java.io.IOException: Array length is negative -1\n\tat count -1 at byte 4"),
    ],
)
def test_behind_the_cause_stands_what_is_wrong_and_where(parameters, said):
    with MockServer() as server, connected(server) as wire:
        wire.send(call("@Ping", parameters=bytes.fromhex(parameters)))
        response = wire.response()
        assert response.status == -2
        assert response.status_string == (
            "Exception while deserializing procedure params, procedure=@Ping\n"
            f"java.lang.RuntimeException: java.util.concurrent.ExecutionException: {said}"
        )
