"""Lines that were edited, or written by hand, give the frames that they say."""

import json

import pytest

from tests.interop.test_official_client import official as official_response
from tests.samples import PASSWORD_HASH, call, events, exchange
from volttools.codec import build, parse
from volttools.errors import EncodeError
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import Invocation
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT, FLOAT, STRING
from volttools.jsonlines.lines import event_line, line_text
from volttools.jsonlines.members import Members
from volttools.jsonlines.messages import (
    invocation_body,
    kerberos_body,
    login_body,
    login_response_body,
    response_body,
)

ODD = float.fromhex("-0x1.e42d130773b75p+1023")  # beside NULL: the line says null


def line_of(event, **settings):
    return json.loads(line_text(event_line(event, **settings)))


def call_of(line):
    return parse(Invocation, invocation_body(Members(line)))


def answer_of(line):
    return parse(Response, response_body(Members(line)))


# ------------------------------------------------------------------------ not edited


@pytest.mark.parametrize("index", [1, 2, 3, 5])
def test_a_call_that_was_not_edited_gives_its_bytes(index):
    event = events()[index]
    line = line_of(event)
    assert invocation_body(Members(line)) == event.request_frame.body
    if event.response_frame is not None:
        assert response_body(Members(line)) == event.response_frame.body


def test_values_that_json_cannot_say_come_from_the_frame():
    table = Table.of([("F", FLOAT)], [(ODD,)])
    event = exchange(call("A", 1), Response(tables=[table]))
    line = line_of(event)
    assert line["response"]["tables"][0]["rows"] == [[None]]
    assert response_body(Members(line)) == event.response_frame.body


def test_a_frame_that_cannot_be_read_comes_as_it_is():
    event = exchange(call("A", 1), Response())
    event.request_frame.body = b"\x00\x00"
    event.response_frame.body = b"\x01\x02\x03"
    line = line_of(event)
    assert invocation_body(Members(line)) == b"\x00\x00"
    assert response_body(Members(line)) == b"\x01\x02\x03"


def test_a_login_keeps_its_hash_where_the_line_has_it():
    login = events()[0]
    assert login_body(Members(line_of(login, keep_login_hashes=True))) == login.request_frame.body
    without = login.request_frame.body.replace(PASSWORD_HASH, bytes(32))
    assert login_body(Members(line_of(login))) == without
    assert login_response_body(Members(line_of(login))) == login.response_frame.body


# ------------------------------------------------------------------------ edited


def test_an_edited_call_is_built():
    line = line_of(events()[1])
    line["params"][0] = ["BIGINT", 99]
    line["procedure"] = "ORDERS.upsert"
    found = call_of(line)
    assert (found.procedure, found.parameters[0].value) == ("ORDERS.upsert", 99)
    assert found.parameters[1:] == events()[1].invocation.parameters[1:]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda line: line["response"].update(status=-2, status_name="GRACEFUL_FAILURE"), ("status", -2)),
        (lambda line: line["response"].update(status_string="no"), ("status_string", "no")),
        (lambda line: line["response"].update(app_status=7), ("app_status", 7)),
        (lambda line: line["response"].update(app_status_string="a"), ("app_status_string", "a")),
        (lambda line: line["response"].update(cluster_rtt_ms=9), ("cluster_rtt_ms", 9)),
        (lambda line: line.update(client_handle=77), ("client_handle", 77)),
    ],
)
@pytest.mark.parametrize("value", [1.5, ODD], ids=["plain", "with its frame"])
def test_an_edited_response_reads_with_just_that_change(edit, says, value):
    event = exchange(call("A", 1), Response(tables=[Table.of([("F", FLOAT), ("S", STRING)], [(value, "x")])]))
    line = line_of(event)
    edit(line)
    before, after = (
        official_response(event.response_frame.body),
        official_response(response_body(Members(line))),
    )
    name, expected = says
    official = {
        "status_string": "statusString",
        "app_status": "appStatus",
        "app_status_string": "appStatusString",
    }
    official |= {"cluster_rtt_ms": "roundtripTime", "client_handle": "clientHandle"}
    attribute = official.get(name, name)
    assert getattr(before, attribute) != getattr(after, attribute) == expected
    for other in {"status", *official.values()} - {attribute}:
        assert getattr(before, other) == getattr(after, other)
    assert [table.tuples for table in before.tables] == [table.tuples for table in after.tables]


