"""Scenarios: rules, and the seed of their chance.

    seed = 7

    [[fault]]
    kind = "delay"
    time = "20ms"
    procedure = "Vote*"
    every = 10

TOML, as it is what redaction's rules are written in, has comments, and shows a rule as a block of keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volttools.errors import UsageError
from volttools.faults.injections import Injection, injection_of
from volttools.faults.rules import Rule, rule_of
from volttools.rule_files import read_rule_text, read_toml
from volttools.words import nearest

_KEYS = ("seed", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is to go wrong.

    rules     all that match apply, in this order
    seed      of what is left to chance
    repeated  faults of a log, which are injected again
    """

    rules: tuple[Rule, ...] = ()
    seed: int = 0
    repeated: tuple[Injection, ...] = ()

    @classmethod
    def from_file(cls, path: str | Path) -> Scenario:
        """The scenario of a TOML file. Raises UsageError that names file, rule and key; OSError."""
        return cls.from_text(read_rule_text(path), file=str(path))

    @classmethod
    def from_text(cls, text: str, *, file: str | None = None) -> Scenario:
        """The scenario of a TOML text. Raises UsageError."""
        return cls.from_dict(read_toml(text, file=file), file=file)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], *, file: str | None = None) -> Scenario:
        """The scenario of what a file, or JSON, says. Raises UsageError."""
        for key in document:
            if key not in _KEYS:
                like = nearest(str(key), _KEYS)
                hint = f"did you mean {like}?" if like else f"write one of {', '.join(_KEYS)}"
                raise UsageError(f"{key}: there is no such key; {hint}", file=file)
        seed, faults = document.get("seed", 0), document.get("fault", [])
        if type(seed) is not int:
            raise UsageError(f"seed: expected a whole number, got {seed!r}", file=file)
        if not isinstance(faults, list) or not all(isinstance(table, Mapping) for table in faults):
            raise UsageError("fault: expected tables, each written [[fault]]", file=file)
        rules = tuple(
            rule_of(table, where=f"fault {number}: ", file=file) for number, table in enumerate(faults, 1)
        )
        return cls(rules=rules, seed=seed)

    @classmethod
    def from_log(cls, lines: Iterable[str], *, file: str | None = None) -> Scenario:
        """The very faults of a log: at the same calls of the same connections, with the same values."""
        found = [
            injection_of(line, file=file, number=number)
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
        return cls(repeated=tuple(injection for injection in found if injection.skipped is None))


ScenarioLike = Scenario | str | Path | Mapping[str, Any] | Iterable[Rule]
"""A scenario, its file (or a log, by its name *.jsonl), what such a file says, or rules."""


def scenario_of(given: ScenarioLike | None) -> Scenario:
    """The scenario that is meant. Raises UsageError, OSError."""
    if given is None:
        return Scenario()
    if isinstance(given, Scenario):
        return given
    if isinstance(given, str | Path):
        if Path(given).suffix == ".jsonl":
            with Path(given).open(encoding="utf-8", errors="replace") as lines:
                return Scenario.from_log(lines, file=str(given))
        return Scenario.from_file(given)
    if isinstance(given, Mapping):
        return Scenario.from_dict(given)
    rules = tuple(given)
    for one in rules:
        if not isinstance(one, Rule):
            raise UsageError(f"expected rules, as volttools.faults.rule makes them, got {one!r}")
    return Scenario(rules=rules)
