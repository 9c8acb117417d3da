import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.codec import build, parse
from volttools.errors import UsageError
from volttools.faults import Injector, Scenario, rule
from volttools.faults.actions import Close, Reset, Send, Stall, Wait
from volttools.faults.injector import MOST_LOGGED, empty_push, injector_of
from volttools.faults.kinds import body_of
from volttools.formats.invocation import Invocation
from volttools.formats.parameters import Parameter
from volttools.formats.response import Response
from volttools.formats.types import BIGINT
from volttools.protocol.frame_buffer import framed

FRAME = framed(build(Response(client_handle=1)))
PLAN = (Send(FRAME),)


def called(faults, *values, procedure="Vote"):
    """What becomes of the answer to a call."""
    invocation = Invocation(
        procedure=procedure, client_handle=1, parameters=[Parameter.of(BIGINT, value) for value in values]
    )
    ticket = faults.called(procedure, invocation)
    return PLAN if ticket is None else ticket.plan(PLAN)


def opened(injector, **given):
    faults = injector.connection(**given)
    assert faults.opened() == ()
    faults.login("op")
    return faults


def test_without_rules_nothing_is_decided():
    faults = opened(Injector())
    assert faults.handshake() == ()
    assert called(faults) is PLAN
    assert faults.pushed(FRAME) == PLAN


def test_all_rules_that_match_apply_in_their_order():
    injector = Injector([rule("delay", time="1s"), rule("close-after"), rule("drop", procedure="Other")])
    assert called(opened(injector)) == (Wait(1.0), Send(FRAME), Close())
    injector = Injector([rule("close-after"), rule("duplicate")])
    assert called(opened(injector)) == (Send(FRAME), Send(FRAME), Close())
    injector = Injector([rule("node-down"), rule("delay", time="1s")])
    assert isinstance(called(opened(injector))[0], Wait)  # whatever the place


def test_a_connection_ends_once_as_it_comes():
    injector = Injector([rule("connect-reset", every=2), rule("connect-stall")])
    assert [injector.connection().opened() for _ in range(3)] == [(Stall(),), (Reset(),), (Stall(),)]
    assert [one.kind.name for one in injector.log] == ["connect-stall", "connect-reset", "connect-stall"]
    assert injector.connection().handshake() == ()


def test_calls_are_counted_that_the_rule_matches_on_the_connection():
    injector = Injector([rule("drop", procedure="Vote", where="params[0] > 10", call=2)])
    for _ in range(2):
        faults = opened(injector)
        assert called(faults, 11) == PLAN
        assert called(faults, 5) == PLAN
        assert called(faults, 12, procedure="Other") == PLAN
        assert called(faults, 12) == ()
        assert called(faults, 13) == PLAN
    assert [(one.connection, one.call) for one in injector.log] == [(1, 4), (2, 4)]


def test_where_reads_what_is_known_of_a_call():
    condition = 'procedure ~ "^V" and connection == 1 and user == "op" and client == "10.0.0.1:5" and client_handle == 1'
    injector = Injector([rule("drop", where=condition)])
    assert called(opened(injector, client="10.0.0.1:5")) == ()
    assert called(opened(injector, client="10.0.0.1:5")) == PLAN
    injector = Injector([rule("drop", where='sql contains "insert"')])
    body = build(Invocation(procedure="@AdHoc", client_handle=1, parameters=[]))
    assert opened(injector).called("@AdHoc", body) is None
    assert opened(injector).called("@AdHoc", b"\0") is None  # can't be read: no condition holds


def test_times_limits_each_connection():
    injector = Injector([rule("drop", times=2)])
    for _ in range(2):
        faults = opened(injector)
        assert [called(faults) for _ in range(4)] == [(), (), PLAN, PLAN]


def test_nodes_count_their_own_connections():
    injector = Injector([rule("connect-close", node=1, connection=1)])
    plans = [injector.connection(node=node).opened() for node in (0, 1, 0, 1)]
    assert plans == [(), (Close(),), (), ()]


def test_a_log_in_is_answered_or_not():
    injector = Injector(
        [rule("login-delay", time="1s"), rule("login-refused", user="adm*"), rule("push-drop", user="op")]
    )
    faults = injector.connection()
    ticket = faults.login("op")
    assert (ticket.lets_in, ticket.plan(PLAN)) == (True, (Wait(1.0), *PLAN))
    assert faults.pushed(FRAME) == ()
    assert not injector.connection().login("admin").lets_in
    assert injector.connection().login(None).plan(PLAN) == (Wait(1.0), *PLAN)


