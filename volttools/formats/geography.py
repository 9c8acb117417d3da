"""GEOGRAPHY and GEOGRAPHY_POINT: the bytes, and their text (WKT).

A polygon is a list of loops of points on the unit sphere. Clients write version 0
without bounds ("incomplete": the server computes them), the server writes version 1.
Text has 12 decimals and loses digits, so the raw coordinates are kept here.

Sources: GeographyValue.java and GeographyPointValue.java of the 11.4 server; class
Geography of the official Python client 16.1, whose text `to_wkt` gives.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from construct import Int8sb, Int32sb

from volttools.formats.notation import Counted, Packed, Record, field, record

_EPSILON = 1e-12
_NO_BOUND = 360.0


class Point(NamedTuple):
    """A GEOGRAPHY_POINT in degrees."""

    longitude: float
    latitude: float

    @property
    def wkt(self) -> str:
        """Such as "POINT (-110.5 2.25)"."""
        return f"POINT ({_degrees_text(self.longitude, self.latitude)})"

    @classmethod
    def from_wkt(cls, text: str) -> Point:
        """Read "POINT (longitude latitude)"; ValueError if it is none."""
        match = _POINT_TEXT.fullmatch(text)
        if not match:
            raise ValueError(f"not a WKT point: {text!r}")
        return cls(float(match[1]), float(match[2]))


class Vertex(NamedTuple):
    """A point of a loop: a unit vector, as the wire has it."""

    x: float
    y: float
    z: float

    @classmethod
    def from_degrees(cls, longitude: float, latitude: float) -> Vertex:
        """The unit vector of a position."""
        theta, phi = math.radians(longitude), math.radians(latitude)
        return cls(math.cos(theta) * math.cos(phi), math.sin(theta) * math.cos(phi), math.sin(phi))

    def degrees(self) -> tuple[float, float]:
        """Longitude and latitude."""
        latitude = math.atan2(self.z, math.sqrt(self.x * self.x + self.y * self.y))
        longitude = math.atan2(self.y, self.x)
        return longitude * (180 / math.pi), latitude * (180 / math.pi)


@record
class Bound(Record):
    """A rectangle of latitudes and longitudes; all 360.0 where a client leaves it to the server."""

    version: int = field(Int8sb, "0", default=0)
    latitude_low: float = field(Packed("d", label="f64"), "degrees as the server has them", default=_NO_BOUND)
    latitude_high: float = field(Packed("d", label="f64"), "", default=_NO_BOUND)
    longitude_low: float = field(Packed("d", label="f64"), "", default=_NO_BOUND)
    longitude_high: float = field(Packed("d", label="f64"), "", default=_NO_BOUND)


@record
class Loop(Record):
    """One ring of a polygon; counter-clockwise, the closing vertex not repeated."""

    version: int = field(Int8sb, "0 from clients, 1 from the server", default=0)
    vertices: list[Vertex] = field(
        Counted(Int32sb, Packed("ddd", decode=Vertex, encode=tuple, label="f64 x, y, z")),
        "points on the unit sphere",
    )
    origin_inside: int = field(Int8sb, "whether the loop holds the sphere's origin point", default=0)
    depth: int = field(Int32sb, "0 shell, 1 hole", default=0)
    bound: Bound = field(Bound.declaration, "the loop's rectangle", default=Bound())


@record
class Geography(Record):
    """A GEOGRAPHY value behind its length: a polygon of a shell and holes."""

    version: int = field(Int8sb, "0 from clients: without bounds; 1 from the server", default=0)
    owns_loops: int = field(Int8sb, "1", default=1)
    has_holes: int = field(Int8sb, "1 if there is more than one loop", default=0)
    loops: list[Loop] = field(Counted(Int32sb, Loop.declaration), "the shell, then the holes")
    bound: Bound = field(Bound.declaration, "the polygon's rectangle", default=Bound())

    @property
    def wkt(self) -> str:
        """Well-known text with up to 12 decimals, as the official clients print it.

        Holes are clockwise in text and counter-clockwise on the wire: all vertices but
        the first change places.
        """
        rings = []
        for index, loop in enumerate(self.loops):
            vertices = loop.vertices
            if index:
                vertices = [*vertices[:1], *reversed(vertices[1:])]
            texts = [_degrees_text(*vertex.degrees()) for vertex in vertices]
            rings.append(f"({', '.join([*texts, *texts[:1]])})")
        return f"POLYGON ({', '.join(rings)})"

    @classmethod
    def from_wkt(cls, text: str) -> Geography:
        """The polygon that a client would send for a text; ValueError if it is no polygon."""
        match = _POLYGON_TEXT.fullmatch(text)
        if not match:
            raise ValueError(f"not a WKT polygon: {_short(text)}")
        loops = []
        for index, ring in enumerate(_RING_TEXT.findall(match[1])):
            points = [_point_of(pair, text) for pair in ring.split(",")]
            if len(points) < 4 or points[0] != points[-1]:
                raise ValueError(f"a ring needs 3 points, and ends where it began: {_short(ring)}")
            points.pop()
            if index:
                points[1:] = points[:0:-1]
            vertices = [Vertex.from_degrees(*point) for point in points]
            loops.append(Loop(vertices=vertices, depth=min(index, 1)))
        return cls(has_holes=int(len(loops) > 1), loops=loops)


_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_POINT_TEXT = re.compile(rf"\s*POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)\s*", re.IGNORECASE)
_POLYGON_TEXT = re.compile(r"\s*POLYGON\s*\(\s*(\([^()]*\)(?:\s*,\s*\([^()]*\))*)\s*\)\s*", re.IGNORECASE)
_RING_TEXT = re.compile(r"\(([^()]*)\)")
_PAIR_TEXT = re.compile(rf"\s*({_NUMBER})\s+({_NUMBER})\s*")


def _point_of(pair: str, text: str) -> tuple[float, float]:
    match = _PAIR_TEXT.fullmatch(pair)
    if not match:
        raise ValueError(f"not a longitude and a latitude: {_short(pair)} in {_short(text)}")
    return float(match[1]), float(match[2])


def _degrees_text(longitude: float, latitude: float) -> str:
    return f"{_degree_text(longitude)} {_degree_text(latitude)}"


def _degree_text(degrees: float) -> str:
    if abs(degrees) < _EPSILON:  # the sign and noise of a zero don't count
        degrees = 0.0
    text = f"{degrees:.12f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
