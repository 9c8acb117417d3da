import json
import re

import pytest

from tests.samples import (
    LOGIN_REFUSED,
    LOGIN_REQUEST,
    PASSWORD_HASH,
    START_NS,
    call,
    connection,
    events,
    exchange,
    failure,
    frame,
)
from volttools import __version__
from volttools.codec import build
from volttools.formats.exceptions import ServerException
from volttools.formats.frame import RawFrame
from volttools.formats.invocation import Extension
from volttools.formats.login import KerberosServiceName, KerberosToken
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import STRING, VARBINARY
from volttools.jsonlines.lines import SCHEMA, capture_line, event_line, line_text
from volttools.protocol.events import Damage, Direction, Exchange, Frame, Login


def line(event, **settings):
    """A line as a program reads it."""
    return json.loads(line_text(event_line(event, **settings)))


def test_an_exchange_is_one_line_of_the_documented_shape():
    assert line(events()[2]) == {
        "kind": "exchange",
        "number": 2,
        "connection": 1,
        "client": "127.0.0.1:50000",
        "server": "127.0.0.1:21212",
        "time_ns": 1_767_323_045_004_000_000,
        "procedure": "ORDERS.insert",
        "client_handle": 2,
        "version": 0,
        "params": [["BIGINT", 1], ["STRING", "bolt"]],
        "response": {
            "status": -2,
            "status_name": "GRACEFUL_FAILURE",
            "status_string": "VOLTDB ERROR: CONSTRAINT VIOLATION\n  Constraint Type UNIQUE",
            "app_status": -128,
            "app_status_string": None,
            "cluster_rtt_ms": 0,
            "exception": None,
            "hashes": None,
            "tables": [],
        },
        "latency_ns": 1_240_000,
        "request_frame": 5,
        "response_frame": 6,
        "response_time_ns": 1_767_323_045_005_240_000,
        "notes": [],
    }


def test_tables_have_columns_and_rows():
    table = line(events()[3])["response"]["tables"][0]
    assert table["columns"][2] == ["PRICE", "DECIMAL"]
    assert table["rows"][0] == [1, "bolt", "0.250000000000", 1_767_323_045_000_000, "0102"]


def test_extensions_are_in_wire_order_and_true_without_a_value():
    assert line(events()[6])["extensions"] == {"batch_timeout": 500, "all_partition": True}
    assert list(line(events()[6])["extensions"]) == ["batch_timeout", "all_partition"]
    assert "extensions" not in line(events()[1])


def test_a_version_1_timeout_is_an_extension():
    timed = call("A", 1).replace(version=1, batch_timeout_flag=1, batch_timeout_ms=7)
    assert line(exchange(timed, None))["extensions"] == {"batch_timeout": 7}
    without = call("A", 1).replace(version=1, batch_timeout_flag=-1)
    assert line(exchange(without, None))["extensions"] == {}


@pytest.mark.parametrize(
    "request_message",
    [
        call("\udcff", 1),
        call("A", 1, Parameter.of(STRING, "\udc80")),
        call("A", 1).replace(version=2, extensions=[Extension(type=99, payload=b"\x01")]),
        call("A", 1).replace(version=2, extensions=[Extension(type=2), Extension(type=2)]),
        call("A", 1).replace(version=7),
        call("A", 1).replace(version=1, batch_timeout_flag=5),
        call("A", 1).replace(procedure=None),
        call("A", 1).replace(parameters=Opaque(b"\x00\x01\x63")),
    ],
)
def test_a_request_that_values_do_not_rebuild_brings_its_bytes(request_message):
    body = build(request_message)
    found = line(exchange(request_message, None))
    assert bytes.fromhex(found["frame_hex"]) == len(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    "response",
    [
        Response(version=1),
        Response(extra_flags=0x01),
        Response(extra_flags=0x20),  # a status string that is NULL
        Response(trailing=b"\x00"),
        Response(status_string="\udcff"),
        Response(exception=ServerException(type=1, message="x", error_code=2)),
    ],
)
def test_a_response_that_values_do_not_rebuild_brings_its_bytes(response):
    found = line(exchange(call("A", 1), response))
    assert bytes.fromhex(found["response"]["frame_hex"])[4:] == build(response)
    assert "frame_hex" not in found


