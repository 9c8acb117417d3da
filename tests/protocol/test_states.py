"""The table of a connection's states: what it has leads on, what it has not is a broken protocol."""

import pytest

from volttools.errors import ProtocolError
from volttools.protocol.events import Direction
from volttools.protocol.states import TRANSITIONS, State, Step, next_state

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", [step for step in Step if step is not Step.CLOSE])
@pytest.mark.parametrize("side", Direction)
def test_a_step_leads_where_the_table_says_or_nowhere(state, side, step):
    expected = TRANSITIONS[state].get((side, step))
    if expected is not None:
        assert next_state(state, side, step) is expected
    else:
        with pytest.raises(ProtocolError) as caught:
            next_state(state, side, step)
        assert (
            caught.value.message
            == f"{step.value} from the {side.value} on a connection that is {state.value}"
        )


@pytest.mark.parametrize("state", State)
def test_either_side_may_close_at_any_time(state):
    assert next_state(state, CLIENT, Step.CLOSE) is next_state(state, SERVER, Step.CLOSE) is State.CLOSED


def test_every_state_can_be_reached_and_every_step_taken():
    reached = {state for table in TRANSITIONS.values() for state in table.values()} | {State.CLOSED}
    assert reached | {State.CONNECTED} == set(State)
    taken = {step for table in TRANSITIONS.values() for _, step in table}
    assert taken | {Step.CLOSE} == set(Step)
