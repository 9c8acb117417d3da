import datetime
import time
from decimal import Decimal

import pytest
from hypothesis import given

from tests.redaction.messages_of import (
    KEY,
    received,
    redactor,
    request_of,
    response_of,
    sent,
    shape,
)
from tests.samples import PASSWORD_HASH, call
from tests.strategies import invocations, login_requests, mutated, responses
from volttools.codec import build, parse
from volttools.formats.exceptions import ServerException
from volttools.formats.invocation import Extension, Invocation
from volttools.formats.login import KerberosServiceName, KerberosToken, LoginRequest, LoginResponse
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.table import TABLE, Table
from volttools.formats.types import BIGINT, INTEGER, NULL, STRING, TIMESTAMP, TINYINT, VARBINARY, VOLTTABLE
from volttools.redaction.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(KEY)
T, N = PSEUDONYMS.text, PSEUDONYMS.integer
LOGIN = LoginRequest(user="alice", password_hash=PASSWORD_HASH)


def values(invocation):
    return [parameter.value for parameter in invocation.parameters]


# ---------------------------------------------------------------- requests


def test_parameters_become_pseudonyms_and_nulls_stay():
    given_call = call(
        "Vote",
        7,
        Parameter.of(BIGINT, 4217),
        Parameter.of(STRING, None),
        Parameter.of(NULL, None),
        Parameter.array(STRING, ["alice", None]),
    )
    found = request_of(given_call)
    assert values(found) == [N(4217), None, None, [T("alice"), None]]
    assert shape(found) == shape(given_call)
    assert found.procedure == "Vote"


def test_a_table_that_is_a_parameter_is_changed_cell_by_cell():
    table = Table.of([("ID", BIGINT), ("NAME", STRING)], [(4217, "alice"), (None, None)])
    given_call = call("Load", 1, Parameter.of(VOLTTABLE, table), Parameter.array(VOLTTABLE, [table]))
    found = request_of(given_call, "[[rule]]\nparameter = 0\ncolumn = 'id'\naction = 'keep'")
    assert found.parameters[0].value.rows == [(4217, T("alice")), (None, None)]
    assert found.parameters[1].value[0].rows == [(N(4217), T("alice")), (None, None)]


def test_rules_decide_by_position_and_type():
    rules = "[[rule]]\nprocedure = 'v*'\nparameter = 0\naction = 'keep'\n[[rule]]\ntype = 'STRING'\naction = 'blank'"
    found = request_of(
        call("Vote", 1, Parameter.of(BIGINT, 1), Parameter.of(STRING, "alice"), Parameter.of(BIGINT, 1)),
        rules,
    )
    assert values(found) == [1, "xxxxx", N(1)]


def test_an_array_of_bytes_is_no_row_of_numbers():
    found = request_of(call("P", 1, Parameter.array(TINYINT, [7, 7, 7, 7, None, 7])))
    array = values(found)[0]
    assert array[4] is None
    assert len(set(array)) > 2


def test_sql_keeps_its_form_and_values_behind_it_are_values():
    found = request_of(
        call("@AdHoc", 1, Parameter.of(STRING, "select 'alice', ? from T"), Parameter.of(STRING, "alice"))
    )
    assert values(found) == [f"select '{T('alice')}', ? from T", T("alice")]


@pytest.mark.parametrize(
    ("procedure", "given_values", "expected"),
    [
        ("@Statistics", ["TOPO", 0], ["TOPO", 0]),
        ("@statistics", ["ALICE", 1], [T("ALICE"), 1]),
        ("@SystemCatalog", ["PROCEDURES"], ["PROCEDURES"]),
        ("@Subscribe", ["TOPOLOGY"], ["TOPOLOGY"]),
        ("@GetPartitionKeys", ["INTEGER"], ["INTEGER"]),
        ("@ExplainProc", ["Vote"], ["Vote"]),
        ("@Ping", ["alice"], [T("alice")]),
        ("@New", ["alice", 4217], [T("alice"), N(4217)]),
        ("@StopNode", [3], [3]),
    ],
)
def test_selectors_of_system_procedures_stay_and_other_words_do_not(procedure, given_values, expected):
    given_parameters = [Parameter.of(STRING if isinstance(v, str) else INTEGER, v) for v in given_values]
    assert values(request_of(call(procedure, 1, *given_parameters))) == expected