def test_an_exception_is_an_object_of_its_fields():
    response = Response(exception=ServerException(type=2, message="x", sql_state=b"42000"))
    found = line(exchange(call("A", 1), response))["response"]["exception"]
    assert found == {"type_name": "SQLException", "type": 2, "message": "x", "sql_state": "3432303030"}


def test_parameters_that_cannot_be_read_are_null_and_the_rest_is_there():
    broken = call("A", 1).replace(parameters=Opaque(b"\x00\x01\x63"))
    found = line(exchange(broken, failure(1, -2, "no")))
    assert found["params"] is None
    assert found["malformed"] is True
    assert found["procedure"] == "A"
    assert found["response"]["status"] == -2


def test_a_message_that_cannot_be_read_at_all_brings_its_bytes():
    event = exchange(call("A", 1), Response())
    event.request_frame.body = b"\x00\x00\x00\x00\x01A\x00"
    event.response_frame.body = b"\x00"
    found = line(event)
    assert found["params"] is found["version"] is None
    assert found["frame_hex"].endswith("000000000141" + "00")
    assert found["response"]["frame_hex"] == "0000000100"
    assert found["malformed"] is True


def test_flags_are_there_only_where_they_are_true():
    event = exchange(None, Response())
    event.is_late = True
    event.response_frame.after_gap = True
    found = line(event)
    assert found["request_lost"] is found["late"] is found["response_after_gap"] is True
    assert found["procedure"] is found["params"] is found["time_ns"] is None
    assert not {"response_lost", "malformed", "request_after_gap"} & found.keys()


def test_a_response_that_is_not_whole_is_null():
    event = exchange(call("A", 1), Response())
    event.response_frame.missing = [(3, 9)]
    found = line(event)
    body = event.response_frame.body
    assert found["response"] is None
    assert found["response_partial"] is True
    assert found["response_part"] == {
        "length": len(body),
        "missing": [[3, 9]],
        "body_hex": body.hex(),
        "closed_by": None,
    }
    assert found["notes"] == [
        f"6 of the response's {len(body)} bytes are missing from the capture (from byte 3)"
    ]
    assert "malformed" not in found
    event.response_frame.missing = [(12, 18)]
    assert line(event)["response_part"]["status"] == 1
    event.response_frame.closed_by = "rst"
    found = line(event)
    assert found["response_incomplete"] is True
    assert "response_partial" not in found


def test_a_partial_log_in_holds_no_hash():
    body = build(LOGIN_REQUEST)
    part = Frame(
        direction=Direction.CLIENT,
        body=body[:-4],
        length=len(body),
        offset=0,
        missing=[(len(body) - 4, len(body))],
    )
    fragment = exchange(call("A", 1), None)
    fragment.request_frame = part
    for event in (Login(connection=connection(), request_frame=part), fragment):
        found = line(event)
        assert found["request_partial"] is True
        assert found["request_part"]["body_hex"] == (body[:-32] + bytes(28)).hex()
        kept = line(event, keep_login_hashes=True)["request_part"]
        assert kept["body_hex"] == body[:-4].hex()


def test_a_log_in_glued_behind_a_call_shows_no_hash():
    whole = build(call("@Ping", 1))[:-1] + build(RawFrame(body=build(LOGIN_REQUEST)))
    event = exchange(call("@Ping", 1), None)
    event.request_frame = Frame(direction=Direction.CLIENT, body=whole, length=len(whole), offset=0)
    found = line(event)
    assert found["params"] is None
    assert found["frame_hex"].endswith((whole[:-32] + bytes(32)).hex())
    assert line(event, keep_login_hashes=True)["frame_hex"].endswith(whole.hex())


