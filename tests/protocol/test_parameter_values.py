import math

import pytest

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, FLOAT, INTEGER, NULL, STRING, TINYINT
from volttools.protocol.parameter_values import exact_value, parameters_of


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (Parameter.of(INTEGER, 7), Parameter.of(BIGINT, 7), True),
        (Parameter.of(NULL, None), Parameter.of(STRING, None), True),
        (Parameter.of(STRING, "7"), Parameter.of(INTEGER, 7), False),
        (Parameter.of(STRING, ""), Parameter.of(STRING, None), False),
        (Parameter.of(FLOAT, math.nan), Parameter.of(FLOAT, math.nan), True),
        (Parameter.array(TINYINT, [1, 2]), Parameter.array(BIGINT, [1, 2]), True),
    ],
)
def test_values_are_the_same_where_a_procedure_cannot_tell_them_apart(one, other, is_same):
    assert (exact_value(one) == exact_value(other)) is is_same


def test_parameters_that_cannot_be_read_are_none():
    assert parameters_of(Invocation(procedure="P", parameters=Opaque(b"\x00\x05\x63"))) == []
