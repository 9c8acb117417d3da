"""Answers by parameters: their order, their number, and who answers when they are used up."""

import time

import pytest

from tests.mock.wire import connected
from volttools.errors import UsageError
from volttools.mock import ANY, AppStatus, Fault, MockServer


@pytest.fixture
def both():
    with MockServer() as server, connected(server) as wire:
        yield server, wire


def value(response):
    return response.tables[0].rows[0][0] if response.status == 1 else response.status_string


def test_parameters_choose_the_stub_and_the_latest_comes_first(both):
    server, wire = both
    server.stub("P").returns(0)
    server.stub("P").with_params(1, ANY).returns(1)
    server.stub("P").with_params(1, 5).returns(2)
    calls = [(1, 5), (1, 6), (2, 5), (1,)]
    assert [value(wire.call("P", *params)) for params in calls] == [2, 1, 0, 0]


def test_answers_come_in_their_order_and_the_last_one_repeats(both):
    server, wire = both
    server.stub("P").returns(1).times(2).then_fails("no more", status=-9).then_returns(3)
    assert [value(wire.call("P")) for _ in range(5)] == [1, 1, "no more", 3, 3]


def test_an_answer_before_another_is_given_once(both):
    server, wire = both
    server.stub("P").returns(1).then_returns(2)
    assert [value(wire.call("P")) for _ in range(3)] == [1, 2, 2]


def test_a_stub_that_is_used_up_leaves_calls_to_others(both):
    server, wire = both
    server.handle("P", 9)
    server.stub("P").returns(0).once()
    server.stub("P").returns(1).times(1)
    assert [value(wire.call("P")) for _ in range(3)] == [1, 0, 9]


def test_an_answer_may_be_late_and_others_are_not(both):
    server, wire = both
    server.stub("P").with_params(1).returns(1).after("50 ms")
    server.stub("P").with_params(2).returns(2)
    began = time.monotonic()
    late, soon = wire.start_together(("P", 1), ("P", 2))
    assert [wire.event().client_handle, wire.event().client_handle] == [soon, late]
    assert time.monotonic() - began >= 0.05


def test_a_stub_answers_with_all_that_a_handler_can_return(both):
    server, wire = both
    server.stub("None").returns()
    server.stub("Function").returns(lambda call: call.params[0] * 2)
    server.stub("Raises").returns(lambda call: 1 / 0)
    server.stub("Status").returns(AppStatus(3, "x"))
    server.stub("Fault").returns(Fault(delay_s=0.01, answer=4)).after(0.01)
    assert wire.call("None").tables == []
    assert value(wire.call("Function", 4)) == 8
    assert wire.call("Raises").status_string.startswith(
        "VOLTDB ERROR: UNEXPECTED FAILURE: ZeroDivisionError: "
    )
    assert isinstance(server.calls[-1].exception, ZeroDivisionError)
    assert wire.call("Status").app_status == 3
    assert value(wire.call("Fault")) == 4


def test_the_default_of_a_stub_is_what_comes_behind_it(both):
    server, wire = both
    server.handle("P", lambda call: 10)
    server.stub("P").returns(lambda call: call.default() + 1)
    assert value(wire.call("P")) == 11


def test_stubs_that_were_not_used_are_listed(both):
    server, wire = both
    server.stub("P").with_params(1).returns(1)
    server.stub("Q").with_params(lambda n: n > 1, "x").returns(1).then_returns(2)
    server.stub("R")
    wire.call("P", 1)
    (unused,) = server.unused_answers
    assert repr(unused) == "stub of Q(<<lambda>>, 'x')"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda stub: stub.times(2), "say returns"),
        (lambda stub: stub.after(1), "say returns"),
        (lambda stub: stub.returns(1).times(0), "once or more"),
        (lambda stub: stub.returns(1).after("soon"), "'soon' is no time"),
        (lambda stub: stub.with_params(..., 1), "at the end only"),
    ],
)
def test_what_says_nothing_is_refused(both, wrong, why):
    with pytest.raises(UsageError, match=why):
        wrong(both[0].stub("P"))