def test_a_login_has_no_password_hash_unless_asked_for():
    login = events()[0]
    found = line(login)
    assert (found["user"], found["hash_scheme"], found["version"]) == ("admin", "SHA-256", 1)
    assert found["response"]["build"] == "11.4.0"
    assert "password_hash" not in found
    assert PASSWORD_HASH.hex() not in line_text(event_line(login))
    assert line(login, keep_login_hashes=True)["password_hash"] == PASSWORD_HASH.hex()


def test_the_bytes_of_an_odd_login_hold_no_hash_either():
    request = LOGIN_REQUEST.replace(user="\udcff", password_hash=PASSWORD_HASH + b"\x01")
    login = Login(connection=connection(), request=request, response=LOGIN_REFUSED)
    found = line(login)
    assert found["frame_hex"].endswith("00" * 33)
    assert PASSWORD_HASH.hex() not in json.dumps(found)
    assert line(login, keep_login_hashes=True)["frame_hex"].endswith(PASSWORD_HASH.hex() + "01")


def test_a_login_taken_for_an_invocation_shows_no_hash():
    body = build(LOGIN_REQUEST)
    event = exchange(call("A", 1), None)
    event.request_frame = Frame(direction=Direction.CLIENT, body=body[:-1], length=len(body) - 1, offset=0)
    assert PASSWORD_HASH[:20].hex() not in line_text(event_line(event))


def test_kerberos_tokens_are_counted_and_not_shown():
    messages = [KerberosServiceName(principal="voltdb/x"), KerberosToken(token=b"secret")]
    login = Login(
        connection=connection(),
        request=LOGIN_REQUEST,
        kerberos=[(frame(Direction.SERVER, message), message) for message in messages],
    )
    assert line(login)["kerberos"] == [
        {"from": "server", "frame": 1, "time_ns": START_NS, "principal": "voltdb/x"},
        {"from": "server", "frame": 1, "time_ns": START_NS, "token_bytes": 6},
    ]
    assert line(login, keep_login_hashes=True)["kerberos"][1]["token"] == b"secret".hex()


def test_pushes_and_damage_have_lines():
    push = line(events()[4])
    assert (push["kind"], push["name"], push["response"]["status"]) == ("push", "topology", 1)
    damage = line(events()[-1])
    assert (damage["what"], damage["direction"], damage["offset"]) == ("gap", "server", 3_788)
    assert line(Damage(what="tls", message="x"))["connection"] is None


def test_the_first_line_names_schema_version_and_files():
    assert capture_line(["a.pcap"]) == {
        "kind": "capture",
        "schema": SCHEMA,
        "volttools": __version__,
        "files": ["a.pcap"],
    }


def test_lines_are_strict_json_that_no_terminal_obeys():
    text = line_text(event_line(exchange(call("\udcff\x1b\x9b\u2028字", 1), None)))
    assert "\\udcff\\u001b\\u009b\\u2028字" in text
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text)
    text.encode()
    for event in events():
        json.loads(line_text(event_line(event)), parse_constant=pytest.fail)


def test_no_hash_is_in_the_values_of_a_call_or_in_what_is_there_of_one():
    glued = build(RawFrame(body=build(LOGIN_REQUEST)))
    body = build(call("Vote", 1, Parameter.of(VARBINARY, b"x" + glued)))
    cut = body[:-4]
    for part in (
        Frame(direction=Direction.CLIENT, body=body, length=len(body), offset=0),
        Frame(
            direction=Direction.CLIENT, body=cut, length=len(body), offset=0, missing=[(len(cut), len(body))]
        ),
    ):
        exchange = Exchange(connection=connection(), procedure="Vote", client_handle=1, request_frame=part)
        for keep in (False, True):
            text = line_text(event_line(exchange, keep_login_hashes=keep))
            assert (PASSWORD_HASH[:28].hex() in text) is keep
