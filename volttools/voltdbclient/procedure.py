"""A procedure and the types of its parameters, to be called again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from volttools.voltdbclient.connection import FastSerializer
from volttools.voltdbclient.parameters import encoder
from volttools.voltdbclient.response import VoltResponse
from volttools.voltdbclient.values import is_array


class VoltProcedure:
    """A procedure that is called over a connection.

    fser        a FastSerializer
    name        of the procedure
    paramtypes  a FastSerializer.VOLTTYPE_... for each parameter; for an array that of its elements
    """

    def __init__(self, fser: FastSerializer, name: str, paramtypes: Sequence[int] | None = None) -> None:
        self.fser = fser
        self.name = name
        self.paramtypes = [] if paramtypes is None else paramtypes

    def call(
        self, params: Sequence[Any] | None = None, response: bool = True, timeout: float | None = None
    ) -> VoltResponse | None:
        """Call, and wait for the answer.

        params    a value for each of `paramtypes`; None is NULL, a list an array
        response  False: wait, but give None
        timeout   seconds; None: the `procedure_timeout` of the connection, else for ever

        Whatever status the server answers is in what is given. Raises ValueError or TypeError for
        parameters that can't be sent, before a byte of them is; socket.timeout (TimeoutError) if no
        answer came in time, after which the connection can be used on; ConnectionError if it is broken.
        """
        encode = encoder(tuple(self.paramtypes))
        body = self.fser.exchange(self.name, encode, () if params is None else params, timeout)
        return VoltResponse.read(body) if response else None

    def as_array(self, paramtype: int, param: Any) -> bool:
        """Whether a value is sent as an array, and not as a value of the type."""
        return is_array(paramtype, param)