def test_an_edited_cell_reads_with_just_that_change():
    rows = [(1, "a"), (2, "b")]
    event = exchange(call("A", 1), Response(tables=[Table.of([("ID", BIGINT), ("S", STRING)], rows)]))
    line = line_of(event)
    line["response"]["tables"][0]["rows"][1][1] = "changed"
    found = official_response(response_body(Members(line)))
    assert [tuple(row) for row in found.tables[0].tuples] == [(1, "a"), (2, "changed")]


def test_an_edited_login_is_built():
    line = line_of(events()[0], keep_login_hashes=True)
    line["user"] = "somebody else"
    found = parse(LoginRequest, login_body(Members(line)))
    assert (found.user, found.password_hash) == ("somebody else", PASSWORD_HASH)
    line["response"]["host_id"] = 3
    assert parse(LoginResponse, login_response_body(Members(line))).host_id == 3


def test_an_edited_exception_is_built():
    thrown = ServerException(type=2, message="no", sql_state=b"12345")
    line = line_of(exchange(call("A", 1), Response(status=-2, exception=thrown)))
    assert answer_of(line).exception == thrown
    line["response"]["exception"]["message"] = "yes"
    assert answer_of(line).exception == thrown.replace(message="yes")


def test_edited_extensions_are_built():
    line = {"procedure": "A", "params": [], "version": 2, "extensions": {"all_partition": True}}
    line["extensions"] |= {"request_priority": 3, "extension_99": "0102"}
    found = call_of(line).extensions
    assert [(e.name, e.payload) for e in found] == [
        ("all_partition", None),
        ("request_priority", 3),
        ("extension_99", b"\x01\x02"),
    ]
    timed = {"procedure": "A", "params": [], "version": 1, "extensions": {"batch_timeout": 5}}
    assert call_of(timed).batch_timeout_ms == 5


# ------------------------------------------------------------------------ by hand


def test_a_call_written_by_hand_needs_little():
    found = call_of({"procedure": "Vote", "params": [5, "NY", None, 1.5, ["INTEGER[]", [1, None]]]})
    assert (found.version, found.client_handle) == (0, 1)
    assert [(p.type_name, p.value) for p in found.parameters] == [
        ("BIGINT", 5),
        ("STRING", "NY"),
        ("NULL", None),
        ("FLOAT", 1.5),
        ("INTEGER[]", [1, None]),
    ]


def test_a_response_written_by_hand_needs_little():
    found = answer_of({"response": {"status": "USER_ABORT"}})
    assert found == Response(status=-1)


def test_a_login_written_by_hand_needs_little():
    found = parse(LoginRequest, login_body(Members({"user": "ann"})))
    assert found == LoginRequest(user="ann", password_hash=bytes(32))
    old = parse(LoginRequest, login_body(Members({"user": "ann", "version": 0})))
    assert old == LoginRequest(version=0, hash_scheme=None, user="ann", password_hash=bytes(20))
    assert login_response_body(Members({"response": {"status": -1}})) == b"\x00\xff"


def test_messages_of_the_kerberos_exchange_are_built():
    assert kerberos_body(Members({"from": "server", "principal": "volt/x"})) == build(
        KerberosServiceName(principal="volt/x")
    )
    assert kerberos_body(Members({"from": "client", "token_bytes": 3})) == build(
        KerberosToken(token=bytes(3))
    )
    assert kerberos_body(Members({"from": "client", "token": "0102"})) == build(KerberosToken(token=b"\1\2"))


def test_a_line_without_a_message_has_no_body():
    empty = Members({})
    assert (
        invocation_body(empty)
        is response_body(empty)
        is login_body(empty)
        is login_response_body(empty)
        is None
    )


