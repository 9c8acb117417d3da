import pytest

from volttools.codec import build, parse
from volttools.faults.actions import Close, Send, Wait
from volttools.faults.content_kinds import STATUS_TEXTS
from volttools.faults.draws import Draw
from volttools.faults.injector import empty_push
from volttools.faults.kinds import CannotApply, Subject, body_of
from volttools.faults.rules import rule
from volttools.formats.login import LoginResponse
from volttools.formats.response import PUSH_HANDLES, STATUS_NAMES, Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, STRING
from volttools.protocol.frame_buffer import framed

RESPONSE = Response(
    client_handle=5, tables=[Table.of([("ID", BIGINT), ("NAME", STRING)], [(1, "Ann"), (2, "Bob")])]
)
FRAME = framed(build(RESPONSE))
SUBJECT = Subject(Response, empty_push)


PLAN = (Send(FRAME),)


def planned(kind, plan=PLAN, draw="x", subject=SUBJECT, **keys):
    made = rule(kind, **keys)
    chosen = made.kind.choose(made.given, Draw(draw), 1, plan)
    return made.kind.apply(plan, chosen, subject)


def response_of(plan):
    (sending,) = plan
    return parse(Response, body_of(sending.data))


@pytest.mark.parametrize("status", [status for status in STATUS_NAMES if status != 1])
def test_a_call_can_fail_with_every_status(status):
    failed = Response(client_handle=5, status=status, status_string=STATUS_TEXTS.get(status))
    assert response_of(planned("status", status=status)) == failed
    assert response_of(planned("status", status=STATUS_NAMES[status], text="no")).status_string == "no"


def test_a_busy_server_says_so_under_the_handle_of_the_call():
    busy = response_of(planned("busy"))
    assert (busy.client_handle, busy.status_name) == (5, "SERVER_UNAVAILABLE")
    assert busy.status_string.startswith("Server is paused")


def test_a_wrong_handle_is_drawn_and_all_else_stays():
    first, second = (response_of(planned("wrong-handle", draw=draw)) for draw in "ab")
    assert first.client_handle != second.client_handle
    assert min(first.client_handle, second.client_handle) > 2**61
    assert first.replace(client_handle=5) == RESPONSE
    assert response_of(planned("wrong-handle", handle=6)).client_handle == 6


@pytest.mark.parametrize(
    ("field", "written", "changed"),
    [
        ("status", "fe", {"status": -2}),
        ("cluster_rtt_ms", "00 00 00 07", {"cluster_rtt_ms": 7}),
        ("app_status", "01", {"app_status": 1}),
    ],
)
def test_the_bytes_of_a_field_are_replaced(field, written, changed):
    assert response_of(planned("corrupt", field=field, bytes=written)) == RESPONSE.replace(**changed)


def test_a_cell_of_a_result_is_found_by_its_column():
    found = response_of(planned("corrupt", field="tables[0].rows[1].ID", bytes="00"))
    assert list(found.tables[0].rows) == [(1, "Ann"), (0, "Bob")]
    found = response_of(planned("corrupt", field="tables[0].rows[0].ID", how="ones"))
    assert list(found.tables[0].rows) == [(-1, "Ann"), (2, "Bob")]


@pytest.mark.parametrize(
    ("field", "width"),
    [("tables.count", 2), ("tables[0].length", 4), ("tables[0].header.column_types[1]", 1)],
)
def test_lengths_counts_and_types_are_fields_too(field, width):
    body, whole = body_of(planned("corrupt", field=field, how="ones")[0].data), body_of(FRAME)
    assert len(body) == len(whole)
    changed = [at for at in range(len(whole)) if body[at] != whole[at]]
    assert 0 <= changed[-1] - changed[0] < width
    assert all(body[at] == 0xFF for at in changed)


def test_a_flip_changes_one_bit_of_the_field_and_no_other():
    bits = set()
    for draw in range(40):
        body = body_of(planned("corrupt", field="client_handle", draw=str(draw))[0].data)
        found = parse(Response, body)
        assert found.replace(client_handle=5) == RESPONSE
        difference = found.client_handle ^ 5
        assert (difference & 2**64 - 1).bit_count() == 1
        bits.add(difference)
    assert len(bits) > 10


def test_a_field_that_the_message_has_not_is_said():
    for field in ("tables[1]", "status_string", "tables[0].rows[0].NOPE"):
        with pytest.raises(CannotApply, match="the message has no "):
            planned("corrupt", field=field)
    with pytest.raises(CannotApply, match="nothing is sent"):
        planned("corrupt", field="status", plan=(Close(),))
    for kind, keys in (("status", {"status": -1}), ("wrong-handle", {})):
        with pytest.raises(CannotApply, match="bytes"):
            planned(kind, plan=(Send(framed(b"\0")),), **keys)


def test_a_field_of_the_answer_to_a_log_in():
    answer = LoginResponse(host_id=1, connection_id=2, cluster_start=3, leader_address=4, build="11.4")
    plan = planned(
        "login-corrupt",
        plan=(Send(framed(build(answer))),),
        subject=Subject(LoginResponse, empty_push),
        field="connection_id",
        bytes="00",
    )
    assert parse(LoginResponse, body_of(plan[0].data)) == answer.replace(connection_id=0)


@pytest.mark.parametrize("name", [name for name in PUSH_HANDLES if name != "ping"])
def test_every_push_can_come_between(name):
    wait, push, sending = planned("push", plan=(Wait(1), Send(FRAME)), push=name)
    assert (wait, sending) == (Wait(1), Send(FRAME))
    assert parse(Response, body_of(push.data)).client_handle == PUSH_HANDLES[name]


def test_the_notice_of_a_graceful_stop_comes_before_the_answer():
    notice, sending = planned("graceful-stop")
    assert parse(Response, body_of(notice.data)).client_handle == PUSH_HANDLES["graceful stop"]
    assert sending == Send(FRAME)
