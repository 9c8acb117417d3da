"""Connecting in both orders, time-outs, lost connections, pushes."""

import contextlib
import decimal
import inspect
import signal
import socket
import threading

import pytest

from tests.client.server import CLOSE, WELCOME, Server, echo, table
from tests.voltdbclient.clients import connected
from volttools.codec import build
from volttools.errors import CallTimeout, CannotConnect, ConnectionLost, UsageError
from volttools.formats.login import LoginRequest
from volttools.formats.response import Response
from volttools.mock import Fault, MockServer
from volttools.protocol.frame_buffer import framed
from volttools.voltdbclient import AuthenticationFailed, FastSerializer, VoltProcedure


def test_help_shows_parameters():
    assert list(inspect.signature(FastSerializer).parameters)[:4] == ["host", "port", "usessl", "username"]
    for name in ("host, port, username, password, dump_file", "socket.timeout"):
        assert name in FastSerializer.__doc__ + VoltProcedure.call.__doc__


def test_the_log_in_is_checked_and_what_the_server_said_is_kept():
    with MockServer(users={"op": "secret"}, host_id=3) as server:
        client = FastSerializer(server.host, server.port, "op", "secret")
        assert (client.hostId, client.connectionId) == (3, 1)
        assert len(client.clusterInstanceId) == 2
        assert client.buildString.startswith("11.4")
        assert str(server.port) in repr(client)
        client.close()
        client.close()
        with pytest.raises(AuthenticationFailed, match="refused the log-in of 'op'") as caught:
            FastSerializer(server.host, server.port, "op", "wrong")
        assert isinstance(caught.value, RuntimeError)
        assert isinstance(caught.value, ConnectionError)
        assert "wrong'" not in str(caught.value)


def test_nobody_there_is_a_connection_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(CannotConnect, match="nothing listens there") as caught:
        FastSerializer("127.0.0.1", port)
    assert isinstance(caught.value, ConnectionError)


def test_without_a_host_there_is_no_connection():
    client = FastSerializer()
    assert (client.hostId, client.buildString, repr(client)) == (
        None,
        None,
        "<FastSerializer: no connection>",
    )
    with pytest.raises(OSError, match="P: it was not sent: this FastSerializer has no connection"):
        VoltProcedure(client, "P").call()
    client.close()


def test_tls_is_by_the_official_clients_arguments():
    pytest.importorskip("cryptography")
    with MockServer(tls=True) as server:
        client = FastSerializer(server.host, server.port, True, default_cacerts=False)
        assert VoltProcedure(client, "@Ping").call().status == 1
        client.close()
        with pytest.raises(CannotConnect, match=r"not trusted|nobody who is trusted"):
            FastSerializer(server.host, server.port, usessl=True)


def test_over_tls_calls_time_out_and_go_on():
    pytest.importorskip("cryptography")
    with MockServer(tls=True) as server:
        server.handle("Late", Fault(delay_s=0.2, answer=[("late",)]))
        server.handle("Echo", lambda call: call.params[0])
        client = FastSerializer(server.host, server.port, True, default_cacerts=False, procedure_timeout=60)
        with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
            VoltProcedure(client, "Late").call(timeout=0.05)
        text = "x" * 100_000
        for number in range(3):
            echo_procedure = VoltProcedure(client, "Echo", [client.VOLTTYPE_BIGINT, client.VOLTTYPE_STRING])
            assert echo_procedure.call([number, text]).tables[0].tuples == [[number]]
        client.close()


def test_a_config_of_tls_that_is_not_there_is_said():
    with MockServer() as server, pytest.raises(UsageError, match=r"none.properties"):
        FastSerializer(server.host, server.port, True, ssl_config_file="none.properties")


# ------------------------------------------------------------------------------ time-outs


def test_a_time_out_raises_and_a_late_response_belongs_to_no_later_call():
    late = threading.Event()
    with MockServer() as server:
        server.handle("Late", Fault(delay_s=0.2, answer=[("late",)]))
        server.handle("Echo", lambda call: call.params[0])
        with connected(server) as client:
            echo_procedure = VoltProcedure(client, "Echo", [client.VOLTTYPE_BIGINT])
            echo_procedure.call([1])
            with pytest.raises(socket.timeout, match=r"Late: no answer from .* within 0.05 s") as caught:
                VoltProcedure(client, "Late").call(timeout=0.05)
            assert isinstance(caught.value, CallTimeout)
            for number in range(2, 40):
                found = echo_procedure.call([number])
                assert found.tables[0].tuples == [[number]]
                late.wait(0.01)
        handles = [call.client_handle for call in server.calls]
    assert handles[:4] == [1, 1, 2, 3]
    assert handles[-1] == 39


