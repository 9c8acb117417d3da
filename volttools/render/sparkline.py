"""A row of small bars: how a number went."""

from __future__ import annotations

from collections.abc import Sequence


def sparkline(values: Sequence[float | None], bars: str) -> str:
    """A bar for each value, the highest for the greatest; a blank where there is none.

    bars   a blank, then bars from the lowest to the highest

    >>> sparkline([0, 1, 4, None, 8], " ▁▂▃▄▅▆▇█")
    '▁▁▄ █'
    """
    most = max((value for value in values if value is not None), default=0)
    steps = len(bars) - 1
    return "".join(
        bars[0] if value is None else bars[max(1, round(steps * value / most))] if most > 0 else bars[1]
        for value in values
    )
