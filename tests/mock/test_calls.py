"""The journal: what came, bounded, and waiting for it."""

import threading

from volttools.formats.invocation import Invocation
from volttools.formats.notation import Opaque
from volttools.formats.parameters import Parameter
from volttools.formats.types import BIGINT, STRING, TINYINT
from volttools.mock.calls import Call, ClientConnection, Journal
from volttools.mock.sources import Chain

CONNECTION = ClientConnection(host_id=0, id=1, user="op", peer=("127.0.0.1", 1), local=("127.0.0.1", 2))


def call(number=1, parameters=()):
    invocation = Invocation(procedure="P", client_handle=number, parameters=parameters)
    return Call(number=number, connection=CONNECTION, invocation=invocation, chain=Chain([]))


def test_parameters_are_python_values():
    parameters = [Parameter.of(BIGINT, 1), Parameter.of(STRING, None), Parameter.array(BIGINT, [1, 2])]
    assert call(parameters=parameters).params == (1, None, [1, 2])
    assert call(parameters=Opaque(b"\xff")).params == ()


def test_the_last_calls_are_kept_up_to_a_number():
    journal = Journal(max_calls=3, max_bytes=1000)
    for number in range(5):
        journal.add(call(number), 10)
    assert [kept.number for kept in journal.calls] == [2, 3, 4]
    assert journal.call_count == 5


def test_and_up_to_a_number_of_bytes():
    journal = Journal(max_calls=100, max_bytes=25)
    for number in range(5):
        journal.add(call(number), 10)
    assert [kept.number for kept in journal.calls] == [3, 4]
    journal.add(call(9), 26)
    assert journal.calls == []
    journal.add(call(10), 25)
    journal.clear()
    assert (journal.calls, journal.call_count) == ([], 0)


def test_waiting_ends_with_what_is_waited_for():
    journal = Journal(max_calls=3, max_bytes=1000)
    waited = threading.Thread(target=lambda: journal.wait_until(lambda: bool(journal.connections), 60))
    waited.start()
    journal.connected(CONNECTION)
    waited.join(60)
    assert not waited.is_alive()
    journal.disconnected(CONNECTION)
    assert not journal.wait_until(lambda: bool(journal.connections), 0.01)


def test_what_values_take_counts_but_the_last_call_stays():
    array = Parameter.array(TINYINT, [1] * 100_000)
    journal = Journal(max_calls=100, max_bytes=1_000_000)
    for number in range(3):
        journal.add(call(number, parameters=[array]), 100_000)
    assert [kept.number for kept in journal.calls] == [2]  # 900,000 bytes, of which 100,000 came
