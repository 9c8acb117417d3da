import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.render.sparkline import sparkline
from volttools.render.styles import SIGNS

BARS = SIGNS["sparkline"][0]


@pytest.mark.parametrize(
    ("values", "shown"),
    [([], ""), ([None], " "), ([0, 0], "▁▁"), ([0.001, 100], "▁█"), ([5, 5, None, 5], "██ █")],
)
def test_the_greatest_is_the_highest(values, shown):
    assert sparkline(values, BARS) == shown


@given(st.lists(st.none() | st.floats(0, 1e12)), st.sampled_from(SIGNS["sparkline"]))
def test_there_is_a_bar_for_each_and_a_greater_one_is_no_lower(values, bars):
    shown = sparkline(values, bars)
    assert len(shown) == len(values)
    told = sorted(
        (value, bars.index(bar)) for value, bar in zip(values, shown, strict=True) if value is not None
    )
    assert [bar for _, bar in told] == sorted(bar for _, bar in told)
    assert all(bar > 0 for _, bar in told)
