import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.monitor.made import calls, figures, node
from tests.screens import console, drawn
from volttools.monitor.screen import Show, screen_lines
from volttools.monitor.view import Choices


def show(*found, trouble=None):
    made = Show()
    for each in found or (figures(),):
        made.take(each)
    made.trouble = trouble
    return made


def texts(shown, choices=None, *, width=80, height=None, utf8=True):
    screen = console(width, utf8=utf8)
    lines = screen_lines(shown, choices or Choices(), screen, height=height, address="db1")
    return [line.rstrip() for line in drawn(lines, screen).splitlines()]


def test_a_screen_of_80_columns():
    assert texts(show(), height=24) == [
        "db1:21212  11.4.0  up 1 day 01:01:01  3 nodes                          every 2 s",
        "calls    1,500/s",
        "node     1 db1  p50 400 us  p99 9.00 ms  max 22.0 ms  rss 3.00 GB  120/s",
        "node     0 db0  p50 400 us  p99 3.00 ms  max 22.0 ms  rss 3.00 GB  120/s",
        "node     2 db2  no calls in 5 s  rss 3.00 GB  tables 1.00 GB",
        "",
        " 1 procedures   2 tables   3 clients   ? help, q quit",
        "name                     calls/s       avg      max share▾  aborts/s  failures/s",
        "Vote                       1,400   1.00 ms  30.0 ms   75 %         0           0",
        "@AdHoc_RO_MP                4.00  ~58.0 ms  30.0 ms   20 %         0           0",
        "Store                          -   1.00 ms  30.0 ms      -         0        2.50",
    ]


def test_a_pipe_gets_all_rows_and_no_keys():
    shown = texts(show(), Choices(view="tables"), width=200)
    assert shown[0] == "db1:21212  11.4.0  up 1 day 01:01:01  3 nodes   in 2.0 s"
    assert shown[2].endswith("120/s  p95 1.00 ms  p99.9 9.00 ms  tables 1.00 GB  last 5 s")
    assert shown[6:] == [
        "name                   rows    growth/s   memory▾  partitions",
        "VOTES                12,345       +50.5    123 kB           3",
        "OLD                     100       -3.00   1.00 kB           3",
        "CONTESTANTS               6           0      60 B  replicated",
    ]


def test_clients_have_their_connection():
    shown = texts(show(), Choices(view="clients"), width=60, height=12)
    assert shown[-1].startswith("app 1:7 ")


def test_where_ascii_is_all_there_is_it_is_ascii():
    shown = texts(
        show(figures(calls_per_s=None), figures(), figures(calls_per_s=0.0)), width=40, height=24, utf8=False
    )
    assert all(line.isascii() for line in shown)
    assert shown[1] == "calls    0/s  #_  at most 1,500/s"


def test_before_the_first_answer():
    assert texts(Show()) == ["db1", "asking ..."]
    assert texts(Show(trouble="db1: nothing listens there; again in 2 s"))[1].startswith(
        "db1: nothing listens"
    )


def test_trouble_and_what_is_not_told_stand_above_the_table():
    shown = texts(show(figures(missing={"LATENCY": "not\x1b allowed"}), trouble="lost"), height=24)
    assert shown[5:7] == ["not told LATENCY: not\\x1b allowed", "lost"]


def test_a_view_that_is_not_there_yet_is_awaited_or_refused():
    waiting = figures(tables=None)
    assert texts(show(waiting), Choices(view="tables"), height=24)[-1] == "asking ..."
    refused = figures(tables=None, missing={"TABLE": "no"})
    assert texts(show(refused), Choices(view="tables"), height=24)[-1] == "not told"
    assert texts(show(figures(procedures=[])), height=24)[-1] == "no procedures"
    assert texts(show(), Choices(pattern="zz"), height=24)[-1] == "no procedures with 'zz'"


def test_many_nodes_leave_room_for_the_table():
    many = figures(nodes=[node(number, number * 10**6) for number in range(40)])
    shown = texts(show(many), height=24)
    assert len([line for line in shown if line.startswith("node ")]) == 13
    assert "and 27 more nodes" in shown
    assert len(texts(show(many))) > 40


def test_it_scrolls_no_further_than_there_is_something():
    rows = figures(procedures=[calls(f"P{number:02}", 1.0) for number in range(30)])
    choices = Choices(first=1000, sort={**Choices().sort, "procedures": "name"})
    shown = texts(show(rows), choices, height=14)
    assert shown[-1].startswith("P29")
    assert len(shown) == 14
    assert choices.first < 30


def test_help_and_what_is_typed():
    assert texts(show(), Choices(shows_help=True), height=24)[-1].startswith("q, Ctrl-C")
    assert all(
        len(line) <= 80 and "…" not in line for line in texts(show(), Choices(shows_help=True), height=24)
    )
    assert " /vo_" in texts(show(), Choices(is_typing=True, pattern="vo"), height=24)[6]
    assert "names with 'vo'" in texts(show(), Choices(pattern="vo"), height=24)[6]
    assert "Ctrl-C quits" in texts(show(), Choices(has_keys=False), height=24)[6]
    assert " paused " in texts(show(), Choices(is_paused=True), height=24)[0]


@given(
    st.integers(1, 150),
    st.integers(1, 50),
    st.sampled_from(["procedures", "tables", "clients"]),
    st.booleans(),
)
def test_whatever_its_size_it_fits(width, height, view, shows_help):
    many = figures(procedures=[calls(f"Näme{number}\x1b[2J漢字" * 3, 1.0) for number in range(60)])
    screen = console(width)
    choices = Choices(view=view, shows_help=shows_help, first=3)
    lines = screen_lines(show(many, many), choices, screen, height=height)
    from volttools.render.cells import line_width

    assert len(lines) <= height
    assert all(line_width(line) <= width for line in lines)
    assert not any("\x1b" in text for line in lines for text, _ in line)


def test_history_is_kept_for_a_screen():
    made = Show()
    for number in range(200):
        made.take(figures(calls_per_s=float(number)))
    assert len(made.history) == 60
    assert pytest.approx(made.history[-1]) == 199
