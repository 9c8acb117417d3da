"""When a call is one that was recorded: the same procedure, and the same values of all parameters.

Integers of any width are alike, and so are NULLs of any type, as they are to procedures. Rules loosen that.
Keys make it a look-up, however much was recorded; only a tolerance compares, and only where no
call was recorded exactly so.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from volttools.errors import DecodeError, UsageError
from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import FLOAT, TIMESTAMP
from volttools.mock.durations import Duration, seconds
from volttools.protocol.parameter_values import PLAIN, exact_value, parameters_of
from volttools.protocol.refused_calls import read_parameters
from volttools.sql import is_builtin, tokens

_FLOAT, _TIMESTAMP = FLOAT.code, TIMESTAMP.code
_WITH_SQL = ("@AdHoc", "@AdHocSpForTest", "@Explain", "@ExplainProc")
EVERY = "*"

Key = tuple[str, Hashable]


@dataclass(frozen=True, kw_only=True)
class Match:
    """How like a recorded call one has to be.

    ignore               {"Vote": [0, 2]}: parameters, from 0, that don't count; under "*" of all procedures
    any_parameters       procedures whose parameters don't count; True: all
    float_tolerance      of FLOAT values, as a part of the value
    timestamp_tolerance  of TIMESTAMP values: "1 s", or seconds
    normalize_sql        whether SQL of @AdHoc and @Explain counts by its words: case of keywords and names,
                         blanks and comments don't

    >>> from volttools.formats.types import INTEGER
    >>> Match(ignore={"Vote": [0]}).key(Invocation(procedure="Vote", parameters=[Parameter.of(INTEGER, 5)]))
    ('Vote', (Ellipsis,))
    """

    ignore: Mapping[str, Collection[int]] = field(default_factory=dict)
    any_parameters: Collection[str] | bool = ()
    float_tolerance: float = 0.0
    timestamp_tolerance: Duration = 0.0
    normalize_sql: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.any_parameters, str):
            raise UsageError(f"any_parameters={self.any_parameters!r}: give a list of procedures, or True")
        for procedure, positions in self.ignore.items():
            if not all(type(position) is int and position >= 0 for position in positions):
                raise UsageError(f"ignore[{procedure!r}]: parameters are counted from 0, not {positions!r}")
        if not self.float_tolerance >= 0:
            raise UsageError(f"float_tolerance={self.float_tolerance!r}: give a number from 0 on")
        seconds(self.timestamp_tolerance)

    @property
    def has_tolerance(self) -> bool:
        """Whether values that are only near to those that were recorded are the same."""
        return bool(self.float_tolerance or self.timestamp_tolerance)

    def key(self, invocation: Invocation) -> Key:
        """What calls that are the same have in common."""
        return self._key(invocation, exact_value)

    def loose_key(self, invocation: Invocation) -> Key:
        """The same, without the values that are compared with a tolerance."""
        return self._key(invocation, self._without_inexact)

    def is_near(self, one: Invocation, other: Invocation) -> bool:
        """Whether two calls with one loose key are near enough."""
        ignored = self.ignored(one.procedure or "")
        pairs = zip(parameters_of(one), parameters_of(other), strict=True)
        return all(at in ignored or self._are_near(*pair) for at, pair in enumerate(pairs))

    def ignored(self, procedure: str) -> Collection[int]:
        """The parameters of a procedure that don't count."""
        if not self.ignore:
            return ()
        return {*self.ignore.get(procedure, ()), *self.ignore.get(EVERY, ())}

    def _key(self, invocation: Invocation, value: Any) -> Key:
        procedure = invocation.procedure or ""
        if self.any_parameters is True or (self.any_parameters and procedure in self.any_parameters):
            return procedure, None
        parameters = read_parameters(invocation)
        if isinstance(parameters, DecodeError):
            assert isinstance(invocation.parameters, Opaque)
            return procedure, bytes(invocation.parameters)
        found = [
            # What `value` would give, without a call of it.
            parameter.value if type(parameter.value) is PLAIN.get(parameter.type) else value(parameter)
            for parameter in parameters
        ]
        for position in self.ignored(procedure):
            if position < len(found):
                found[position] = ...
        if self.normalize_sql and procedure in _WITH_SQL and found and isinstance(found[0], str):
            found[0] = normalized(found[0])
        return procedure, tuple(found)

    def _without_inexact(self, parameter: Parameter) -> Hashable:
        return parameter.type if self._is_inexact(parameter) else exact_value(parameter)

    def _is_inexact(self, parameter: Parameter) -> bool:
        if parameter.value is None:
            return False
        return (parameter.type == _FLOAT and self.float_tolerance > 0) or (
            parameter.type == _TIMESTAMP and seconds(self.timestamp_tolerance) > 0
        )

    def _are_near(self, one: Parameter, other: Parameter) -> bool:
        if not self._is_inexact(one):
            return True  # the loose keys have said it
        if one.type == _FLOAT:
            if math.isnan(one.value) and math.isnan(other.value):
                return True
            return math.isclose(one.value, other.value, rel_tol=self.float_tolerance)
        return bool(abs(one.value - other.value) <= seconds(self.timestamp_tolerance) * 1e6)


def normalized(sql: str) -> str:
    """SQL by its words.

    >>> normalized("select  a -- all\\nfrom T;")
    'SELECT A FROM T'
    >>> normalized("select 'a  b',\\n 1 from T") == normalized("SELECT 'a  b', 1 FROM t ; ")
    True
    """
    words = [
        token.text.upper() if token.kind == "name" or is_builtin(token.text) else token.text
        for token in tokens(sql)
        if token.kind != "comment" and not token.text.isspace()
    ]
    while words and words[-1] == ";":
        words.pop()
    return " ".join(words)
