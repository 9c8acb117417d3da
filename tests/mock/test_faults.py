"""Every kind of fault by the mock server: each client ends as documented, nothing hangs or is left."""

import ssl

import pytest
import voltdbclient

from tests.faults.outcomes import CLIENTS, LONG_S, ROWS, arm, check, until
from tests.mock.wire import Wire, connected, parameter
from volttools.codec import build, parse
from volttools.errors import UsageError
from volttools.faults import Scenario, rule
from volttools.faults.catalog import KINDS
from volttools.formats.invocation import Invocation
from volttools.formats.login import LoginResponse
from volttools.mock import Fault, MockServer
from volttools.protocol.frame_buffer import framed

NAMES = list(KINDS)


def vote(server):
    server.handle("Vote", lambda call: call.params[0])


def sessions(server):
    """What serves its connections, let in or not."""
    return [session for service in server._cluster.services() for session in service._sessions]


def test_there_is_a_row_for_each_kind_and_they_are_more_than_24():
    assert set(ROWS) == set(KINDS)
    assert len(KINDS) >= 24


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_client_sees_of_each_kind_what_is_documented(name, client):
    tls = ROWS[name].tls
    with MockServer(tls=tls) as server:
        vote(server)
        arm(server.faults, name)
        context = client_context(server) if tls else None
        push = server.push_topology if name.startswith("push-") else None
        check(name, client, f"{server.host}:{server.port}", tls=context, push=push)
        (injection,) = server.faults.log
        assert (injection.kind.name, injection.connection, injection.skipped) == (name, 1, None)
        until(lambda: not sessions(server))  # nothing is left of its connections


def client_context(server):
    return ssl.create_default_context(cadata=server.ca_pem.decode())


@pytest.mark.parametrize("name", [name for name in NAMES if not ROWS[name].tls])
def test_the_log_of_a_fault_injects_it_again(name):
    with MockServer() as server:
        vote(server)
        arm(server.faults, name)
        push = server.push_topology if name.startswith("push-") else None
        check(name, "blocking", f"{server.host}:{server.port}", push=push)
        log = server.faults.log
    lines = [injection.as_line() for injection in log]
    with MockServer(faults=Scenario.from_log(lines)) as server:
        vote(server)
        push = server.push_topology if name.startswith("push-") else None
        check(name, "blocking", f"{server.host}:{server.port}", push=push)
        assert server.faults.log == log


RANDOM = [
    rule("jitter", mean="1ms", spread="1ms", probability=0.5),
    rule("corrupt", field="cluster_rtt_ms", probability=0.3),
    rule("status", status=-7, probability=0.2, procedure="V*"),
]


def by_connection(server):
    found = {}
    for injection in server.faults.log:
        found.setdefault(injection.connection, []).append((injection.call, injection))
    return {
        number: [one for _, one in sorted(ones, key=lambda one: one[0])] for number, ones in found.items()
    }


def run_of(seed, order):
    """Calls of three connections, whose answers wait for each other or not."""
    with MockServer(faults=RANDOM, seed=seed) as server:
        vote(server)
        wires = [connected(server) for _ in range(3)]
        handles = {number: [] for number in range(3)}
        for number in order:
            handles[number].append(wires[number].start("Vote", len(handles[number])))
        for number, wire in enumerate(wires):
            seen = {wire.response().client_handle for _ in handles[number]}
            assert seen == set(handles[number])
            wire.socket.close()
        return by_connection(server)


def test_seeded_runs_repeat_exactly_whatever_the_order_of_connections():
    orders = [list(range(3)) * 20, [0] * 20 + [2] * 20 + [1] * 20, ([2, 1] * 20) + [0] * 20]
    first, *others = [run_of(7, order) for order in orders]
    assert all(other == first for other in others)
    assert sum(map(len, first.values())) > 20
    assert run_of(8, orders[0]) != first


def test_faults_are_added_and_cleared_while_it_runs():
    with MockServer() as server, connected(server) as wire:
        vote(server)
        (number,) = server.faults.add("busy", procedure="vote", where="params[0] == 2")
        assert [wire.call("Vote", value).status for value in (1, 2, 3)] == [1, -5, 1]
        server.faults.remove(number)
        assert wire.call("Vote", 2).status == 1
        server.faults.add(rule("status", status="USER_ABORT", text="no"))
        assert wire.call("Vote", 2).status_string == "no"
        server.faults.clear()
        assert wire.call("Vote", 2).status == 1
        assert len(server.faults.log) == 2


def test_a_scenario_can_be_a_file(tmp_path):
    path = tmp_path / "slow.toml"
    path.write_text('seed = 3\n[[fault]]\nkind = "busy"\ntext = "later"\n')
    with MockServer(faults=path) as server, connected(server) as wire:
        vote(server)
        assert (server.faults.seed, wire.call("Vote", 1).status_string) == (3, "later")
    path.write_text('[[fault]]\nkind = "bussy"\n')
    with pytest.raises(
        UsageError, match=r"slow.toml: fault 1: kind: there is no 'bussy'; did you mean busy\?"
    ):
        MockServer(faults=path)


