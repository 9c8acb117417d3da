"""What the replay's map of values means to the comparison: ids that each server makes for itself are no difference."""

from __future__ import annotations

import glob

from volttools.compare import Kind, MappedId, Rule
from volttools.replay import values


def ids_of_map(found: values.Rules) -> tuple[MappedId, ...]:
    """The ids that must always become the same other ones: those that are a whole parameter."""
    return tuple(
        MappedId(*one.source, one.use.procedure, one.use.parameter)
        for one in found.rules
        if one.use.form is None
    )


def rules_of_map(found: values.Rules) -> dict[Rule, str]:
    """For each mapped value, that it may differ where it is made and where it is used; with why, in words."""
    rules: dict[Rule, str] = {}
    for one in found.rules:
        made = Rule(
            procedures=(glob.escape(one.source.procedure),),
            kinds=(Kind.VALUE,),
            columns=(glob.escape(one.source.column),),
            action="ignore",
        )
        used = Rule(
            procedures=(glob.escape(one.use.procedure),),
            kinds=(Kind.PARAMETERS,),
            parameters=(one.use.parameter,),
            action="ignore",
        )
        for rule in (made, used):
            rules.setdefault(rule, f"mapped by the replay: {one}")
    return rules