def test_the_connections_own_time_out_holds_where_a_call_has_none():
    with MockServer() as server:
        server.handle("Silent", Fault(sends="nothing"))
        with connected(server, procedure_timeout=0.05) as client:
            with pytest.raises(TimeoutError, match=r"within 0.05 s"):
                VoltProcedure(client, "Silent").call()
            with pytest.raises(TimeoutError, match=r"within 0.01 s"):
                VoltProcedure(client, "Silent").call(timeout=0.01)
            with pytest.raises(ValueError, match="a time-out of -1 s"):
                VoltProcedure(client, "Silent").call(timeout=-1)


def test_an_interrupt_leaves_the_answer_to_nobody():
    has_come = threading.Event()

    def interrupt(number, frame):
        if not has_come.is_set():
            has_come.set()
            raise KeyboardInterrupt

    def answer(invocation):
        if invocation.procedure == "Interrupted":
            while not has_come.wait(0.05):  # just before it waits, one is noted and wakes nobody
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            return None
        late = framed(build(Response(client_handle=1, tables=[table((99,))])))
        return late + framed(build(echo(invocation).replace(client_handle=invocation.client_handle)))

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with Server(answer) as server, contextlib.closing(FastSerializer("127.0.0.1", server.port)) as client:
            with pytest.raises(KeyboardInterrupt):
                VoltProcedure(client, "Interrupted").call()
            for number in range(5):
                found = VoltProcedure(client, "P", [client.VOLTTYPE_BIGINT]).call([number])
                assert found.tables[0].tuples == [[number]]
    finally:
        has_come.set()
        signal.signal(signal.SIGINT, before)


# ------------------------------------------------------------------------ lost connections


@pytest.mark.parametrize("answer", [CLOSE, b"\0\0", b"\0\0\1\0half", b"\xff\xff\xff\xff"])
def test_a_broken_connection_raises_at_once_and_for_ever(answer):
    def reply(invocation):
        return answer if answer is CLOSE or invocation.procedure == "Breaks" else CLOSE

    with Server(reply) as server:
        client = FastSerializer("127.0.0.1", server.port, connect_timeout=60)
        if answer in (b"\0\0", b"\0\0\1\0half"):
            with pytest.raises(TimeoutError):
                VoltProcedure(client, "Breaks").call(timeout=0.05)
        with pytest.raises(ConnectionLost, match="the call may have run") as caught:
            VoltProcedure(client, "Breaks" if answer == b"\xff\xff\xff\xff" else "P").call(timeout=60)
        assert isinstance(caught.value, ConnectionError)
        with pytest.raises(ConnectionError, match="it was not sent"):
            VoltProcedure(client, "P").call()
        client.close()


def test_a_closed_client_says_so():
    with MockServer() as server:
        with connected(server) as client:
            pass
        with pytest.raises(ConnectionLost, match="the client closed the connection"):
            VoltProcedure(client, "P").call()


def test_a_call_ends_when_another_thread_closes_the_connection():
    called = threading.Event()
    with Server(lambda invocation: called.set()) as server:
        client = FastSerializer("127.0.0.1", server.port)
        closer = threading.Thread(target=lambda: called.wait(60) and client.close())
        closer.start()
        with pytest.raises(
            ConnectionLost, match=r"the call may have run: .*: the client closed the connection"
        ):
            VoltProcedure(client, "P").call()
        closer.join()


def test_a_push_is_no_reply():
    with MockServer() as server:
        server.handle("P", 5)
        with connected(server) as client:
            VoltProcedure(client, "@Subscribe", [client.VOLTTYPE_STRING]).call(["TOPOLOGY"])
            server.push_topology()
            server.push_procedures()
            for _ in range(3):
                found = VoltProcedure(client, "P").call()
                assert (found.clientHandle, found.tables[0].tuples) == (1, [[5]])


