import pytest

from tests.compare.traffic import exchanges, said
from volttools.compare import Kind, Rules, Settings, compare
from volttools.compare.besides import Logins
from volttools.formats.login import LoginRequest, LoginResponse
from volttools.protocol.events import Connection, Damage, Direction, Exchange, Frame, Login, Push

CALLS = [said("Vote", 1)]


def login(user, status=0, *, password=b"p" * 32, connection=7, build="V 1", closed_kind="fin"):
    answer = None
    if status is not None:
        answer = LoginResponse(status=status, build=build if status == 0 else None)
    return Login(
        connection=Connection(number=connection, closed_kind=closed_kind),
        request=LoginRequest(user=user, hash_scheme=1, password_hash=password),
        response=answer,
    )


def push():
    frame = Frame(direction=Direction.SERVER, body=b"", length=0, offset=0)
    return Push(connection=Connection(number=1), frame=frame, client_handle=2**63 - 2)


def compared(a, b, **settings):
    return compare([*a, *exchanges(CALLS)], [*b, *exchanges(CALLS)], Settings(**settings))


def test_a_log_in_that_is_refused_now_is_a_difference():
    found = compared([login("ann"), login("bob")], [login("ann", -1, connection=3), login("bob")])
    (group,) = found.groups
    assert (group.place.kind, group.pairs, group.of) == (Kind.LOGIN, 1, 2)
    assert group.place.sentence == "accepted in A, refused: wrong user or password in B"
    assert group.examples[0].b.value == "ann: refused: wrong user or password (1 x, first on connection 3)"
    assert (found.is_same, found.verdict) == (False, "different: 1 log-in ended otherwise")
    rules = Rules.from_text('[[rule]]\nkind = "login"')
    assert compared([login("ann")], [login("ann", -1)], rules=rules).is_same


@pytest.mark.parametrize(
    "other",
    [
        [],
        [login("ann"), login("ann")],
        [login("ann"), login("ann", -1, password=b"q" * 32)],
        [login("eve", -1)],
        [login("ann", None, closed_kind="end of capture")],
        [login("ann", build="V 2")],
    ],
)
def test_other_log_ins_more_of_them_and_ends_that_nobody_saw_are_no_difference(other):
    assert compared([login("ann")], other).is_same
    assert compared(other, [login("ann")]).is_same


def test_of_many_log_ins_the_first_are_compared(monkeypatch):
    monkeypatch.setattr(Logins, "MOST", 2)
    a, b = [login("ann"), login("bob"), login("eve")], [login("ann"), login("bob", -1), login("eve", -1)]
    found = compared([*a, login("bob")], [*b, login("bob", -1)])
    assert (found.logins, [group.pairs for group in found.groups]) == (2, [1])


def test_no_password_and_no_digest_of_one_is_told():
    found = compared([login("ann", password=b"SECRET" * 5)], [login("ann", -1, password=b"SECRET" * 5)])
    assert "SECRET" not in repr(found)


def test_servers_are_told_by_what_they_call_themselves():
    found = compared([login("ann"), login("bob")], [login("ann", build="V 2")])
    assert (found.a.builds, found.b.builds) == (["V 1"], ["V 2"])


def test_notifications_are_counted_and_differ_only_where_a_rule_says_so():
    found = compared([push(), push()], [push()])
    assert (found.a.pushes["topology"], found.b.pushes["topology"], found.is_same) == (2, 1, True)
    rules = Rules.from_text('[[rule]]\nkind = "pushes"\naction = "compare"')
    (group,) = compared([push(), push()], [push()], rules=rules).groups
    assert (group.place.kind, group.place.sentence) == (Kind.PUSHES, "notifications: 2 in A, 1 in B")


def test_damage_is_counted_whatever_calls_are_asked_for():
    damaged = [Damage(what="gap", message="bytes are missing"), Damage(what="midstream", message="begun")]
    found = compare(
        [*damaged, *exchanges(CALLS)],
        exchanges(CALLS),
        wants=(lambda event: isinstance(event, Exchange), None),
    )
    assert (+found.a.damage, +found.b.damage, found.is_same) == ({"gap": 1}, {}, True)


def test_captures_of_log_ins_only_are_compared_by_these():
    found = compare([login("ann"), login("bob")], [login("ann"), login("zoe")])
    assert (found.obstacle(), found.is_same) == (None, True)
    assert found.verdict == "the same: 1 log-in; there are no calls"
    found = compare([login("ann")], [login("ann", -1)])
    assert (found.obstacle(), found.is_same) == (None, False)
    assert found.verdict == "different: 1 log-in ended otherwise"


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ([login("ann")], [login("bob")], "A has no calls"),
        ([login("ann")], [login("ann"), Damage(what="gap", message="missing")], "A has no calls"),
        ([login("ann"), *exchanges(CALLS)], [login("ann")], "B has no calls"),
        ([], [], "A has no calls"),
    ],
    ids=["no log-in in common", "calls may be missing", "calls in one", "nothing"],
)
def test_without_calls_there_is_nothing_to_compare_where_log_ins_do_not_stand_for_them(a, b, why):
    found = compare(a, b)
    assert (found.obstacle(), found.is_same) == (why, False)
