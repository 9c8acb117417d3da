"""dump_files: directions, connections, and all that goes wrong in them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.files import Hesitant, all_of
from tests.capture.traffic import dump_of
from tests.protocol.wire import ACCEPTED, LOGIN, REFUSED, answer, call, framed
from volttools.capture.dumpfile import DumpFileReader
from volttools.capture.dumpshapes import LOOK_BYTES
from volttools.codec import build
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest
from volttools.protocol.events import Damage, Direction, Exchange, Login, Push

SESSION = [LOGIN, ACCEPTED, call("A", 1), answer(1), call("B", 1, 10, "\n\n"), answer(1, -2, "\n")]


def events_of(data):
    events = list(DumpFileReader(io.BytesIO(data), file="x.dump"))
    if len(data) < 2**16:
        assert told(all_of(DumpFileReader(Hesitant(data, 7)))) == told(events)  # as it grows
    return events


def told(events):
    """What each event is, shortly."""
    found = []
    for event in events:
        if isinstance(event, Exchange):
            found.append((event.connection.number, event.procedure, event.status))
        elif isinstance(event, Login):
            found.append((event.connection.number, "login", event.response and event.response.status))
        elif isinstance(event, Damage):
            found.append((event.what, event.offset, event.length))
        else:
            found.append((event.connection.number, "push", event.name))
    return found


def test_directions_come_from_the_content():
    assert told(events_of(dump_of(*SESSION))) == [(1, "login", 0), (1, "A", 1), (1, "B", -2)]


def test_each_log_in_is_a_connection():
    events = events_of(dump_of(*SESSION, LOGIN, REFUSED, LOGIN, ACCEPTED, call("C", 1)))
    assert told(events)[3:] == [(2, "login", -1), (3, "login", 0), (3, "C", None)]
    assert {event.connection.library for event in events} == {"voltdbclient (Python)"}


def test_times_are_unknown_and_offsets_are_the_files():
    exchange = events_of(dump_of(*SESSION))[1]
    assert exchange.latency_ns is None
    assert exchange.request_frame.offset == len(dump_of(LOGIN, ACCEPTED))
    assert exchange.request_frame.file == "x.dump"


def test_pushes_are_told():
    events = events_of(dump_of(*SESSION[:3], answer(2**63 - 2), answer(1)))
    assert told(events)[1:] == [(1, "push", "topology"), (1, "A", 1)]
    assert isinstance(events[1], Push)


def test_a_session_of_kerberos():
    events = events_of(
        dump_of(
            build(LoginRequest(service="kerberos", user="ann@X", password_hash=bytes(32))),
            build(KerberosServiceName(principal="volt/x@X")),
            build(KerberosToken(token=b"\x60" * 99)),
            build(KerberosToken(token=b"\n" * 99)),
            build(KerberosToken(token=b"\x60" * 9)),
            ACCEPTED,
            call("A", 1),
            answer(1),
        )
    )
    assert told(events) == [(1, "login", 0), (1, "A", 1)]
    sides = [frame.direction.value for frame, _ in events[0].kerberos]
    assert sides == ["server", "client", "server", "client"]


# -- what goes wrong -------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", [50, 4_673, 90_000, 2**30 - 1])
def test_a_bare_length_is_a_response_that_never_came(claimed):
    start = dump_of(*SESSION[:3])
    bare = framed(b"")[:0] + claimed.to_bytes(4, "big")
    events = events_of(start + bare + dump_of(call("B", 1), answer(1)))
    assert told(events) == [(1, "login", 0), ("incomplete frame", len(start), 4), (1, "A", 1), (1, "B", None)]
    assert f"a response of {claimed:,} bytes" in events[1].message


def test_a_bare_length_may_be_the_end():
    start = dump_of(*SESSION[:3])
    events = events_of(start + (4673).to_bytes(4, "big"))
    assert told(events)[1:] == [("incomplete frame", len(start), 4), (1, "A", None)]


@pytest.mark.parametrize("cut", range(1, len(framed(answer(1))) + 1))
def test_a_file_may_be_cut_anywhere(cut):
    start = dump_of(*SESSION[:3])
    events = events_of(start + framed(answer(1))[:cut])
    damage = next(event for event in events if isinstance(event, Damage))
    assert damage.what == ("incomplete frame" if cut == 4 else "file cut")
    status = 1 if cut == len(framed(answer(1))) else None
    assert (1, "A", status) in told(events)


def test_what_is_damaged_is_passed_over():
    one, two = dump_of(*SESSION[:4]), dump_of(call("C", 1), answer(1))
    broken = b"\xff" * 40 + b"\n" + b"\xee" * 9 + b"\n"
    assert told(events_of(one + broken + two)) == [
        (1, "login", 0),
        (1, "A", 1),
        ("unreadable", len(one), len(broken)),
        (1, "C", 1),
    ]


def test_damage_in_a_large_file_takes_no_memory():
    one, two = dump_of(*SESSION[:4]), dump_of(call("C", 1), answer(1))
    broken = (b"\xff" * 999 + b"\n") * 3_000
    events = events_of(one + broken + two)
    assert told(events)[2:] == [("unreadable", len(one), len(broken)), (1, "C", 1)]


def test_a_response_larger_than_what_is_read_ahead():
    body = answer(1, rows=5_000)
    assert len(body) > LOOK_BYTES
    assert told(events_of(dump_of(*SESSION[:3], body)))[1:] == [(1, "A", 1)]


@given(st.binary(max_size=300))
def test_any_bytes_end_in_events(data):
    for start in (b"", dump_of(*SESSION[:3])):
        for event in events_of(start + data):
            assert event.kind in ("login", "exchange", "push", "damage")


@given(st.integers(0, len(dump_of(*SESSION)) - 1), st.integers(0, 255))
def test_one_wrong_byte_leaves_the_rest_readable(position, value):
    data = bytearray(dump_of(*SESSION, *SESSION))
    data[position] = value
    # The second session is untouched, and told in full.
    assert [rest for _, *rest in told(events_of(bytes(data)))[-2:]] == [["A", 1], ["B", -2]]


def test_a_file_cut_in_its_first_log_in_was_cut_in_what_the_client_sent():
    for cut in (6, 8, 15, 30, len(framed(LOGIN)) - 1):
        (found,) = events_of(framed(LOGIN)[:cut])
        assert (found.what, found.direction) == ("file cut", Direction.CLIENT)
