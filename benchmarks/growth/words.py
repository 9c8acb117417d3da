"""Sizes and costs in words: 30,000 is "30 k", 2e-7 seconds are "200 ns", 1e9 bytes "1 GB"."""

from __future__ import annotations

_STEPS = {
    "": [(1.0, ""), (1e3, " k"), (1e6, " M")],
    "B": [(1.0, " B"), (1e3, " kB"), (1e6, " MB"), (1e9, " GB")],
    "s": [(1e-9, " ns"), (1e-6, " us"), (1e-3, " ms"), (1.0, " s")],
}


def in_words(value: float, unit: str) -> str:
    """A value with at most three digits.

    >>> in_words(30_000, ""), in_words(2e-7, "s"), in_words(1e9, "B"), in_words(1.234e-6, "s")
    ('30 k', '200 ns', '1 GB', '1.23 us')
    """
    rounded = float(f"{value:.3g}")
    fitting = [step for step in _STEPS[unit] if rounded >= step[0] * 0.9999]
    scale, name = fitting[-1] if fitting else _STEPS[unit][0]
    return f"{float(f'{rounded / scale:.3g}'):,g}{name}"
