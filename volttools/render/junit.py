"""A comparison as JUnit XML, for CI: a test case a procedure, which fails if something differs."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree

from volttools.compare import Comparison, Group
from volttools.compare.besides import LOG_IN
from volttools.compare.kinds import Kind
from volttools.render.comparison import call_text, ratio_text, shown_texts
from volttools.render.values import visible
from volttools.words import counted

_NO_XML = dict.fromkeys((0xFFFE, 0xFFFF), "?")  # characters that a document may not have
_SUITE = "volttools compare"


def junit_text(found: Comparison, files: tuple[str, str]) -> str:
    """The document."""
    failures: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for group in found.groups:
        failures[group.place.procedure].append((group.place.kind.value, _message(group), _details(group)))
    for latency in found.slower:
        message = f"B is slower: {ratio_text(latency.ratio)}"
        failures[latency.procedure].append((Kind.SLOWER.value, message, ""))
    if not found.pairs and not found.has_only_logins:
        failures["(all)"].append(("nothing in common", found.verdict, ""))
    if found.other_differences:
        failures["(others)"].append(("more groups than are kept", found.verdict, ""))
    logins = [LOG_IN] if found.logins else []
    names = sorted({*found.procedures, *logins, *failures})
    root = ElementTree.Element("testsuites", name=_SUITE)
    counts = {"tests": str(len(names)), "failures": str(len(failures)), "errors": "0"}
    suite = ElementTree.SubElement(root, "testsuite", {"name": _SUITE, **counts})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("A", files[0]), ("B", files[1]), ("verdict", found.verdict)):
        ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
    for name in names:
        case = ElementTree.SubElement(suite, "testcase", classname=_SUITE, name=_clean(name))
        if failures.get(name):
            kinds, messages, details = zip(*failures[name], strict=True)
            attributes = {"type": ", ".join(dict.fromkeys(kinds)), "message": _clean("; ".join(messages))}
            failure = ElementTree.SubElement(case, "failure", attributes)
            blocks = zip(messages, details, strict=True)
            failure.text = "\n".join(
                _clean(line) for block in blocks for line in "\n".join(filter(None, block)).splitlines()
            )
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _message(group: Group) -> str:
    if group.place.kind in (Kind.MISSING, Kind.EXTRA):
        return f"{group.place.sentence}, {counted(group.pairs, 'time')}"
    return f"{group.place.sentence}, in {group.pairs:,} of {counted(group.of, 'pair')}"


def _details(group: Group) -> str:
    lines = [visible(group.place.statement)] if group.place.statement else []
    for example in group.examples:
        numbers = (example.a_number, example.b_number)
        if numbers != (None, None):
            lines.append(visible(call_text(group.place.procedure, example)))
        for name, number, text in zip("AB", numbers, shown_texts(example), strict=True):
            if numbers == (None, None) and text:
                lines.append(f"{name} {text}")
            if number is not None:
                lines.append(f"{name} exchange {number}{': ' if text else ''}{text}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return visible(text).translate(_NO_XML)
