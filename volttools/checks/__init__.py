"""Is a capture whole, and does each side keep to the protocol?

    for finding in check(capture.events()):
        print(finding.code, finding.place, finding.message)

Rules stand in tables, each with its code, what it means and where it comes from; `registry`
has them all. This package reads events and does nothing else, so whatever gives events can
be checked: captures, a proxy, a test.
"""

from volttools.checks.checker import check
from volttools.checks.finding import Finding, Place, Rule, Severity
from volttools.checks.registry import RULES
from volttools.checks.verdict import Verdict

__all__ = ["RULES", "Finding", "Place", "Rule", "Severity", "Verdict", "check"]
