"""What two runs of one server tell: what differs by itself. It becomes rules, which can be read and edited.

Learned is what answers differ in. Not learned is what calls differ in, and calls without an answer or a
partner: a run that was cut short must not let everything pass that it lacks.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence

from volttools.compare.comparison import Comparison
from volttools.compare.groups import Group
from volttools.compare.kinds import NEVER_DIFFERENT, Kind
from volttools.compare.rules import Rule
from volttools.rule_files import toml_string
from volttools.words import counted

NEVER_LEARNED = NEVER_DIFFERENT | {
    Kind.NO_ANSWER,
    Kind.MISSING,
    Kind.EXTRA,
    Kind.PARAMETERS,
    Kind.UNREADABLE,
    Kind.MAPPED,
    Kind.LOGIN,
    Kind.PUSHES,
    Kind.SLOWER,
}


def learned_rules(noise: Comparison) -> dict[Rule, list[Group]]:
    """A rule for each kind of noise, and the groups that it comes from."""
    found: dict[Rule, list[Group]] = {}
    for group in noise.groups:
        if group.place.kind not in NEVER_LEARNED:
            found.setdefault(_rule(group), []).append(group)
    return found


def _rule(group: Group) -> Rule:
    place = group.place
    names = None if place.columns is None else tuple(dict.fromkeys(map(glob.escape, place.columns)))
    return Rule(
        procedures=(glob.escape(place.procedure),),
        statements=None if place.statement is None else (glob.escape(place.statement),),
        kinds=_kinds(place.kind),
        columns=names,
        action="ignore",
    )


def _kinds(kind: Kind) -> tuple[Kind, ...]:
    """A row more in one run is a row less in another."""
    return tuple(sorted({kind, kind.mirrored}, key=lambda one: one.value))


def evidence(groups: Sequence[Group]) -> str:
    """How often the noise of a rule was seen: "differed in 40 of 200 pairs"."""
    times = max(group.pairs for group in groups)
    return f"differed in {times:,} of {counted(groups[0].of, 'pair')}"


def rules_text(learned: Iterable[tuple[Rule, str]], *, title: str) -> str:
    """Rules that ignore something as TOML, each with a comment."""
    lines = [f"# {line}" for line in title.splitlines()]
    for rule, comment in learned:
        lines += ["", f"# {comment}", "[[rule]]"]
        lines += [
            f"{key} = {_toml(values)}"
            for key, values in (
                ("procedure", rule.procedures),
                ("statement", rule.statements),
                ("kind", None if rule.kinds is None else [kind.value for kind in rule.kinds]),
                ("column", rule.columns),
                ("parameter", rule.parameters),
            )
            if values is not None
        ]
        lines.append('action = "ignore"')
    return "\n".join(lines) + "\n"


def _toml(values: Sequence[str | int]) -> str:
    texts = [str(value) if isinstance(value, int) else toml_string(value) for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
