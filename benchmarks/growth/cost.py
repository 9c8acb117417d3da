"""What a call costs in this process, whatever its size."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.bench import repeated

REPEATS = 3
LEAST_S = 0.04
"""A repeat of less would be more clock than work."""

LONG_S = 1.0
"""What takes longer is repeated once."""


def cpu_s(function: Callable[[], Any]) -> float:
    """CPU seconds of one call that is warm: the median of some repeats, each long enough to be measured."""
    began = time.process_time()
    function()
    took = time.process_time() - began
    if took < LEAST_S:
        for _ in range(3):
            function()
        took = repeated(function, 10)().cpu_s
    sample = repeated(function, max(1, round(LEAST_S / max(took, 1e-8))))
    repeats = REPEATS if took < LONG_S else 1
    return statistics.median(sample().cpu_s for _ in range(repeats))
