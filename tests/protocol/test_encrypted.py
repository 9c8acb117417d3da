"""Conversations of VoltDB in TLS, from bytes to events."""

import ssl

import pytest

from tests.protocol.tls.forged import Forged
from tests.protocol.tls.peers import CBC, TLS_1_2, TLS_1_3, Peers
from tests.protocol.wire import ACCEPTED, CLIENT, LOGIN, SERVER, Conversation, answer, call, framed
from volttools.protocol.events import Damage
from volttools.protocol.observer import Observer
from volttools.protocol.recognition import Protocol, Recognizer
from volttools.protocol.tls.decryptor import TlsDecryptor
from volttools.protocol.tls.keylog import KeyLog


class Encrypted(Conversation):
    """Plays a conversation in TLS."""

    def __init__(self, key_log, **settings):
        super().__init__(**settings)
        hints = self.observer.recognizer
        log = key_log if isinstance(key_log, KeyLog) else KeyLog(key_log)
        recognizer = Recognizer(client_side=hints.client_side, server_side=hints.server_side)
        self.observer = Observer(recognizer, self._connect, decrypt=lambda: TlsDecryptor(log))

    def plays(self, chunks):
        for side, data in chunks:
            self.bytes(side, data)
        return self


def spoken(talk, *, calls=3):
    """A log-in and calls, inside of TLS."""
    talk.says(CLIENT, framed(LOGIN)).says(SERVER, framed(ACCEPTED))
    for number in range(calls):
        talk.says(CLIENT, framed(call("Vote", number))).says(SERVER, framed(answer(number)))
    return talk


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("server_side", [SERVER, None])
def test_what_is_said_inside_is_read_on_any_port(version, server_side):
    talk = spoken(Peers(version).shakes_hands())
    found = Encrypted(talk.key_log, server_side=server_side).plays(talk.chunks)
    found.ends("fin")
    assert [(e.procedure, e.status, e.client_handle) for e in found.exchanges] == [
        ("Vote", 1, n) for n in range(3)
    ]
    assert found.logins[0].response.accepted
    assert found.damage == []
    assert found.connection.is_tls
    assert found.connection.tls.startswith("TLS 1.")
    assert found.connection.closed_by == "client"
    assert found.observer.protocol is Protocol.VOLTDB
    assert found.observer.in_flight == 0


def test_frames_have_their_place_in_the_decrypted_stream_and_the_time_of_their_record():
    talk = Peers(TLS_1_2).shakes_hands()
    start = len(talk.chunks)
    found = Encrypted(talk.key_log).plays(spoken(talk, calls=1).chunks)
    frame = found.exchanges[0].request_frame
    assert frame.offset == len(framed(LOGIN))
    assert frame.seen_at_ns == (start + 3) * 10**9


def test_calls_that_wait_are_told():
    talk = spoken(Peers(TLS_1_2).shakes_hands(), calls=0).says(CLIENT, framed(call("Slow", 1)))
    found = Encrypted(talk.key_log).plays(talk.chunks)
    assert found.observer.in_flight == 1
    found.closes(SERVER)
    found.closes(CLIENT)
    assert found.exchanges[0].remarks == ["unanswered: the server closed the connection (FIN) 0 us later"]
    assert found.damage == []


def test_a_hole_is_told_in_the_decrypted_stream():
    talk = spoken(Forged(0xC030), calls=1)
    before = sum(len(framed(body)) for body in (ACCEPTED, answer(0)))
    talk.says(CLIENT, framed(call("Lost", 7))).says(SERVER, framed(answer(7)))
    lost = len(talk.chunks) - 1
    talk.says(CLIENT, framed(call("Vote", 8))).says(SERVER, framed(answer(8)))
    found = Encrypted(talk.key_log)
    for number, (side, data) in enumerate(talk.chunks):
        if number == lost:
            found.loses(side, len(data))
        else:
            found.bytes(side, data)
    found.ends()
    assert found.damage == [("gap", before, len(framed(answer(7))))]
    assert [(e.procedure, e.status, e.response_lost) for e in found.exchanges] == [
        ("Vote", 1, False),
        ("Lost", None, True),
        ("Vote", 1, False),
    ]


def test_without_keys_the_reason_is_told():
    talk = spoken(Forged(0xC030))
    found = Encrypted(b"").plays(talk.chunks)
    found.ends()
    (event,) = found.events
    total = sum(len(data) for _, data in talk.chunks)
    assert (event.what, event.length) == ("tls", total)
    assert event.message == (
        f"{total:,} bytes are encrypted (TLS 1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384): no key log was given;"
        " give it with --keylog, or capture at the server's plain port"
    )
    assert found.connection.is_tls


def test_a_key_log_without_this_connection():
    talk = spoken(Forged(0x1301))
    found = Encrypted(Forged(0x1301, seed=2).key_log).plays(talk.chunks)
    found.ends()
    (event,) = found.events
    assert event.message.endswith(
        f": the key log has no secret for this connection (client random {talk.random[CLIENT][:4].hex()}...)"
    )


