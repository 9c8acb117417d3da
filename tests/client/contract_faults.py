"""What both clients do alike where they are not let in, or the connection breaks."""

import contextlib
import socket
import threading

import pytest

import volttools
from tests.client.server import CLOSE, WELCOME, HalfAnswering, Server, echo
from volttools.client import ConnectionSettings
from volttools.codec import build
from volttools.errors import (
    CallTimeout,
    CannotConnect,
    ConnectionLost,
    LoginRefused,
    UsageError,
)
from volttools.formats.frame import PREFIX
from volttools.formats.login import LOGIN_STATUS
from volttools.formats.response import Response
from volttools.protocol.frame_buffer import framed


def send_raw(data):
    """A log-in's answer: these bytes, whatever they are; None: nothing; CLOSE closes."""

    def answer(connection, request):
        if data is CLOSE:
            raise OSError("closes")
        connection.send(data)

    return answer


@contextlib.contextmanager
def closed_port():
    """A port that nobody listens on, and nobody else gets."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


class FaultsContract:
    # ------------------------------------------------------------- log-in

    @pytest.mark.parametrize("status", sorted(set(LOGIN_STATUS) - {0}))
    def test_a_refusal_says_why_and_what_to_do(self, status):
        def refuse(connection, request):
            connection.send(connection.side.refuse(status))

        with Server(login=refuse) as server, pytest.raises(LoginRefused) as caught:
            self.connect(server, user="op", password="secret").__enter__()
        text = str(caught.value)
        assert text.startswith(f"{server.address} refused the log-in of 'op': {LOGIN_STATUS[status]}: ")
        assert text.endswith(f" (status {status})")
        assert "secret" not in text
        assert (caught.value.status, caught.value.reason) == (status, LOGIN_STATUS[status])

    def test_a_full_server_is_a_refusal(self):
        def full(connection, request):
            connection.send(connection.side.refuse_full())
            raise OSError("closes")

        with (
            Server(login=full) as server,
            pytest.raises(LoginRefused, match="its limit of connections") as caught,
        ):
            self.connect(server).__enter__()
        assert caught.value.status == 1

    def test_addresses_are_tried_in_turn(self):
        def rejoining(connection, request):
            connection.send(connection.side.refuse(4))

        with closed_port() as port, Server(login=rejoining) as first, Server() as second:
            targets = [f"127.0.0.1:{port}", first.address, second.address]
            with self.connect(targets) as client:
                assert client.address == second.address
            with pytest.raises(CannotConnect) as caught:
                self.connect(targets[:2]).__enter__()
        assert str(caught.value) == (
            f"none of 2 addresses let us in: 127.0.0.1:{port}: nothing listens there (connection refused);"
            f" {first.address} refused the log-in: the node is rejoining its cluster: try another node, or this one when"
            " it has joined (status 4)"
        )

    def test_all_addresses_of_a_name_are_tried(self, monkeypatch):
        def found(*wheres):
            family = socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, ""
            return lambda *arguments, **named: [(*family, where) for where in wheres]

        with Server() as server, closed_port() as port:
            monkeypatch.setattr(socket, "getaddrinfo", found(("127.0.0.1", port), ("127.0.0.1", server.port)))
            with self.connect("volt.example") as client:
                assert client.address == "volt.example:21212"
                assert client.call("@Ping").status == 1
            monkeypatch.setattr(socket, "getaddrinfo", found(("127.0.0.1", port), ("127.0.0.2", port)))
            with pytest.raises(CannotConnect) as caught:
                self.connect("volt.example").__enter__()
        assert str(caught.value) == "volt.example:21212: nothing listens there (connection refused)"

    def test_localhost_is_whichever_address_answers(self):
        with Server() as server, self.connect(f"localhost:{server.port}") as client:
            assert client.call("@Ping").status == 1

    def test_settings_come_from_a_profile_and_arguments_go_before_them(self, monkeypatch, tmp_path):
        path = tmp_path / "profiles.toml"
        with Server(lambda _: None) as server:
            path.write_text(
                f"[lab]\nhosts = '{server.address}'\nuser = 'op'\nhash = 'sha1'\ntimeout = '50ms'\n"
            )
            monkeypatch.setenv("VOLTTOOLS_PROFILES", str(path))
            with (
                self.connect(None, profile="lab", signatures=False) as client,
                pytest.raises(CallTimeout, match=r"within 0\.05 s"),
            ):
                client.call("@Ping")
            with (
                self.connect(None, profile="lab", user="ann", timeout=0.06, signatures=False) as client,
                pytest.raises(CallTimeout, match=r"within 0\.06 s"),
            ):
                client.call("@Ping")
            assert [(login.version, login.user) for login in server.logins] == [(0, "op"), (0, "ann")]
            with pytest.raises(UsageError, match="give them to ConnectionSettings"):
                self.connect(ConnectionSettings.of(server.address), user="op").__enter__()

    def test_a_wrong_password_is_not_tried_at_the_next_address(self):
        def refuse(connection, request):
            connection.send(connection.side.refuse(-1))

        with Server(login=refuse) as first, Server() as second, pytest.raises(LoginRefused):
            self.connect([first.address, second.address]).__enter__()
        assert second.logins == []

    def test_nothing_is_sent_before_the_log_in_is_answered(self):
        answered = threading.Event()

        def slow(connection, request):
            connection.sock.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                assert not connection.sock.recv(1)
            connection.sock.settimeout(None)
            answered.set()
            connection.send(connection.side.accept(WELCOME))

        with Server(login=slow) as server, self.connect(server) as client:
            client.call("@Ping")
        assert answered.is_set()
        assert len(server.invocations) == 1

    # ------------------------------------------------------------- faults

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (
                CLOSE,
                "the server closed the connection instead of answering the log-in: a port that speaks TLS does so",
            ),
            (
                framed(build(WELCOME))[:7],
                "the server did not answer the log-in within 1 s: it may be overloaded",
            ),
            (b"", "the server did not answer the log-in within 1 s: it may be overloaded"),
            (
                b"HTTP/1.1 400 Bad Request\r\n",
                "the server answers in HTTP: VoltDB's port for clients is 21212, not its port for HTTP",
            ),
            (
                PREFIX.build(2**31 - 1),
                "a frame of length 2,147,483,647; 1 .. 268,435,456 can be",
            ),
            (
                framed(b"\0\0\0"),
                "the answer to the log-in can't be read: ",
            ),
        ],
        ids=["closes", "half an answer", "hangs", "HTTP", "2 GB", "garbage"],
    )
    def test_a_log_in_that_fails_is_one_clear_error(self, data, text):
        within_s = 1 if "within 1 s" in text else 60  # short where it is awaited
        with Server(login=send_raw(data)) as server, pytest.raises(CannotConnect) as caught:
            self.connect(server, connect_timeout=within_s).__enter__()
        assert str(caught.value).startswith(f"{server.address}: {text}")

    @pytest.mark.parametrize(
        ("answer", "text"),
        [
            (CLOSE, "the server closed the connection"),
            (
                PREFIX.build(2**31 - 1),
                "it sent what is no message of the protocol: a frame of length 2,147,483,647; 1 .. 268,435,456 can be",
            ),
            (PREFIX.build(-1), "it sent what is no message of the protocol: a frame of length -1"),
            (
                framed(b"garbage"),
                "it sent what is no message of the protocol: 7 bytes are no response: its head takes 11",
            ),
        ],
        ids=["closes", "2 GB", "negative", "garbage"],
    )
    def test_a_connection_that_breaks_says_that_the_call_may_have_run(self, answer, text):
        with Server(lambda _: answer) as server, self.connect(server, signatures=False) as client:
            with pytest.raises(ConnectionLost) as caught:
                client.call("Vote")
            assert str(caught.value).startswith(f"Vote: the call may have run: {server.address}: {text}")
            assert caught.value.may_have_run
            assert isinstance(caught.value, ConnectionError)
            assert client.is_closed
            with pytest.raises(ConnectionLost, match="Vote: it was not sent") as caught:
                client.call("Vote")
            assert not caught.value.may_have_run

    def test_half_an_answer_is_told(self):
        with (
            HalfAnswering() as server,
            self.connect(server, signatures=False) as client,
            pytest.raises(ConnectionLost, match="20 bytes of a message that is not whole had come"),
        ):
            client.call("P")

    def test_an_answer_that_cannot_be_read_costs_its_own_call_only(self):
        def broken(invocation):
            side = server.connections[0].side
            data = side.respond(echo(invocation).replace(client_handle=invocation.client_handle))
            if invocation.procedure == "Broken":
                data = framed(data[4:-1])
            return data

        with Server(broken) as server, self.connect(server, signatures=False) as client:
            result = client.call("Broken", 1)
            with pytest.raises(volttools.DecodeError):
                result.rows  # noqa: B018
            assert client.call("P", 2).scalar() == 2

    def test_all_calls_in_flight_fail_when_the_connection_does(self):
        def close_at_third(invocation):
            return CLOSE if invocation.client_handle == 3 else None

        with Server(close_at_third) as server, self.connect(server, signatures=False) as client:
            calls = [client.submit("P", number) for number in range(3)]
            for call in calls:
                with pytest.raises(ConnectionLost, match="P: the call may have run"):
                    client.result(call)
            assert client.in_flight == 0

    def test_a_closed_client_says_so(self):
        with Server() as server, self.connect(server) as client:
            client.close()
            client.close()
            with pytest.raises(
                ConnectionLost, match=r"P: it was not sent: .*the client closed the connection"
            ):
                client.call("P")

    def test_an_answer_under_nobody_s_handle_is_an_event(self):
        def odd(invocation):
            side = server.connections[0].side
            stray = side.answer_malformed(Response(client_handle=77, status=-3, status_string="odd"))
            return stray + side.respond(echo(invocation).replace(client_handle=invocation.client_handle))

        with Server(odd) as server, self.connect(server, signatures=False) as client:
            client.call("P")
            (event,) = client.events(timeout=0.01)
            assert (event.name, event.result.status_string) == ("unasked", "odd")
