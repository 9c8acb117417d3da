import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare.calls import call_of
from volttools.compare.keys import key_function
from volttools.compare.matching import matcher_of
from volttools.compare.settings import Settings
from volttools.compare.spool import Spool
from volttools.errors import UsageError


def matched(a, b, **settings):
    """Pairs of exchange numbers."""
    settings = Settings(**settings)
    key = key_function(settings.key) if settings.key else None
    spool = Spool()
    matcher = matcher_of(settings, spool)
    found = []
    for side, traffic in enumerate((a, b)):
        for exchange in exchanges(traffic):
            call = call_of(exchange, key=key)
            spool.park(call)
            found += matcher.add(side, call)
    found += matcher.finish()
    return sorted((one.number if one else 0, other.number if other else 0) for one, other in found)


def test_the_nth_of_equal_calls_is_the_nth():
    a = [said("Next"), said("Next"), said("Next")]
    assert matched(a, a) == [(1, 1), (2, 2), (3, 3)]
    assert matched(a, a[:2]) == [(1, 1), (2, 2), (3, 0)]


def test_calls_between_do_not_shift_the_others():
    a = [said("Get", 1), said("Get", 2), said("Get", 3)]
    b = [said("@Ping"), said("Get", 2), said("Get", 3), said("Get", 1)]
    assert matched(a, b) == [(0, 1), (1, 4), (2, 2), (3, 3)]


def test_equal_calls_stay_on_their_connections():
    a = [
        said("Next", connection=1),
        said("Get", 1, connection=1),
        said("Next", connection=2),
        said("Get", 2, connection=2),
    ]
    b = [
        said("Next", connection=1),
        said("Get", 2, connection=1),
        said("Next", connection=2),
        said("Get", 1, connection=2),
    ]
    assert matched(a, b) == [(1, 3), (2, 4), (3, 1), (4, 2)]
    assert matched(a, b, match="call") == [(1, 1), (2, 4), (3, 3), (4, 2)]


def test_what_is_left_is_looked_for_on_other_connections_then_by_its_procedure():
    a = [said("Get", 1, connection=1), said("Get", 2, connection=1), said("Get", 3, connection=2)]
    b = [said("Get", 1, connection=1), said("Get", 3, connection=1), said("Get", 9, connection=1)]
    assert matched(a, b) == [(1, 1), (2, 3), (3, 2)]


def test_another_statement_is_another_call_and_another_literal_is_not():
    a = [said("@AdHoc", "select 1 from T"), said("@AdHoc", "select 1 from U")]
    b = [said("@AdHoc", "select 1 from V"), said("@AdHoc", "select 2 from T")]
    assert matched(a, b) == [(0, 1), (1, 2), (2, 0)]


def test_by_key_what_the_fields_have_in_common_counts():
    a = [said("Get", 1, "x"), said("Put", 2, "y")]
    b = [said("Put", 2, "z"), said("Get", 1, "w")]
    assert matched(a, b, match="key", key=("params[0]",)) == [(1, 2), (2, 1)]
    assert matched(a, b, match="key", key=("procedure", "params[1]")) == [(0, 1), (0, 2), (1, 0), (2, 0)]


@pytest.mark.parametrize(
    "wrong", [{"match": "key"}, {"key": ("procedure",)}, {"match": "nth"}, {"slower": 0}]
)
def test_settings_that_do_not_go_together_are_refused(wrong):
    with pytest.raises(UsageError):
        Settings(**wrong)