def test_a_fault_that_does_not_fit_is_logged_and_does_nothing():
    injector = Injector([rule("corrupt", field="tables[0]"), rule("close-after")])
    assert called(opened(injector)) == (Send(FRAME), Close())
    assert [one.skipped for one in injector.log] == ["the message has no tables[0]", None]
    repeated = Scenario.from_log(json.dumps(one.as_json()) for one in injector.log)
    assert len(repeated.repeated) == 1


def test_values_of_a_log_that_were_edited_are_told():
    line = '{"kind": "delay", "rule": 1, "node": 0, "connection": 1, "call": 1, "chosen": {"tme": 1}}'
    injector = Injector(Scenario.from_log([line]))
    assert called(opened(injector)) == PLAN
    assert injector.log[0].skipped == "the log's values are none of delay: 'time'"


def test_pushes_have_the_tables_of_who_is_asked():
    injector = Injector([rule("push", push="topology")])
    faults = opened(injector, push=lambda name: framed(name.encode()))
    assert called(faults) == (Send(framed(b"topology")), Send(FRAME))
    assert parse(Response, body_of(empty_push("topology"))).tables == []


def test_rules_come_and_go_by_number():
    told = []
    injector = Injector([rule("drop", call=99)], on_fault=told.append)
    assert injector.add("close-after") == [2]
    assert injector.add(rule("duplicate")) == [3]
    assert injector.add(Scenario.from_text("[[fault]]\nkind='drop'\n[[fault]]\nkind='stall'")) == [4, 5]
    for number in (4, 5):
        injector.remove(number)
    faults = opened(injector)
    assert called(faults) == (Send(FRAME), Send(FRAME), Close())
    assert [one.rule for one in told] == [2, 3]
    assert [str(one) for one in injector.rules] == [
        "drop: call 99",
        "close-after: always",
        "duplicate: always",
    ]
    injector.clear()
    assert called(faults) == PLAN
    assert injector.log == told
    with pytest.raises(UsageError, match="no rule has the number 4"):
        injector.remove(4)
    with pytest.raises(UsageError, match="time: a rule that is made has its keys already"):
        injector.add(rule("drop"), time="1s")


def test_the_log_is_bounded():
    injector = Injector([rule("drop")])
    faults = opened(injector)
    called(faults)
    for _ in range(MOST_LOGGED + 5):
        injector.note(injector.log[0] if not injector._log else injector._log[0])
    assert len(injector.log) <= MOST_LOGGED


def test_an_injector_is_taken_as_it_is():
    injector = Injector()
    assert injector_of(injector) is injector
    assert injector_of([rule("drop")], seed=3).seed == 3
    assert injector_of({"seed": 4}).seed == 4
    with pytest.raises(UsageError, match=r"^nope\.toml: can't read the faults: No such file"):
        injector_of("nope.toml")


RULES = [
    rule("jitter", mean="10ms", spread="5ms", probability=0.5),
    rule("wrong-handle", every=3),
    rule("corrupt", field="cluster_rtt_ms", probability=0.4, times=5),
    rule("status", status=-7, procedure="Other", probability=0.5),
]


def decisions(scenario, order, seed=7):
    """What became of calls of three connections, which came in this order; by connection and call."""
    injector = Injector(scenario, seed=seed)
    connections = [opened(injector) for _ in range(3)]
    found = {}
    counts = [0] * 3
    for number in order:
        counts[number] += 1
        procedure = ("Vote", "Other")[counts[number] % 2]
        found[number, counts[number]] = called(connections[number], procedure=procedure)
    return found, injector.log


@given(st.integers(0, 10), st.randoms(use_true_random=False))
def test_what_is_decided_does_not_depend_on_other_connections(seed, shuffling):
    order = [number for number in range(3) for _ in range(12)]
    expected, log = decisions(RULES, order, seed)
    shuffling.shuffle(order)
    found, _ = decisions(RULES, order, seed)
    assert found == expected
    repeated = Scenario.from_log(json.dumps(one.as_json()) for one in log)
    again, log_again = decisions(repeated, order, seed + 1)
    assert again == expected
    assert sorted(map(str, log_again)) == sorted(map(str, log))


def test_another_seed_is_another_run():
    order = [number for number in range(3) for _ in range(30)]
    assert decisions(RULES, order, 1) != decisions(RULES, order, 2)
