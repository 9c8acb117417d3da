import math

from hypothesis import given

from tests.formats.type_samples import FROM_SERVER, SQUARE
from tests.strategies import GEOGRAPHY, GEOGRAPHY_POINT
from volttools.codec import build, parse
from volttools.formats.geography import Bound, Geography, Point
from volttools.redaction.permutation import Key
from volttools.redaction.positions import Positions

POSITIONS = Positions(Key(b"a key for tests!"))
TWO_RINGS = "POLYGON ((0.0 0.0, 9.0 0.0, 9.0 9.0, 0.0 9.0, 0.0 0.0), (1.0 1.0, 1.0 2.0, 2.0 2.0, 1.0 1.0))"


@given(GEOGRAPHY_POINT.filter(lambda point: point is not None))
def test_a_position_is_a_valid_one_and_what_is_none_stays_none(point):
    found = POSITIONS.point(point)
    for old, new, limit in zip(point, found, (180, 90), strict=True):
        assert abs(new) <= limit if math.isfinite(old) else repr(new) == repr(old)


def test_distinct_positions_stay_distinct():
    points = [Point(x / 4, y / 4) for x in range(200) for y in range(20)]
    assert len({POSITIONS.point(point) for point in points}) == len(points)
    assert POSITIONS.point(Point(0.0, -0.0)) == POSITIONS.point(Point(0.0, 0.0))


@given(GEOGRAPHY.filter(lambda value: value is not None))
def test_a_polygon_has_as_many_loops_and_vertices(value):
    found = parse(Geography, build(POSITIONS.polygon(value)))
    assert [len(loop.vertices) for loop in found.loops] == [len(loop.vertices) for loop in value.loops]
    assert [loop.depth for loop in found.loops] == [loop.depth for loop in value.loops]
    vertices = [vertex for loop in found.loops for vertex in loop.vertices]
    assert all(math.isclose(math.hypot(*vertex), 1) for vertex in vertices)


def test_bounds_are_there_where_there_were_some():
    assert POSITIONS.polygon(SQUARE).bound == Bound()
    found = POSITIONS.polygon(FROM_SERVER)
    assert found.bound != FROM_SERVER.bound
    assert found.bound.latitude_low <= found.bound.latitude_high


def test_holes_are_inside_of_the_shell_and_the_shape_is_gone():
    given_polygon = Geography.from_wkt(TWO_RINGS)
    shell, hole = POSITIONS.polygon(given_polygon).loops
    places = [vertex.degrees() for vertex in shell.vertices]
    center = [sum(part) / len(places) for part in zip(*places, strict=True)]
    radius = min(math.dist(center, place) for place in places) / math.sqrt(2)
    assert all(math.dist(center, vertex.degrees()) < radius for vertex in hole.vertices)
    for place in places:
        assert math.isclose(math.dist(center, place), math.dist(center, places[0]), rel_tol=1e-6)


def test_the_same_polygon_from_a_client_and_from_the_server_has_one_pseudonym():
    client = Geography.from_wkt(TWO_RINGS)
    server = client.replace(version=1, bound=Bound(latitude_low=0.0, latitude_high=0.1))
    assert POSITIONS.polygon(client).wkt == POSITIONS.polygon(server).wkt
