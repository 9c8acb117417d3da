"""Two captures against each other: the same calls, what became of each, and how long it took.

    compare(a, b)   exchanges of two captures -> Comparison: groups of differences, latencies, a verdict

Nothing here opens a file or draws: exchanges are arguments, and so is a file in which what waits for its
partner may be kept.
"""

from volttools.compare.comparison import Comparison, compare
from volttools.compare.groups import Example, Group, Place
from volttools.compare.kinds import Difference, Kind
from volttools.compare.mapped import MappedId
from volttools.compare.noise import learned_rules, rules_text
from volttools.compare.rules import Rule, Rules, read_rules
from volttools.compare.settings import Settings

__all__ = [
    "Comparison",
    "Difference",
    "Example",
    "Group",
    "Kind",
    "MappedId",
    "Place",
    "Rule",
    "Rules",
    "Settings",
    "compare",
    "learned_rules",
    "read_rules",
    "rules_text",
]
