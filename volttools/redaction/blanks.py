"""Values that tell nothing but that there was one: zeros, as long as what they replace."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from volttools.formats.geography import Geography, Loop, Point, Vertex
from volttools.formats.primitives import DECIMAL_SCALE

_EPOCH = datetime.date(1970, 1, 1)


def blank(value: Any) -> Any:
    """Zero of a value's type; a text of as many x, a polygon with all vertices in one place; None is None."""
    match value:
        case None:
            return None
        case bool():
            return False
        case int():
            return 0
        case float():
            return 0.0
        case Decimal():
            return Decimal(0).scaleb(-DECIMAL_SCALE)
        case str():
            return "x" * len(value)
        case bytes():
            return bytes(len(value))
        case datetime.date():
            return _EPOCH
        case Point():
            return Point(0.0, 0.0)
        case Geography():
            loops = [Loop(vertices=[Vertex(1.0, 0.0, 0.0)] * len(loop.vertices)) for loop in value.loops]
            return Geography(has_holes=value.has_holes, loops=loops)
    raise TypeError(type(value))
