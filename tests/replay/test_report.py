"""What came of a replay, for people and as JSON."""

import json
from types import SimpleNamespace

from tests.replay.made import line, opened
from volttools.client.connection_settings import ConnectionSettings
from volttools.histogram import Histogram
from volttools.mock import MockServer
from volttools.render.cells import line_width
from volttools.replay.measures import Measures
from volttools.replay.replaying import Wishes, prepare
from volttools.replay.report import progress_text
from volttools.replay.safety import Nature
from volttools.replay.schedule import Schedule, Speed


def report_of(tmp_path):
    """Of a replay in which most things happen."""
    lines = [
        line(1, 1, 0, "Get", 1),
        line(2, 1, 1, "Get", 2, status=-2),
        line(3, 2, 2, "Fails", 1),
        line(4, 1, 3, "Put", 1),
        line(5, 1, 4, "@Shutdown"),
        line(6, 1, 5, "@Ping"),
    ]
    ticks = []
    with MockServer() as server:
        server.handle("Get", 1, read_only=True)
        server.handle("Put", 1)
        server.handle("Fails", ValueError("no"), read_only=True)
        wishes = Wishes(schedule=Schedule(pace=Speed(1)))
        with prepare(
            opened(tmp_path, *lines), ConnectionSettings.of((server.host, server.port)), wishes
        ) as prepared:
            report = prepared.run(
                on_tick=lambda replay: ticks.append(progress_text(replay, prepared.total, 5.0))
            )
    assert "0/3 sent, 5/s, 0 failed, p99 -, p50 -, 0 open" in ticks[0]
    return report


def texts(report):
    return ["".join(text for text, _ in line) for line in report.lines()]


def test_people_see_what_was_sent_what_failed_and_what_was_not_sent(tmp_path):
    report = report_of(tmp_path)
    found = "\n".join(texts(report))
    assert "  sent        3 of 3 calls on 2 connections in " in found
    assert "  answered    SUCCESS 2, USER_ABORT 1\n" in found
    assert "              1 call succeeded that had failed when recorded\n" in found
    assert "  failed      1: USER_ABORT\n" in found
    assert "              exchange 3, Fails: USER_ABORT: " in found
    assert "  since due   p50 " in found
    assert "  own lag     p50 " in found
    assert "  held back   1 Put: write (--writes sends it)\n" in found
    assert "              1 @Shutdown: administration (--admin sends it)\n" in found
    assert "  left out    1: made by client libraries themselves" in found
    assert report.exit_status == 1


def test_calls_without_an_answer_are_in_no_percentile_which_is_said(tmp_path):
    report = report_of(tmp_path)
    assert "had none" not in "\n".join(texts(report))
    report.measures.sent += 1
    report.measures.fail("Get", 9, "no answer in time", "Get: no answer from db2 within 1 s")
    found = "\n".join(texts(report))
    assert "\n              of 3 answers; 1 call had none\n" in found
    assert "\n              exchange 9, Get: no answer from db2 within 1 s\n" in found, "it is told once"


def test_lines_fit_the_screen(tmp_path):
    report = report_of(tmp_path)
    report.measures.examples.clear()
    report.measures.answer("Fails", 3, -2, 1, "no " * 10_000)
    report.measures.of("A" * 300).calls = 7
    for width in (40, 80, 160):
        lines = list(report.lines(width))
        assert max(map(line_width, lines)) <= max(width, 74), "tables have their columns"
        assert len(lines) < 60, "however long a text is"
    folded = [
        text for text in ("".join(piece for piece, _ in line) for line in report.lines(80)) if "no no" in text
    ]
    assert [len(text) - len(text.lstrip()) for text in folded] == 4 * [14]
    assert folded[-1].endswith("...")


def test_json_has_all_of_it(tmp_path):
    found = json.loads(json.dumps(report_of(tmp_path).as_json()))
    assert (found["sent"], found["answered"], found["failed"], found["planned"]) == (3, 3, 1, 3)
    assert found["statuses"] == {"SUCCESS": 2, "USER_ABORT": 1}
    assert [(one["procedure"], one["does"]) for one in found["held_back"]] == [
        ("Put", Nature.WRITE.value),
        ("@Shutdown", Nature.ADMIN.value),
    ]
    assert found["latency_from_sent"]["count"] == found["latency_from_intended"]["count"] == 3
    assert found["procedures"]["Fails"]["failed"] == 1
    assert found["interrupted"] is None


def test_progress_tells_the_lag_before_latencies_so_that_neither_looks_like_the_other():
    measures = Measures()
    measures.lag.add(1_000_000)
    measures.from_sent.add(2_000_000)
    replay = SimpleNamespace(measures=measures, elapsed_ns=3 * 10**9, in_flight=4)
    assert progress_text(replay, 5, 6.0).endswith(", 0 failed, lag 1.00 ms, p99 2.00 ms, p50 2.00 ms, 4 open")


def test_a_replayer_that_is_late_says_so(tmp_path):
    report = report_of(tmp_path)
    report.measures.lag = Histogram()
    report.measures.lag.add(700_000, 99)
    report.measures.lag.add(10**9)
    assert "  on time     99 % of calls left within 700 us of their time" in texts(report)
    assert report.as_json()["on_time"] == 0.99
    assert not report.as_json()["is_late"]
    report.measures.lag.add(10**9, 3)
    found = texts(report)
    assert (
        "  late        only 96.1 % of calls left within 2.00 ms of their time, 99 % within 1.00 s: "
        "the load was not the one asked for, as this machine could not keep up" in found
    )
    assert not any("on time" in text for text in found)
    assert report.as_json()["is_late"]
