"""Polygons and points print and read as the official client's."""

import pickle

import pytest
import voltdbclient as official

from tests.voltdbclient.clients import BOTH
from volttools.voltdbclient import Geography, XYZPoint

POLYGON = "POLYGON ((0.0 0.0, 10.0 0.0, 10.0 10.0, 0.0 0.0), (1.0 0.5, 2.0 1.0, 2.0 0.5, 1.0 0.5))"


def test_wkt_is_read_and_printed_as_there():
    ours, theirs = (kind.geographyFromWKT(POLYGON) for kind in (Geography, official.Geography))
    assert str(ours) == str(theirs) == repr(ours) == POLYGON
    for loop, their_loop in zip(ours.loops, theirs.loops, strict=True):
        for vertex, their_vertex in zip(loop, their_loop, strict=True):
            assert (vertex.x, vertex.y, vertex.z) == pytest.approx(
                (their_vertex.x, their_vertex.y, their_vertex.z), abs=1e-15
            )


def test_points_are_longitude_and_latitude():
    assert Geography.pointToWKT((-110.5, 2.25)) == official.Geography.pointToWKT((-110.5, 2.25))
    assert Geography.pointToWKT(XYZPoint(1.0, 0.0, 0.0)) == "POINT (0.0 0.0)"
    assert Geography.pointFromWKT("point (-110.5 2.25)") == (-110.5, 2.25)
    assert Geography.pointFromWKT("nowhere") is None
    vertex = XYZPoint.fromGeographyPoint((30.0, 60.0))
    assert vertex.toGeographyPoint() == pytest.approx((30.0, 60.0))
    assert str(XYZPoint(1.0, 0.0, 0.0)) == "(0.0,0.0)"


def test_what_is_no_wkt_is_refused():
    with pytest.raises(ValueError, match="not a WKT polygon"):
        Geography.geographyFromWKT("POLYGON (")
    for read in (Geography.geographyFromWKT, Geography.pointFromWKT):
        with pytest.raises(ValueError, match="None is no WKT"):
            read(None)


def test_polygons_compare_hash_and_pickle():
    polygon = Geography.geographyFromWKT(POLYGON)
    assert {polygon: 1}[Geography(polygon.loops)] == 1
    assert polygon != Geography()
    assert pickle.loads(pickle.dumps(polygon)) == polygon


def test_sizes_and_bytes_are_the_official_clients():
    written = []
    for module in BOTH:
        kind, client = module.Geography, module.FastSerializer()
        polygon = kind.geographyFromWKT(POLYGON)
        polygon.flatten(client)
        client.read_buffer.set(client.getRawBytes().tobytes())
        assert str(kind.unflatten(client)) == POLYGON
        assert polygon.serializedSize() == client.size() - 4
        written.append((client.getRawBytes(), kind.loopSerializedSize(polygon.loops[1])))
    assert written[0] == written[1]


def test_a_point_is_formatted_as_there():
    for point in ((-73.5, -40.25), (1e-13, 5.0), (1.0, 2.0)):
        assert Geography.formatPoint(point) == official.Geography.formatPoint(point)
    vertex = XYZPoint.fromGeographyPoint((30.0, 60.0))
    assert vertex.toGeogrpahyPoint() == vertex.toGeographyPoint()