def test_code_and_configurations_are_blanked():
    found = request_of(
        call("@UpdateClasses", 1, Parameter.of(VARBINARY, b"jar" * 9), Parameter.of(STRING, "lab.Vote"))
    )
    assert values(found) == [bytes(27), "lab.Vote"]
    found = request_of(
        call("@UpdateApplicationCatalog", 1, Parameter.of(VARBINARY, None), Parameter.of(STRING, "<x/>"))
    )
    assert values(found) == [None, "xxxx"]


def test_a_rule_for_a_system_procedure_reaches_its_parameters():
    rules = "[[rule]]\nprocedure = '@AdHoc'\nparameter = 0\naction = 'blank'\n[[rule]]\nprocedure = '@New'\naction = 'keep'"
    found = request_of(call("@AdHoc", 1, Parameter.of(STRING, "select 1"), Parameter.of(BIGINT, 1)), rules)
    assert values(found) == ["x" * 8, N(1)]
    assert values(request_of(call("@New", 1, Parameter.of(STRING, "alice")), rules)) == ["alice"]
    rules = "[[rule]]\nprocedure = '@AdHoc'\naction = 'replace'"
    found = request_of(call("@AdHoc", 1, Parameter.of(STRING, "select 'alice' from T")), rules)
    assert values(found) == [f"select '{T('alice')}' from T"]


@pytest.mark.parametrize(
    ("value", "cell", "kind"),
    [
        ((4217).to_bytes(8, "little"), 4217, BIGINT),
        (b"alice", "alice", STRING),
        (b"\1\2\3\4", b"\1\2\3\4", VARBINARY),
    ],
    ids=["integer", "text", "bytes"],
)
def test_the_partition_of_loaded_rows_is_that_of_their_pseudonym(value, cell, kind):
    table = Table.of([("N", BIGINT), ("KEY", kind)], [(9, cell), (8, None)])
    given_call = call(
        "@LoadSinglepartitionTable",
        1,
        Parameter.of(VARBINARY, value),
        Parameter.of(STRING, "VOTES"),
        Parameter.of(TINYINT, 0),
        Parameter.of(VOLTTABLE, table),
    )
    partition, name, upsert, loaded = values(request_of(given_call))
    becomes = loaded.rows[0][1]
    assert becomes == PSEUDONYMS.value(kind.code, cell)
    assert partition == (
        becomes.to_bytes(8, "little") if kind is BIGINT else becomes.encode() if kind is STRING else becomes
    )
    assert (name, upsert) == ("VOTES", 0)


def test_a_partition_value_of_no_row_is_a_value():
    given_call = call("@LoadSinglepartitionTable", 1, Parameter.of(VARBINARY, b"alice"))
    assert values(request_of(given_call)) == [PSEUDONYMS.binary(b"alice")]


def test_names_become_the_same_in_calls_sql_catalogs_and_errors():
    rules = "[default]\nnames = true"
    name = PSEUDONYMS.names.name
    found = request_of(call("Vote", 1), rules)
    assert found.procedure == name("Vote") != "Vote"
    found = request_of(call("@AdHoc", 1, Parameter.of(STRING, "select ID from VOTES")), rules)
    assert values(found) == [f"select {name('ID')} from {name('VOTES')}"]
    catalog = Table.of(
        [("TABLE_NAME", STRING), ("COLUMN_NAME", STRING), ("DATA_TYPE", INTEGER)], [("VOTES", "ID", 12)]
    )
    answer = response_of(Response(tables=[catalog]), "@SystemCatalog", rules).tables[0]
    assert answer.rows == [(name("VOTES"), name("ID"), 12)]
    assert answer.header == catalog.header
    rows = Table.of([("ID", BIGINT), ("C1", BIGINT)], [(1, 2)])
    answer = response_of(Response(tables=[rows]), "Vote", rules).tables[0]
    assert answer.header.column_names == (name("ID"), "C1")
    answer = response_of(Response(status=-3, status_string="Procedure Vote was not found"), "Vote", rules)
    assert answer.status_string == f"Procedure {name('Vote')} was not found"


def test_extensions_stay_but_for_unknown_ones():
    given_call = Invocation(
        version=2,
        procedure="P",
        extensions=[Extension(type=6, payload=500), Extension(type=99, payload=b"alic")],
    )
    assert [e.payload for e in request_of(given_call).extensions] == [500, bytes(4)]


