"""An event goes to a line and back without losing anything that the line can say."""

import json

import pytest

from tests.samples import LOGIN_REFUSED, LOGIN_REQUEST, call, connection, events, exchange, frame
from volttools.codec import build
from volttools.errors import EncodeError
from volttools.formats.login import KerberosServiceName, KerberosToken
from volttools.formats.response import Response
from volttools.jsonlines.events import LineReader
from volttools.jsonlines.lines import event_line, line_text
from volttools.protocol.events import Connection, Damage, Direction, Exchange, Login, Push


def reader():
    known = {}

    def connect(number, client, server):
        return known.setdefault(number, Connection(number=number or 1, client=client, server=server))

    return LineReader(connect, file="x.jsonl")


def login(answer):
    return Login(
        connection=connection(),
        request=LOGIN_REQUEST,
        response=answer,
        request_frame=frame(Direction.CLIENT, LOGIN_REQUEST, number=1),
        response_frame=frame(Direction.SERVER, answer, number=4),
    )


def there_and_back(event):
    line = json.loads(line_text(event_line(event, keep_login_hashes=True)))
    found = reader().event(line)
    assert json.loads(line_text(event_line(found, keep_login_hashes=True))) == line
    return found


@pytest.mark.parametrize("index", range(7))
def test_every_kind_of_event_comes_back(index):
    event = events()[index]
    found = there_and_back(event)
    assert type(found) is type(event)
    for mine, theirs in zip(found.frames, event.frames, strict=True):
        assert (mine.body, mine.number, mine.seen_at_ns) == (theirs.body, theirs.number, theirs.seen_at_ns)
        assert mine.file == "x.jsonl"


def test_a_refused_login_and_a_full_server_come_back():
    assert not there_and_back(login(LOGIN_REFUSED)).response.accepted
    assert there_and_back(Login(connection=connection(), server_full=True)).server_full


def test_the_kerberos_exchange_comes_back():
    messages = [KerberosServiceName(principal="volt/x"), KerberosToken(token=b"t")]
    event = login(LOGIN_REFUSED)
    event.kerberos = [
        (frame(side, message, number=number), message)
        for number, side, message in zip([2, 3], reversed(Direction), messages, strict=True)
    ]
    assert [message for _, message in there_and_back(event).kerberos] == messages


def test_a_frame_with_holes_comes_back_with_them():
    event = exchange(call("A", 1), Response(status_string="long enough"))
    body = event.response_frame.body
    event.response_frame.body = body[:20] + bytes(4) + body[24:]
    event.response_frame.missing = [(20, 24)]
    event.response_frame.closed_by = "fin"
    found = there_and_back(event)
    assert (found.response_frame.missing, found.response_frame.closed_by) == ([(20, 24)], "fin")
    assert (found.status, found.is_partial) == (1, True)


def test_a_whole_frame_that_is_damage_comes_back():
    cut = frame(Direction.CLIENT, Response(), number=4)
    event = Damage(
        what="malformed", message="no", connection=connection(), direction=Direction.CLIENT, frame=cut
    )
    assert there_and_back(event).frame.body == cut.body


def test_what_the_messages_do_not_tell_comes_from_the_line():
    event = exchange(None, Response())
    event.request_lost, event.is_late, event.notes = True, True, ["because"]
    event.response_frame.after_gap = True
    found = there_and_back(event)
    assert (found.request_lost, found.is_late, found.notes) == (True, True, ["because"])
    assert found.response_frame.after_gap


def test_without_a_time_of_its_own_a_response_came_after_its_latency():
    line = {"procedure": "A", "params": [], "response": {}, "time_ns": 1000, "latency_ns": 50}
    assert reader().event(line).response_frame.seen_at_ns == 1050


def test_lines_about_the_capture_are_no_events():
    assert reader().event({"kind": "capture", "schema": 1}) is None
    assert reader().event({"kind": "summary", "anything": 1}) is None


