from __future__ import annotations

import math
import random
import time

import pytest
import voltdbclient

from tests.formats.type_samples import FROM_SERVER, SQUARE
from volttools.codec import build
from volttools.formats.geography import Geography, Point, Vertex
from volttools.formats.types import GEOGRAPHY, GEOGRAPHY_POINT

POINTS = [
    (Point(0.0, 0.0), "POINT (0.0 0.0)"),
    (Point(-0.0, -0.0), "POINT (0.0 0.0)"),
    (Point(1e-13, -1e-13), "POINT (0.0 0.0)"),
    (Point(-110.5, 2.25), "POINT (-110.5 2.25)"),
    (Point(180.0, -90.0), "POINT (180.0 -90.0)"),
    (Point(0.1, 1 / 3), "POINT (0.1 0.333333333333)"),
    (Point(100.0, 10.0), "POINT (100.0 10.0)"),
]


@pytest.mark.parametrize(("point", "text"), POINTS)
def test_the_text_of_a_point(point: Point, text: str) -> None:
    assert point.wkt == text
    assert Point.from_wkt(text).wkt == text
    assert f"POINT ({voltdbclient.Geography.formatPoint(point)})" == text


@pytest.mark.parametrize("text", ["point(1 2)", " POINT  ( 1.  2.0 ) ", "POINT (+1 2e0)", "POINT (.1e1 2)"])
def test_text_of_a_point_is_read_as_people_write_it(text: str) -> None:
    assert Point.from_wkt(text) == Point(1.0, 2.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT",
        "POINT ()",
        "POINT (1)",
        "POINT (1 2 3)",
        "POINT (1, 2)",
        "POINT (x y)",
        "POINT (1 2) x",
        "POINT (nan 0)",
    ],
)
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a WKT point: "):
        Point.from_wkt(text)


POLYGONS = [
    "POLYGON ((0.0 0.0, 1.0 0.0, 0.0 1.0, 0.0 0.0))",
    "POLYGON ((-102.052 41.002, -109.045 41.002, -109.05 36.999, -102.052 36.999, -102.052 41.002))",
    "POLYGON ((0.0 0.0, 20.0 0.0, 20.0 20.0, 0.0 20.0, 0.0 0.0), (5.0 5.0, 5.0 10.0, 10.0 10.0, 10.0 5.0, 5.0 5.0))",
    "POLYGON ((0.0 0.0, 40.0 0.0, 40.0 40.0, 0.0 40.0, 0.0 0.0), (1.0 1.0, 1.0 2.0, 2.0 2.0, 1.0 1.0), (3.0 3.0, 3.0 4.0, 4.0 4.0, 4.0 3.0, 3.0 3.0))",
]  # fmt: skip


@pytest.mark.parametrize("text", POLYGONS, ids=["triangle", "colorado", "one hole", "two holes"])
def test_a_polygon_is_as_the_official_client_has_it(text: str) -> None:
    assert GEOGRAPHY.format is not None
    ours = Geography.from_wkt(text)
    wire = GEOGRAPHY.format.build(ours)
    serializer = voltdbclient.FastSerializer()
    serializer.read_buffer.set(wire)
    theirs = serializer.readGeography()
    assert str(theirs) == ours.wkt == text
    serializer.writeGeography(theirs)
    assert bytes(serializer.wbuf)[-len(wire) :] == wire


def test_holes_change_direction_but_for_their_first_vertex() -> None:
    polygon = Geography.from_wkt(POLYGONS[2])
    assert polygon.has_holes == 1
    assert [loop.depth for loop in polygon.loops] == [0, 1]
    degrees = [tuple(round(x, 6) for x in vertex.degrees()) for vertex in polygon.loops[1].vertices]
    assert degrees == [(5.0, 5.0), (10.0, 5.0), (10.0, 10.0), (5.0, 10.0)]


def test_random_polygons_keep_their_text() -> None:
    rng = random.Random(7)
    for _ in range(100):
        pairs = [
            f"{rng.uniform(-180, 180):.9f} {rng.uniform(-89, 89):.9f}" for _ in range(rng.randrange(3, 9))
        ]
        text = Geography.from_wkt(f"POLYGON (({', '.join([*pairs, pairs[0]])}))").wkt
        assert Geography.from_wkt(text).wkt == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("POLYGON", "not a WKT polygon: 'POLYGON'"),
        ("POLYGON ()", "not a WKT polygon: 'POLYGON ()'"),
        ("POLYGON ((0 0, 1 1, 0 0))", "a ring needs 3 points, and ends where it began: '0 0, 1 1, 0 0'"),
        ("POLYGON ((0 0, 1 1, 2 2, 3 3))", "a ring needs 3 points, and ends where it began: '0 0, 1 1, 2 2, 3 3'"),
        ("POLYGON ((0 0, 1, 2 2, 0 0))", "not a longitude and a latitude: ' 1' in 'POLYGON ((0 0, 1, 2 2, 0 0))'"),
        ("POLYGON ((0 0, x y, 2 2, 0 0))", "not a longitude and a latitude: ' x y' in 'POLYGON ((0 0, x y, 2 2, 0 0))'"),
    ],
)  # fmt: skip
def test_what_is_no_polygon_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        Geography.from_wkt(text)
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    "text", ["POINT (" + "1" * 50_000, "POINT (" + "1" * 50_000 + " x)", "POINT (" + " " * 50_000]
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    """Found by reading: digits could be split in two ways, so 50 kB of them took minutes."""
    start = time.process_time()
    with pytest.raises(ValueError, match=r"^not a WKT"):
        Point.from_wkt(text)
    with pytest.raises(ValueError, match=r"^not a WKT|^a ring|^not a longitude"):
        Geography.from_wkt(f"POLYGON (({text.removeprefix('POINT (')}, 1 1, 2 2, 3 3))")
    assert time.process_time() - start < 2


def test_positions_that_are_none_have_a_text_too() -> None:
    assert Point(math.nan, math.inf).wkt == "POINT (nan inf)"
    assert FROM_SERVER.wkt.startswith("POLYGON ((")
    assert Geography(loops=[]).wkt == "POLYGON ()"
    assert Vertex(0.0, 0.0, 0.0).degrees() == (0.0, 0.0)


def test_raw_coordinates_are_kept_where_text_loses_digits() -> None:
    point = Point(1 / 3, -2 / 3)
    assert GEOGRAPHY_POINT.format is not None
    assert GEOGRAPHY_POINT.format.parse(GEOGRAPHY_POINT.format.build(point)) == point
    assert Point.from_wkt(point.wkt) != point


def test_the_smallest_polygon_takes_155_bytes() -> None:
    assert len(build(SQUARE)) == 155