@given(invocations())
def test_any_invocation_keeps_its_shape(invocation):
    body = build(invocation)
    found = redactor().request(sent(body))
    is_call = invocation.version in (0, 1, 2) and (invocation.procedure or "").isprintable()
    if is_call and parse(Invocation, body).is_readable:
        assert shape(parse(Invocation, found)) == shape(parse(Invocation, body))
    else:
        assert len(found) == len(body)


# ---------------------------------------------------------------- log-ins


def test_a_log_in_keeps_its_form_without_its_hash():
    found = parse(LoginRequest, redactor().request(sent(LOGIN)))
    assert found == LOGIN.replace(user=T("alice"), password_hash=bytes(32))
    kept = parse(LoginRequest, redactor("[default]\nusers = false").request(sent(LOGIN)))
    assert kept.user == "alice"


@pytest.mark.parametrize(
    "login",
    [
        LoginRequest(version=0, hash_scheme=None, user="alice", password_hash=PASSWORD_HASH[:20]),
        LoginRequest(version=1, hash_scheme=1, service="export", user="alice", password_hash=PASSWORD_HASH),
        LoginRequest(
            version=0, hash_scheme=None, service="export", user="alice", password_hash=PASSWORD_HASH[:20]
        ),
        LoginRequest(version=3, user="alice", password_hash=PASSWORD_HASH),
        LoginRequest(version=1, service="kerberos", user="alice", password_hash=PASSWORD_HASH),
    ],
)
def test_log_ins_that_servers_refuse_lose_their_hash_as_well(login):
    body = build(login)
    for frame in (sent(body), sent(body[:-3]), sent(body + b"x")):
        found = redactor().request(frame)
        assert len(found) == len(frame.body)
        assert PASSWORD_HASH[:4] not in found
        assert PASSWORD_HASH[8:12] not in found
        assert b"alice" not in found


@given(login_requests())
def test_no_log_in_keeps_a_hash(login):
    login = login.replace(password_hash=PASSWORD_HASH)
    assert PASSWORD_HASH[:6] not in redactor().request(sent(login))


def test_a_cut_log_in_keeps_its_service_only():
    body = build(LOGIN)
    cut = body[:-20] + bytes(20)
    found = redactor().request(sent(cut, missing=[(len(body) - 20, len(body))]))
    assert parse(LoginRequest, found) == LOGIN.replace(user=T("alice"), password_hash=bytes(32))


def test_the_answer_keeps_all_but_the_leaders_address():
    answer = LoginResponse(
        host_id=1, connection_id=7, cluster_start=5, leader_address=-1062731519, build="11.4"
    )
    found = parse(LoginResponse, redactor().response(received(answer), None))
    assert found.replace(leader_address=0) == answer.replace(leader_address=0)
    assert found.leader_address >> 24 == 10
    local = answer.replace(leader_address=2130706433)
    assert redactor().response(received(local), None) == build(local)
    refused = LoginResponse(status=-1)
    assert redactor().response(received(refused), None) == build(refused)


def test_kerberos_loses_its_tokens_and_principals():
    token = KerberosToken(token=b"secret token")
    assert parse(KerberosToken, redactor().request(sent(token))).token == bytes(12)
    assert parse(KerberosToken, redactor().response(received(token), None)).token == bytes(12)
    service = KerberosServiceName(principal="voltdb/alice@EXAMPLE.COM", trailing=b"more")
    found = parse(KerberosServiceName, redactor().response(received(service), None))
    assert found.principal == T("voltdb/alice@EXAMPLE.COM")
    assert found.trailing == bytes(4)
    assert redactor().response(received(b"\2\4alice"), None) == b"\2\4" + bytes(5)


# ---------------------------------------------------------------- responses


def test_rows_become_pseudonyms_and_the_rest_of_a_response_stays():
    table = Table.of([("ID", BIGINT), ("NAME", STRING)], [(4217, "alice"), (None, None)], status=0)
    answer = Response(
        client_handle=9,
        app_status=3,
        app_status_string="half",
        cluster_rtt_ms=12,
        tables=[table],
        hashes=[77, 78],
        trailing=b"alice",
    )
    found = response_of(answer, "Vote")
    assert found.tables[0].rows == [(N(4217), T("alice")), (None, None)]
    assert found.app_status_string == T("half")
    assert (found.hashes, found.trailing) == ([0, 0], bytes(5))
    assert shape(found) == shape(answer)


