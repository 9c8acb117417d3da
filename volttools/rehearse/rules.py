"""What the replay's map of values means to the comparison: ids that each server makes for itself are no difference.

Of an id inside of a text the rest of the text still counts, so there is no rule that lets the parameter differ.
"""

from __future__ import annotations

import glob

from volttools.compare import Kind, MappedId, Rule
from volttools.replay import values


def ids_of_map(found: values.Rules) -> tuple[MappedId, ...]:
    """The ids that must always become the same other ones."""
    return tuple(
        MappedId(*one.source, one.use.procedure, one.use.parameter, one.use.form, one.use.value)
        for one in found.rules
    )


def rules_of_map(found: values.Rules) -> tuple[Rule, ...]:
    """For each mapped value, that it may differ where it is made and where it is used as a parameter."""
    rules: dict[Rule, None] = {}
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
        rules |= dict.fromkeys((made, used) if one.use.form is None else (made,))
    return tuple(rules)