def test_the_faults_of_rules_come_on_top_of_those_of_handlers():
    with MockServer(faults=[rule("duplicate")]) as server, connected(server) as wire:
        server.handle("Late", Fault(delay_s=0.01, answer=5))
        handle = wire.start("Late")
        assert [wire.response().client_handle for _ in range(2)] == [handle] * 2


def test_answers_in_another_order():
    with MockServer(faults=[rule("reorder", behind=2, at_most="60s", call=1)]) as server:
        vote(server)
        with connected(server) as wire:
            handles = [wire.start("Vote", value) for value in range(3)]
            assert [wire.response().client_handle for _ in handles] == [*handles[1:], handles[0]]


def test_calls_behind_a_delayed_log_in_are_answered_behind_it():
    with MockServer(faults=[rule("login-delay", time="30ms")]) as server, Wire(server) as wire:
        vote(server)
        early = Invocation(procedure="Vote", client_handle=1, parameters=[parameter(5)])
        wire.send(wire.side.login() + framed(build(early)))
        assert parse(LoginResponse, wire.frame()).accepted
        assert wire.response().tables[0].rows == [(5,)]


def test_a_node_that_was_down_is_back_on_its_port():
    with MockServer(faults=[rule("node-down", back="20ms", connection=1, call=1)]) as server:
        vote(server)
        with connected(server) as wire, connected(server) as other:
            wire.start("Vote", 1)
            assert (wire.rest(), other.rest()) == (b"", b"")

        def is_back():
            try:
                with connected(server) as wire:
                    return wire.call("Vote", 1).status == 1
            except OSError:
                return False

        until(is_back)


def test_a_node_of_a_cluster_goes_down_and_the_others_push_it():
    with MockServer(nodes=3, tick_s=0.02, ring_tokens=256) as server:
        vote(server)
        server.faults.add("node-down", node=1, call=1, procedure="Vote", back="50ms")
        first, second = server.nodes[0], server.nodes[1]
        with connected(first) as wire, connected(second) as dying:
            assert wire.call("@Subscribe", "TOPOLOGY").status == 1
            assert wire.call("Vote", 1).status == 1
            dying.start("Vote", 1)
            assert dying.rest() == b""
            sites = [wire.pushed().tables[0].rows for _ in range(2)]  # without it, and with it again
        assert "1:" not in str(sites[0])
        assert "3:" in str(sites[1])
        assert second.host_id == 3
        with connected(second) as back:
            assert back.call("Vote", 1).status == 1  # another host than the rule's
        (injection,) = server.faults.log
        assert (injection.kind.name, injection.node) == ("node-down", 1)


def test_a_stalled_client_that_sends_on_costs_no_memory_and_no_call():
    with MockServer(faults=[rule("stall", connection=1, call=1)]) as server, connected(server) as wire:
        vote(server)
        for value in range(2000):
            wire.start("Vote", value)
        assert len(server.wait_for_calls(1)) < 2000
        (session,) = sessions(server)
        assert (session._delivery.pending, session._delivery.pending_bytes) == (0, 0)
        with connected(server) as other:
            assert other.call("Vote", 1).status == 1


def test_a_client_that_does_not_read_what_came_late_is_left():
    with MockServer(faults=[rule("delay", time="10ms")], hangup_timeout_s=0.1) as server:
        server.handle("Big", [("x" * 2**22,)])
        with connected(server) as wire:
            for _ in range(4):
                wire.start("Big")
            assert server.wait_until(lambda: not server.connections, timeout_s=60)


# ------------------------------------------------------------ the official client


def official(server, *values):
    """The statuses of calls of the official client; an error's class ends them."""
    client = voltdbclient.FastSerializer(server.host, server.port, procedure_timeout=LONG_S)
    procedure = voltdbclient.VoltProcedure(client, "Vote", [client.VOLTTYPE_INTEGER])
    found = []
    try:
        for value in values:
            found.append(procedure.call([value]).status)
    except Exception as error:
        found.append(type(error).__name__)
    finally:
        client.close()
    return found


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("delay", {"time": "20ms"}, [1, 1]),
        ("trickle", {"pause": "0.1ms"}, [1, 1]),
        ("busy", {}, [-5, 1]),
        ("status", {"status": "TXN_RESTART"}, [-8, 1]),
        ("close-before", {}, [-1]),
        ("close-within", {}, [-1]),
        ("reset", {}, [-1]),
    ],
)
def test_the_official_client_sees_it_too(name, keys, expected):
    with MockServer() as server:
        vote(server)
        server.faults.add(name, call=1, **keys)
        assert official(server, *range(len(expected))) == expected
