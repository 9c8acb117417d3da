"""Plots as SVG, both axes logarithmic; the same plot gives the same bytes.

Colours are of middling lightness and there is no background, so that a light page and a dark one both show them.
Our curves are solid, each in its own colour; a peer's is dashed, in the colour of ours beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from benchmarks.growth.curves import Curve, Panel, Plot
from benchmarks.growth.words import in_words

COLOURS = ("#3d85e0", "#d9730d", "#2f9e44", "#d6457f", "#9067d8")
INK, GRID = "#7d858f", "#80808040"

_WIDTH, _HEIGHT = 400, 260  # of the inner part of a panel
_LEFT, _RIGHT, _TOP, _AXIS, _LEGEND, _LINE = 62, 26, 34, 44, 10, 18
_STEPS = (1, 2, 5)
_BESIDE = 2  # panels


@dataclass(frozen=True)
class Axis:
    """A logarithmic scale from `low` to `high`, which are drawn over `length`."""

    low: float
    high: float
    length: float

    def at(self, value: float) -> float:
        """Where a value stands, from the low end."""
        return math.log10(value / self.low) / math.log10(self.high / self.low) * self.length

    @property
    def ticks(self) -> list[float]:
        """Whole decades; where there are fewer than two of them, 2 and 5 as well."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found = [10.0**decade for decade in decades]
        if self.high / self.low < 100:
            found = [step * power for power in found for step in _STEPS]
        return [tick for tick in found if self.low * 0.999 <= tick <= self.high * 1.001]


def axis(values: list[float], length: float) -> Axis:
    """A scale that has room for all values, and ends on 1, 2 or 5; a decade at least, lest little looks like much."""
    low, high = _step_down(min(values)), _step_up(max(values))
    if high < low * 10:
        low = 10.0 ** math.floor(math.log10(low) + 1e-9)
        high = max(high, low * 10)
    return Axis(low, high, length)


def svg(plot: Plot) -> str:
    """The picture."""
    panel_width = _LEFT + _WIDTH + _RIGHT
    lines = max(len(panel.curves) for panel in plot.panels)
    panel_height = _TOP + _HEIGHT + _AXIS + _LEGEND + lines * _LINE
    width = panel_width * min(_BESIDE, len(plot.panels))
    height = panel_height * math.ceil(len(plot.panels) / _BESIDE)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}" role="img">',
        f"<title>{escape('; '.join(panel.title for panel in plot.panels))}, by {escape(plot.axis)}</title>",
    ]
    colours = _colours(plot)
    for number, panel in enumerate(plot.panels):
        down, right = divmod(number, _BESIDE)
        x, y = right * panel_width + _LEFT, down * panel_height + _TOP
        parts.append(f'<g transform="translate({x} {y})">')
        parts += _panel(plot, panel, colours)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(plot: Plot, panel: Panel, colours: dict[str, str]) -> Iterator[str]:
    points = [point for curve in panel.curves for point in curve.points]
    across = axis([size for size, _ in points], _WIDTH)
    upward = axis([cost for _, cost in points], _HEIGHT)
    yield f'<text x="0" y="-14" font-size="13" font-weight="600">{escape(panel.title)}</text>'
    for tick in across.ticks:
        x = _number(across.at(tick))
        yield f'<path d="M{x} 0V{_HEIGHT}" stroke="{GRID}"/>'
        yield f'<text x="{x}" y="{_HEIGHT + 17}" text-anchor="middle">{in_words(tick, plot.unit)}</text>'
    for tick in upward.ticks:
        y = _number(_HEIGHT - upward.at(tick))
        yield f'<path d="M0 {y}H{_WIDTH}" stroke="{GRID}"/>'
        yield f'<text x="-7" y="{y}" dy="4" text-anchor="end">{in_words(tick, panel.unit)}</text>'
    yield f'<text x="{_WIDTH / 2:g}" y="{_HEIGHT + 36}" text-anchor="middle">{escape(plot.axis)}</text>'
    for number, curve in enumerate(panel.curves):
        stroke = f'stroke="{colours[curve.beside or curve.name]}" stroke-width="2" fill="none"'
        stroke += ' stroke-dasharray="5 4"' if curve.beside else ""
        places = [(across.at(size), _HEIGHT - upward.at(cost)) for size, cost in curve.points]
        yield f'<path d="M{"L".join(f"{_number(x)} {_number(y)}" for x, y in places)}" {stroke}/>'
        yield from _dots(curve, places, colours)
        down = _HEIGHT + _AXIS + _LEGEND + number * _LINE
        yield f'<path d="M0 {down}h26" {stroke}/><text x="34" y="{down + 4}">{escape(curve.name)}</text>'


def _dots(curve: Curve, places: list[tuple[float, float]], colours: dict[str, str]) -> Iterator[str]:
    fill = f'fill="{colours[curve.beside or curve.name]}"'
    for x, y in places:
        yield f'<circle cx="{_number(x)}" cy="{_number(y)}" r="2.6" {fill}/>'


def _colours(plot: Plot) -> dict[str, str]:
    """By the names of our curves: one colour in all panels."""
    names: dict[str, str] = {}
    for panel in plot.panels:
        for curve in panel.curves:
            names.setdefault(curve.beside or curve.name, COLOURS[len(names) % len(COLOURS)])
    return names


def _step_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in _STEPS if step * power <= value * 1.0001)


def _step_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return min(step * power for step in (*_STEPS, 10) if step * power >= value * 0.9999)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
