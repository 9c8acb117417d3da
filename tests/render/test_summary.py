import pytest

from tests.samples import LOGIN_REFUSED, LOGIN_REQUEST, call, connection, events, exchange
from tests.screens import check_golden, console, drawn
from volttools.capture.reader import open as open_capture
from volttools.formats.notation import Opaque
from volttools.formats.response import Response
from volttools.protocol.events import Damage, Login
from volttools.render.summary import Tally, summary_line, summary_lines


def tally_of(found):
    tally = Tally()
    for event in found:
        tally.add(event)
    return tally


def shown(tally, files=("demo.pcap",), width=80):
    out = console(width)
    return drawn(summary_lines(tally, list(files), out), out)


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_tells_what_there_was_and_what_was_lost(width):
    tally = tally_of(events())
    tally.foreign = {"HTTP connections": 10}
    check_golden(f"summary-{width}.txt", shown(tally, width=width))


def numbered(count, procedure="P"):
    return [exchange(call(procedure, 1), Response(), number=n, latency_us=n) for n in range(1, count + 1)]


def test_many_events_are_counted_as_one_by_one():
    for found in (list(events()), numbered(1_000), []):
        tally = Tally()
        tally.add_all(found)
        assert tally == tally_of(found)


@pytest.mark.parametrize(("name_length", "most"), [(1, 256), (2**19, 2), (2**22, 1)])
def test_no_more_events_wait_to_be_counted_than_take_little_room(name_length, most):
    tally, waiting = Tally(), []

    def watched():
        for number, event in enumerate(numbered(600 if most > 2 else 6, "P" * name_length), 1):
            yield event
            waiting.append(number - tally.exchanges)

    tally.add_all(watched())
    assert most * 9 // 10 <= max(waiting) + 1 <= most


def test_what_was_read_before_an_interruption_is_counted():
    def interrupted():
        yield from numbered(10)
        raise KeyboardInterrupt

    tally = Tally()
    with pytest.raises(KeyboardInterrupt):
        tally.add_all(interrupted())
    assert tally.exchanges == 10


def test_the_slowest_five_come_with_their_numbers_and_the_command_to_look():
    tally = tally_of(
        exchange(call(f"P{n}", 1), Response(), number=n, latency_us=n * 1_000) for n in range(1, 1_001)
    )
    assert [-number for _, number, _ in sorted(tally.slowest, reverse=True)] == [1000, 999, 998, 997, 996]
    assert "volttools decode --exchange 1000 'my file.pcap'" in shown(tally, ["my file.pcap"])
    assert "volttools decode" not in shown(tally, ["-"])
    assert "capture       standard input, " in shown(tally, ["-"])


def test_a_capture_of_one_moment_has_no_length_in_time():
    assert "0 connections, from 1970-01-01 00:00:00 UTC" in shown(Tally(first_ns=5, last_ns=5))


def test_of_equally_slow_calls_the_first_is_listed():
    tally = tally_of(exchange(call("P", 1), Response(), number=n) for n in range(1, 20))
    assert sorted(-number for _, number, _ in tally.slowest) == [1, 2, 3, 4, 5]


def test_an_empty_capture_says_so_and_foreign_traffic_is_named():
    assert "nothing: no VoltDB traffic, and no other" in shown(Tally())
    text = shown(Tally(foreign={"HTTP connections": 3}))
    assert "no VoltDB traffic" in text
    assert "HTTP connections 3" in text


def test_only_damage_and_unreadable_messages_count_as_damaged():
    assert not tally_of(events()[:-1]).is_damaged
    assert tally_of(events()).is_damaged
    assert not tally_of([Damage(what="midstream", message="")]).is_damaged
    broken = tally_of([exchange(call("A", 1).replace(parameters=Opaque(b"\x00\x01\x63")), None)])
    assert broken.is_damaged
    assert "exchange 1, A: malformed request: parameters" in " ".join(shown(broken).split())


def test_partial_responses_are_counted_by_themselves():
    found = exchange(call("A", 1), Response())
    found.response_frame.missing = [(15, 18)]
    tally = tally_of([found, exchange(call("B", 2), Response(), number=2)])
    assert tally.is_damaged
    text = shown(tally)
    assert "exchanges     2: SUCCESS 1, partial response 1" in text
    assert "not decoded   partial responses 1" in text


def test_several_connections_are_listed_with_their_ends():
    found = [exchange(call("A", 1), Response(), number=number) for number in range(1, 12)]
    for number, one in enumerate(found, 1):
        one.connection = connection(number)
    found[0].connection.closed_kind, found[0].connection.closed_by = "fin", "client"
    text = " ".join(shown(tally_of(found)).split())
    assert (
        "connections 1 127.0.0.1:50000 → 127.0.0.1:21212, user admin, voltdbclient (Python), 1 exchange, closed by the client"
        in text
    )
    assert "and 3 more" in text
    assert "connections" not in shown(tally_of(found[:1])).split("clients")[1]


def test_a_summary_of_more_than_what_was_shown_says_so():
    tally = tally_of(events())
    tally.shown = 2
    assert "summary of the whole capture, 2 of 5 exchanges shown" in shown(tally)


def test_much_damage_is_told_by_its_first_sentences():
    tally = tally_of([Damage(what="gap", message=f"hole {n}") for n in range(100)])
    text = shown(tally)
    assert "hole 4" in text
    assert "hole 5" not in text
    assert "and 95 more" in text


def test_logins_are_accepted_refused_or_without_answer():
    tally = tally_of(
        [
            events()[0],
            Login(connection=connection(2), request=LOGIN_REQUEST, response=LOGIN_REFUSED),
            Login(connection=connection(3), request=LOGIN_REQUEST),
        ]
    )
    assert tally.logins == {"accepted": 1, "refused": 1, "without answer": 1}
    assert tally.clients() == {"voltdbclient (Python)": 3}


def test_the_json_summary_has_the_same_counts():
    found = summary_line(tally_of(events()))
    assert found["exchanges"] == 5
    assert found["statuses"] == {"SUCCESS": 3, "GRACEFUL_FAILURE": 1, "UNEXPECTED_FAILURE": 1}
    assert found["damage"] == {"gap": 1}
    assert found["slowest"][0] == {"number": 5, "procedure": "Everything", "latency_ns": 1_250_000_000}


def test_an_interrupted_reading_says_so():
    assert "interrupted" in shown(Tally(interrupted=True))


@pytest.mark.shared
def test_recordings_have_the_summary_that_parsing_every_message_gives(shared_captures, monkeypatch):
    paths = [
        path for path in sorted(shared_captures.iterdir()) if path.suffix in (".pcap", ".pcapng", ".dump")
    ]

    def summed_up():
        tallies = []
        for path in paths:
            tallies.append(Tally())
            with open_capture(path) as capture:
                tallies[-1].add_all(capture.events())
        return tallies

    checked = summed_up()
    monkeypatch.setattr("volttools.protocol.events.quick_check", lambda kind, body: False)
    assert repr(checked) == repr(summed_up())
    assert any(tally.unreadable for tally in checked)
