import io

import pytest

from tests.capture.test_tcp_writer import CLIENT, ONE, SERVER, TWO, conversation, frame, sent
from tests.capture.traffic import dump_of
from tests.protocol.wire import ACCEPTED, LOGIN, answer, call
from volttools.capture.dump_writer import DumpedConnection, DumpWriter
from volttools.codec import build
from volttools.errors import UsageError
from volttools.formats.frame import RawFrame
from volttools.protocol.traffic import Opened, Sent


def dumped(*steps):
    stream = io.BytesIO()
    writer = DumpWriter(stream)
    held = [writer.write(step) for step in steps if isinstance(step, Sent)]
    writer.close()
    return stream.getvalue(), held.count(False)


def logged_in(connection, *bodies):
    steps = [step for step in conversation(connection, *bodies) if not isinstance(step, Opened)]
    steps[0].is_login = steps[1].is_login = True
    return steps


def test_one_connection_is_written_as_the_client_would():
    found, left_out = dumped(*logged_in(ONE, call("A", 1), answer(1)))
    assert (found, left_out) == (dump_of(LOGIN, ACCEPTED, call("A", 1), answer(1)), 0)


def test_connections_follow_one_another():
    first, second = logged_in(ONE, call("A", 1), answer(1)), logged_in(TWO, call("B", 1), answer(1))
    mixed = [step for pair in zip(first, second, strict=True) for step in pair]
    found, _ = dumped(*mixed)
    assert found == dumped(*first)[0] + dumped(*second)[0]


def test_the_one_without_a_login_comes_first():
    found, _ = dumped(*logged_in(ONE), sent(TWO, CLIENT, call("B", 1)))
    assert found == dump_of(call("B", 1), LOGIN, ACCEPTED)


def test_two_without_logins_are_refused_with_what_to_do():
    with pytest.raises(UsageError) as caught:
        dumped(sent(ONE, CLIENT, call("A", 1)), sent(TWO, CLIENT, call("B", 1)))
    assert str(caught.value) == (
        "the log-ins of the connections 1, 2 are missing, so nobody could tell where in one dump_file they begin:"
        " write a file for each (--split connection), or pcapng"
    )


def test_of_a_response_with_holes_the_length_stands_before_the_next_call():
    body = answer(1)
    holed = frame(SERVER, body[:20], length=len(body), missing=[(20, len(body))])
    steps = logged_in(ONE, call("A", 1))
    found, left_out = dumped(*steps, Sent(connection=ONE, frame=holed), sent(ONE, CLIENT, call("B", 1)))
    length = build(RawFrame(body=body))[:4]
    assert (found, left_out) == (
        dump_of(LOGIN, ACCEPTED, call("A", 1)) + length + dump_of(call("B", 1)),
        1,
    )


def test_what_a_dump_file_cannot_hold_is_left_out():
    connection = DumpedConnection()
    body = call("A", 1)
    assert connection.frame(sent(ONE, CLIENT, body[:9], length=len(body), missing=[(9, len(body))])) is None
    full = Sent(connection=ONE, frame=frame(SERVER, b"\x01"), is_full=True)
    assert connection.frame(full) is None
    assert connection.frame(sent(ONE, SERVER, answer(1))) == dump_of(answer(1))


def test_no_bare_length_stands_at_the_beginning_where_nothing_tells_what_it_is():
    connection, body = DumpedConnection(), answer(1)
    holed = frame(SERVER, body[:20], length=len(body), missing=[(20, len(body))])
    assert connection.frame(Sent(connection=ONE, frame=holed)) is None
    assert connection.frame(sent(ONE, CLIENT, call("A", 1))) == dump_of(call("A", 1))
