"""Connecting in both orders, time-outs, lost connections, pushes."""

import decimal
import inspect
import signal
import socket
import threading

import pytest

from tests.client.server import CLOSE, Server, echo, table
from tests.voltdbclient.clients import BOTH, connected
from volttools.codec import build
from volttools.errors import CallTimeout, CannotConnect, ConnectionLost, UsageError
from volttools.formats.response import Response
from volttools.mock import Fault, MockServer
from volttools.protocol.frame_buffer import framed
from volttools.voltdbclient import AuthenticationFailed, FastSerializer, VoltProcedure, VoltResponse
from volttools.voltdbclient.connection import Settings


def test_the_readmes_order_and_the_official_order_by_position_and_by_name():
    expected = ("h", 1, "u", "p")
    for settings in (
        Settings.given("h", 1, "u", "p", "d"),
        Settings.given("h", 1, "u", password="p", dump_file="d"),
        Settings.given("h", 1, False, "u", "p", False, "d"),
        Settings.given(host="h", port=1, username="u", password="p", dump_file_path="d"),
        Settings.given("h", 1, username="u", password="p", dump_file="d"),
    ):
        assert (settings.host, settings.port, settings.username, settings.password) == expected
        assert "d" in (settings.dump_file, settings.dump_file_path)
        assert not settings.usessl
    by_position = Settings.given("h", 1, True, "u", "p", True, "d", 2, 3, 4, "s", False)
    assert by_position.procedure_timeout == 3
    assert (by_position.ssl_config_file, by_position.default_cacerts) == ("s", False)
    assert (Settings.given("h", 1, "", "").username, Settings.given().port) == ("", 21212)
    with pytest.raises(TypeError, match="unexpected keyword argument 'usrname'"):
        Settings.given("h", usrname="u")


def test_help_shows_parameters_and_no_password_is_printed():
    assert list(inspect.signature(FastSerializer).parameters)[:4] == ["host", "port", "usessl", "username"]
    assert "secret" not in repr(Settings.given("h", 1, "u", "secret"))
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


def test_a_config_of_tls_that_is_not_there_is_said():
    with MockServer() as server, pytest.raises(UsageError, match=r"none.properties"):
        FastSerializer(server.host, server.port, True, ssl_config_file="none.properties")


# ------------------------------------------------------------------------------ time-outs


def test_a_time_out_raises_and_a_late_response_belongs_to_no_later_call():
    late = threading.Event()
    with MockServer() as server:
        server.handle("Late", Fault(delay_s=0.2, answer="late"))
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
    def answer(invocation):
        if invocation.procedure == "Interrupted":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            return None
        late = framed(build(Response(client_handle=1, tables=[table((99,))])))
        return late + framed(build(echo(invocation).replace(client_handle=invocation.client_handle)))

    with Server(answer) as server:
        client = FastSerializer("127.0.0.1", server.port)
        with pytest.raises(KeyboardInterrupt):
            VoltProcedure(client, "Interrupted").call()
        for number in range(5):
            found = VoltProcedure(client, "P", [client.VOLTTYPE_BIGINT]).call([number])
            assert found.tables[0].tuples == [[number]]
        client.close()


# ------------------------------------------------------------------------ lost connections


@pytest.mark.parametrize("answer", [CLOSE, b"\0\0", b"\0\0\1\0half", b"\xff\xff\xff\xff"])
def test_a_broken_connection_raises_at_once_and_for_ever(answer):
    def reply(invocation):
        return answer if answer is CLOSE or invocation.procedure == "Breaks" else CLOSE

    with Server(reply) as server:
        client = FastSerializer("127.0.0.1", server.port, connect_timeout=5)
        if answer in (b"\0\0", b"\0\0\1\0half"):
            with pytest.raises(TimeoutError):
                VoltProcedure(client, "Breaks").call(timeout=0.05)
        with pytest.raises(ConnectionLost, match="the call may have run") as caught:
            VoltProcedure(client, "Breaks" if answer == b"\xff\xff\xff\xff" else "P").call(timeout=10)
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


# --------------------------------------------------------------- calls that a script writes


def write_call(client, procedure, handle, number):
    client.writeByte(0)
    client.writeString(procedure)
    client.writeInt64(handle)
    client.writeInt16(1)
    client.writeWireType(client.VOLTTYPE_BIGINT, number)
    client.prependLength()


def test_a_script_writes_a_call_and_reads_its_answer_with_both_clients():
    with MockServer() as server:
        server.handle("Echo", lambda call: call.params[0])
        for module in BOTH:
            with connected(server, module) as client:
                write_call(client, "Echo", 1, 7)
                client.flush()
                assert client.size() == 0
                assert module.VoltResponse(client).tables[0].tuples == [[7]]
                write_call(client, "Echo", 5, 8)
                client.flush()
                client.bufferForRead()
                assert (client.readByte(), client.readInt64()) == (0, 5)


def test_calls_that_are_under_way_keep_their_answers_apart():
    with MockServer() as server:
        server.handle("Echo", lambda call: call.params[0])
        with connected(server) as client:
            for handle in (1, 2):
                write_call(client, "Echo", handle, handle * 10)
                client.flush()
            write_call(client, "Echo", 1, 5)
            with pytest.raises(ValueError, match="client handle 1 is in flight already"):
                client.flush()
            procedure = VoltProcedure(client, "Echo", [client.VOLTTYPE_BIGINT])
            assert procedure.call([30]).tables[0].tuples == [[30]]
            assert [VoltResponse(client).tables[0].tuples for _ in range(2)] == [[[10]], [[20]]]
            with pytest.raises(ConnectionError, match="nothing was sent by flush"):
                client.bufferForRead()


def test_what_is_no_call_is_not_sent():
    with MockServer() as server, connected(server) as client:
        client.writeInt32(1)
        with pytest.raises(ValueError, match="what was written is no invocation with its length"):
            client.flush()
        assert client.size() == 0
        assert VoltProcedure(client, "@Ping").call().status == 1
    with pytest.raises(ConnectionError, match="has no connection"):
        FastSerializer().flush()
