"""Polygons as the original client has them: loops of points on the unit sphere, printed as WKT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from volttools.client.values import value_of_null
from volttools.codec import builder
from volttools.formats import geography as formats
from volttools.formats import types
from volttools.formats.geography import Loop, Point, Vertex

if TYPE_CHECKING:
    from volttools.voltdbclient.serializer import Serializer

_build = builder(formats.Geography)


class XYZPoint(Vertex):
    """A vertex of a polygon: x, y, z on the unit sphere."""

    __slots__ = ()

    @classmethod
    def fromGeographyPoint(cls, p: Sequence[float]) -> XYZPoint:
        """The vertex at (longitude, latitude)."""
        return cls(*Vertex.from_degrees(*p))

    def toGeographyPoint(self) -> tuple[float, float]:
        """(longitude, latitude) in degrees."""
        return self.degrees()

    toGeogrpahyPoint = toGeographyPoint

    def __str__(self) -> str:
        longitude, latitude = self.degrees()
        return f"({longitude},{latitude})"


class Geography:
    """A polygon. `loops`: the shell, then the holes, each a list of XYZPoint, all counter-clockwise,
    without the closing vertex."""

    EPSILON = 1e-12
    NULL_COORD = value_of_null(types.GEOGRAPHY_POINT)[0]
    BOUND_LENGTH_IN_BYTES = len(formats.Bound.declaration.build(formats.Bound()))
    LOOP_OVERHEAD_IN_BYTES = len(Loop.declaration.build(Loop(vertices=[])))
    POLYGON_OVERHEAD_IN_BYTES = len(formats.Geography.declaration.build(formats.Geography(loops=[])))
    VERTEX_SIZE_IN_BYTES = (
        len(Loop.declaration.build(Loop(vertices=[Vertex(0.0, 0.0, 0.0)]))) - LOOP_OVERHEAD_IN_BYTES
    )

    def __init__(self, loops: Iterable[Iterable[Vertex]] = ()) -> None:
        self.loops = [[XYZPoint(*vertex) for vertex in loop] for loop in loops]

    @classmethod
    def of(cls, value: formats.Geography) -> Geography:
        """The polygon of a value of the wire."""
        return cls(loop.vertices for loop in value.loops)

    def wire_value(self) -> formats.Geography:
        """What is sent for it: the server computes the bounds."""
        loops = [Loop(vertices=list(loop), depth=min(index, 1)) for index, loop in enumerate(self.loops)]
        return formats.Geography(has_holes=int(len(loops) > 1), loops=loops)

    @staticmethod
    def geographyFromWKT(wkt: str) -> Geography:
        """Read "POLYGON ((...), ...)"; ValueError if it is none."""
        if wkt is None:
            raise ValueError("None is no WKT")
        return Geography.of(formats.Geography.from_wkt(wkt))

    @staticmethod
    def pointToWKT(point: Sequence[float]) -> str:
        """Such as "POINT (-110.5 2.25)", of (longitude, latitude) or an XYZPoint."""
        return Point(*(point.degrees() if isinstance(point, Vertex) else point)).wkt

    @staticmethod
    def formatPoint(point: Sequence[float]) -> str:
        """The same without its name: "-110.5 2.25"."""
        return Geography.pointToWKT(point).partition("(")[2].rstrip(")")

    @staticmethod
    def pointFromWKT(wkt: str) -> tuple[float, float] | None:
        """(longitude, latitude) of "POINT (...)"; None if it is no point."""
        if wkt is None:
            raise ValueError("None is no WKT")
        try:
            longitude, latitude = Point.from_wkt(wkt)
        except ValueError:
            return None
        return longitude, latitude

    def serializedSize(self) -> int:
        """How many bytes it takes, without its length."""
        return len(_build(self.wire_value()))

    @staticmethod
    def loopSerializedSize(loop: Sequence[Vertex]) -> int:
        """How many of them a loop takes."""
        return Geography.LOOP_OVERHEAD_IN_BYTES + len(loop) * Geography.VERTEX_SIZE_IN_BYTES

    def flatten(self, fs: Serializer) -> None:
        """Write it, as `writeGeography`."""
        fs.writeGeography(self)

    @staticmethod
    def unflatten(fs: Serializer) -> Geography | None:
        """Read the next one, as `readGeography`."""
        polygon: Geography | None = fs.readGeography()
        return polygon

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Geography) and self.loops == other.loops

    def __hash__(self) -> int:
        return hash(tuple(map(tuple, self.loops)))

    def __str__(self) -> str:
        return self.wire_value().wkt

    __repr__ = __str__
