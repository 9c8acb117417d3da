"""All rules, by code; in the order in which they are listed."""

from __future__ import annotations

from typing import Any, Final

from volttools.checks.calls import CALL_RULES, UNASKED_RULES
from volttools.checks.damage import DAMAGE_RULES
from volttools.checks.finding import Rule, Severity
from volttools.checks.frames import FRAME_RULES
from volttools.checks.invocations import FAULT_RULES, INVOCATION_RULES, UNREADABLE_CALL
from volttools.checks.logins import LOGIN_RULES
from volttools.checks.responses import END_RULES, PUSH_RULES, RESPONSE_RULES, UNREADABLE_RESPONSE
from volttools.checks.tables import TABLE_RULES
from volttools.checks.values import PARAMETER_RULES, VALUES_RULES

_ALL: Final[tuple[Rule[Any], ...]] = (
    *DAMAGE_RULES,
    *FRAME_RULES,
    *LOGIN_RULES,
    *CALL_RULES,
    *UNASKED_RULES,
    UNREADABLE_CALL,
    *INVOCATION_RULES,
    *FAULT_RULES,
    *PARAMETER_RULES,
    UNREADABLE_RESPONSE,
    *RESPONSE_RULES,
    *TABLE_RULES,
    *VALUES_RULES,
    *PUSH_RULES,
    *END_RULES,
)

_ORDER: Final = list(Severity)

RULES: Final[dict[str, Rule[Any]]] = {
    rule.code: rule for rule in sorted(_ALL, key=lambda rule: _ORDER.index(rule.severity))
}
"""Every rule by its code: damage, then violations, then notes."""
