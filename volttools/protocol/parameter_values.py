"""Values of parameters as procedures see them: when two calls ask for the same."""

from __future__ import annotations

from collections.abc import Hashable

from volttools.codec import build
from volttools.errors import DecodeError
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, INTEGER, SMALLINT, STRING, TINYINT
from volttools.protocol.refused_calls import read_parameters

PLAIN: dict[int, type] = {
    TINYINT.code: int,
    SMALLINT.code: int,
    INTEGER.code: int,
    BIGINT.code: int,
    STRING.code: str,
}
"""Values of these types, by their code, are their own exact value."""

_INTEGERS = {kind.code for kind in (TINYINT, SMALLINT, INTEGER, BIGINT)}
_STRING = STRING.code


def exact_value(parameter: Parameter) -> Hashable:
    """A parameter's value: equal where a procedure can't tell two apart."""
    value, kind = parameter.value, parameter.type
    if value is None:
        return None
    if kind in _INTEGERS:
        return int(value)
    if kind == _STRING:
        return str(value)
    if parameter.element_type in _INTEGERS:
        return tuple(value)
    return build(parameter)  # by bytes: a NaN equals itself, 0.0 is not -0.0


def parameters_of(invocation: Invocation) -> list[Parameter]:
    """The parameters; none where they can't be read."""
    parameters = read_parameters(invocation)
    return [] if isinstance(parameters, DecodeError) else parameters
