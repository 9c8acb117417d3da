"""Pseudonyms of positions and polygons: valid ones, somewhere else, as many vertices.

A shape gives itself away - a lake is found by its outline, wherever it is moved - so nothing of it is
kept: a shell becomes a regular polygon, its holes become small ones inside of it.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final

from volttools.formats.geography import Bound, Geography, Loop, Point, Vertex
from volttools.redaction.permutation import Key

_DECIMALS: Final = 6  # of a degree: 10 cm
_FULL: Final = 2**64


class Positions:
    """The pseudonyms of positions under one key."""

    def __init__(self, key: Key) -> None:
        self._key = key.derive("position")

    def point(self, value: Point) -> Point:
        """Another position; a coordinate that is no number stays."""
        finite = [math.isfinite(part) for part in value]
        east, north = self._numbers(_rounded(value), 2)
        longitude = round(east * 360 - 180, _DECIMALS)
        latitude = round(north * 180 - 90, _DECIMALS)
        return Point(longitude if finite[0] else value.longitude, latitude if finite[1] else value.latitude)

    def polygon(self, value: Geography) -> Geography:
        """A polygon of as many loops and vertices, with bounds where there were some."""
        outline = [[_rounded(vertex.degrees()) for vertex in loop.vertices] for loop in value.loops]
        east, north, size = self._numbers(repr(outline), 3)
        # Far from the poles and from 180 degrees, where no loop holds the sphere's origin
        longitude, latitude = east * 340 - 170, north * 120 - 60
        radius = 0.1 + 0.9 * size
        holes = max(len(value.loops) - 1, 1)
        hole_radius = min(radius / 8, radius / 2 * math.sin(math.pi / max(holes, 2)) / 2)
        loops = []
        for index, loop in enumerate(value.loops):
            if not index:
                loops.append(_ring(loop, longitude, latitude, radius))
                continue
            turn = 2 * math.pi * index / holes
            x, y = longitude + radius / 2 * math.cos(turn), latitude + radius / 2 * math.sin(turn)
            loops.append(_ring(loop, x, y, hole_radius))
        return value.replace(loops=loops, bound=_bound(value.bound, loops[:1]))

    def _numbers(self, text: str, count: int) -> list[float]:
        """Numbers of 0 .. 1 that depend on the key and a text."""
        digits = hashlib.shake_256(self._key + text.encode()).hexdigest(8 * count)
        return [int(digits[16 * i : 16 * i + 16], 16) / _FULL for i in range(count)]


def _rounded(place: tuple[float, float]) -> str:
    """A place as text, the same for the value of a server and the text of a client."""
    longitude, latitude = (round(part, 8) + 0.0 for part in place)
    return f"{longitude!r} {latitude!r}"


def _ring(loop: Loop, longitude: float, latitude: float, radius: float) -> Loop:
    """A regular polygon around a place; counter-clockwise."""
    count = len(loop.vertices)
    turns = [2 * math.pi * i / max(count, 1) for i in range(count)]
    vertices = [
        Vertex.from_degrees(longitude + radius * math.cos(turn), latitude + radius * math.sin(turn))
        for turn in turns
    ]
    made = loop.replace(vertices=vertices, origin_inside=0)
    return made.replace(bound=_bound(loop.bound, [made]))


def _bound(bound: Bound, loops: list[Loop]) -> Bound:
    """The rectangle around loops, in radians as the server has it; a client's placeholder stays."""
    if bound == Bound(version=bound.version):
        return bound
    places = [vertex.degrees() for loop in loops for vertex in loop.vertices] or [(0.0, 0.0)]
    longitudes, latitudes = zip(*places, strict=True)
    return Bound(
        version=bound.version,
        latitude_low=math.radians(min(latitudes)),
        latitude_high=math.radians(max(latitudes)),
        longitude_low=math.radians(min(longitudes)),
        longitude_high=math.radians(max(longitudes)),
    )