# fmt: off
WRONG = [
    ({"params": []}, "procedure: expected the name of a procedure, it is missing"),
    ({"procedure": 5, "params": []}, "procedure: expected text or null, got 5"),
    ({"procedure": "A", "params": 5}, "params: expected a list, got 5"),
    ({"procedure": "A", "params": [[1]]}, "params[0]: expected [type, value], got [1]"),
    ({"procedure": "A", "params": [["BIGNIT", 1]]}, "params[0]: no type is called 'BIGNIT'; did you mean BIGINT?"),
    ({"procedure": "A", "params": [["BIGINT", "1"]]}, "params[0]: BIGINT: expected a whole number, got '1'"),
    ({"procedure": "A", "params": [["BIGINT", True]]}, "params[0]: BIGINT: expected a whole number, got True"),
    ({"procedure": "A", "params": [["TINYINT", -128]]}, "params[0]: -128 stands for NULL in a TINYINT: write null, or another value"),
    ({"procedure": "A", "params": [["FLOAT", "many"]]}, "params[0]: FLOAT: expected a number, \"inf\", \"-inf\" or \"nan\", got 'many'"),
    ({"procedure": "A", "params": [["DECIMAL", "1,5"]]}, "params[0]: DECIMAL: expected a decimal, such as \"12.50\", got '1,5'"),
    ({"procedure": "A", "params": [["DECIMAL", 1.5]]}, "params[0]: DECIMAL: expected a decimal as text, such as \"12.50\", got 1.5"),
    ({"procedure": "A", "params": [["VARBINARY", "0"]]}, "params[0]: VARBINARY: expected bytes in hex, two digits each, got '0'"),
    ({"procedure": "A", "params": [["STRING", 5]]}, "params[0]: STRING: expected text, got 5"),
    ({"procedure": "A", "params": [["DATE", "soon"]]}, "params[0]: DATE: expected a date, such as \"2026-01-31\", got 'soon'"),
    ({"procedure": "A", "params": [["BOOLEAN", "yes"]]}, "params[0]: BOOLEAN: expected true or false, got 'yes'"),
    ({"procedure": "A", "params": [["NULL", 5]]}, "params[0]: NULL: expected null: the type NULL has no other value, got 5"),
    ({"procedure": "A", "params": [["GEOGRAPHY_POINT", "here"]]}, "params[0]: GEOGRAPHY_POINT: not a WKT point: 'here', got 'here'"),
    ({"procedure": "A", "params": [["MONEY", 5]]}, "params[0]: a MONEY can't be written: nobody knows how"),
    ({"procedure": "A", "params": [["BIGINT[]", [1, "x"]]]}, "params[0][1]: BIGINT: expected a whole number, got 'x'"),
    ({"procedure": "A", "params": [["VOLTTABLE", {"columns": [["A", "BIGINT"]], "rows": [["x"]]}]]}, "params[0].rows[0].A: BIGINT: expected a whole number, got 'x'"),
    ({"procedure": "A", "params": [["VOLTTABLE", {"columns": [["A", "BIGINT"]], "rows": [[]]}]]}, "params[0].rows[0]: expected 1 values, one a column, got 0"),
    ({"procedure": "A", "params": [["VOLTTABLE", {"rows": []}]]}, "params[0].columns: expected a list, it is missing"),
    ({"procedure": "A", "params": [["SMALLINT", 40000]]}, "params[0]: "),
    ({"procedure": "A", "params": [], "version": 0, "extensions": {"all_partition": True}}, "extensions: version 0 has no extensions, version 2 has"),
    ({"procedure": "A", "params": [], "version": 2, "extensions": {"prority": 1}}, "extensions: no member is called 'prority'; "),
    ({"procedure": "A", "params": [], "frame_hex": "00"}, "frame_hex: expected a frame with its length before it, in hex, got '00'"),
]
WRONG_RESPONSES = [
    ({"response": 5}, "response: expected an object, got 5"),
    ({"response": {"status": "GOOD"}}, "response.status: expected one of SUCCESS, USER_ABORT,"),
    ({"response": {"status": 1, "status_name": "USER_ABORT"}}, "response.status_name: 'USER_ABORT' is not the name of status 1, which is SUCCESS: change both, or leave one out"),
    ({"response": {"stauts": 1}}, "response: no member is called 'stauts'; did you mean 'status'?"),
    ({"response": {"tables": [{"columns": [["A", 6]], "rows": []}]}}, "response.tables[0].columns[0]: expected the name of a type, got 6"),
    ({"response": {"tables": [{"columns": [["A", "BIGINT"]], "rows": [[2**63]]}]}}, "response.tables[0].rows[0]"),
    ({"response": {"malformed": True}}, "response.frame_hex: expected the bytes of a response that can't be read, it is missing"),
]
# fmt: on


@pytest.mark.parametrize(("line", "message"), WRONG)
def test_a_call_that_is_wrong_is_told_with_field_and_reason(line, message):
    with pytest.raises(EncodeError) as caught:
        invocation_body(Members(line))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("line", "message"), WRONG_RESPONSES)
def test_a_response_that_is_wrong_is_told_with_field_and_reason(line, message):
    with pytest.raises(EncodeError) as caught:
        response_body(Members(line))
    assert str(caught.value).startswith(message)


def test_parameters_that_could_not_be_read_cannot_be_kept_when_the_rest_is_edited():
    event = exchange(call("A", 1), Response())
    event.request_frame.body += b"rest"
    event._invocation = None
    line = line_of(event)
    line["procedure"] = "B"
    with pytest.raises(EncodeError) as caught:
        invocation_body(Members(line))
    assert str(caught.value) == (
        "params: expected the parameters of the edited call, got null: they could not be read"
    )