def test_how_a_statement_went_stays_unless_a_rule_says_otherwise():
    modified = Response(tables=[Table.of([("modified_tuples", BIGINT)], [(3,)], status=0)])
    done = Response(tables=[Table.of([("STATUS", BIGINT)], [(0,)])])
    assert response_of(modified, "T.insert") == modified
    assert response_of(done, "@AdHoc") == done
    assert response_of(done, "Vote") != done
    assert response_of(modified, "T.insert", "[[rule]]\ncolumn = 'mod*'\naction = 'blank'").tables[
        0
    ].rows == [(0,)]


def test_results_of_the_product_keep_numbers_and_words():
    topology = Table.of(
        [("Partition", INTEGER), ("Sites", STRING), ("Leader", STRING)], [(0, "0:0, 1:0", "0:0")]
    )
    ring = Table.of([("HASHTYPE", STRING), ("HASHCONFIG", VARBINARY)], [("ELASTIC", b"ring")])
    answer = Response(tables=[topology, ring])
    assert response_of(answer, "@Statistics") == answer
    push = answer.replace(client_handle=2**63 - 2)
    assert response_of(push, None) == push
    memory = Table.of(
        [("TIMESTAMP", BIGINT), ("HOSTNAME", STRING), ("NEW", STRING)], [(123456, "alice", "bob")]
    )
    assert response_of(Response(tables=[memory]), "@Statistics").tables[0].rows == [
        (123456, redactor().address("alice"), T("bob"))
    ]


def test_system_information_is_told_apart_by_its_keys():
    rows = [
        (0, "IPADDRESS", "192.0.2.1"),
        (0, "CLIENTPORT", "21212"),
        (0, "VOLTDBROOT", "/home/alice"),
        (0, "NEW", "bob"),
        (0, "VERSION", None),
    ]
    table = Table.of([("HOST_ID", INTEGER), ("KEY", STRING), ("VALUE", STRING)], rows)
    found = response_of(Response(tables=[table]), "@SystemInformation").tables[0].rows
    known = redactor()
    assert found == [
        (0, "IPADDRESS", known.address("192.0.2.1")),
        (0, "CLIENTPORT", "21212"),
        (0, "VOLTDBROOT", known.address("/home/alice")),
        (0, "NEW", T("bob")),
        (0, "VERSION", None),
    ]


def test_the_answer_to_a_call_that_was_not_captured_is_a_users():
    table = Table.of([("Sites", STRING)], [("alice",)])
    assert response_of(Response(tables=[table]), None).tables[0].rows == [(T("alice"),)]


def test_an_exception_keeps_its_codes():
    rows = Table.of([("NAME", STRING)], [("alice",)])
    from volttools.codec.codec import builder, parser

    exception = ServerException(
        type=3,
        message="about alice",
        sql_state=b"23000",
        constraint_type=2,
        table_name="VOTES",
        tuples=builder(TABLE)(rows),
    )
    found = response_of(Response(status=-2, exception=exception), "Vote").exception
    assert (found.type, found.sql_state, found.constraint_type, found.table_name) == (3, b"23000", 2, "VOTES")
    assert "alice" not in found.message
    assert parser(TABLE)(found.tuples).rows == [(T("alice"),)]
    broken = exception.replace(tuples=b"alice")
    assert response_of(Response(exception=broken), "Vote").exception.tuples == bytes(5)
    special = ServerException(type=7, message=None, status=1, status_string="about alice", trailing=b"bob")
    found = response_of(Response(exception=special), "Vote").exception
    assert "alice" not in found.status_string
    assert found.trailing == bytes(3)


def test_columns_of_unknown_types_are_zeros_from_there_on():
    from volttools.formats.notation import Opaque

    table = Table.of([("ID", BIGINT), ("NEW", 99)], [(4217, Opaque(b"alice"))]).replace(trailing=b"bob")
    found = response_of(Response(tables=[table]), "Vote").tables[0]
    assert found.rows == [(N(4217), Opaque(bytes(5)))]
    assert found.trailing == bytes(3)


@given(responses())
def test_any_response_keeps_its_shape(response):
    body = build(response)
    given_response = parse(Response, body)
    found = parse(Response, redactor().response(received(body), "Vote"))
    assert shape(found) == shape(given_response)


# ---------------------------------------------------------------- what can't be read


def test_a_call_that_cannot_be_read_keeps_its_head_only():
    body = build(call("Vote", 7, Parameter.of(STRING, "alice")))[:-2] + b"more than alice"
    found = redactor().request(sent(body))
    assert len(found) == len(body)
    assert parse(Invocation, found).procedure == "Vote"
    assert parse(Invocation, found).client_handle == 7
    assert b"alice" not in found
    renamed = redactor("[default]\nnames = true").request(sent(body))
    assert len(renamed) == len(body)
    assert b"Vote" not in renamed