def test_kinds_by_hand():
    found = reader()
    assert isinstance(found.event({"procedure": "A", "params": []}), Exchange)
    assert isinstance(found.event({"kind": "login", "user": "ann"}), Login)
    push = {"kind": "push", "client_handle": 2**63 - 2, "response": {"tables": []}}
    assert isinstance(found.event(push), Push)


CALL = {"procedure": "A", "params": []}
HEAD = build(call("Vote", 1))[:17]
PART = {
    "params": None,
    "request_part": {"length": 99, "missing": [[len(HEAD), 99]], "body_hex": HEAD.hex()},
}


def test_what_a_line_says_beside_a_part_must_be_what_its_bytes_say():
    found = reader().event({**PART, "procedure": "Vote", "client_handle": 1, "version": 0})
    assert (found.procedure, found.request_frame.length) == ("Vote", 99)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ([], "expected an object, got []"),
        ({"kind": "song"}, "kind: expected one of capture, exchange, fragment, login, push, damage, summary"),
        ({"kind": "capture", "schema": 2}, "schema: expected at most 1: a newer volttools wrote this, got 2"),
        ({"kind": "exchange"}, "neither a call nor a response: give procedure and params, or a response"),
        ({"procedure": "A", "parms": []}, "no member is called 'parms'; did you mean 'params'?"),
        ({"kind": "push"}, "response: expected what was pushed, it is missing"),
        ({"kind": "damage", "what": "x"}, "what: expected one of gap,"),
        (
            {"procedure": "A", "params": [], "connection": "one"},
            "connection: expected a whole number, got 'one'",
        ),
        (
            {"request_part": {"length": 9, "missing": [[5, 3]], "body_hex": "00"}},
            "request_part.missing[0]: expected [from, to] within the frame, behind the one before",
        ),
        (
            {"request_part": {"length": 9, "missing": [], "body_hex": "00"}},
            "request_part.missing: expected the ranges of the body that are not there, got []",
        ),
        (
            {"request_part": {"length": 9, "missing": [[1, 9]], "body_hex": "00", "closed_by": "x"}},
            "request_part.closed_by: expected one of fin, rst, end of capture, got 'x'",
        ),
        (
            {"request_part": {"length": 2**31, "missing": [[1, 9]], "body_hex": "00"}},
            "request_part.length: expected a number of 0 .. 2,147,483,647, got 2147483648",
        ),
        (
            {"request_part": {"length": 9, "missing": [[1, 9]], "body_hex": "0001"}},
            "request_part.body_hex: expected zeros from byte 1 to 9, which are missing, got '0001'",
        ),
        (
            {"procedure": "A", "params": [], "request_part": {"length": 9}},
            "request_part: expected null: the line tells all of the frame, got {'length': 9}",
        ),
        (
            {**PART, "procedure": "Bet"},
            "procedure: expected 'Vote', which the bytes of request_part say: change those, got 'Bet'",
        ),
        (
            {**PART, "client_handle": 2},
            "client_handle: expected 1, which the bytes of request_part say: change those, got 2",
        ),
        ({**CALL, "number": -1}, "number: expected a number of 0 .. 9,007,199,254,740,992, got -1"),
        ({**CALL, "request_frame": 2**70}, "request_frame: expected a number of 0 .. 9,007,199,254,740,992"),
        ({**CALL, "connection": 2**60}, "connection: expected a number of 0 .. 9,007,199,254,740,992"),
        ({**CALL, "time_ns": 2**64}, "time_ns: expected nanoseconds since 1970, before the year 2554"),
        ({**CALL, "client": "x"}, 'client: expected "10.0.0.1:21212", "[::1]:21212" or null, got \'x\''),
        (
            {**CALL, "client": "1.2.3.4:5", "server": "[::1]:6"},
            "server: expected an address of the same kind as the client's, got '[::1]:6'",
        ),
        (
            {"kind": "login", "kerberos": [{"from": "server", "frame_hex": "0000000102"}]},
            "frame_hex: the bytes name no service: expected 1 bytes, 0 are left",
        ),
    ],
)
def test_what_is_no_line_is_told_with_its_place(line, message):
    with pytest.raises(EncodeError) as caught:
        reader().event(line)
    assert str(caught.value).startswith(message)
