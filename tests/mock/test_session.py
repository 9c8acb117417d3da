"""One connection: its log-in, its calls, its faults and its end."""

import asyncio
import contextlib
import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mock.wire import Wire, connected
from volttools.codec import build, parse
from volttools.formats.login import LoginResponse
from volttools.formats.response import Response
from volttools.formats.table import Table
from volttools.formats.types import BIGINT
from volttools.mock import Fault, MockServer
from volttools.mock.fault import GARBAGE, HUGE_CLAIM
from volttools.mock.session import MOST_CALLS_IN_FLIGHT
from volttools.protocol.client_side import ClientSide
from volttools.protocol.frame_buffer import framed
from volttools.protocol.states import State


@pytest.fixture
def server():
    with MockServer() as running:
        yield running


def test_connection_ids_count_the_log_ins_that_were_accepted(server):
    with Wire(server) as first, Wire(server) as refused, Wire(server) as second:
        assert first.log_in().connection_id == 1
        server.refuse_logins(4)
        assert refused.log_in().status == 4
        server.accept_logins()
        assert second.log_in().connection_id == 2


def test_a_wrong_password_is_answered_and_the_connection_closed():
    with MockServer(users={"op": "secret"}) as server, Wire(server) as wire:
        assert wire.log_in(user="op", password="wrong").status == -1
        assert wire.frame() is None
        with Wire(server) as right:
            assert right.log_in(user="op", password="secret").accepted


def test_the_byte_of_a_full_server_has_no_frame_and_comes_unasked(server):
    server.refuse_logins(1)
    with Wire(server) as wire:
        assert wire.rest() == b"\x01"


def test_a_log_in_can_end_without_an_answer_or_hang(server):
    server.refuse_logins("close")
    with Wire(server) as wire:
        wire.send(wire.side.login())
        assert wire.rest() == b""
    server.refuse_logins("hang")
    with Wire(server) as wire:
        wire.send(wire.side.login() + b"more")
        wire.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            wire.frame()


def test_a_log_in_that_takes_too_long_ends_the_connection():
    with MockServer(login_timeout_s=2) as server, connected(server) as ready, Wire(server) as wire:
        wire.send(wire.side.login()[:5])
        assert wire.rest() == b""
        assert ready.call("@Ping").status == 1  # which is there for longer: behind the log-in is no limit


def test_answers_come_in_the_order_of_completion(server):
    async def slow(call):
        while len(server.calls) < 2:
            await asyncio.sleep(0)
        return 1

    server.handle("Slow", slow)
    server.handle("Fast", 2)
    with connected(server) as wire:
        slow_handle, fast_handle = wire.start("Slow"), wire.start("Fast")
        assert [wire.event().client_handle for _ in range(2)] == [fast_handle, slow_handle]


def test_an_exception_aborts_the_call_and_is_kept(server):
    async def asynchronous(call):
        raise ValueError("later")

    def at_once(call):
        raise ValueError("at once")

    server.handle("Later", asynchronous)
    server.handle("AtOnce", at_once)
    with connected(server) as wire:
        for procedure, text in (("Later", "later"), ("AtOnce", "at once")):
            response = wire.call(procedure)
            assert response.status == -1
            assert response.status_string.startswith(f"VOLTDB ERROR: USER ABORT {text}\n    at a")
    assert [str(call.exception) for call in server.calls] == ["later", "at once"]


@pytest.mark.parametrize(
    "answer", [lambda call: 2**63, lambda call: Table.of([("A", BIGINT)], [("x",)]), lambda call: "text"]
)
def test_an_answer_that_is_none_is_an_unexpected_failure(server, answer):
    server.handle("P", answer)
    with connected(server) as wire:
        response = wire.call("P")
        assert response.status == -3
        assert response.status_string.startswith("VOLTDB ERROR: UNEXPECTED FAILURE: ")
        assert wire.call("@Ping").status == 1
    assert server.calls[0].exception is not None


