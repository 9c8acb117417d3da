"""The verdict of a rehearsal: one page for people, and JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from volttools.compare.latency import CONFIDENCE
from volttools.compare.noise import evidence
from volttools.rehearse.findings import Finding, findings_of, group_text, share_text
from volttools.rehearse.rehearsing import NEW, OLD, OLD_AGAIN, Rehearsal
from volttools.render.cells import Line, cut, folded, line_width, wrap
from volttools.render.comparison import can_tell, rule_text
from volttools.render.values import duration, visible
from volttools.replay.labels import labelled
from volttools.replay.plan import OF_LIBRARY
from volttools.replay.report import Report
from volttools.replay.safety import OPTIONS, Group
from volttools.words import counted

_FINDINGS: Final = 12
_HELD_BACK: Final = 4
_NOISE: Final = 5
_MOST_LINES: Final = 20

LITTLE: Final = 0.5
"""If a smaller part was tested, the verdict says so before all else."""


def verdict_of(found: Rehearsal) -> str:
    """One sentence on all of it."""
    if found.is_same and found.share < LITTLE:
        return (
            f"SAME, BUT ONLY {_share(found)} TESTED: to those calls the new server gave the same answers"
            f"{_how_fast(found)}; of the others nothing is known."
        ).replace("ONLY under", "ONLY UNDER")
    if found.is_same:
        part = "" if found.share == 1 else f" to the {_share(found)} of the calls that were tested"
        return f"SAME: the new server gave the same answers{part}{_how_fast(found)}."
    parts = []
    if found.has_other_answers:
        parts.append("does not do the same")
    if found.comparison.slower:
        parts.append("is slower")
    times = counted(len(list(findings_of(found))), "finding")
    return f"{'DIFFERENT' if found.has_other_answers else 'SLOWER'}: the new server {' and '.join(parts)}; {times}."


def _how_fast(found: Rehearsal) -> str:
    """What can be said of latencies where none is slower."""
    if not found.settings.latency:
        return "; how fast was not asked"
    told = [one for one in found.comparison.latencies if can_tell(one.ratio)]
    if not told:
        return "; there were too few calls to tell how fast"
    some = "" if len(told) == len(found.comparison.latencies) else ", where there were calls enough to tell"
    return f", as fast or faster{some}"


def report_json(found: Rehearsal) -> dict[str, Any]:
    """All of it as JSON."""
    files, coverage = found.evidence, found.coverage
    return {
        "kind": "rehearsal",
        "same": found.is_same,
        "slower": bool(found.comparison.slower),
        "other_answers": found.has_other_answers,
        "verdict": verdict_of(found),
        "capture": found.capture,
        "tested": {
            "calls": found.tested,
            "of": coverage.calls * found.copies,
            "share": round(found.share, 4),
        },
        "held_back": [
            {"procedure": group.procedure, "calls": group.calls, "does": group.nature.value}
            for group in coverage.held_back
        ],
        "left_out": found.replays[NEW].left_out,
        "findings": [finding.as_json() for finding in findings_of(found)],
        "noise": [
            {
                "procedure": groups[0].place.procedure,
                "what": group_text(groups[0].place),
                "evidence": evidence(groups),
            }
            for groups in found.learned.values()
        ],
        "mapped": _mapped(found),
        "replays": {name: report.as_json() for name, report in found.replays.items()},
        "files": {
            "recordings": [one for report in found.replays.values() for one in report.files],
            "rules": files.rules if found.learned else None,
            "ids": None if found.ids is None else files.ids,
            "comparison": files.comparison,
            "verdict": files.verdict,
        },
    }


class Page:
    """Draws the verdict.

    width   of the screen; None: lines as long as they are
    """

    def __init__(self, *, width: int | None) -> None:
        self._width = width

    def lines(self, found: Rehearsal) -> Iterator[Line]:
        """The page."""
        style = "summary.good" if found.is_same and found.share >= LITTLE else "summary.bad"
        yield from ([(part, style)] for part in self._wrapped(verdict_of(found)))
        yield []
        yield from self._servers(found)
        yield from self._tested(found)
        findings = list(findings_of(found))
        if findings:
            yield []
            yield [("What is different on the new server", "header")]
            for number, finding in enumerate(findings[:_FINDINGS], 1):
                yield from self._finding(number, finding, found)
            if len(findings) > _FINDINGS:
                yield [(f"  and {len(findings) - _FINDINGS:,} more, in {found.evidence.comparison}", "muted")]
        yield from self._not_counted(found)
        yield from self._evidence(found)

    # ------------------------------------------------------------ what was done

    def _servers(self, found: Rehearsal) -> Iterator[Line]:
        old, new = found.replays.get(OLD), found.replays[NEW]
        if old is None:
            yield from self._labelled("compared", f"with what was recorded in {visible(found.capture)}")
        else:
            yield from self._labelled("old server", f"{_server(old)}; asked twice")
        yield from self._labelled("new server", _server(new))
        if old is not None and old.targets == new.targets:
            yield from self._labelled("", "which is the old one", "note")
        late = [name for name, report in found.replays.items() if report.measures.is_late]
        if late:
            text = "this machine could not keep up with the calls, so times say less"
            some = "" if len(late) == len(found.replays) else f" ({'; '.join(late)})"
            yield from self._labelled("", text + some, "note")

    def _tested(self, found: Rehearsal) -> Iterator[Line]:
        coverage, report = found.coverage, found.replays[NEW]
        where = counted(report.connections, "connection")
        calls = counted(coverage.calls * found.copies, "call")
        copies = "" if found.copies == 1 else f", each connection made {found.copies} times"
        text = f"{_share(found)} of {visible(found.capture)}: {found.tested:,} of {calls}{copies}"
        yield from self._labelled("tested", f"{text}, on {where}")
        for index, group in enumerate(coverage.held_back[:_HELD_BACK]):
            yield from self._labelled("" if index else "not tested", _held_back(group))
        others = coverage.held_back[_HELD_BACK:]
        if others:
            calls = counted(sum(group.calls for group in others), "call")
            yield from self._labelled("", f"{calls} of {counted(len(others), 'procedure')} more")
        unknown = {answer.value: times for answer, times in found.comparison.unknown.items()}
        for why, times in (report.left_out | unknown).items():
            if why != OF_LIBRARY:  # which nobody misses
                yield from self._labelled("not tested", f"{times:,}: {why}")
        if found.comparison.ignored:
            yield from self._labelled(
                "not tested", f"{counted(found.comparison.ignored, 'call')}, by your rules"
            )

    def _labelled(self, label: str, text: str, style: str = "plain") -> Iterator[Line]:
        return folded(labelled(label, text, style), self._width)

    # ------------------------------------------------------------ findings

    def _finding(self, number: int, finding: Finding, found: Rehearsal) -> Iterator[Line]:
        calls = share_text(finding)
        start = f"{number:>3}  "
        name = f"{visible(finding.procedure)} " if finding.procedure else ""
        text = f"{finding.what}{f' ({calls})' if calls else ''}"
        for index, part in enumerate(self._wrapped(f"{name}{text}", len(start))):
            if index:
                yield [(" " * len(start), "plain"), (part, "status.error")]
            else:
                yield [
                    (start, "number"),
                    (part[: len(name)], "procedure"),
                    (part[len(name) :], "status.error"),
                ]
        if finding.statement:
            yield self._cut([(f"       {visible(finding.statement)}", "muted")])
        yield from self._example(finding, "old" if found.has_old else "recorded")

    def _example(self, finding: Finding, before: str) -> Iterator[Line]:
        call = f"e.g. {finding.call}: " if finding.call else ""
        sides = [(before, finding.old or "nothing"), ("new", finding.new or "nothing")]
        if not finding.old and not finding.new:
            if call:
                yield self._cut([(f"       {call[:-2]}", "plain")])
            return
        texts = [f"{side} {text}" for side, text in sides]
        line: Line = [(f"       {call}", "muted"), (texts[0], "plain"), (" | ", "muted"), (texts[1], "plain")]
        if self._width is None or line_width(line) <= self._width:
            yield line
            return
        if call:
            yield self._cut([(f"       {call[:-2]}", "muted")])
        for text in texts:
            yield self._cut([(f"         {text}", "plain")])

    # ------------------------------------------------------------ what didn't count

    def _not_counted(self, found: Rehearsal) -> Iterator[Line]:
        noise = [
            f"{visible(group.place.procedure)} {visible(group_text(group.place))}"
            f" ({group.pairs:,} of {counted(group.of, 'call')})"
            for group in (groups[0] for groups in found.learned.values())
        ]
        if noise:
            yield []
            yield [("What did not count: it differs on the old server as well", "header")]
            yield from (self._cut([(f"  {text}", "plain")]) for text in noise[:_NOISE])
            if len(noise) > _NOISE:
                yield [(f"  and {len(noise) - _NOISE:,} more, in {found.evidence.rules}", "muted")]
        if mapped := _mapped(found):
            yield []
            yield [("What did not count: each server makes its own", "header")]
            yield from (self._cut([(f"  {visible(text)}", "plain")]) for text in mapped[:_NOISE])
            if len(mapped) > _NOISE:
                yield [(f"  and {len(mapped) - _NOISE:,} more, in {found.evidence.ids}", "muted")]
        for rule in found.comparison.unused_rules:
            yield self._cut([(f"  a rule of yours mattered nowhere: {visible(rule_text(rule))}", "note")])

    def _evidence(self, found: Rehearsal) -> Iterator[Line]:
        files = found.evidence
        yield []
        yield [("Evidence", "header"), (f" in {files.directory}", "plain")]
        names = {files.old: "what the old server answered", files.old_again: "the second time"}
        names |= {files.new: "what the new server answered"}
        names |= {files.rules: "what did not count"} if found.learned else {}
        names |= {} if found.ids is None else {files.ids: "what each server makes its own of"}
        names |= {files.comparison: "all differences and times", files.verdict: "this page as data"}
        if OLD_AGAIN not in found.replays:
            del names[files.old], names[files.old_again]
        texts = [f"{Path(path).name}: {what}" for path, what in names.items()]
        for part in self._wrapped("; ".join(texts), 2):
            yield [(f"  {part}", "plain")]
        before = files.old if found.has_old else found.capture
        words = ["volttools", "compare", "-v", before, files.new]
        words += ["--rules", files.rules] if found.learned else []
        words += [] if found.ids is None else ["--map", files.ids]
        words += [] if found.has_old or not found.coverage.held_back else ["--ignore-kind", "missing"]
        if found.has_old or found.capture_count == 1:  # it takes one file a side
            yield [(f"  {shlex.join(words)}", "command")]
        if found.comparison.slower:
            yield [(f"  Times are compared with {CONFIDENCE:.0%} confidence.".replace("%", " %"), "muted")]

    def _cut(self, line: Line) -> Line:
        return cut(line, self._width)

    def _wrapped(self, text: str, indent: int = 0) -> list[str]:
        return wrap(text, None if self._width is None else self._width - indent, _MOST_LINES)


def _mapped(found: Rehearsal) -> list[str]:
    """Where the ids come from that each server makes for itself, and where they are used."""
    return [] if found.ids is None else [str(rule) for rule in found.ids.rules]


def _server(report: Report) -> str:
    measures = report.measures
    failed = f"; {counted(measures.failed, 'call')} failed" if measures.failed else ""
    build = f", {visible(report.build)}" if report.build else ""
    return (
        f"{', '.join(report.targets)}{build}: {counted(measures.answered, 'answer')}"
        f" in {duration(report.elapsed_ns)}{failed}"
    )


def _share(found: Rehearsal) -> str:
    """The part that was tested; what is nearly all, or nearly nothing, is not to look like it."""
    percent = 100 * found.share
    if 99 < percent < 100:
        return "over 99 %"
    return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


def _held_back(group: Group) -> str:
    unknown = "" if group.is_known else ", which the server does not have"
    option = OPTIONS.get(group.nature)
    more = f" ({option} sends it)" if option else ""
    return (
        f"{counted(group.calls, 'call')} of {visible(group.procedure)}: {group.nature.value}{unknown}{more}"
    )