def test_threads_that_share_a_connection_get_their_own_answers():
    wrong = []
    with MockServer() as server:
        server.handle("Echo", lambda call: call.params[0])
        with connected(server) as client:

            def work(start):
                procedure = VoltProcedure(client, "Echo", [client.VOLTTYPE_BIGINT])
                for number in range(start, start + 100):
                    if procedure.call([number]).tables[0].tuples != [[number]]:
                        wrong.append(number)

            threads = [threading.Thread(target=work, args=(1000 * index,)) for index in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert not wrong


def test_sums_of_decimals_keep_38_digits():
    assert decimal.getcontext().prec >= 38


# ---------------------------------------------------------------------- log-ins of a script


def test_a_connection_without_a_user_is_not_logged_in_yet():
    with MockServer(users={"op": "secret"}) as server:
        for missing in ({"username": None}, {"password": None}):
            client = FastSerializer(server.host, server.port, **missing)
            assert client.hostId is None
            client.authenticate("op", "secret")
            assert client.hostId is not None
            assert VoltProcedure(client, "@Ping").call().status == 1
            client.close()
        client = FastSerializer(server.host, server.port, username=None)
        with pytest.raises(AuthenticationFailed, match="refused the log-in of 'op'"):
            client.authenticate("op", "wrong")
        with pytest.raises(ConnectionError, match="refused the log-in"):
            VoltProcedure(client, "@Ping").call()
        client.close()


def test_a_call_without_a_log_in_says_so():
    with MockServer() as server:
        client = FastSerializer(server.host, server.port, username=None)
        with pytest.raises(ConnectionLost, match=r"authenticate\(username, password\) comes first"):
            VoltProcedure(client, "@Ping").call(timeout=30)
        client.close()


class Ticket:
    """As KerberosLogin, towards a server that asks for no token, since its security is off."""

    principal = "alice@EXAMPLE.COM"

    def request(self):
        return LoginRequest(service="kerberos", user=self.principal)

    def accepted(self):
        """Fine."""


def test_a_log_in_with_kerberos_is_by_the_ticket(monkeypatch):
    monkeypatch.setattr("volttools.client.kerberos.KerberosLogin", Ticket)
    with Server() as server:
        client = FastSerializer("127.0.0.1", server.port, False, None, None, True)
        assert (client.kerberosprincipal, client.usekerberos) == ("alice@EXAMPLE.COM", True)
        assert client.has_ticket()
        assert VoltProcedure(client, "P").call().status == 1
        client.close()
        later = FastSerializer("127.0.0.1", server.port, username=None)
        later.usekerberos = True
        later.authenticate("", "")
        later.close()
        assert [login.service for login in server.logins] == ["kerberos"] * 2


def test_without_a_ticket_there_is_no_log_in(monkeypatch):
    def none():
        raise UsageError("there is no ticket")

    monkeypatch.setattr("volttools.client.kerberos.KerberosLogin", none)
    assert not FastSerializer().has_ticket()
    with Server() as server, pytest.raises(UsageError, match="there is no ticket"):
        FastSerializer("127.0.0.1", server.port, kerberos=True)


def test_a_log_in_that_hangs_ends_in_time():
    with Server(login=lambda connection, request: None) as server:
        with pytest.raises(CannotConnect, match=r"0\.05"):
            FastSerializer("127.0.0.1", server.port, connect_timeout=0.05)
        client = FastSerializer("127.0.0.1", server.port, username=None)
        client.socket.settimeout(0.05)
        with pytest.raises(CannotConnect, match=r"0\.05"):
            client.authenticate("", "")
        client.close()


# ------------------------------------------------------------------------------- the socket


def test_the_sockets_own_time_out_is_for_what_is_no_call():
    with MockServer() as server, connected(server, default_timeout=20) as client:
        assert client.socket.gettimeout() == 20
        for timeout in (None, 5, 20):
            assert VoltProcedure(client, "@Ping").call(timeout=timeout).status == 1
            assert client.socket.gettimeout() == 20
        assert client.socket.getpeername()[1] == server.port
        client.socket.settimeout(0)
        with pytest.raises(TimeoutError):
            client.bufferForRead()


@pytest.mark.parametrize("by_call", [True, False])
def test_what_can_not_be_sent_in_time_ends_the_connection(by_call):
    blocked = threading.Event()

    def serve(listener):
        sock, _ = listener.accept()
        with sock:
            sock.recv(1000)
            sock.sendall(framed(build(WELCOME)))
            blocked.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        client = FastSerializer("127.0.0.1", listener.getsockname()[1])
        large = VoltProcedure(client, "P", [client.VOLTTYPE_VARBINARY])
        client.writeRawBytes(bytes(40_000_000))
        client.socket.settimeout(0.2)
        send = (lambda: large.call([bytes(40_000_000)], timeout=0.2)) if by_call else client.flush
        with pytest.raises(
            TimeoutError, match="not all of it was sent in time, so the connection can't be used"
        ):
            send()
        with pytest.raises(ConnectionLost, match="a message was sent in part"):
            large.call([b""])
        client.close()
        blocked.set()
        thread.join()


def test_a_call_that_is_too_long_for_a_server_is_not_sent():
    with MockServer() as server, connected(server) as client:
        with pytest.raises(ValueError, match="a server takes 52,428,8"):
            VoltProcedure(client, "P", [client.VOLTTYPE_VARBINARY]).call([bytes(53_000_000)])
        assert VoltProcedure(client, "@Ping").call().status == 1


def test_a_length_that_can_not_be_comes_behind_what_is_good():
    def answer(invocation):
        return framed(build(Response(client_handle=invocation.client_handle))) + b"\xff\xff\xff\xff"

    with Server(answer) as server:
        client = FastSerializer("127.0.0.1", server.port)
        assert VoltProcedure(client, "P").call().status == 1
        with pytest.raises(
            ConnectionLost, match="it sent what is no message of the protocol: a frame of length"
        ):
            VoltProcedure(client, "P").call()
        client.close()