def test_a_response_gets_the_caller_s_handle(server):
    server.handle("P", Response(client_handle=99, status=-9, app_status=5))
    with connected(server) as wire:
        response = wire.call("P", client_handle=-(2**63))
        assert (response.status, response.app_status) == (-9, 5)


def test_calls_with_another_number_of_parameters_than_declared_are_refused(server):
    server.handle("P", 1, types=(BIGINT,))
    with connected(server) as wire:
        assert wire.call("P", 5).status == 1
        response = wire.call("P", 5, 6)
        assert (response.status, response.status_string) == (
            -2,
            "VOLTDB ERROR: PROCEDURE P EXPECTS 1 PARAMS, BUT RECEIVED 2",
        )


def test_a_handler_can_leave_the_answer_to_the_server(server):
    server.handle("@Ping", lambda call: call.default())
    with connected(server) as wire:
        assert wire.call("@Ping").status_string == "SUCCESS"


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_fault_can_end_the_connection(server, then):
    server.handle("P", Fault(sends="nothing", then=then))
    with connected(server) as wire:
        wire.start("P")
        assert wire.rest() == b""


def test_a_fault_can_close_behind_the_answer(server):
    server.handle("P", Fault(answer=1, then="close"))
    with connected(server) as wire:
        assert wire.call("P").status == 1
        assert wire.frame() is None


def test_a_malformed_call_is_answered_under_the_connection_s_id(server):
    with connected(server) as wire:
        for body, text in ((b"\x03" + bytes(20), "Unknown ProcedureInvocationType 3"), (b"\0", None)):
            wire.send_frame(body)
            response = wire.response()
            assert (response.client_handle, response.status, response.status_string) == (1, -3, text)
        assert wire.call("@Ping").status == 1
    assert [call.procedure for call in server.calls] == ["@Ping"]


UNREADABLE = b"\0\0\0\0\1P" + (7).to_bytes(8, "big") + b"\0\1c"  # one parameter, of type 99


def test_parameters_that_can_t_be_read_fail_under_the_call_s_handle(server):
    with connected(server) as wire:
        wire.send_frame(UNREADABLE)
        assert wire.response().status_string == "Procedure P was not found"
        server.handle("P", 1)
        wire.send_frame(UNREADABLE)
        response = wire.response()
        assert (response.client_handle, response.status) == (7, -2)
        assert response.status_string == (
            "Exception while deserializing procedure params, procedure=P\n"
            "java.lang.RuntimeException: java.util.concurrent.ExecutionException: "
            "java.lang.RuntimeException: ParameterSet doesn't support type 99\n"
            "\tat no value can have the type UNKNOWN_99 (99) at byte 3"
        )


def test_bytes_behind_the_parameters_are_ignored(server):
    server.handle("P", lambda call: call.params[0])
    with connected(server) as wire:
        wire.send_frame(UNREADABLE[:-2] + b"\1\6" + bytes(7) + b"\5" + b"more")
        assert wire.response().tables[0].rows == [(5,)]


@pytest.mark.parametrize("length", [0, -1, 50 * 2**20 + 1])
def test_a_length_that_can_be_no_frame_s_ends_the_connection(server, length):
    with connected(server) as wire:
        wire.send(length.to_bytes(4, "big", signed=True) + b"x")
        assert wire.rest() == b""


