"""What was touched, for people and for programs.

It names procedures, columns and rules as the capture and the rules do, so it is for whoever has those;
it never holds a value or the key.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from volttools.redaction.rules import Place, Rules

_MOST_PLACES: Final = 10_000
_MOST_FRAMES: Final = 100


class Touched(NamedTuple):
    """Values of one type in one place of one procedure; procedure None: which one is not known."""

    procedure: str | None
    place: Place
    type: str


@dataclass(slots=True)
class Report:
    """Counts of one redaction.

    messages    by what they are: "requests", "responses", "pushes", "log-ins" ...
    values      by place, then by what was done
    deciding    by place, the rules that decided about it; others went by [default]
    by_rule     values that each rule decided about
    other       what else was changed: "names", "users", "texts", "literals" ...
    zeroed      numbers of the first frames that could not be read, and are zeros now
    """

    rules: Rules
    messages: Counter[str] = field(default_factory=Counter)
    values: dict[Touched, Counter[str]] = field(default_factory=dict)
    deciding: dict[Touched, set[int]] = field(default_factory=dict)
    by_rule: Counter[int] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    zeroed: list[int] = field(default_factory=list)

    def count(self, what: str) -> None:
        """Note that something was changed besides values: "names", "users" ..."""
        self.other[what] += 1

    def count_values(
        self, procedure: str | None, place: Place, type_name: str, done: str, number: int, rule: int | None
    ) -> None:
        """Note that so many values were treated."""
        touched = Touched(procedure, place, type_name)
        counts = self.values.get(touched)
        if counts is None:
            if len(self.values) >= _MOST_PLACES:
                touched = Touched("(more procedures)", Place(), "")
            counts = self.values.setdefault(touched, Counter())
        counts[done] += number
        if rule is not None:
            self.by_rule[rule] += number
            self.deciding.setdefault(touched, set()).add(rule)

    def count_zeroed(self, frame_number: int) -> None:
        """Note that a frame could not be read."""
        self.messages["unreadable frames"] += 1
        if len(self.zeroed) < _MOST_FRAMES:
            self.zeroed.append(frame_number)

    @property
    def unused_rules(self) -> list[int]:
        """Indices of the rules that decided about nothing: perhaps a name is misspelt."""
        return [index for index in range(len(self.rules.rules)) if index not in self.by_rule]

    @property
    def totals(self) -> Counter[str]:
        """All values together, by what was done."""
        return sum(self.values.values(), Counter())

    def lines(self) -> list[str]:
        """For people; plain text."""
        made = ["messages   " + (_named_counts(self.messages) or "none")]
        made.append("values     " + (_counts(self.totals) or "none"))
        if self.other:
            made.append("besides    " + _named_counts(self.other))
        if self.zeroed:
            shown = ", ".join(map(str, self.zeroed[:10])) + (", ..." if len(self.zeroed) > 10 else "")
            made.append(f"zeroed     frames {shown}: their values can't be told apart")
        made += self._rule_lines()
        procedure: object = self
        for touched, counts in sorted(self.values.items(), key=_order):
            if touched.procedure != procedure:
                procedure = touched.procedure
                made.append(procedure or "(request not captured)")
            done = _counts(counts) or "only NULLs"
            made.append(f"  {touched.place!s:<28} {touched.type:<15} {done}{self._decided_by(touched)}")
        return made

    def _decided_by(self, touched: Touched) -> str:
        numbers = self._rules_of(touched)
        return (
            f" ({'rule' if len(numbers) == 1 else 'rules'} {', '.join(map(str, numbers))})" if numbers else ""
        )

    def _rules_of(self, touched: Touched) -> list[int]:
        """Numbers, from 1 as people count rules."""
        return [index + 1 for index in sorted(self.deciding.get(touched, ()))]

    def _rule_lines(self) -> list[str]:
        made = []
        for index, rule in enumerate(self.rules.rules):
            values = self.by_rule[index]
            text = (
                f"{values:,} {'value' if values == 1 else 'values'}"
                if values
                else "matched nothing: a name misspelt, or an earlier rule?"
            )
            made.append(f"rule {index + 1:<5} {rule}: {text}")
        return made

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "messages": dict(self.messages),
            "values": [
                {
                    "procedure": touched.procedure,
                    "parameter": touched.place.parameter,
                    "column": touched.place.column,
                    "type": touched.type,
                    "done": dict(counts),
                    "rules": self._rules_of(touched),
                }
                for touched, counts in sorted(self.values.items(), key=_order)
            ],
            "rules": [
                {"rule": index + 1, "text": str(rule), "values": self.by_rule[index]}
                for index, rule in enumerate(self.rules.rules)
            ],
            "unused_rules": [index + 1 for index in self.unused_rules],
            "other": dict(self.other),
            "zeroed_frames": self.zeroed,
        }


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()) if number)


def _named_counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items()) if number)


def _order(item: tuple[Touched, Counter[str]]) -> tuple[str, bool, int, str, str]:
    touched = item[0]
    place = touched.place
    return (
        touched.procedure or "",
        place.parameter is None,
        place.parameter or 0,
        place.column or "",
        touched.type,
    )
