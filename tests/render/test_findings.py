from tests.checks.samples import SAMPLES, calls, findings
from tests.protocol.wire import call
from tests.screens import console, drawn
from volttools.checks import RULES, Finding, Place, Severity, Verdict
from volttools.render.findings import PLACES, FindingsPage, rule_lines, verdict_lines

FOUND = Finding(
    code="gap",
    severity=Severity.DAMAGE,
    side=None,
    message="40 bytes are missing",
    place=Place(connection=1, offset=38, file="a.pcap"),
)


def page(events, width=80, **options):
    screen = console(width)
    found = FindingsPage(width=width, **options)
    for finding in findings(events):
        found.add(finding)
    return drawn(found.lines(), screen)


def test_findings_stand_in_groups_the_worst_first():
    text = page([*SAMPLES["sha1-login"](), *SAMPLES["timeout-flag"](), *SAMPLES["request-lost"]()])
    titles = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert titles == [
        "damage: the capture is not whole",
        "violations: a side did not do its part",
        "notes: worth knowing",
    ]


def test_a_finding_is_its_code_place_and_sentence():
    assert page(SAMPLES["timeout-flag"]()) == (
        "violations: a side did not do its part\n"
        "  timeout-flag (client)  connection 1, exchange 1, frame 3, from the client,\n"
        "                         byte 57, invocation.batch_timeout_flag: the flag of the\n"
        "                         batch time-out is 0; -1 is none, 1 that it follows\n"
        "\n"
    )


def test_many_of_a_kind_are_counted():
    text = page(SAMPLES["unanswered"]() * (PLACES + 1_200))
    assert text.count("Vote is unanswered") == PLACES
    assert "  unanswered           and 1,200 more; --all shows them\n" in text


def test_no_line_is_wider_than_the_screen():
    for width in (40, 60, 80):
        for code in SAMPLES:
            if code not in ("row-too-long", "array-too-long", "value-too-long"):
                assert max(map(len, page(SAMPLES[code](), width).splitlines())) <= width


def test_without_a_width_a_finding_is_one_line():
    found = FindingsPage(width=None)
    lines = list(found.line_each(FOUND))
    assert len(lines) == 1
    assert "".join(text for text, _ in lines[0]) == (
        "  damage gap  connection 1, byte 38 of the file: 40 bytes are missing"
    )


def test_of_several_files_the_file_is_said():
    (line,) = FindingsPage(width=None, with_files=True).line_each(FOUND)
    assert "  a.pcap, connection 1, byte 38 of the file: " in "".join(text for text, _ in line)


def test_hostile_text_is_escaped():
    text = page(calls(call("x\x1b[2J", 2**63 - 5)))
    assert "\x1b" not in text


def test_the_verdict_has_the_colour_of_what_it_says():
    whole = Verdict(connections={1}, calls=1, answered=1)
    assert verdict_lines(whole, width=None) == [
        [("whole: 1 connection, 1 call, every one answered", "summary.good")]
    ]
    assert verdict_lines(Verdict(), width=None)[0][0][1] == "summary.warning"
    whole.add_finding(FOUND)
    assert verdict_lines(whole, width=None)[0][0][1] == "summary.bad"
    assert all(len(line[0][0]) <= 40 for line in verdict_lines(whole, width=40))


def test_every_rule_is_listed_with_its_source():
    text = drawn(rule_lines(width=None), console(200))
    for rule in RULES.values():
        assert f"  {rule.code} " in text
        assert f"{rule.doc} [{rule.source}]" in text
    assert max(map(len, drawn(rule_lines(width=80), console(80)).splitlines())) <= 80
