"""Chance that can be repeated: what is drawn depends on words only, not on what was drawn before."""

from __future__ import annotations

import math
import random
from statistics import NormalDist
from typing import Final

_LEAST: Final = 2**-53


class Draw:
    """Draws for one occasion: the seed, the rule, and what it is about.

    Only `random()` of the generator is used, which is the same in every version of Python.

    >>> Draw(7, 1, 0, 2, 3).share() == Draw(7, 1, 0, 2, 3).share()
    True
    """

    __slots__ = ("_random",)

    def __init__(self, *occasion: int | str) -> None:
        self._random = random.Random("/".join(map(str, occasion)))

    def share(self) -> float:
        """A number from 0 to below 1, each as likely."""
        return self._random.random()

    def whole(self, below: int) -> int:
        """A whole number from 0 to below a limit."""
        return int(self.share() * below)

    def uniform(self, mean: float, spread: float) -> float:
        """From mean - spread to mean + spread, each as likely."""
        return mean + (2 * self.share() - 1) * spread

    def normal(self, mean: float, spread: float) -> float:
        """Around the mean, with the spread as standard deviation."""
        return mean + spread * NormalDist().inv_cdf(max(self.share(), _LEAST))

    def exponential(self, mean: float) -> float:
        """Mostly little, seldom much."""
        return -mean * math.log1p(-self.share())

    def pareto(self, least: float, shape: float) -> float:
        """At least `least`, and now and then very much: the smaller `shape`, the more often."""
        return float(least * (1 - self.share()) ** (-1 / shape))
