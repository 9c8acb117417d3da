"""What both clients do alike: tests that the blocking and the asyncio client inherit.

A subclass has `connect(server or target, **options)`: a context manager of something with the
blocking client's methods.
"""

import os
import socket

import pytest

import volttools
from tests.client.contract_faults import FaultsContract
from tests.client.server import WELCOME, HalfAnswering, Server, echo, table
from tests.requirements import require
from volttools.client import bigint, null
from volttools.client.tap import Tap
from volttools.errors import (
    CallFailed,
    CallTimeout,
    ConnectionLost,
    EncodeError,
    UsageError,
)
from volttools.formats.response import Response
from volttools.formats.types import INTEGER, STRING

TOPOLOGY, PROCEDURES = 2**63 - 2, 2**63 - 3

CATALOG = table(
    ("Vote", "param0", "BIGINT", None),
    ("Vote", "param1", "INTEGER", "PARTITION_PARAMETER"),
    ("Vote", "param2", "VARCHAR", None),
    columns=(
        ("PROCEDURE_NAME", STRING),
        ("COLUMN_NAME", STRING),
        ("TYPE_NAME", STRING),
        ("REMARKS", STRING),
    ),
)


def with_catalog(invocation):
    """An echo that has a catalog."""
    return Response(tables=[CATALOG]) if invocation.procedure == "@SystemCatalog" else echo(invocation)


def types_of(invocation):
    return [parameter.type_name for parameter in invocation.parameters]


