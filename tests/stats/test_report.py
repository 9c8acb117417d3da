import pytest

from tests.screens import check_golden, console, drawn
from tests.stats.samples import exchange
from volttools.protocol.events import Damage
from volttools.stats.baseline import Change
from volttools.stats.digest import Digest
from volttools.stats.keys import key_of
from volttools.stats.report import Request, report_lines


def busy():
    """Some hundred calls of a few procedures on two connections, two of which fail."""
    made = Digest()
    for n in range(300):
        latency_ms = 0.4 + (n * 7919 % 100) / 40 + (20 if n % 97 == 0 else 0)
        name, parameters = [("Vote", (n % 6, "TX")), ("@AdHoc", (f"select a from t where b = {n}",))][
            n % 5 == 0
        ]
        made.add(
            exchange(
                name,
                *parameters,
                number=n + 1,
                sent_ms=n / 2,
                latency_ms=latency_ms,
                cluster_ms=int(latency_ms),
                transfer_ms=0.1,
                rows=n % 3,
                status=-1 if n in (40, 41) else 1,
                connection=1 + n % 2,
            )
        )
    made.add(exchange("Rare", number=301, sent_ms=10, latency_ms=None))
    return made


def page(digest, width=80, **request):
    screen = console(width)
    return drawn(report_lines(digest, screen, width, Request(**request)), screen)


@pytest.mark.parametrize("width", [80, 160])
def test_the_whole_page(width):
    check_golden(f"stats-{width}.txt", page(busy(), width, files=["votes.pcapng"]))


def test_what_many_bars_tell_is_on_the_screen_whole():
    made = Digest()
    for n in range(1000):
        made.add(exchange(number=n + 1, sent_ms=n / 4, latency_ms=5))
    lines = page(made).splitlines()
    assert max(map(len, lines)) <= 80
    row = next(n for n, line in enumerate(lines) if "calls/s" in line)
    assert lines[row + 1].strip().endswith("; a bar is 8.19 ms")
    assert lines[row + 3].strip() == "19.6 on average, at most 20 at once"


def test_without_a_file_none_is_told():
    text = page(busy())
    assert "  capture       2 connections, " in text
    assert "file" not in text


def test_in_ascii_nothing_is_lost():
    screen = console(80, utf8=False)
    text = drawn(report_lines(busy(), screen, 80, Request(files=["a"])), screen)
    assert "##########" in text
    assert text.isascii()


def test_what_changed_is_told():
    text = page(
        busy(),
        files=["a"],
        details=0,
        baseline="b",
        changes=[
            Change("slower", "Vote", "p50 1 ms, now 2 ms"),
            Change("gone", "Old", "3 calls in the baseline"),
        ],
    )
    assert text.splitlines()[-2:] == [
        "  slower        Vote: p50 1 ms, now 2 ms",
        "  gone          Old: 3 calls in the baseline",
    ]


def test_that_nothing_changed_is_told():
    text = page(busy(), files=["a"], details=0, baseline="b")
    assert text.splitlines()[-1] == "  nothing is new, slower, more frequent, gone, or fails more"


def test_of_a_stream_no_command_is_told():
    assert "exchange 195" in page(busy(), files=["-"])
    assert "volttools decode" not in page(busy(), files=["-"])
    assert "volttools decode" not in page(busy(), files=["a"], can_repeat=False)


def test_the_command_has_what_is_needed_to_read_the_capture():
    text = page(busy(), files=["a b.pcap"], inputs=["--keylog", "keys.txt"])
    assert "volttools decode --exchange 195 --keylog keys.txt 'a b.pcap'\n" in text


def test_groups_that_are_not_shown_are_counted():
    assert "and 2 more groups: --top 3" in page(busy(), top=1)


def test_small_groups_beyond_the_limit_are_named():
    digest = Digest(key_of("param:0"))
    for n in range(1_500):
        digest.add(exchange("Vote", n, number=n))
    assert "(others): groups that were small when there were too many" in page(digest)


def test_without_times_it_says_what_it_ranks_by():
    digest = Digest()
    digest.add(exchange(sent_ms=None, cluster_ms=2))
    text = page(digest, files=["a.dump"])
    assert "latency       the capture has no times: ranked by the cluster's own" in text
    assert "in flight" not in text


def test_without_answers_it_says_so():
    digest = Digest()
    digest.add(exchange(latency_ms=None))
    assert "latency       no call has its answer: ranked by calls" in page(digest)


def test_of_a_single_call_it_tells_what_it_was():
    digest = Digest()
    digest.add(exchange("Vote", 7, "it", latency_ms=4))
    text = page(digest)
    assert "  latency       4.00 ms\n" in text
    assert '  params[1]     "it"\n' in text


def test_damage_says_that_calls_may_be_missing():
    digest = busy()
    digest.add(Damage(what="gap", message="bytes are missing"))
    assert (
        "not decoded   gap 1 (bytes are missing from the capture)\n                calls may be missing: volttools check tells what"
        in page(digest)
    )


def test_a_value_that_too_many_calls_have_stands_out():
    digest = Digest()
    for n in range(100):
        digest.add(exchange("Vote", 7 if n % 2 else n, number=n + 1, sent_ms=n))
    lines = report_lines(digest, console(80), 80, Request(files=["a"]))
    (pieces,) = [line for line in lines if line and line[0][0].strip() == "params[0]"]
    assert ("7 50 %", "summary.warning") in pieces
    assert "51 different:" in "".join(text for text, _ in pieces)
