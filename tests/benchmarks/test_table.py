from benchmarks import table
from benchmarks.figure import Side, Unit, number
from tests.benchmarks.made_up import figure


def test_a_row_tells_peer_ours_result_spread_floor_goal_and_limit():
    found = figure(
        "calls: blocking",
        2.0,
        spread=0.1,
        peer_name="FastSerializer",
        peer=Side(2e-3, 9.0),
        limit_name="bare socket",
        limit_share=0.32,
        server_share=0.49,
    )
    assert table.cells(found) == (
        "calls: blocking",
        "FastSerializer",
        "2.00 ms",
        "1.00 ms",
        "2.00x",
        "1.90 - 2.10",
        "1.9",
        "2.2",
        "32% of bare socket",
        "below goal; server 49% busy",
    )


def test_what_is_told_on_the_clock_shows_times_on_the_clock():
    cells = table.cells(figure("start: first line of decode", 2.0, Unit.MILLISECONDS))
    assert cells[3:5] == ("2.00 ms", "2.00 ms")


def test_a_terminal_is_also_told_how_long_a_row_took():
    found = table.line(figure("scan: responses", 36, took_s=1.25))
    assert found.startswith("  1.2 s  scan: responses")
    assert table.heads().startswith("   took  work")


def test_less_is_better_where_it_is_time_or_memory():
    assert not table.is_below_floor(figure("memory: capture decoded", 300, Unit.MEGABYTES))
    assert table.is_below_floor(figure("memory: capture decoded", 301, Unit.MEGABYTES))
    assert not table.is_below_goal(figure("memory: capture decoded", 150, Unit.MEGABYTES))
    assert table.is_below_goal(figure("memory: capture decoded", 151, Unit.MEGABYTES))


def test_more_is_better_where_it_is_a_ratio_or_a_rate():
    assert not table.is_below_floor(figure("mock: recorded answers", 20_000, Unit.CALLS))
    assert table.is_below_floor(figure("mock: recorded answers", 19_999, Unit.CALLS))
    assert table.is_below_goal(figure("mock: recorded answers", 29_999, Unit.CALLS))


def test_a_row_without_a_goal_misses_none():
    assert not table.is_below_floor(figure("something else", 0.001))
    assert not table.is_below_goal(figure("something else", 0.001))


def test_numbers_have_three_digits_or_all_before_the_point():
    assert [number(value) for value in (0.25, 6.4, 12.34, 218.7, 25_000.4)] == [
        "0.25",
        "6.40",
        "12.3",
        "219",
        "25,000",
    ]
