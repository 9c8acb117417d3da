"""Every refusal has its sentence and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volttools.formats.login import LOGIN_STATUS, LoginResponse
from volttools.protocol.refusals import closed, no_voltdb, refused, silent

PORTS = (
    "a port that speaks TLS does so (connect with TLS, or to another port), a server that shuts down, and "
    "something that is not VoltDB (its port for clients is 21212)"
)


def test_every_status_has_a_sentence_and_a_remedy():
    said = {str(refused(LoginResponse(status=status))) for status in LOGIN_STATUS if status}
    assert len(said) == len(LOGIN_STATUS) - 1
    assert not any("unknown status" in text or "newer than" in text for text in said)
    assert str(refused(LoginResponse(status=-1))) == (
        "wrong user or password: check both; if the cluster's security uses Kerberos, log in with a ticket"
    )
    assert str(refused(LoginResponse(status=-1), is_nobody=True)) == (
        "the server wants a user, and the log-in named none: give user and password, or log in with a Kerberos ticket"
    )
    assert str(refused(LoginResponse(status=-1), has_password=False)) == (
        "the server wants a password, or does not know the user, and the log-in had no password: "
        "give the password, or log in with a Kerberos ticket"
    )
    assert str(refused(LoginResponse(status=6))) == (
        "the server wants TLS: connect with TLS, or to another port"
    )


def test_a_status_that_is_new_is_said_with_its_number():
    assert str(refused(LoginResponse(status=77))) == (
        "the server refused the log-in with the unknown status 77: "
        "the server's log says more; it may be newer than this client"
    )


def test_the_bare_byte_of_a_full_server_is_its_status():
    assert refused(None) == refused(LoginResponse(status=1))
    assert str(refused(None)) == (
        "the server has reached its limit of connections: close connections that are idle, try another node, "
        "or raise the server's limit of open files"
    )


def test_only_what_another_node_may_do_better_is_worth_another_try():
    passing = [status for status in LOGIN_STATUS if status and refused(LoginResponse(status=status)).may_pass]
    assert passing == [1, 2, 4]


def test_a_ticket_that_is_refused_is_no_wrong_password():
    text = str(refused(LoginResponse(status=-1), kerberos=True))
    assert text.startswith("the server did not take the Kerberos ticket, or does not use Kerberos: ")
    assert "password" in text  # what to use instead
    assert refused(None, kerberos=True) == refused(None)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"after_s": 0.1, "tls": False},
         f"the server closed the connection instead of answering the log-in: {PORTS}"),
        ({"after_s": 0.1, "tls": True},
         "the server closed the connection instead of answering the log-in: it may want a client certificate (give a "
         "key store), or be shutting down, or something other than VoltDB listens on this port"),
        ({"after_s": 30.2, "tls": False},
         "the server closed the connection after 30 s without a log-in that was whole: it waits 30 s; something "
         "between here and there holds back data"),
        ({"after_s": 0.1, "tls": False, "kerberos_began": True},
         "the server closed the connection during the Kerberos exchange: the server's log has the reason: often "
         "its keytab is older than the key of its principal, or the clocks differ by more than 5 minutes"),
        ({"after_s": 0.1, "tls": False, "cut": b"\0\0\0"},
         "the server closed the connection within its answer, after 3 bytes: it may be shutting down; try again, "
         "or another node"),
        ({"after_s": 0.1, "tls": False, "cut": bytes.fromhex("15030300020246")},
         "the server answers in TLS: connect with TLS"),
    ],
)  # fmt: skip
def test_a_connection_that_was_closed_without_answer(how, expected):
    assert str(closed(**how)) == expected


def test_a_server_that_is_silent():
    assert str(silent(after_s=5, tls=True)) == (
        "the server did not answer the log-in within 5 s: it may be overloaded or still starting, or something "
        "other than VoltDB listens there"
    )
    assert str(silent(after_s=5, tls=False)).endswith(" listens there, or it expects TLS")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (
            b"HTTP/1.1 400 Bad",
            "the server answers in HTTP: VoltDB's port for clients is 21212, not its port for HTTP",
        ),
        (b"SSH-2.0-x", "an SSH server answers: VoltDB's port for clients is 21212"),
        (b"220 mail", "a mail or FTP server answers: VoltDB's port for clients is 21212"),
        (bytes.fromhex("15030100020246"), "the server answers in TLS: connect with TLS"),
        (bytes.fromhex("000000020000"), "None"),
        (b"", "None"),
    ],
)
def test_what_is_no_voltdb_is_told_by_its_first_bytes(received, expected):
    assert str(no_voltdb(received)) == expected


@given(st.binary(max_size=40))
def test_any_bytes_tell_something_or_nothing(received):
    no_voltdb(received)
