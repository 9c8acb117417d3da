import pytest

from tests.samples import START_NS, events
from volttools.filters.filter import compile_filter
from volttools.filters.selection import Selection

MS = 1_000_000

# fmt: off
QUESTIONS = [
    # what is asked                                        kinds and numbers that are shown
    ({},                                                   ["login", 1, 2, 3, "push", 4, 5, "damage"]),
    ({"errors": True},                                     [2, 4, "damage"]),
    ({"slow_ns": 10 * MS},                                 [3, 5]),
    ({"slow_ns": 10 * MS, "errors": True},                 []),
    ({"procedures": ["orders.*"]},                         [1, 2]),
    ({"procedures": ["@adhoc", "NoSuch?rocedure"]},        [3, 4]),
    ({"procedures": ["ORDERS"]},                           []),
    ({"connections": [1]},                                    ["login", 1, 2, 3, "push", 4, 5, "damage"]),
    ({"connections": (2, 3)},                                    []),
    ({"exchange": 3},                                      [3]),
    ({"frame": 4},                                         [1]),
    ({"frame": 9},                                         ["push"]),
    ({"since_ns": START_NS + 50 * MS},                     ["push", 4, 5, "damage"]),
    ({"until_ns": START_NS + 4 * MS},                      ["login", 1, 2]),
    ({"where": [compile_filter("latency > 10ms")]},        [3, 5]),
    ({"where": [compile_filter("kind == exchange"), compile_filter("error")]}, [2, 4]),
    ({"where": [compile_filter("latency > 10ms")], "procedures": ["@*"]}, [3]),
    ({"since_ns": START_NS + 3 * MS, "until_ns": START_NS + 6 * MS, "errors": True}, [2]),
]
# fmt: on


@pytest.mark.parametrize(("asked", "shown"), QUESTIONS)
def test_all_questions_must_be_answered_with_yes(asked, shown):
    selection = Selection(**asked)
    found = [event for event in events() if selection.wants(event)]
    assert [event.number if event.kind == "exchange" else event.kind for event in found] == shown


def test_what_has_no_time_is_not_within_any():
    event = events()[1]
    event.request_frame.seen_at_ns = event.response_frame.seen_at_ns = None
    assert not Selection(since_ns=0).wants(event)
    assert Selection().wants(event)


def test_one_exchange_or_frame_can_be_looked_for():
    assert Selection(exchange=1).wants_one
    assert Selection(frame=1).wants_one
    assert not Selection(errors=True).wants_one


def test_the_stretch_that_is_looked_at_is_told_from_what_is_looked_for():
    selection = Selection(connections=[1], until_ns=START_NS + 4 * MS, errors=True)
    inside = [event for event in events() if selection.is_in_scope(event)]
    assert [event.kind for event in inside] == ["login", "exchange", "exchange"]
    assert [event.number for event in inside if selection.is_hit(event)] == [2]


@pytest.mark.parametrize(
    "asked", [{"where": [compile_filter("late")]}, {"errors": True}, {"connections": [1]}]
)
def test_a_selection_that_asks_for_anything_is_narrow(asked):
    assert Selection(**asked).is_narrow
    assert not Selection().is_narrow
