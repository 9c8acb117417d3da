"""Explicit keys: what calls that belong together have in common, as fields that filters know."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from volttools.errors import UsageError
from volttools.filters.errors import FilterError
from volttools.filters.expressions import Exists
from volttools.filters.grammar import parse_expression
from volttools.filters.paths import Resolved, resolve
from volttools.protocol.events import Exchange


def key_function(fields: Sequence[str]) -> Callable[[Exchange], Hashable]:
    """A function that reads the fields of an exchange; what is not there is None.

    Raises FilterError, a UsageError, for what is no field.
    """
    found = [_field(text) for text in fields]

    def key(exchange: Exchange) -> Hashable:
        return tuple(repr(list(field.values(exchange))) for field in found)

    return key


def _field(text: str) -> Resolved:
    begin = "exists "
    try:
        node = parse_expression(begin + text)
        if isinstance(node, Exists):
            return resolve(node.path, begin + text)
    except FilterError as error:
        at = min(max(1, error.column - len(begin)), len(text) + 1)
        raise FilterError(error.reason, text, at) from None
    raise UsageError(
        f"key {text!r}: write one field, such as procedure or params[0]; several are several keys"
    )
