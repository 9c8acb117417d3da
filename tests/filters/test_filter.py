"""What expressions find in real captures.

The numbers were worked out from the lines of `decode --json`, by a few words of Python an
expression that share nothing with filters.
"""

import pickle
import re

import pytest

import volttools
from tests.requirements import ROOT
from tests.samples import exchange
from volttools.filters.filter import Filter, compile_filter
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.types import INTEGER, STRING

DEMO = "demo.pcap"
TYPES = "types-all.pcap"
PUSHES = "pushes-catalog.pcap"
LOST = "lost-many.pcapng"
TLS = "tls.pcapng"
LATE = "late-response.dump"
VERSIONS = "hand-made-versions.pcap"

# fmt: off
FOUND = [
    # capture, expression, numbers of exchanges and kinds of other events, as they come
    (DEMO, 'procedure == "Fail"', [16, 17, 18, 19, 20]),
    (DEMO, 'procedure == "fail"', []),
    (DEMO, 'procedure != "Fail"', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 21, 22, 23]),
    (DEMO, 'procedure ~ "^@"', [9, 10, 11, 12, 13, 14, 15, 21, 22, 23]),
    (DEMO, 'procedure !~ "^@"', [1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20]),
    (DEMO, 'procedure ~ "(?i)^types"', [2, 3, 4, 5, 6, 7, 8]),
    (DEMO, "procedure ~ '^TYPES\\.s'", [5, 6, 7, 8]),
    (DEMO, 'procedure contains "S."', [2, 3, 4, 5, 6, 7, 8]),
    (DEMO, 'procedure in ["Fail", "@Explain"]', [16, 17, 18, 19, 20, 23]),
    (DEMO, 'procedure < "@B"', [9, 10, 11, 12, 13, 14, 15]),
    (DEMO, "status != SUCCESS", [1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23]),
    (DEMO, "status == success", [3, 8, 19]),
    (DEMO, "status == 1", [3, 8, 19]),
    (DEMO, 'status == "USER_ABORT"', [16]),
    (DEMO, "status < GRACEFUL_FAILURE", [1, 5, 6, 17, 20, 22]),
    (DEMO, "status in [USER_ABORT, -3]", [1, 5, 6, 16, 17, 20, 22]),
    (DEMO, "not status in [USER_ABORT, -3]", ["login", 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 21, 23]),
    (DEMO, "-3 == status", [1, 5, 6, 17, 20, 22]),
    (DEMO, 'status_string contains "SQL"', [9, 10, 11, 14, 15, 23]),
    (DEMO, 'status_string ~ "ünicöde"', [16]),
    (DEMO, "exists status_string", [1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23]),
    (DEMO, "kind == exchange and not exists status_string", [3, 8, 19]),
    (DEMO, "app_status == -128", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
    (DEMO, "kind == LOGIN", ["login"]),
    (DEMO, "latency > 5ms", [4, 9, 12, 13]),
    (DEMO, "latency > 14.8 ms", [4, 9, 13]),
    (DEMO, "latency >= 5000us and latency < 0.01s", [12]),
    (DEMO, "1ms < latency", [1, 3, 4, 6, 9, 11, 12, 13, 17, 18, 20, 21, 23]),
    (DEMO, "latency < 400us", [15, 22]),
    (TYPES, "latency > cluster_rtt", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
    (TYPES, "cluster_rtt >= latency", []),
    (TYPES, "cluster_rtt >= 1ms", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 16, 17, 18, 19]),
    (LATE, "cluster_rtt > 900ms", [1]),
    (LATE, "latency > 0ms", []),
    (LATE, "not latency > 0ms", ["login", 1, 2, 3]),
    (TYPES, 'time >= "2026-11-23 15:48:03.6"', [18, 19]),
    (TYPES, 'time < "2026-11-23T15:48:03.54Z"', ["login", 1, 2]),
    (TYPES, 'time > "2026-11-23 16:48:03.6+01:00"', [18, 19]),
    (TYPES, 'time > "2026-11-23 15:48:03.6 UTC"', [18, 19]),
    (TYPES, 'time < "2026-11-24"', ["login", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
    (LATE, "exists time", []),
    (DEMO, "params[0] == 5", [3, 4]),
    (DEMO, "params[0] == 5.0", [3, 4]),
    (DEMO, "params[0] == 0x1388", [16, 17, 18, 19, 20]),
    (DEMO, "params[0] == 5_000", [16, 17, 18, 19, 20]),
    (DEMO, "params[0] > 5e3", [8]),
    (DEMO, "params[0] != 5", [1, 2, 7, 8, 16, 17, 18, 19, 20]),
    (DEMO, "not params[0] == 5", ["login", 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
    (DEMO, 'params[-1] == "abort"', [16]),
    (DEMO, "params[0] == params[-1]", [1, 2, 5, 8, 9, 10, 11, 12, 14, 15, 23]),
    (DEMO, "params[*] == 400", [13]),
    (DEMO, 'params[1] contains "x"', [19]),
    (DEMO, 'params[*] ~ "^e"', [19]),
    (DEMO, "params.count == 0", [6, 22]),
    (DEMO, "params.count > 2", [3, 4]),
    (DEMO, "exists params[1]", [3, 4, 7, 13, 16, 17, 18, 19, 20, 21]),
    (DEMO, "exists params[*]", [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23]),
    (DEMO, 'params[0] == ""', [15]),
    (DEMO, "params[0].type == STRING", [5, 9, 10, 11, 12, 13, 14, 15, 21, 23]),
    (DEMO, "params[*].type == bigint", [3, 4, 8]),
    (DEMO, "params[1].type in [TINYINT, STRING]", [3, 4, 16, 17, 18, 19, 20]),
    (TYPES, "params[1] == null", [4, 15, 16]),
    (TYPES, "params[1] != null", [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    (TYPES, "params[1] in [null, 0]", [3, 4, 15, 16]),
    (TYPES, "params[1] != 0", [1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
    (TYPES, "not params[1] == 0 and kind == exchange", [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
    (TYPES, "params[*] == null", [4, 11, 12, 13, 14, 15, 16]),
    (TYPES, "params[*] != null and not params[*] == null", [1, 2, 3, 5, 6, 7, 8, 9, 10, 17, 18, 19]),
    (TYPES, "params[4] > 9_000_000_000_000_000_000", [2]),
    (TYPES, "params[5] == 5e-324", [8, 12]),
    (TYPES, "params[5] <= -140259.07100590307", [1, 13, 14]),
    (TYPES, "params[6] > 0 and params[6] < 1e26", [2, 5, 6, 7, 8, 13, 14]),
    (TYPES, "params[6] == 0", [3]),
    (TYPES, 'params[8] == x"00"', [3]),
    (TYPES, "params[8] contains X'ff'", [2, 6]),
    (TYPES, 'params[9] < "1970-01-01"', [1, 5]),
    (TYPES, 'params[9] == "1970-01-01"', [3]),
    (TYPES, "params[9] == 0", [3]),
    (TYPES, 'params[10] contains "POINT"', [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16]),
    (TYPES, 'params[7] contains "b"', [2, 3, 5, 6, 7, 9, 12, 16]),
    (DEMO, 'sql contains "SELECT"', [10, 11, 13, 14]),
    (DEMO, 'sql ~ "(?i)^delete"', [23]),
    (DEMO, "exists sql", [9, 10, 11, 12, 13, 14, 15, 23]),
    (TYPES, "tables[0].row_count > 10", [17]),
    (TYPES, "row_count == 0", [19]),
    (TYPES, "tables.count == 1", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
    (TYPES, "tables[1].row_count >= 0", []),
    (TYPES, "tables[0].status == 0", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    (TYPES, "tables[0].column_count > 1", [17, 18, 19]),
    (TYPES, 'tables[0].columns[0] == "ID"', [17, 18, 19]),
    (TYPES, 'tables[*].columns[*] contains "modified"', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    (TYPES, "tables[0].column_types[*] == GEOGRAPHY", [17, 18, 19]),
    (TYPES, "tables[0].rows[0].ID == 3", [18]),
    (TYPES, "tables[0].rows[*].id == 3", [17, 18]),
    (TYPES, "tables[0].rows[-1][0] == 15", [17]),
    (TYPES, 'tables[0].rows[0]["modified_tuples"] == 1', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    (TYPES, "tables[*].rows[*][*] == null", [17, 18]),
    (TYPES, "tables[0].rows.count == 1", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18]),
    (TYPES, "tables[0].rows[0].NOSUCH == null", []),
    (TYPES, "values[*] == 999", [19]),
    (TYPES, 'values[*] == x"00"', [3, 17]),
    (TYPES, "values.count > 100", [17]),
    (TYPES, 'texts[*] contains "SELECT"', [17]),
    (PUSHES, "kind == push", ["push", "push"]),
    (PUSHES, 'push.name == "procedures" and tables[0].row_count > 0', ["push", "push"]),
    (PUSHES, "client_handle > 0x7fffffffffffff00", ["push", "push"]),
    (PUSHES, "connection == 2", ["login", 2, 3]),
    (PUSHES, 'connection == 2 and sql ~ "PUSHED"', [2, 3]),
    (PUSHES, 'tables[0].columns[*] == "REMARKS"', ["push", "push"]),
    (PUSHES, 'library contains "Python"', [3]),
    (PUSHES, 'server == "127.0.0.2:21212" and client ~ ":51146$"', ["login", 1, "push", "push"]),
    (TLS, 'tls ~ "^TLS 1.2, .*_GCM_"', ["login", 1, 2, 3, 4, 5, 6, 7]),
    (LOST, "exists tls", []),
    (LOST, 'login.user == "user1"', ["login"]),
    (LOST, 'login.accepted and login.hash_scheme == "SHA-256"', ["login", "login", "login"]),
    (LOST, "exists login", ["login", "login", "login"]),
    (LOST, 'user == "user1" and status == USER_ABORT', [19]),
    (LOST, "partial", [2, 25, 5, 29]),
    (LOST, "fragment", [29]),
    (LOST, "request_lost or response_lost", [6, 15, 24, 27, 29, 33]),
    (LOST, "damage.what == gap and damage.length > 1kB", ["damage", "damage", "damage", "damage"]),
    (LOST, "damage.exchange in [5, 6]", ["damage", "damage"]),
    (LOST, "damage.direction == client", ["damage", "damage", "damage", "damage"]),
    (LOST, 'notes[*] contains "missing"', [6, 2, 25, 5, 29, 33]),
    (LOST, "status == SUCCESS and partial", [2, 25, 5, 29]),
    (LOST, 'late == false and connection == 1 and procedure == "Fail"', [6, 10]),
    (LOST, "malformed", []),
    (LATE, "late", [1, 2]),
    (LATE, "late == true or error", [1, 2, 3]),
    (LATE, "not late and kind == exchange", [3]),
    (VERSIONS, "version == 2", [4, 5]),
    (VERSIONS, "version > 0 and status == SUCCESS", [3, 4, 5]),
    (VERSIONS, "exists extensions.batch_timeout", [3, 5]),
    (VERSIONS, "extensions.batch_timeout > 1s", [3]),
    (VERSIONS, "extensions.types[*] > 6", [5]),
    (VERSIONS, "client_handle == -9223372036854775808", [6]),
    (VERSIONS, "frames[*] == 4", [1]),
    (VERSIONS, "frames.count == 1", ["push", 2]),
    (VERSIONS, "number in [2, 11]", [11, 2]),
    (DEMO, "bytes > 2kB", [4]),
    (DEMO, "request_bytes > response_bytes", [3]),
    (DEMO, "response_bytes >= 0.9 KiB", [4, 17]),
    (DEMO, 'status == SUCCESS and latency < 1ms or procedure == "@Explain"', [8, 19, 23]),
    (DEMO, 'status == SUCCESS AND (latency < 1ms OR procedure == "@Explain")', [8, 19]),
    (DEMO, "not error", ["login", 3, 8, 19]),
    (DEMO, 'not not error and not procedure == "Fail" and params.count == 2', [7, 13, 21]),
    (DEMO, "exists(params[0]) and not(params[0] > 0)", [5, 9, 10, 11, 12, 13, 14, 15, 21, 23]),
]
# fmt: on


def found(capture, expression):
    events = volttools.open(ROOT / "captures" / capture).where(expression)
    return [event.number if event.kind == "exchange" else event.kind for event in events]


@pytest.mark.parametrize(("capture", "expression", "expected"), FOUND)
def test_an_expression_finds_what_it_says(capture, expression, expected):
    assert found(capture, expression) == expected


def test_a_filter_has_its_text_and_is_compiled_once():
    slow = compile_filter("latency > 5ms")
    assert slow.text == "latency > 5ms"
    assert repr(slow) == "Filter('latency > 5ms')"
    assert compile_filter("latency > 5ms") is slow
    assert slow != compile_filter("latency>5ms")


def test_a_filter_pickles_as_its_text():
    copy = pickle.loads(pickle.dumps(compile_filter("latency > 5ms")))
    assert copy == compile_filter("latency > 5ms")
    assert isinstance(copy, Filter)


@pytest.mark.parametrize(
    "expression",
    [
        'procedure == "Fail" and latency > 5ms and status != SUCCESS',
        "version == 3 or client_handle == 7 or connection == 2",
        "request_bytes > 1MB or response_lost or late or partial",
        'status == USER_ABORT and params[0] == 1 or procedure == "x" and row_count > 1',
    ],
)
def test_what_stands_in_heads_is_found_without_parsing_messages(expression):
    wanted = compile_filter(expression)
    for event in volttools.open(ROOT / "captures" / DEMO):
        wanted.matches(event)
        if event.status != -1:  # of these the parameters are asked for
            assert event._invocation is None, expression
            assert event._response is None, expression


# ---------------------------------------------------------------- docs/filters.md

PAGE = (ROOT / "docs" / "filters.md").read_text()


def test_the_questions_on_the_page_are_expressions():
    section = PAGE.split("## Questions people ask")[1].split("\n## ")[0]
    expressions = re.findall(r"`([^`]+)`", section)
    assert len(expressions) >= 14
    for expression in expressions:
        assert Filter(expression)


def call_with(*parameters):
    invocation = Invocation(procedure="P", parameters=list(parameters))
    return exchange(invocation, None, at_us=1, latency_us=1)


COLUMNS = [
    call_with(Parameter.of(INTEGER, 42)),
    call_with(Parameter.of(INTEGER, 7)),
    call_with(Parameter.of(STRING, "x")),
    call_with(Parameter.of(INTEGER, None)),
    call_with(),
]
ANSWERS = re.findall(r"^\| `(.*)` \| ((?:yes|no)(?: \| (?:yes|no)){4}) \|$", PAGE, re.MULTILINE)


def test_the_table_of_what_is_absent_is_true():
    assert len(ANSWERS) == 6
    for expression, answers in ANSWERS:
        found = ["yes" if Filter(expression).matches(event) else "no" for event in COLUMNS]
        assert found == answers.split(" | "), expression