class ClientContract(FaultsContract):
    # ------------------------------------------------------------- calls

    def test_a_call_gives_its_rows_and_what_the_server_said_of_itself(self):
        with Server() as server, self.connect(server, user="op", password="secret") as client:
            result = client.call("Vote", 42)
            assert (result.rows, result.status_name, result.procedure) == ([(42,)], "SUCCESS", "Vote")
            assert result.latency_ns > 0
            assert client.server.build == "11.4.0_test"
            assert (client.in_flight, client.is_closed, client.address) == (0, False, server.address)
        (request,) = server.logins
        assert (request.user, request.password_hash.hex()[:8]) == ("op", "2bb80d53")

    def test_parameters_have_the_types_of_the_catalog_which_is_asked_once(self):
        with Server(with_catalog) as server, self.connect(server) as client:
            client.call("Vote", 1, 2, "NY")
            client.call("Vote", 1, 2, None)
            client.call("Vote", null(INTEGER), bigint(2), "NY")  # what is said counts
            client.call("Other", 1, "x", 1.5)  # not in the catalog: by the values
        asked, *calls = server.invocations
        assert asked.procedure == "@SystemCatalog"
        assert [types_of(call) for call in calls] == [
            ["BIGINT", "INTEGER", "STRING"],
            ["BIGINT", "INTEGER", "STRING"],
            ["INTEGER", "BIGINT", "STRING"],
            ["BIGINT", "STRING", "FLOAT"],
        ]

    def test_the_catalog_is_asked_anew_when_procedures_have_changed(self):
        with Server(with_catalog) as server, self.connect(server) as client:
            client.call("Vote", 1, 2, "NY")
            server.push(Response(client_handle=PROCEDURES))
            assert next(iter(client.events(timeout=60))).name == "procedures"
            client.call("Vote", 1, 2, "NY")
        assert [call.procedure for call in server.invocations] == ["@SystemCatalog", "Vote"] * 2

    def test_without_signatures_nothing_is_asked(self):
        with Server(with_catalog) as server, self.connect(server, signatures=False) as client:
            client.call("Vote", 1, 2, "NY")
            client.call("Vote", 1, types=["INTEGER"])
        assert [types_of(call) for call in server.invocations] == [
            ["BIGINT", "BIGINT", "STRING"],
            ["INTEGER"],
        ]

    def test_the_types_of_parameters_can_be_asked_for(self):
        with Server(with_catalog) as server, self.connect(server) as client:
            assert client.parameter_slots("@Ping") is None
            assert server.invocations == []
            kinds = [slot.kind.name for slot in client.parameter_slots("Vote")]
            assert kinds == ["BIGINT", "INTEGER", "STRING"]
            assert client.parameter_slots("Nope") is None
        assert len(server.invocations) == 1

    def test_what_cannot_be_sent_is_refused_before_a_byte_is(self):
        with Server(with_catalog) as server, self.connect(server) as client:
            for arguments, text in [
                ((1, 2**31, "x"), "Vote, parameter 1: 2147483648 is out of range: INTEGER is -2147483647 .."),
                ((1, "x", "x"), "Vote, parameter 1: 'x' (str) is no INTEGER"),
                ((-(2**63), 1, "x"), "Vote, parameter 0: -9223372036854775808 is out of range"),
                ((1, 2, 3), "Vote, parameter 2: 3 (int) is no STRING"),
            ]:
                with pytest.raises(EncodeError) as caught:
                    client.call("Vote", *arguments)
                assert str(caught.value).startswith(text)
            assert client.call("Vote", 7, 2, "x").scalar() == 7
        assert [call.procedure for call in server.invocations] == ["@SystemCatalog", "Vote"]

    def test_a_call_longer_than_a_server_takes_is_refused(self):
        with Server() as server, self.connect(server, signatures=False) as client:
            with pytest.raises(
                EncodeError, match=r"the call takes 52,428,8\d\d bytes, a server takes 52,428,804"
            ):
                client.call("P", bytes(50 * 2**20))
            assert client.call("P", 1).scalar() == 1

    def test_a_failure_raises_with_all_that_the_server_said(self):
        failed = Response(
            status=-1, status_string="gave up", app_status=5, app_status_string="five", tables=[table((1,))]
        )
        with Server(lambda _: failed) as server, self.connect(server, signatures=False) as client:
            with pytest.raises(CallFailed) as caught:
                client.call("Vote")
            error = caught.value
            assert str(error) == "Vote: USER_ABORT (-1): gave up (application status 5: five)"
            assert (error.procedure, error.status, error.app_status) == ("Vote", -1, 5)
            assert (error.status_string, error.app_status_string) == ("gave up", "five")
            assert error.tables[0].rows == [(1,)]
            assert client.call("Vote", check=False).status == -1

    def test_many_calls_are_in_flight_and_each_answer_is_its_own(self):
        held = []

        def backwards(invocation):
            """Answers come in the opposite order, by tens."""
            held.append(invocation)
            if len(held) < 10:
                return None
            connection = server.connections[0]
            responses = [
                echo(called).replace(client_handle=called.client_handle) for called in reversed(held)
            ]
            held.clear()
            return b"".join(connection.side.respond(response) for response in responses)

        with Server(backwards) as server, self.connect(server, signatures=False) as client:
            calls = [client.submit("P", number) for number in range(1000)]
            assert [client.result(call).scalar() for call in calls] == list(range(1000))
            assert client.in_flight == 0

    def test_more_calls_than_may_be_in_flight_wait_for_answers(self):
        most = []

        def count(invocation):
            most.append(server.connections[0].side.in_flight)
            return echo(invocation)

        with Server(count) as server, self.connect(server, signatures=False, max_in_flight=5) as client:
            calls = [client.submit("P", number) for number in range(200)]
            assert client.in_flight <= 5
            assert [client.result(call).scalar() for call in calls] == list(range(200))
        assert max(most) <= 5
        with pytest.raises(UsageError, match="max_in_flight=0: at least one call must be possible"):
            self.connect(server, max_in_flight=0).__enter__()

    def test_large_answers_and_large_calls_pass_each_other(self):
        """Neither side reads while it writes more than buffers hold: a client that only sent would hang."""
        data = bytes(range(256)) * 8192
        answer = Response(tables=[table((data,), columns=(("DATA", volttools.formats.types.VARBINARY),))])
        with Server(lambda _: answer) as server, self.connect(server, signatures=False) as client:
            calls = [client.submit("P", data) for _ in range(30)]
            assert all(client.result(call).scalar() == data for call in calls)

    def test_timeouts_go_to_servers_that_know_them(self):
        with Server() as server, self.connect(server, send_timeouts=True, signatures=False) as client:
            client.call("P", 1, timeout=2.0, batch_timeout=0.5)
            client.call("P", 1, timeout=None)
        first, second = server.invocations
        assert [(e.name, e.payload) for e in first.extensions] == [
            ("batch_timeout", 500),
            ("request_timeout", 2_000_000),
        ]
        assert (second.version, second.extensions) == (0, None)
        old = WELCOME.replace(build="6.2_x")
        with Server(welcome=old) as server, self.connect(server, send_timeouts=True) as client:
            client.call("@Ping", timeout=2.0)
            with pytest.raises(UsageError, match=r"the server is 6\.2_x: batch time-outs need 6\.7"):
                client.call("@Ping", batch_timeout=1.0)
        assert server.invocations[0].version == 0

    # ----------------------------------------------------------- timeouts

    def test_a_call_that_times_out_leaves_the_connection_usable_and_its_answer_is_dropped(self):
        late = []

        def slow(invocation):
            if invocation.procedure == "Slow":
                late.append(invocation)
                return None
            connection = server.connections[0]
            answers = b"".join(
                connection.side.respond(echo(called).replace(client_handle=called.client_handle))
                for called in late
            )
            late.clear()
            return answers + connection.side.respond(
                echo(invocation).replace(client_handle=invocation.client_handle)
            )

        with Server(slow) as server, self.connect(server, signatures=False) as client:
            with pytest.raises(CallTimeout) as caught:
                client.call("Slow", 1, timeout=0.05)
            assert str(caught.value) == (
                f"Slow: no answer from {server.address} within 0.05 s; it may have run, or run later;"
                " the connection can be used on"
            )
            assert isinstance(caught.value, socket.timeout)
            assert caught.value.may_have_run
            assert client.call("P", 2).scalar() == 2
            assert client.in_flight == 0
        assert [call.client_handle for call in server.invocations] == [1, 2]

    @pytest.mark.parametrize("timeout", [0, -1.5])
    def test_no_time_at_all_is_no_timeout(self, timeout):
        with (
            Server() as server,
            self.connect(server) as client,
            pytest.raises(UsageError, match="give a positive number, or None to wait for ever"),
        ):
            client.call("P", timeout=timeout)

    def test_each_call_has_its_own_timeout(self):
        with Server(lambda _: None) as server, self.connect(server, signatures=False) as client:
            long, short = client.submit("Long", timeout=30), client.submit("Short", timeout=0.05)
            with pytest.raises(CallTimeout, match="Short: no answer"):
                client.result(short)
            assert client.in_flight == 1
            del long

    def test_a_catalog_that_does_not_answer_is_named(self):
        with Server(lambda _: None) as server, self.connect(server, timeout=0.05) as client:
            with pytest.raises(
                CallTimeout, match=r"@SystemCatalog: .*signatures=False goes without"
            ) as caught:
                client.call("P", 1)
            assert not caught.value.may_have_run

    # ------------------------------------------------------------- pushes

    def test_pushes_are_events_and_no_answers(self):
        with Server() as server, self.connect(server) as client:
            client.subscribe()
            server.push(Response(client_handle=TOPOLOGY, tables=[table((9,))]))
            assert client.call("P", 5).scalar() == 5
            (event,) = client.events(timeout=0.01)
            assert (event.name, event.result.rows) == ("topology", [(9,)])
        assert types_of(server.invocations[0]) == ["STRING"]

    def test_pushes_can_go_to_a_callback(self):
        found = []
        with Server() as server, self.connect(server, on_push=found.append) as client:
            server.push(Response(client_handle=TOPOLOGY))
            client.call("@Ping")
            assert [event.name for event in found] == ["topology"]
            assert list(client.events(timeout=0.01)) == []

    def test_a_callback_that_fails_costs_no_call(self):
        def fails(event):
            raise ValueError("no")

        with Server() as server, self.connect(server, on_push=fails) as client:
            server.push(Response(client_handle=TOPOLOGY))
            with pytest.warns(RuntimeWarning, match=r"on_push failed on 'topology': ValueError\('no'\)"):
                assert client.call("@Ping").status == 1

    def test_events_end_with_the_connection(self):
        with Server() as server, self.connect(server) as client:
            server.connections[0].close()
            with pytest.raises(ConnectionLost, match="the server closed the connection"):
                list(client.events(timeout=60))

    # ---------------------------------------------------------------- tap

    @pytest.mark.parametrize("name", ["tap.pcapng", "tap.dump", "tap.jsonl"])
    def test_a_tap_holds_all_that_was_seen(self, tmp_path, name):
        path = tmp_path / name
        with Server() as server, self.connect(server, user="op", password="secret", tap=path) as client:
            client.call("P", 42)
            client.call("Q", "x")
        with volttools.open(path) as capture:
            events = list(capture.events())
        kinds = [event.kind for event in events]
        assert kinds == ["login", "exchange", "exchange", "exchange"]
        assert [event.procedure for event in events[1:]] == ["@SystemCatalog", "P", "Q"]
        assert events[2].response.tables[0].rows == [(42,)]
        assert events[0].request.password_hash == bytes(32)

    def test_a_tap_keeps_hashes_where_it_is_told_to(self, tmp_path):
        path = tmp_path / "tap.dump"
        with Server() as server, self.connect(server, password="secret", tap=path, keep_login_hashes=True):
            pass
        with volttools.open(path) as capture:
            assert next(capture.events()).request.password_hash.hex().startswith("2bb80d53")

    def test_a_tap_has_what_the_server_sent_before_it_broke(self, tmp_path):
        path = tmp_path / "tap.pcapng"

        with (
            HalfAnswering() as server,
            self.connect(server, signatures=False, tap=path) as client,
            pytest.raises(ConnectionLost),
        ):
            client.call("P")
        with volttools.open(path) as capture:
            events = list(capture.events())
        (exchange,) = [event for event in events if event.kind == "exchange"]
        assert exchange.is_partial
        assert exchange.response_frame.readable == exchange.response_frame.body[:16]

    def test_a_tap_can_be_a_callback(self):
        found = []
        with Server() as server, self.connect(server, tap=found.append) as client:
            client.call("@Ping")
        assert [(e.procedure, e.status, e.latency_ns > 0) for e in found] == [("@Ping", 1, True)]

    def test_a_tap_can_be_made_before_and_its_format_said(self, tmp_path):
        path = tmp_path / "any name"
        tap = Tap(path, format="dump")
        with Server() as server, self.connect(server, tap=tap) as client:
            client.call("@Ping")
        with volttools.open(path) as capture:
            assert [exchange.procedure for exchange in capture] == ["@Ping"]

    # ---------------------------------------------------------------- rest

    def test_the_environment_says_where_and_who(self, monkeypatch):
        with Server() as server:
            monkeypatch.setenv("VOLTTOOLS_HOST", server.address)
            monkeypatch.setenv("VOLTTOOLS_USER", "ann")
            monkeypatch.setenv("VOLTTOOLS_PASSWORD", "secret")
            with self.connect(None) as client:
                assert client.call("@Ping").status == 1
        assert (server.logins[0].user, server.logins[0].password_hash.hex()[:8]) == ("ann", "2bb80d53")

    def test_a_hundred_connections_leave_no_descriptor(self):
        with Server() as server:
            with self.connect(server) as client:
                client.call("@Ping")
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(100):
                with self.connect(server) as client:
                    client.call("@Ping")
            server.joined()
            assert len(os.listdir("/proc/self/fd")) <= before

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            require(False, "this machine has no IPv6")
        with Server(host="::1") as server, self.connect(server) as client:
            assert client.call("@Ping").status == 1
            assert client.address.startswith("[::1]:")
