from tests.compare.traffic import exchanges, said
from volttools.compare import Settings, compare, learned_rules
from volttools.compare.latency import Ratio
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.render.comparison import ComparisonPage, can_tell, ratio_text

COLUMNS = [("NAME", STRING), ("VOTES", BIGINT)]


def results(*rows):
    return said("Results", 7, tables=[Table.of(COLUMNS, rows)])


A = [
    results(("Ann", 3), ("Bob\x1b", 1)),
    said("Old", "x"),
    said("@AdHoc", "select 1 from T", status_string="no"),
]
B = [results(("Ann", 4), ("Bob\x1b", 1)), said("@AdHoc", "select 1 from T", status=-2, status_string="no")]


def drawn(found, *, width=None, details=False, learned=()):
    page = ComparisonPage(
        ("a.pcap", "b.pcap"), commands=("look {number} a", None), width=width, details=details
    )
    return ["".join(text for text, _ in line) for line in page.lines(found, learned)]


def test_groups_have_their_count_and_the_smallest_example():
    assert drawn(compare(exchanges(A), exchanges(B))) == [
        "A a.pcap  3 calls on 1 connection",
        "B b.pcap  2 calls on 1 connection",
        "",
        "differences",
        "  1 of 1  @AdHoc   SUCCESS in A, GRACEFUL_FAILURE in B",
        "      SELECT ? FROM t",
        "      A 3  SUCCESS: no",
        "      B 2  GRACEFUL_FAILURE: no",
        "  1 call  Old      a call that is only in A",
        '      A 2  Old("x")',
        "  1 of 1  Results  column VOTES: another value",
        "      A 1  3",
        "      B 1  4",
        "",
        "latency: too few calls to tell, of 1 procedure",
        "",
        "different: 2 of 2 pairs of calls differ; 1 call only in A; 3 groups of differences",
    ]


def test_details_say_how_to_look_at_an_example():
    lines = drawn(compare(exchanges(A[:1]), exchanges(B[:1]), Settings(examples=5)), details=True)
    start = lines.index("differences")
    assert lines[start + 2 : start + 6] == [
        "      Results(7)",
        "      A 1  3",
        "      B 1  4",
        "      look 1 a",
    ]


def test_long_texts_are_shown_from_where_they_differ():
    a, b = (said("Fail", status_string=f"{'x' * 300} at line {line}") for line in (1, 2))
    lines = drawn(compare(exchanges([a]), exchanges([b])))
    assert '      A 1  "...xxxxxxxxxxx at line 1"' in lines
    assert '      B 1  "...xxxxxxxxxxx at line 2"' in lines


def test_rows_are_shown_whole_and_harmless_to_a_terminal():
    lines = drawn(compare(exchanges([results(("Bob\x1b", 1))]), exchanges([results()])))
    at = lines.index(r'      A 1  ("Bob\x1b", 1)')
    assert lines[at + 1] == "      B 1  nothing"


def test_noise_is_told_with_its_evidence():
    noise = compare(exchanges(A[:1]), exchanges(B[:1]))
    lines = drawn(compare(exchanges(A[:1]), exchanges(A[:1])), learned=list(learned_rules(noise).items()))
    assert lines[3:5] == [
        "noise: what differs by itself, and was not compared",
        "  Results  column VOTES: another value; differed in 1 of 1 pair",
    ]


def test_lines_keep_to_the_screen():
    found = compare(exchanges(A), exchanges(B))
    assert max(map(len, drawn(found, width=60))) <= 60


def test_latencies_say_how_sure_they_are():
    traffic = [said("Vote", n).but(latency_us=1_000 + n) for n in range(40)]
    slow = [call.but(latency_us=2 * call.latency_us) for call in traffic]
    lines = drawn(compare(exchanges(traffic), exchanges(slow)))
    assert [" ".join(line.split()) for line in lines[3:5]] == [
        "latency calls p50 in A in B p95 in A in B B is B takes, 99 % sure",
        "Vote 40 1.02 ms 2.04 ms 1.04 ms 2.08 ms slower 2.0 times as long (2.0 to 2.0)",
    ]
    assert lines[-1] == "different: 1 procedure slower in B"


def test_of_long_names_and_large_ratios_the_verdict_is_not_what_is_cut():
    traffic = [said("STOCK.update_all", n).but(latency_us=1_000 + 100 * n) for n in range(40)]
    slow = [call.but(latency_us=1_234 * call.latency_us) for call in traffic]
    line = drawn(compare(exchanges(traffic), exchanges(slow)), width=80)[4]
    assert "  slower  1,233 times as long (" in line


def test_on_a_narrow_screen_how_sure_it_is_comes_before_p95():
    traffic = [said("Vote", n).but(latency_us=1_000 + n) for n in range(40)]
    slow = [call.but(latency_us=2 * call.latency_us) for call in traffic]
    lines = drawn(compare(exchanges(traffic), exchanges(slow)), width=80)
    assert lines[3:5] == [
        "latency    calls  p50 in A     in B  B is    B takes, 99 % sure",
        "  Vote        40   1.02 ms  2.04 ms  slower  2.0 times as long (2.0 to 2.0)",
    ]


def test_an_interval_that_says_nothing_is_not_shown():
    assert not can_tell(None)
    assert not can_tell(Ratio(0.1, 1.0, 10.0))
    assert can_tell(Ratio(0.9, 1.0, 1.1))
    assert ratio_text(Ratio(0.5, 0.6, 0.7)) == "40 % shorter (30 to 50 %)"