def test_what_has_no_head_is_all_zeros():
    assert redactor().request(sent(b"alice in wonderland")) == bytes(19)
    assert redactor().response(received(b"\7alice in wonderland"), None) == bytes(20)


def test_frames_with_holes_keep_their_head_if_it_is_there():
    body = build(call("Vote", 7, Parameter.of(STRING, "alice"), Parameter.of(STRING, "bob")))
    end = len(body)
    found = redactor().request(sent(body, missing=[(end - 3, end)]))
    assert parse(Invocation, found).procedure == "Vote"
    assert b"alice" not in found
    assert redactor().request(sent(body, missing=[(3, 6)])) == bytes(end)
    answer = build(Response(client_handle=7, status=-2, status_string="about alice"))
    found = redactor().response(received(answer, missing=[(30, len(answer))]), "Vote")
    assert len(found) == len(answer)
    assert b"alice" not in found
    assert found[:11] == answer[:11]


@given(mutated())
def test_no_bytes_make_it_fail(sample):
    _, body = sample
    for make in (sent, received):
        frame = make(body)
        known = redactor()
        found = known.request(frame) if make is sent else known.response(frame, None)
        assert isinstance(found, bytes)


# ---------------------------------------------------------------- whole captures


def test_equal_stays_equal_across_messages_types_and_redactors():
    one, other = redactor(), redactor()
    table = Table.of([("A", BIGINT), ("B", STRING), ("C", INTEGER)], [(4217, "alice", 4217)])
    rows = parse(Response, one.response(received(Response(tables=[table])), "P")).tables[0].rows
    asked = call(
        "@AdHoc", 1, Parameter.of(STRING, "select 4217, 'alice' from T"), Parameter.of(INTEGER, 4217)
    )
    sql, number = values(parse(Invocation, other.request(sent(asked))))
    assert rows == [(number, T("alice"), number)]
    assert sql == f"select {number}, '{T('alice')}' from T"


def test_another_key_gives_other_messages():
    body = sent(call("P", 1, Parameter.of(BIGINT, 42_170_000)))
    assert redactor().request(body) == redactor().request(body)
    assert redactor(key=b"another key for tests").request(body) != redactor().request(body)


def test_the_report_tells_what_was_touched():
    known = redactor(
        "[[rule]]\nprocedure = 'Vote'\nparameter = 1\naction = 'keep'\n[[rule]]\ncolumn = 'EMIAL'"
    )
    known.request(sent(LOGIN))
    known.request(sent(call("Vote", 1, Parameter.of(BIGINT, 1), Parameter.of(BIGINT, 2))))
    known.request(sent(call("@AdHoc", 1, Parameter.of(STRING, "select 'a', 1 from T"))))
    known.response(received(b"\7alice in wonderland"), None)
    assert known.report.lines() == [
        "messages   log-ins 1, requests 2, unreadable frames 1",
        "values     1 kept, 1 redacted as SQL, 1 replaced",
        "besides    SQL literals 2, log-in hashes 1, statements 1, users 1",
        "zeroed     frames 1: their values can't be told apart",
        "rule 1     procedure Vote, parameter 1: keep: 1 value",
        "rule 2     column EMIAL: replace: matched nothing: a name misspelt, or an earlier rule?",
        "@AdHoc",
        "  parameter 0                  STRING          1 redacted as SQL",
        "Vote",
        "  parameter 0                  BIGINT          1 replaced",
        "  parameter 1                  BIGINT          1 kept (rule 1)",
    ]


@pytest.mark.slow
def test_a_large_table_takes_seconds_and_not_minutes():
    days = [datetime.datetime(2024, 1, 1).toordinal() * 86_400_000_000 + i * 1_000_003 for i in range(50_000)]
    rows = [(i, f"customer {i % 997}", Decimal(i % 500), days[i], i % 7) for i in range(50_000)]
    from volttools.formats.types import DECIMAL

    table = Table.of(
        [("ID", BIGINT), ("NAME", STRING), ("SUM", DECIMAL), ("AT", TIMESTAMP), ("KIND", TINYINT)], rows
    )
    frame = received(Response(tables=[table]))
    began = time.perf_counter()
    redactor().response(frame, "Report")
    assert 250_000 / (time.perf_counter() - began) > 10_000  # 100,000 on an idle machine
