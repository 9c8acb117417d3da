"""What a server counts of its calls."""

from volttools.formats.invocation import Invocation
from volttools.mock.calls import Call, ClientConnection
from volttools.mock.counters import INTERVAL_NS, Counters, Spread
from volttools.mock.sources import Chain

CONNECTION = ClientConnection(id=1, host_id=0, user="", peer=("127.0.0.1", 1), local=("127.0.0.1", 2))


def call(procedure="P", *, began_ns=0, known_as="P", size=10):
    return Call(
        number=1,
        connection=CONNECTION,
        invocation=Invocation(procedure=procedure),
        chain=Chain([]),
        began_ns=began_ns,
        known_as=known_as,
        size=size,
    )


def answered(counters, made, status=1, size=20, now_ns=100):
    counters.came(made)
    counters.answered(made, status, size, now_ns)


def test_a_spread_keeps_ends_and_sum():
    spread = Spread()
    assert spread.mean == 0
    for number in (5, -1, 8):
        spread.add(number)
    assert (spread.count, spread.lowest, spread.highest, spread.mean) == (3, -1, 8, 4)


def test_calls_are_counted_by_procedure_and_by_connection():
    counters = Counters()
    answered(counters, call(began_ns=10))
    answered(counters, call(began_ns=60), status=-1)
    answered(counters, call(), status=-2)
    (counts,) = counters.procedures.values()
    assert (counts.times.count, counts.times.lowest, counts.times.highest) == (3, 40, 100)
    assert (counts.aborts, counts.failures, counts.results.total, counts.parameters.total) == (1, 1, 60, 30)
    own = counters.connections[CONNECTION]
    assert (own.bytes_read, own.messages_read, own.bytes_written, own.messages_written) == (30, 3, 60, 3)
    assert own.procedures["P"].times.count == 3


def test_what_waits_is_outstanding():
    counters = Counters()
    made = call()
    counters.came(made)
    own = counters.connections[CONNECTION]
    assert (own.outstanding, own.outstanding_bytes) == (1, 10)
    counters.answered(made, 1, 5, 1)
    assert (own.outstanding, own.outstanding_bytes) == (0, 0)


def test_the_servers_own_and_what_there_is_not_are_no_procedures():
    counters = Counters()
    answered(counters, call("@Ping", known_as=""))
    answered(counters, call("Nobody", known_as=""), status=-3)
    assert counters.procedures == {}
    answered(counters, call("recorded", known_as=""))
    answered(counters, call("p", known_as="P"), status=-3)
    assert {name for _, name, _ in counters.procedures} == {"recorded", "P"}


def test_an_answer_behind_the_end_of_its_connection_is_counted_with_the_procedure_only():
    counters = Counters()
    made = call()
    counters.came(made)
    counters.left(CONNECTION)
    counters.answered(made, 1, 5, 1)
    assert counters.connections == {}
    assert len(counters.procedures) == 1


def test_rows_never_fall_below_none():
    counters = Counters()
    counters.changed_rows("T", 5)
    counters.changed_rows("T", -7)
    assert counters.rows == {"T": 0}
    counters.changed_rows("T", 3)
    counters.keep_rows(["U"])
    assert counters.rows == {"U": 0}


def test_latencies_are_those_of_the_last_whole_interval():
    counters = Counters()
    answered(counters, call(began_ns=INTERVAL_NS), now_ns=INTERVAL_NS + 7)
    last, current = counters.latencies(0, INTERVAL_NS + 8)
    assert (last.count, current.kept) == (0, [7])
    last, current = counters.latencies(0, 2 * INTERVAL_NS)
    assert (last.kept, current.count) == ([7], 0)
    last, _ = counters.latencies(0, 9 * INTERVAL_NS)
    assert last.count == 0
