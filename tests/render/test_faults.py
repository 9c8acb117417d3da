import pytest

from volttools.errors import UsageError
from volttools.faults.catalog import KINDS
from volttools.faults.scenario import Scenario
from volttools.render.faults import kind_lines, kind_of, list_lines


def text(lines):
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_all_kinds_are_listed_at_their_place():
    shown = text(list_lines(width=None))
    for kind in KINDS.values():
        assert f"  {kind.name} " in shown
        assert kind.doc in shown
    assert shown.endswith(f"{len(KINDS)} kinds")
    assert shown.index("TLS: ") < shown.index("tls-stall") < shown.index("log-in: ")


def test_lines_are_wrapped_to_a_screen():
    assert max(map(len, text(list_lines(width=80)).splitlines())) <= 80


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_the_rule_that_is_shown_for_a_kind_can_be_written(kind):
    shown = text(kind_lines(kind, width=80))
    written = shown[shown.index("[[fault]]") :]
    (made,) = Scenario.from_text(written).rules
    assert made.kind is kind


def test_an_unknown_kind_is_told_with_the_nearest():
    with pytest.raises(UsageError, match=r"no fault is called 'dely'; did you mean delay\?"):
        kind_of("dely")
    with pytest.raises(UsageError, match=r"no fault is called 'zzz'; `volttools faults` lists all"):
        kind_of("zzz")
