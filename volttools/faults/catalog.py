"""All kinds of faults, in the order in which a connection lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from volttools.faults import connection_kinds, content_kinds, delivery_kinds
from volttools.faults.kinds import PLACES, Kind, Place

_ALL = [kind() for kind in (*connection_kinds.KINDS, *delivery_kinds.KINDS, *content_kinds.KINDS)]

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind for place in Place for kind in _ALL if kind.place is place
}
"""By name."""


def as_json() -> dict[str, Any]:
    """Kinds and the keys of rules, for programs."""
    from volttools.faults.rules import SELECTORS

    return {
        "kinds": [
            {
                "name": kind.name,
                "place": kind.place.value,
                "doc": kind.doc,
                "sees": kind.sees,
                "parameters": [
                    {
                        "name": parameter.name,
                        "doc": parameter.doc,
                        "written": parameter.written,
                        "required": parameter.is_required,
                        **({} if parameter.is_required else {"default": parameter.default}),
                    }
                    for parameter in kind.parameters
                ],
            }
            for kind in KINDS.values()
        ],
        "places": {place.value: doc for place, doc in PLACES.items()},
        "selectors": [
            {
                "name": selector.parameter.name,
                "doc": selector.parameter.doc,
                "written": selector.parameter.written,
                "places": [place.value for place in selector.places],
            }
            for selector in SELECTORS
        ],
    }
