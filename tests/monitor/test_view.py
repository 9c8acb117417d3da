from hypothesis import given
from hypothesis import strategies as st

from tests.monitor.made import figures
from volttools.monitor.columns import VIEWS
from volttools.monitor.view import Choices

KEYS = [
    *"123rp /?+-=abcdefghijklmnost",
    "tab",
    "enter",
    "escape",
    "backspace",
    "up",
    "down",
    "page up",
    "home",
]


def after(*keys, **given):
    choices = Choices(**given)
    for key in keys:
        choices.press(key)
    return choices


def names(choices):
    return [row.name for row in choices.rows(getattr(figures(), choices.shown.rows))]


def test_views_are_numbered_and_follow_each_other():
    assert after("2").view == "tables"
    assert after("tab", "tab").view == "clients"
    assert after("tab", "tab", "tab").view == "procedures"
    assert (after().wanted(), after("2").wanted(), after("3").wanted()) == ((), ("TABLE",), ("INITIATOR",))


def test_rows_are_sorted_and_what_is_not_known_comes_last():
    assert names(after()) == ["Vote", "@AdHoc_RO_MP", "Store"]
    assert names(after("r")) == ["@AdHoc_RO_MP", "Vote", "Store"]
    assert names(after("a")) == ["@AdHoc_RO_MP", "Store", "Vote"]
    assert names(after("n")) == ["@AdHoc_RO_MP", "Store", "Vote"]
    assert names(after("n", "n")) == ["Vote", "Store", "@AdHoc_RO_MP"]
    assert names(after("2", "g")) == ["VOTES", "CONTESTANTS", "OLD"]


def test_each_view_keeps_its_order():
    choices = after("a", "2", "n", "1")
    assert (choices.sort["procedures"], choices.sort["tables"]) == ("avg", "name")


def test_names_are_looked_for_in_any_case():
    assert names(after("/", *"oT")) == ["Vote"]
    assert names(after("/", *"oq", "backspace", "enter")) == ["Vote", "@AdHoc_RO_MP", "Store"]
    choices = after("/", *"q2", "enter")
    assert (choices.pattern, choices.view, choices.is_over) == ("q2", "procedures", False)
    assert after("/", "q", "escape").pattern == ""
    assert after("/", "q", "enter", "escape").pattern == ""


def test_the_interval_goes_in_steps_and_has_ends():
    assert after("+").interval_s == 5
    assert after("-").interval_s == 1
    assert after("-", interval_s=0.5).interval_s == 0.5
    assert after("+", interval_s=300.0).interval_s == 300
    assert after("-", interval_s=3.0).interval_s == 2


def test_pause_help_and_quit():
    assert after("p").is_paused
    assert not after("p", " ").is_paused
    assert after("?").shows_help
    assert not after("?", "x").shows_help
    assert after("?", "q").is_over
    assert after("q").is_over


def test_scrolling_ends_at_the_top():
    assert after("down", "page down", "up").first == 10
    assert after("down", "page up").first == 0
    assert after("down", "down", "home").first == 0
    assert after("down", "2").first == 0


@given(st.lists(st.sampled_from(KEYS)))
def test_whatever_is_pressed_there_is_something_to_show(keys):
    choices = after(*keys)
    assert choices.view in VIEWS
    assert choices.column in choices.shown.columns
    assert choices.first >= 0
    assert 0.5 <= choices.interval_s <= 60
    assert {*names(choices)} <= {row.name for row in getattr(figures(), choices.shown.rows)}
