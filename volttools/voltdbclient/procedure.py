"""A procedure and the types of its parameters, to be called again and again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from volttools.client.signatures import Encode, Signature, Slot, encode_parameters
from volttools.errors import EncodeError
from volttools.formats import types
from volttools.formats.parameters import Parameter
from volttools.voltdbclient.connection import FastSerializer
from volttools.voltdbclient.response import VoltResponse
from volttools.voltdbclient.values import elements, is_array, to_wire, wire_type

# Of these a value of the right Python type is sent as it is.
_PLAIN = {types.TINYINT, types.SMALLINT, types.INTEGER, types.BIGINT, types.FLOAT, types.STRING}


class VoltProcedure:
    """A procedure that is called over a connection.

    fser        a FastSerializer
    name        of the procedure
    paramtypes  a FastSerializer.VOLTTYPE_... for each parameter; for an array that of its elements
    """

    def __init__(self, fser: FastSerializer, name: str, paramtypes: Sequence[int] = ()) -> None:
        self.fser = fser
        self.name = name
        self.paramtypes = paramtypes

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
        encode = _encoded(self.name, tuple(self.paramtypes), () if params is None else params)
        body = self.fser.exchange(self.name, encode, timeout)
        return VoltResponse.read(body) if response else None


def _encoded(name: str, codes: tuple[int, ...], params: Sequence[Any]) -> Encode:
    """Client handle -> the frame of a call. EncodeError for what can't be sent."""
    if len(params) != len(codes):
        raise EncodeError(f"{name}: {len(params)} parameters, and {len(codes)} types for them")
    signature = _plain_signature(codes)
    if signature is not None and signature.is_exact(tuple(map(type, params))):
        return signature.encode_exact(name, params)
    parameters = []
    for index, (code, value) in enumerate(zip(codes, params, strict=True)):
        try:
            parameters.append(_parameter(code, value))
        except EncodeError as error:
            raise EncodeError(f"{name}, parameter {index}: {error.message}") from None
    return encode_parameters(name, parameters)


@lru_cache(maxsize=512)
def _plain_signature(codes: tuple[int, ...]) -> Signature | None:
    kinds = [wire_type(code) for code in codes]
    if (
        not codes
        or not _PLAIN.issuperset(kinds)
        or any(kind.code != code for kind, code in zip(kinds, codes, strict=True))
    ):
        return None
    return Signature([Slot(kind) for kind in kinds])


def _parameter(code: int, value: Any) -> Parameter:
    kind, convert = wire_type(code), to_wire(code)
    if not is_array(code, value):
        return Parameter.of(kind, None if value is None else convert(value))
    if kind.array_count is None:
        raise EncodeError(f"no array can have elements of type {kind.name}")
    return Parameter.array(kind, [None if each is None else convert(each) for each in elements(code, value)])
