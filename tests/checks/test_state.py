from tests.checks.samples import calls, pushed
from tests.protocol.wire import call
from volttools.checks.state import ConnectionState
from volttools.formats.response import PING_HANDLE
from volttools.protocol.events import Connection, Damage, Direction, Exchange


def state_after(events):
    state = ConnectionState()
    for event in events:
        state.note(event)
    return state


def test_a_connection_is_known_from_its_log_in_on():
    assert not ConnectionState().knows_all_calls
    assert state_after(calls(call())).knows_all_calls


def test_damage_of_the_client_may_hide_calls_and_damage_of_the_server_may_not():
    for direction, knows in ((Direction.CLIENT, False), (None, False), (Direction.SERVER, True)):
        state = state_after(calls(call()))
        state.note_damage(Damage(what="gap", message="", direction=direction))
        assert state.knows_all_calls is knows


def test_what_was_sent_badly_is_no_loss():
    state = ConnectionState()
    state.note_damage(Damage(what="malformed", message="", direction=Direction.CLIENT))
    state.note_damage(Damage(what="midstream", message=""))
    assert state.damaged == set()
    state.note_damage(Damage(what="gap", message="", direction=Direction.CLIENT))
    assert state.damaged == {Direction.CLIENT}


def test_handles_vary_but_for_pings():
    connection = Connection(number=1)
    one = [Exchange(connection=connection, client_handle=handle) for handle in (1, PING_HANDLE, 1, None)]
    assert not state_after(one).handles_vary
    assert state_after([*one, Exchange(connection=connection, client_handle=2)]).handles_vary


def test_pushes_are_counted_until_a_subscription():
    assert state_after(pushed(times=2)).early_pushes == 0
    assert state_after(pushed(subscribes=False, times=2)).early_pushes == 2
