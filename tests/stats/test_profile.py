import pytest

from tests.screens import console, drawn
from tests.stats.samples import exchange
from volttools.stats.digest import Digest
from volttools.stats.group import Group
from volttools.stats.profile import Profile


def digest_of(*exchanges):
    made = Digest()
    for one in exchanges:
        made.add(one)
    return made


def table(digest, width, others=None):
    screen = console(width)
    return drawn(Profile(digest, screen, width).lines(digest.ranked(), others), screen).splitlines()


def test_a_wider_screen_has_more_columns():
    digest = digest_of(exchange("Vote"), exchange("Slow", latency_ms=9))
    header, *_ = table(digest, 80)
    assert header.split() == ["#", "share", "calls", "p50", "p99", "spread", "procedure"]
    header, *_ = table(digest, 160)
    assert header.split() == [
        "#",
        "share",
        "total",
        "calls",
        "p50",
        "p95",
        "p99",
        "p99.9",
        "max",
        "spread",
        "over",
        "time",
        "procedure",
    ]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (64, "# share calls errors p50 p99 procedure"),
        (60, "# share calls errors p50 procedure"),
        (50, "# share calls p50 procedure"),
        (40, "# share calls procedure"),
    ],
)
def test_a_narrow_screen_has_room_for_names_and_fewer_columns(width, columns):
    digest = digest_of(exchange("A.procedure"), exchange("Slow", latency_ms=9), exchange(status=-1))
    header, *lines = table(digest, width)
    assert header.split() == columns.split()
    assert any(line.endswith(" A.procedure") for line in lines)


def test_errors_have_a_column_where_there_are_some():
    header, line, *_ = table(digest_of(exchange(status=-1)), 80)
    assert "errors" in header
    assert line.split()[:5] == ["1", "100", "%", "1", "1"]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
def test_no_line_is_wider_than_the_screen(width):
    digest = digest_of(
        exchange("@AdHoc", f"select {'a, ' * 100} b from t", latency_ms=2), exchange("V" * 200)
    )
    lines = table(digest, width)
    assert max(map(len, lines)) <= width
    assert lines[1].endswith("…")


def test_calls_without_times_have_no_latency():
    _, line, *_ = table(digest_of(exchange("Vote", sent_ms=None)), 100)
    assert line.split()[-5:] == ["-", "-", "-", "-", "Vote"]


def test_the_others_stand_last_without_a_rank():
    others = Group("(others)", calls=7)
    *_, last, legend = table(digest_of(exchange(), exchange(latency_ms=3)), 80, others)
    assert last.split()[0] == "0.0"
    assert last.endswith("(others)")
    assert legend.strip().startswith("spread: 1.00 ms to 3.00 ms, a bar is 1.1 times the one before")


def test_a_name_from_the_wire_is_harmless():
    _, line, *_ = table(digest_of(exchange("a\x1b[2J")), 80)
    assert line.endswith("a\\x1b[2J")
