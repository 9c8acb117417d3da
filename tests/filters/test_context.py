import pytest

from tests.samples import connection
from volttools.filters.context import with_context
from volttools.protocol.events import Exchange, Login


def shown(hits, around, *, of=10, logins=()):
    """What is given, in a row: hits in brackets, | where something was left out."""
    events = []
    for number in range(1, of + 1):
        if number in logins:
            events.append(Login(connection=connection()))
        events.append(Exchange(connection=connection(), number=number))

    def is_hit(event):
        return event.number in hits if event.kind == "exchange" else "login" in hits

    words = []
    for found in with_context(events, is_hit, around):
        name = str(found.event.number) if found.event.kind == "exchange" else "login"
        words += ["|"] * found.follows_gap + [f"[{name}]" if found.is_hit else name]
    return " ".join(words)


@pytest.mark.parametrize(
    ("hits", "around", "expected"),
    [
        ({5}, 0, "[5]"),
        ({5}, 1, "4 [5] 6"),
        ({5}, 2, "3 4 [5] 6 7"),
        ({1}, 2, "[1] 2 3"),
        ({10}, 2, "8 9 [10]"),
        ({2, 3}, 1, "1 [2] [3] 4"),
        ({2, 4}, 1, "1 [2] 3 [4] 5"),
        ({2, 5}, 1, "1 [2] 3 4 [5] 6"),
        ({2, 6}, 1, "1 [2] 3 | 5 [6] 7"),
        ({2, 3, 9}, 0, "[2] [3] | [9]"),
        ({1, 10}, 20, "[1] 2 3 4 5 6 7 8 9 [10]"),
        (set(), 3, ""),
    ],
)
def test_hits_are_shown_with_what_is_around_them(hits, around, expected):
    assert shown(hits, around) == expected


def test_only_exchanges_are_context():
    assert shown({5}, 1, logins={5, 6}) == "4 [5] 6"


def test_other_events_can_be_hits():
    assert shown({"login"}, 1, logins={5}) == "4 [login] 5"


def test_it_needs_no_more_than_what_it_gives():
    seen = []

    def events():
        for number in range(1, 1000):
            seen.append(number)
            yield Exchange(connection=connection(), number=number)

    found = with_context(events(), lambda event: event.number == 3, 2)
    assert [next(found).event.number for _ in range(5)] == [1, 2, 3, 4, 5]
    assert seen == [1, 2, 3, 4, 5]