def test_a_suite_that_is_not_read():
    talk = spoken(Peers(TLS_1_2, CBC).shakes_hands())
    found = Encrypted(talk.key_log).plays(talk.chunks)
    found.ends()
    (event,) = found.events
    assert event.message.endswith(
        "bytes are encrypted (TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA):"
        " only AEAD suites are read (AES-GCM, AES-CCM, ChaCha20-Poly1305)"
    )


@pytest.mark.parametrize("key_log", [b"", None])
def test_what_is_not_voltdbs_is_foreign(key_log):
    talk = (
        Peers(TLS_1_3)
        .shakes_hands()
        .says(CLIENT, b"GET / HTTP/1.1\r\n\r\n")
        .says(SERVER, b"HTTP/1.1 200 OK\r\n\r\n")
    )
    found = Encrypted(talk.key_log if key_log is None else key_log, server_side=None).plays(talk.chunks)
    assert found.ends() == []
    assert found.connection is None
    assert found.observer.protocol is (Protocol.HTTP if key_log is None else Protocol.TLS)


def test_a_port_on_which_nothing_was_said_inside():
    talk = Peers(TLS_1_3).shakes_hands()
    found = Encrypted(talk.key_log).plays(talk.chunks)
    assert found.ends("fin") == []
    assert found.observer.protocol is Protocol.NOTHING


@pytest.mark.parametrize("server_side", [SERVER, None])
def test_keys_of_the_handshake_alone_read_nothing_and_that_is_told(server_side):
    talk = spoken(Forged(0x1302))
    log = talk.without("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")
    found = Encrypted(log, server_side=server_side).plays(talk.chunks)
    found.ends("fin")
    assert found.observer.protocol is Protocol.TLS
    if server_side is None:
        assert found.events == []  # another program's, as far as anyone can tell
        return
    (event,) = found.events
    assert event.message.startswith(
        f"{sum(len(data) for _, data in talk.chunks):,} bytes are encrypted (TLS 1.3, TLS_AES_256_GCM_SHA384):"
        " the key log has no usable CLIENT_TRAFFIC_SECRET_0 for this connection"
    )


def test_a_client_without_any_key_is_told_beside_a_server_that_is_read():
    talk = spoken(Forged(0x1302), calls=1)
    log = talk.without("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0")
    found = Encrypted(log).plays(talk.chunks)
    found.ends()
    messages = [event.message for event in found.events if isinstance(event, Damage)]
    assert len(messages) == 1
    assert "can't be read: the key log has no usable CLIENT_HANDSHAKE_TRAFFIC_SECRET for this" in messages[0]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("missing", "what was said inside is missing from the capture"),
        ("snap length", "what was said inside was not captured, as packets were cut (snap length)"),
    ],
)
def test_all_that_was_said_inside_may_be_missing(reason, told):
    talk = Forged(0x1301)
    found = Encrypted(talk.key_log).plays(talk.chunks)
    found.loses(CLIENT, 100, reason)
    found.ends()
    (event,) = found.events
    assert event.message.endswith(f"(TLS 1.3, TLS_AES_128_GCM_SHA256): {told}")


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_handshake_that_failed_says_why(version):
    talk = Peers(version, trusted=False)
    with pytest.raises(ssl.SSLError):
        talk.shakes_hands()
    found = Encrypted(talk.key_log).plays(talk.chunks)
    found.ends("fin")
    (event,) = found.events
    assert event.what == "tls alert"
    assert event.message == "the client ended the TLS handshake with the fatal alert unknown_ca"
    assert not event.is_error


def test_a_server_that_hangs_up_inside_of_tls_does_not_want_tls():
    talk = Forged(0x1301).says(CLIENT, framed(LOGIN))
    found = Encrypted(talk.key_log).plays(talk.chunks)
    found.closes(SERVER)
    found.closes(CLIENT)
    assert found.damage == []
    assert found.logins[0].response is None


def test_keys_that_are_lost_on_the_way_are_told_once():
    talk = spoken(Forged(0xC02F), calls=1)
    first = talk.key_log
    talk.renegotiates()
    talk.says(CLIENT, framed(call("Vote", 7))).says(SERVER, framed(answer(7)))
    found = Encrypted(first).plays(talk.chunks)
    found.ends()
    assert [what for what, _, _ in found.damage] == ["tls", "tls"]  # one a direction
    assert [e.status for e in found.exchanges] == [1]


def test_keys_may_come_while_the_conversation_goes_on():
    talk = spoken(Forged(0x1301))
    log = KeyLog()
    log.may_grow = True
    found = Encrypted(log, server_side=None).plays(talk.chunks[:-1])
    assert found.events == []
    assert found.observer.protocol is None
    log.add(talk.key_log)
    found.plays(talk.chunks[-1:])
    assert len(found.exchanges) == 3


def test_what_waits_for_keys_is_told_when_they_came_though_nothing_is_said():
    talk = spoken(Forged(0x1301))
    log = KeyLog()
    log.may_grow = True
    found = Encrypted(log).plays(talk.chunks)
    assert found.observer.look_again() == []
    log.add(talk.key_log)
    assert [event.kind for event in found.observer.look_again()] == ["login", *["exchange"] * 3]
    assert found.observer.look_again() == []