@pytest.mark.parametrize("sends", ["half", "garbage", "length"])
def test_a_fault_can_send_what_is_no_answer(server, sends):
    server.handle("P", Fault(sends=sends, answer=5, then="close"))
    with connected(server) as wire:
        handle = wire.start("P")
        whole = framed(build(Response(client_handle=handle, tables=[Table.of([("", BIGINT)], [(5,)])])))
        expected = {"half": whole[: len(whole) // 2], "garbage": GARBAGE, "length": HUGE_CLAIM}
        assert wire.rest() == expected[sends]


def test_what_a_client_sends_while_the_server_dies_is_no_error(server):
    server.handle("P", Fault(delay_s=0.02, sends="nothing", then="close"))
    with connected(server) as wire, contextlib.suppress(ConnectionError):
        wire.start("P")
        while True:
            wire.send(b"x")


def test_a_reset_is_one(server):
    server.handle("P", Fault(sends="nothing", then="reset"))
    with connected(server) as wire:
        wire.start("P")
        with pytest.raises(ConnectionResetError):
            wire.socket.recv(1)


def test_a_fault_delays_its_call_and_no_other(server):
    server.handle("Slow", Fault(delay_s=0.05, answer=1))
    with connected(server) as wire:
        slow, fast = wire.start_together(["Slow"], ["@Ping"])
        assert [wire.event().client_handle for _ in range(2)] == [fast, slow]


def test_an_async_handler_may_return_a_fault(server):
    async def dies(call):
        return Fault(delay_s=0.01, sends="nothing", then="close")

    server.handle("P", dies)
    with connected(server) as wire:
        wire.start("P")
        assert wire.rest() == b""
        assert server.wait_until(lambda: not server.connections)


def test_a_call_that_is_never_answered_ends_with_its_connection(server):
    cancelled = []

    async def endless(call):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(call)

    server.handle("P", endless)
    with connected(server) as wire:
        wire.start("P")
        server.wait_for_calls(1, "P")
    assert server.wait_until(lambda: not server.connections)
    assert len(cancelled) == 1


def test_a_handler_that_could_not_begin_leaves_nothing(server):
    async def handler(call):
        return 1

    server.handle("P", handler)
    with connected(server) as wire:
        _, call = wire.side.call("P")
        wire.send(call + b"\xff" * 4)  # ends the connection in the same round
        wire.rest()
    assert server.wait_until(lambda: not server.connections)
    gc.collect()  # says so if the coroutine was never awaited


def test_one_place_in_flight_lets_one_call_in():
    async def endless(call):
        await asyncio.Event().wait()

    with MockServer() as server, connected(server) as wire:
        server.handle("P", endless)
        server.handle("Q", Fault(delay_s=0.05))
        for _ in range(MOST_CALLS_IN_FLIGHT - 1):
            wire.start("P")
        wire.start("Q")
        wire.start("@Ping")
        server.wait_for_calls(1, "@Ping")


def test_calls_behind_the_log_in_are_answered(server):
    with Wire(server) as wire:
        login = wire.side.login()
        early = ClientSide()
        early.state = State.READY
        _, call = early.call("@Ping")
        wire.send(login + call + call)
        assert parse(LoginResponse, wire.frame()).accepted
        assert [wire.response().status for _ in range(2)] == [1, 1]


def test_a_client_that_does_not_read_is_waited_for_and_then_left():
    size = 2**20
    with MockServer(hangup_timeout_s=0.2) as server:
        server.handle("P", Response(status_string="x" * size))
        with connected(server) as slow, connected(server) as other:
            for _ in range(100):
                slow.start("P")
            assert other.call("@Ping").status == 1
            assert server.wait_until(lambda: [c.id for c in server.connections] == [2])
            assert server.call_count < 50  # the others were not even looked at
            assert len(slow.rest()) < 50 * size
            assert other.call("@Ping").status == 1


def test_only_so_many_calls_are_in_flight():
    async def endless(call):
        await asyncio.Event().wait()

    with MockServer() as server, connected(server) as wire, connected(server) as other:
        server.handle("P", endless)
        for _ in range(MOST_CALLS_IN_FLIGHT + 100):
            wire.start("P")
        server.wait_for_calls(MOST_CALLS_IN_FLIGHT, "P")
        assert other.call("@Ping").status == 1
        assert server.call_count == MOST_CALLS_IN_FLIGHT + 1


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5), st.booleans(), st.booleans())
def test_garbage_harms_nobody_else(pieces, is_logged_in, is_framed):
    with MockServer() as server, connected(server) as other:
        wire = connected(server) if is_logged_in else Wire(server)
        with wire, contextlib.suppress(ConnectionError):
            for piece in pieces:
                wire.send(framed(piece) if is_framed else piece)
        assert other.call("@Ping").status == 1
        assert server.wait_until(lambda: len(server.connections) == 1)
