import pytest

from tests.checks.samples import SAMPLES, findings
from volttools.checks import RULES, Severity


def test_every_rule_has_a_sample_and_every_sample_a_rule():
    assert list(SAMPLES) == list(RULES)


@pytest.mark.parametrize("code", RULES)
def test_each_code_is_found_in_its_sample(code):
    rule = RULES[code]
    found = [finding for finding in findings(SAMPLES[code]()) if finding.code == code]
    assert found
    assert {finding.severity for finding in found} == {rule.severity}
    assert rule.side is None or {finding.side for finding in found} == {rule.side}
    assert all(finding.message for finding in found)


def test_codes_are_kebab_case_and_every_rule_says_what_and_whence():
    for code, rule in RULES.items():
        assert code == code.lower().replace("_", "-").replace(" ", "-") == rule.code
        assert rule.doc
        assert not rule.doc.endswith(".")
        assert rule.source


def test_damage_comes_first_and_notes_last():
    severities = [rule.severity for rule in RULES.values()]
    assert severities == sorted(severities, key=list(Severity).index)
