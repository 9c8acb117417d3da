import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.growth.curves import Curve, Panel, Plot
from benchmarks.growth.drawing import COLOURS, axis, svg

SVG = "{http://www.w3.org/2000/svg}"
TIMES = Panel(
    "CPU time of a row",
    "s",
    [
        Curve("ours & others", [(1, 1e-5), (10, 2e-6), (1_000, 1e-7)]),
        Curve("a peer", [(1, 1e-4), (1_000, 1e-4)], beside="ours & others"),
        Curve("to columns", [(10, 1e-6)]),
    ],
)
PLOT = Plot("rows", "rows of a table", [TIMES])


def parsed(plot):
    return ElementTree.fromstring(svg(plot))


def texts(plot):
    return [text.text for text in parsed(plot).iter(f"{SVG}text")]


def test_titles_axes_and_names_of_curves_are_told():
    assert {"CPU time of a row", "rows of a table", "ours & others", "a peer", "to columns"} <= set(
        texts(PLOT)
    )


def test_ticks_are_decades_in_words():
    assert [text for text in texts(PLOT) if text in ("1", "10", "100", "1 k", "10 k")] == [
        "1",
        "10",
        "100",
        "1 k",
    ]
    assert {"100 ns", "1 us", "10 us", "100 us"} <= set(texts(PLOT))


def test_each_point_is_where_the_logarithm_says():
    found = axis([1, 1_000], 300)
    assert [found.at(value) for value in (1, 10, 1_000)] == pytest.approx([0, 100, 300])


def test_a_short_axis_has_ticks_at_2_and_5_and_is_a_decade_at_least():
    assert axis([28e6, 36e6], 100).ticks == [1e7, 2e7, 5e7, 1e8]
    assert axis([28e6, 360e6], 100).ticks == [2e7, 5e7, 1e8, 2e8, 5e8]


def test_one_point_is_drawn():
    alone = Plot("a", "things", [Panel("time", "s", [Curve("ours", [(1, 1e-6)])])])
    assert len(list(parsed(alone).iter(f"{SVG}circle"))) == 1


def test_a_peer_is_dashed_in_the_colour_of_ours():
    lines = [path for path in parsed(PLOT).iter(f"{SVG}path") if path.get("fill") == "none"]
    dashed = [line for line in lines if line.get("stroke-dasharray")]
    assert {line.get("stroke") for line in dashed} == {COLOURS[0]}
    assert {line.get("stroke") for line in lines} == set(COLOURS[:2])


def test_nothing_is_drawn_outside_of_the_picture():
    many = Plot("a", "things", [TIMES] * 3)
    _, _, width, height = map(float, parsed(many).get("viewBox").split())
    moves = [group.get("transform") for group in parsed(many).iter(f"{SVG}g")]
    assert len(set(moves)) == 3
    for move in moves:
        x, y = map(float, move.removeprefix("translate(").removesuffix(")").split())
        assert x + 400 < width
        assert y + 260 < height


def test_the_same_plot_gives_the_same_bytes():
    assert svg(PLOT) == svg(PLOT)
