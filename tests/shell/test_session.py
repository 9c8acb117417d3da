"""Statements, and what comes of them."""

import os
import signal
import threading

import pytest

from tests.pauses import Pauses
from tests.shell.answering import PLAN, answering, session_with
from volttools.errors import CallFailed, ConnectionLost, EncodeError, UsageError
from volttools.shell.outcomes import Answer, Bytes, Cancelled, Failure, Note, Quit


@pytest.fixture
def server():
    with answering() as server:
        yield server


@pytest.fixture
def session(server):
    with session_with(server) as session:
        yield session


def only(outcomes):
    (found,) = outcomes
    return found


def test_sql_goes_to_adhoc(session, server):
    answer = only(session.run("-- all\nselect * from votes;"))
    assert answer.result.rows == [(6175551212, "Ann"), (5, None)]
    assert server.calls[-1].params == ("select * from votes",)
    assert session.failures == 0


def test_arguments_are_read_by_the_catalog(session, server):
    assert only(session.run("exec Vote 5, 6;")).result.rows == [(5, "counted")]
    assert server.calls[-1].params == (5, "6")
    list(session.run("exec @Statistics TOPO 0;"))
    assert server.calls[-1].params == ("TOPO", 0)
    error = only(session.run("exec Vote five Ann;")).error
    assert isinstance(error, EncodeError)
    assert "Vote, parameter 0: 'five' is no BIGINT" in str(error)


def test_what_the_server_refuses_is_an_answer_that_counts_as_failure(session):
    assert only(session.run("selec 1;")).result.status == -2
    assert only(session.run("\\nope")).error.message.startswith("there is no command \\nope")
    assert session.failures == 2
    list(session.run("select 1;"))
    assert session.failures == 2


def test_a_text_goes_on_after_a_failure_unless_it_is_to_stop(session):
    assert len(list(session.run_text("selec 1; select 1; select 2"))) == 3
    session.stops_on_error = True
    assert len(list(session.run_text("select 1; selec 1; select 2;"))) == 2
    assert isinstance(list(session.run_text("quit; select 1;"))[-1], Quit)


def test_settings_are_switched(session):
    settings = session.settings
    assert only(session.run("\\timing")) == Note("Timing is on.")
    assert only(session.run("\\timing off")) == Note("Timing is off.")
    list(session.run_text("\\x on\n\\pager off\n\\format JSON\n"))
    assert (settings.timing, settings.expanded, settings.pager, settings.format) == (
        False,
        True,
        False,
        "json",
    )
    for text in ("\\timing maybe", "\\format xml", "\\watch soon", "\\watch 0", "\\explain", "\\i"):
        assert isinstance(only(session.run(text)).error, UsageError)


def test_plans_and_help_are_text(session):
    assert only(session.run("explain select 1;")).text == PLAN.rstrip()
    assert "\\timing" in only(session.run("help")).text
    assert isinstance(only(session.run("explainproc X;")), Answer)  # the mock refuses
    assert isinstance(only(session.run("show classes")), Answer)


def test_the_bytes_of_the_last_exchange_are_at_hand(session):
    assert isinstance(only(session.run("\\hex")), Failure)
    list(session.run("exec Vote 5 x;"))
    shown = only(session.run("\\hex"))
    assert isinstance(shown, Bytes)
    assert shown.exchange.procedure == "Vote"


def test_files_run_their_statements(session, tmp_path):
    inner, outer = tmp_path / "inner.sql", tmp_path / "outer.sql"
    inner.write_text("select 1; select 2")
    outer.write_text(f"select 0;\n\\i {inner}\n")
    assert len(list(session.run(f"\\i {outer}"))) == 3
    outer.write_text(f"\\i {outer}\n")
    assert "files run each other more than 16 deep" in str(only(session.run(f"\\i {outer}")).error)
    assert isinstance(only(session.run("\\i nowhere.sql")).error, OSError)


def test_watching_repeats_until_it_is_interrupted(server):
    pauses = Pauses(3)
    with session_with(server, pause=pauses) as session:
        assert isinstance(only(session.run("\\watch")).error, UsageError)
        list(session.run("select 1;"))
        found = list(session.run("\\watch 0.5"))
    assert (len(found), pauses) == (4, [0.5] * 3)
    assert found[-1] == Note("")


def test_ctrl_c_cancels_the_call_and_leaves_the_connection_usable(session, server):
    def interrupt():
        server.wait_for_calls(1, "@AdHoc")
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Cancelled, match="@AdHoc: cancelled; it may run nevertheless"):
        list(session.run("wait 1;"))
    thread.join()
    before = server.connections
    assert only(session.run("select 1;")).result.status == 1
    assert server.connections == before


def test_a_lost_connection_is_said_and_made_anew_by_the_next_statement(session, server):
    error = only(session.run("hangup;")).error
    assert isinstance(error, ConnectionLost)
    assert error.may_have_run
    assert "the call may have run" in str(error)
    calls = server.call_count
    note, answer = session.run("select 1;")
    assert note.text == f"The connection was lost; connected to {server.where} again."
    assert answer.result.status == 1
    assert server.call_count == calls + 1  # what was lost was not sent again


def test_an_end_that_came_meanwhile_is_seen_before_something_is_sent(session, server):
    list(session.run("select 1;"))
    server.disconnect()
    assert server.wait_until(lambda: not server.connections)
    outcomes = list(session.run("select 1;"))
    assert isinstance(outcomes[-1], Answer)


def test_connecting_elsewhere_keeps_the_connection_if_it_fails(session, server):
    assert session.prompt == f"{server.where}> "
    with answering() as other:
        assert only(session.run(f"\\connect {other.where}")).text.startswith(
            f"Connected to {other.where}, Volt"
        )
        assert session.address == other.where
        assert session.version == "11.4.0.beta1"
        assert isinstance(only(session.run("\\connect 127.0.0.1:1")), Failure)
        assert session.address == other.where


def test_ddl_makes_the_catalog_be_asked_anew(server):
    with session_with(server, completes=True) as session:
        session.catalog(wait_s=10)
        server.clear_calls()
        list(session.run("create table t (a int);"))
        assert len(server.wait_for_calls(3, "@SystemCatalog")) == 3
        assert session.catalog(wait_s=10).tables == ["VOTES", "PEOPLE"]


def test_a_refused_catalog_is_a_failure(session, server):
    server.handle("@SystemCatalog", ValueError("no catalog"))
    assert isinstance(only(session.run("show tables")).error, CallFailed)
