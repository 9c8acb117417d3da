"""Findings of a check on the screen: by severity and kind, with the places of the first few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from volttools.checks import RULES, Finding, Rule, Severity, Verdict
from volttools.checks.finding import SEVERITY_DOCS
from volttools.render.cells import Line, left, width_of, wrap
from volttools.render.values import visible
from volttools.words import counted

PLACES = 5
"""So many findings of a kind are shown, and the others counted."""

# fmt: off
_STYLES = {Severity.DAMAGE: "damage", Severity.VIOLATION: "status.error", Severity.NOTE: "note"}
_TITLES = {Severity.DAMAGE: "damage", Severity.VIOLATION: "violations", Severity.NOTE: "notes"}
# fmt: on

_MAX_LINES = 100  # of one finding
_LEAST_TEXT = 30  # columns that are left for it beside its code


@dataclass(slots=True)
class _Kind:
    """Findings with one code: the first few, and how many there are."""

    first: list[Finding] = field(default_factory=list)
    count: int = 0


class FindingsPage:
    """Collects findings, and draws them in groups.

    width       of the screen; None: one line a finding, however long
    with_files  say in which file each is
    """

    def __init__(self, *, width: int | None, with_files: bool = False) -> None:
        self._width = width
        self._with_files = with_files
        self._kinds: dict[Severity, dict[str, _Kind]] = {severity: {} for severity in Severity}

    def add(self, finding: Finding) -> None:
        """Take a finding."""
        kind = self._kinds[finding.severity].setdefault(finding.code, _Kind())
        kind.count += 1
        if len(kind.first) < PLACES:
            kind.first.append(finding)

    def lines(self) -> Iterator[Line]:
        """All groups, a blank line behind each."""
        for severity, kinds in self._kinds.items():
            if not kinds:
                continue
            title = (f"{_TITLES[severity]}: ", _STYLES[severity])
            yield [title, (SEVERITY_DOCS[severity], "muted")]
            labels = max(width_of(self._label(f)) for kind in kinds.values() for f in kind.first)
            for code, kind in kinds.items():
                for finding in kind.first:
                    yield from self._lines_of(finding, self._label(finding), labels)
                if kind.count > len(kind.first):
                    more = f"and {kind.count - len(kind.first):,} more; --all shows them"
                    yield from self._beside(code, labels, severity, more)
            yield []

    def line_each(self, finding: Finding) -> Iterator[Line]:
        """One finding outside of any group, with its severity."""
        label = f"{finding.severity.value} {self._label(finding)}"
        yield from self._lines_of(finding, label, width_of(label))

    def _label(self, finding: Finding) -> str:
        blames = finding.severity is Severity.VIOLATION and finding.side is not None
        return f"{finding.code} ({finding.side})" if blames else finding.code

    def _lines_of(self, finding: Finding, label: str, labels: int) -> Iterator[Line]:
        place = str(finding.place)
        if self._with_files and finding.place.file:
            place = f"{finding.place.file}, {place}" if place else finding.place.file
        place = visible(place)
        text = f"{place}: {visible(finding.message)}" if place else visible(finding.message)
        yield from self._beside(label, labels, finding.severity, text, place)

    def _beside(
        self, label: str, labels: int, severity: Severity, text: str, place: str = ""
    ) -> Iterator[Line]:
        """A label and a text beside it, or below it where there is no room."""
        indent = labels + 4
        if self._width is None:
            parts = [text]
        elif self._width - indent >= _LEAST_TEXT:
            parts = wrap(text, self._width - indent, _MAX_LINES)
        else:
            yield [("  " + label, _STYLES[severity])]
            label, indent = "", 4
            parts = wrap(text, self._width - indent, _MAX_LINES)
        for index, part in enumerate(parts):
            before = "" if index else label
            shown = place if not index and part.startswith(place) else ""
            yield [
                (left("  " + before, indent), _STYLES[severity]),
                (shown, "connection"),
                (part[len(shown) :], "plain"),
            ]


def verdict_lines(verdict: Verdict, *, width: int | None) -> list[Line]:
    """The verdict, in the colour of what it says."""
    name = (
        "summary.bad" if not verdict.is_clean else "summary.warning" if verdict.is_empty else "summary.good"
    )
    return [[(part, name)] for part in wrap(verdict.sentence, width, _MAX_LINES)]


def rule_lines(*, width: int | None) -> Iterator[Line]:
    """Every rule with its line of documentation and its source."""
    codes = max(width_of(code) for code in RULES) + 2
    severity = None
    for rule in RULES.values():
        if rule.severity is not severity:
            if severity is not None:
                yield []
            severity = rule.severity
            yield [(f"{_TITLES[severity]}: ", _STYLES[severity]), (SEVERITY_DOCS[severity], "muted")]
        yield from _rule_lines(rule, codes, width)
    yield []
    yield [(f"{counted(len(RULES), 'rule')}", "header")]


def _rule_lines(rule: Rule[object], codes: int, width: int | None) -> Iterator[Line]:
    whose = f"{rule.side}: " if rule.side is not None else ""
    text = f"{whose}{rule.doc}"
    source = f" [{rule.source}]"
    room = None if width is None else max(_LEAST_TEXT, width - codes - 2)
    for index, part in enumerate(wrap(text + source, room, _MAX_LINES)):
        yield [("  " + left("" if index else rule.code, codes), "header"), (part, "plain")]
