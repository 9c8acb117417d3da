import pytest

from benchmarks.__main__ import all_rows
from benchmarks.goals import BY_ROW, GOALS

ROWS = [row.name for row in all_rows()]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.row)
def test_each_goal_is_about_a_row_that_is_measured_in_the_quick_bench(goal):
    assert goal.row in [row.name for row in all_rows() if not row.is_full_only]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.row)
def test_a_goal_is_beyond_its_floor(goal):
    if goal.goal is not None:
        assert goal.unit.is_reached(goal.goal, goal.floor)
        assert not goal.unit.is_reached(goal.floor, goal.goal)


def test_names_of_rows_and_goals_stand_once():
    assert len(set(ROWS)) == len(ROWS)
    assert len(BY_ROW) == len(GOALS)
