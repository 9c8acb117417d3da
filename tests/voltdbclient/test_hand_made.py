"""Messages that a script makes by hand, among calls."""

import socket
import threading

import pytest

from tests.client.server import WELCOME, Server, echo, table
from tests.voltdbclient.clients import BOTH, connected
from volttools.codec import build
from volttools.formats.response import Response
from volttools.mock import MockServer
from volttools.protocol.frame_buffer import framed
from volttools.voltdbclient import FastSerializer, VoltProcedure, VoltResponse

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
            for handle, number in ((1, 10), (2, 20), (1, 30)):
                write_call(client, "Echo", handle, number)
                client.flush()
            server.push_procedures()
            procedure = VoltProcedure(client, "Echo", [client.VOLTTYPE_BIGINT])
            for number in (40, 50):
                assert procedure.call([number]).tables[0].tuples == [[number]]
            assert [VoltResponse(client).tables[0].tuples for _ in range(3)] == [[[10]], [[20]], [[30]]]
        assert [call.client_handle for call in server.calls] == [1, 2, 1, 3, 4]


def test_an_answer_that_comes_late_is_read_later():
    answer = threading.Event()
    with MockServer() as server:
        server.handle("Slow", lambda call: answer.wait(30) and call.params[0])
        server.handle("Echo", lambda call: call.params[0])
        with connected(server, default_timeout=0.05) as client:
            write_call(client, "Slow", 1, 7)
            client.flush()
            with pytest.raises(socket.timeout, match=r"no answer from .* within 0.05 s"):
                client.bufferForRead()
            assert client.socket.gettimeout() == 0.05
            answer.set()
            client.socket.settimeout(30)
            found = VoltProcedure(client, "Echo", [client.VOLTTYPE_BIGINT]).call([8])
            assert (found.clientHandle, found.tables[0].tuples) == (2, [[8]])
            assert VoltResponse(client).tables[0].tuples == [[7]]


def test_the_answer_to_a_call_that_timed_out_is_not_that_of_a_script():
    def answer(invocation):
        if invocation.procedure == "Late":
            return None
        late = framed(build(Response(client_handle=1, tables=[table((99,))])))
        return late + framed(build(echo(invocation).replace(client_handle=invocation.client_handle)))

    with Server(answer) as server:
        client = FastSerializer("127.0.0.1", server.port, default_timeout=30)
        with pytest.raises(TimeoutError):
            VoltProcedure(client, "Late").call(timeout=0.05)
        write_call(client, "Echo", 5, 7)
        client.flush()
        assert VoltResponse(client).tables[0].tuples == [[7]]
        client.close()


def test_a_handle_is_free_again_when_its_late_answer_has_come():
    def answer(invocation):
        if invocation.procedure == "Late":
            return None
        own = framed(build(echo(invocation).replace(client_handle=invocation.client_handle)))
        return framed(build(Response(client_handle=1))) + own if invocation.procedure == "Both" else own

    with Server(answer) as server:
        client = FastSerializer("127.0.0.1", server.port, default_timeout=30)
        with pytest.raises(TimeoutError):
            VoltProcedure(client, "Late").call(timeout=0.05)
        assert VoltProcedure(client, "Both").call().clientHandle == 2
        write_call(client, "Echo", 1, 7)
        client.flush()
        assert VoltResponse(client).tables[0].tuples == [[7]]
        client.close()


def test_a_call_that_a_server_can_not_read_is_answered_all_the_same():
    with MockServer() as server, connected(server, default_timeout=30) as client:
        client.writeByte(9)
        client.writeString("Echo")
        client.prependLength()
        client.flush()
        assert VoltResponse(client).status == -3
        assert VoltProcedure(client, "@Ping").call().status == 1


def test_a_push_can_be_waited_for():
    with MockServer() as server, connected(server, default_timeout=30) as client:
        VoltProcedure(client, "@Subscribe", [client.VOLTTYPE_STRING]).call(["TOPOLOGY"])
        server.push_topology()
        assert VoltResponse(client).clientHandle > 2**62


def test_nothing_is_sent_without_a_connection():
    client = FastSerializer()
    client.writeInt32(1)
    for method in (client.flush, client.bufferForRead, lambda: client.authenticate("", "")):
        with pytest.raises(ConnectionError, match="this FastSerializer has no connection"):
            method()
    assert client.size() == 0


class Canned:
    """A socket of a script's own: what is received, a few bytes at a time."""

    def __init__(self, data, step=3):
        self.data, self.step, self.sent = data, step, b""

    def sendall(self, data):
        self.sent += data

    def recv(self, size):
        found, self.data = self.data[: min(self.step, size)], self.data[min(self.step, size) :]
        return found


def test_a_script_may_give_its_own_socket():
    client = FastSerializer()
    client.socket = Canned(framed(build(WELCOME)))
    client.authenticate("op", "secret")
    assert client.socket.sent[4:].startswith(b"\1\1\0\0\0\10database\0\0\0\2op")
    assert (client.hostId, client.buildString) == (0, WELCOME.build)
    client.socket = Canned(framed(build(Response(tables=[table((5,))]))))
    assert VoltResponse(client).tables[0].tuples == [[5]]
    client.socket = Canned(framed(build(Response()))[:-2])
    with pytest.raises(ConnectionError, match="a message that is not whole had come"):
        client.bufferForRead()
